"""Builds the benefits service and runs it: no store, the law in memory."""

from functools import partial

from claims_benefits.compute import compute
from claims_shared.answering import answering
from claims_shared.law.loader import load_packs
from claims_shared.messages.benefits import BenefitCheckFailed
from claims_shared.service import Built, Kit, run


async def build(kit: Kit) -> Built:
    """Load the law and answer by it."""
    return answering(kit, partial(compute, packs=load_packs()), BenefitCheckFailed)


if __name__ == "__main__":
    run("benefits", build)
