"""How many interviews each caseworker has in the days to come, from the scheduler's own store."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from claims_scheduler.calendar import Rules, day_of, day_starts
from claims_scheduler.commands import SHAPE as EFFECTS
from claims_scheduler.shelf import SHAPE as SLOTS
from claims_scheduler.shelf import Shelf
from claims_shared.staff.people import Caseworker
from claims_shared.stores import open_store
from claims_shared.wire import millis

DAYS: Final = 7
PORTION: Final = 500


async def interviews(store: str, people: Sequence[Caseworker], rules: Rules, now: datetime) -> Counter[str]:
    """Count the interviews of the next seven days by caseworker. Raises StoreUnavailable."""
    slots, effects = open_store(store, SLOTS), open_store(store, EFFECTS)
    try:
        shelf = Shelf(slots, effects, "claims staff")
        ids = [slot for each in people for slot in _slots(each, rules, millis(now))]
        found: Counter[str] = Counter()
        for begin in range(0, len(ids), PORTION):
            named = await shelf.named(ids[begin : begin + PORTION])
            found.update(slot.rpartition("@")[0] for slot in named)
        return found
    finally:
        await slots.close()
        await effects.close()


def _slots(member: Caseworker, rules: Rules, now: int) -> list[str]:
    today = day_of(now, member.zone)
    days = [today.add(days=each) for each in range(DAYS)]
    starts = [start for day in days for start in day_starts(rules, member.hours, member.zone, day)]
    return [f"{member.ref}@{start}" for start in starts if start > now]
