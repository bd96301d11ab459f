"""Looks, all the time, for claims whose waiting has lasted too long: those that never came, and waits that nobody watches.

Each is handed to the engine as a message of our own. What is due is found by an index: a look costs the same however many
claims are open, and so many are taken at once that a flood of them cannot hold up other work.
"""

import asyncio
from datetime import datetime
from typing import Final

from prometheus_client import Gauge

from claims_orchestrator.inbox import AwaitedExpired
from claims_orchestrator.orphans import WaitOverdue
from claims_shared.messages.catalog import INTAKE
from claims_shared.messages.lifecycle import Phase
from claims_shared.ports import Row, Store, StoreUnavailable
from claims_shared.service import Kit
from claims_shared.telemetry import log
from claims_shared.wire import Received, Record, millis

EVERY_SECONDS: Final = 30.0
SOON_SECONDS: Final = 1.0
PAGE: Final = 100
LOOKED: Final = Gauge(
    "claims_overdue_looked_at_seconds", "When all that is overdue was last seen, in seconds since 1970"
)


async def look_after(store: Store, kit: Kit) -> None:
    """Look regularly, and soon again where there is more."""
    more = False
    while True:
        await asyncio.sleep(SOON_SECONDS if more else EVERY_SECONDS)
        try:
            rows = await store.due(kit.consumption.assigned, millis(kit.clock()), PAGE)
        except StoreUnavailable:
            continue
        more = len(rows) == PAGE
        if not more:
            LOOKED.set(kit.clock().timestamp())
        if rows:
            await kit.consumption.inject([said_of(row, kit.clock()) for row in rows])


def said_of(row: Row, now: datetime) -> Received:
    """Give what is said of a claim that is due."""
    if row.fields.get("phase") == Phase.AWAITED.value:
        return expired(row.id, now)
    log().warning("wait_overdue", claim=row.id)
    return _said(row.id, "overdue", WaitOverdue(claim_id=row.id), now)


def expired(claim_id: str, now: datetime) -> Received:
    """Say to ourselves that the wait for a claim is over."""
    return _said(claim_id, "awaited", AwaitedExpired(claim_id=claim_id), now)


def _said(claim_id: str, what: str, body: AwaitedExpired | WaitOverdue, now: datetime) -> Received:
    record = Record(INTAKE.name, 0, 0, claim_id.encode(), None, ())
    name = f"{claim_id}/{what}/{millis(now)}"
    return Received(record, name, f"claim.{what}", "claims.orchestrator", claim_id, body, now)
