"""How open referrals are found and counted: by queue, by who has them, by what nobody has; the least time left first.

A claim stands once in each of its queues, where its most urgent referral there stands. The fields are sparse: claims that no
person is asked about, which are nearly all, pay nothing for them.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

from prometheus_client import Counter, Gauge

from claims_orchestrator.claim import Claim
from claims_orchestrator.referrals import MOST_HANDS, QUEUES
from claims_orchestrator.tasks import asks_people, due_of, tasks_of
from claims_orchestrator.window import RECOUNT_SECONDS
from claims_shared.ports import FieldKind, Scalar, Store, StoreUnavailable
from claims_shared.service import Kit
from claims_shared.wire import millis

BY_QUEUE: Final = {queue: f"due_{queue.replace(' ', '_')}" for queue in QUEUES}
"""The field that holds when a claim's most urgent referral in this queue is due."""
ANY_QUEUE, FREE = "due_task", "due_free"
HANDS: Final = ("assignee", "another_assignee")
"""The fields of the people who have referrals of a claim."""
FIELDS: Final[Mapping[str, FieldKind]] = {
    **dict.fromkeys((*BY_QUEUE.values(), ANY_QUEUE, FREE), "integer"),
    **dict.fromkeys(HANDS, "text"),
}
NOTHING: Final[Mapping[str, Scalar]] = {}
FOR_EVER: Final = 2**62

OPEN: Final = Gauge(
    "claims_open_tasks", "Claims with a referral open in a queue, in this replica's partitions", ["queue"]
)
OVERDUE: Final = Gauge(
    "claims_overdue_tasks", "Those of them whose time is up, in this replica's partitions", ["queue"]
)
UNASSIGNED: Final = Gauge(
    "claims_unassigned_tasks", "Claims with a referral that nobody has, in this replica's partitions"
)
LEAST_LEFT: Final = Gauge(
    "claims_task_least_left_seconds",
    "Time left for the most urgent referral of a queue; below 0 it is overdue",
    ["queue"],
)
MOVES: Final = Counter(
    "claims_task_moves_total", "Referrals that were assigned, claimed, released, escalated", ["what"]
)

assert len(HANDS) == MOST_HANDS, "a claim is found by everybody who has a referral of it"


def fields_of(claim: Claim) -> Mapping[str, Scalar]:
    """Give by what the store finds a claim's referrals; nothing of a claim without any."""
    if not asks_people(claim):
        return NOTHING
    found: dict[str, Scalar] = {}
    for entry in tasks_of(claim):
        due = due_of(entry)
        for name in (BY_QUEUE.get(entry.owner), ANY_QUEUE, None if entry.assignee else FREE):
            if name is not None:
                known = found.get(name)
                found[name] = min(due, known) if isinstance(known, int) else due
    hands = dict.fromkeys(each.assignee for each in tasks_of(claim) if each.assignee)
    return found | dict(zip(HANDS, hands, strict=False))


def moved(before: Claim | None, after: Claim) -> None:
    """Count what people, and time, did about the referrals of one claim."""
    if before is None or not asks_people(after):
        return
    for entry in tasks_of(after):
        was = before.open.get(entry.id)
        if was is None or was is entry:
            continue
        if entry.overdue != was.overdue:
            MOVES.labels("escalated").inc()
        if (entry.assignee, entry.claimed_at) != (was.assignee, was.claimed_at):
            MOVES.labels("claimed" if entry.claimed_at else "assigned" if entry.assignee else "released").inc()


async def keep_counted(store: Store, kit: Kit) -> None:
    """Count once a minute; what was counted stays while the store is away."""
    while True:
        with contextlib.suppress(StoreUnavailable):
            await count(store, kit.consumption.assigned, millis(kit.clock()))
        await asyncio.sleep(RECOUNT_SECONDS)


async def count(store: Store, assigned: frozenset[int], now: int) -> None:
    """Count anew what stands in each queue: by index, without reading a claim but the most urgent one."""
    for queue, name in BY_QUEUE.items():
        OPEN.labels(queue).set(await store.count({}, assigned, up_to={name: FOR_EVER}))
        OVERDUE.labels(queue).set(await store.count({}, assigned, up_to={name: now}))
        first = (await store.find({}, sort=name, limit=1)).rows
        due = first[0].fields[name] if first else None
        LEAST_LEFT.labels(queue).set((due - now) / 1_000 if isinstance(due, int) else float("nan"))
    UNASSIGNED.set(await store.count({}, assigned, up_to={FREE: FOR_EVER}))
