"""Builds the benefits service and runs it: the law in memory, the weeks in a store."""

from functools import partial

from claims_benefits.certify import answer_undecodable
from claims_benefits.compute import compute
from claims_benefits.entitlement import SHAPE, Entitlement
from claims_benefits.following import VIEWS
from claims_benefits.week_law import PackLaw
from claims_benefits.weeks import Weeks
from claims_shared.answering import answering_documents
from claims_shared.documents import Documents
from claims_shared.law.in_force import Packs
from claims_shared.law.loader import load_packs
from claims_shared.messages.benefits import BenefitCheckFailed
from claims_shared.messages.catalog import BENEFITS_COMMANDS, CERTIFICATIONS, LIFECYCLE
from claims_shared.ports import Store
from claims_shared.service import Built, Kit, run, store_of


async def build(kit: Kit) -> Built:
    """Load the law, open the store and answer by them."""
    return built_of(kit, load_packs(), await store_of(kit, SHAPE))


def built_of(kit: Kit, packs: Packs, store: Store) -> Built:
    """Put the two halves beside each other: amounts, which keep nothing, and weeks, which have a document a claim."""
    amounts = answering_documents(kit, partial(compute, packs=packs), BenefitCheckFailed)
    weeks: Documents[Entitlement] = Documents(
        Weeks(PackLaw(packs)), store, writer=kit.writer, partitions=kit.partitions
    )
    return Built(
        processors={
            **dict.fromkeys(BENEFITS_COMMANDS.streams, amounts),
            **dict.fromkeys((*LIFECYCLE.streams, *CERTIFICATIONS.streams), weeks),
        },
        close=(store.close,),
        answer_undecodable=answer_undecodable,
        views=VIEWS,
    )


if __name__ == "__main__":
    run("benefits", build)
