"""Builds the orchestrator by hand and runs it."""

import asyncio
import contextlib
from functools import partial

from claims_orchestrator.awaited import give_up
from claims_orchestrator.settings import OrchestratorSettings
from claims_orchestrator.store import SHAPE, ClaimDecider, answer_undecodable
from claims_orchestrator.window import Window
from claims_shared.documents import Documents
from claims_shared.ports import Store, StoreUnavailable
from claims_shared.service import Built, Kit, run, store_of, streams_of

RECOUNT_SECONDS = 60.0


async def build(kit: Kit) -> Built:
    """Wire the claim store, the window and the decider to the engine."""
    settings = OrchestratorSettings()
    store = await store_of(kit, SHAPE)
    window = Window(settings.window, kit.partitions, partial(_in_flight, store))
    decider = ClaimDecider(settings.clocks(), window)
    documents = Documents(decider, store, writer=kit.writer, partitions=kit.partitions)
    return Built(
        processors=dict.fromkeys(streams_of(kit.service), documents),
        tasks=(partial(_recount, window, kit), partial(give_up, store, kit)),
        close=(store.close,),
        answer_undecodable=answer_undecodable,
        on_assigned=window.recount,
        standard_open=window.open,
    )


async def _in_flight(store: Store, assigned: frozenset[int]) -> int:
    return await store.count({"in_flight": True}, assigned)


async def _recount(window: Window, kit: Kit) -> None:
    while True:
        await asyncio.sleep(RECOUNT_SECONDS)
        with contextlib.suppress(StoreUnavailable):  # the count drifts until the store is back
            await window.recount(kit.consumption.assigned)


if __name__ == "__main__":
    run("orchestrator", build)
