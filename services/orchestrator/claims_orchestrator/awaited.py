"""Gives up, after a day, the messages that wait for a claim which never came: each goes back to its sender with that reason."""

import asyncio
from datetime import datetime
from typing import Final

from claims_orchestrator.inbox import AwaitedExpired
from claims_shared.messages.catalog import INTAKE
from claims_shared.ports import Store, StoreUnavailable
from claims_shared.service import Kit
from claims_shared.wire import Received, Record, millis

EVERY_SECONDS: Final = 30.0
PAGE: Final = 100


async def give_up(store: Store, kit: Kit) -> None:
    """Look regularly for documents whose wait is over and hand each to the engine as a message of our own."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            rows = await store.due(kit.consumption.assigned, millis(kit.clock()), PAGE)
        except StoreUnavailable:
            continue
        if rows:
            await kit.consumption.inject([expired(row.id, kit.clock()) for row in rows])


def expired(claim_id: str, now: datetime) -> Received:
    """Say to ourselves that a wait is over."""
    record = Record(INTAKE.name, 0, 0, claim_id.encode(), None, ())
    name = f"{claim_id}/awaited/{millis(now)}"
    return Received(
        record, name, "claim.awaited-expired", "claims.orchestrator", claim_id, AwaitedExpired(claim_id=claim_id), now
    )
