"""When each task that looks for work again and again will find some: so that nobody looks in vain through virtual weeks.

The instants are taken from outside, from stores, log and memories; that an alarm is right is seen when the world is let alone
for an hour at the end and everybody looks once more: nothing may come of it.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec
from tests.simulation.timeline import Alarm

from claims_scheduler.leaves import AGAIN
from claims_shared.messages.fields import utc
from claims_shared.ports import Row
from claims_shared.wire import millis

if TYPE_CHECKING:
    from tests.simulation.replica import Process
    from tests.simulation.world import World

MILLISECOND: Final = timedelta(milliseconds=1)

HORIZON_MS: Final = 600_000
"""Stored waits are picked up so long before their instant."""
MILLI: Final = 1_000
AGE: Final = 3_001_000
"""What is younger (in microseconds) is not written yet."""


def alarms(process: "Process") -> Mapping[str, Alarm]:
    """Give the alarms of one process, by the qualified name of the production coroutine."""
    look = _Look(process)
    return {
        "Consumption._commit_regularly": look.commit,
        "Consumption._look_regularly": _never,
        "_recount": look.recount,
        "look_after": lambda: look.due("claims"),
        "Watch.run": look.watch,
        "Ticker.run": look.ticker,
        "Drain.run": lambda: look.due("effects"),
        "Leaves.run": look.leaves,
    }


def _never() -> int | None:
    """It only finds out what probes are told."""
    return None


class _Look:
    """The instants of one process, by its own clock's error."""

    def __init__(self, process: "Process") -> None:
        self._process = process
        self._timeline = process.timeline

    def commit(self) -> int | None:
        """What is done and not held back is committed."""
        consumption = self._process.consumption
        done, committed = consumption._positions, consumption._committed
        if done == committed:
            return None
        held = self._process.engine.held_offsets()
        ready = any(min(at, held.get(place, at)) != committed.get(place) for place, at in done.items())
        return self._timeline.now if ready else None

    def recount(self) -> int | None:
        """A window that has drifted shut, for new work or for what is deferred, is counted anew."""
        is_open = self._process.consumption.turns.standard_open() and self._process.lending.free
        return None if is_open else self._timeline.now

    def watch(self) -> int | None:
        """What is not written yet is, once it is old enough; what is stored is picked up in time."""
        memory = self._process.memory
        unwritten = [next(iter(held.values())).seen_at for held in memory._unwritten.values() if held]
        if unwritten:
            return max(self._instant(min(unwritten) + AGE), self._timeline.now)
        return self.due("waits", memory.claims, earlier=HORIZON_MS)

    def ticker(self) -> int | None:
        fires: int | None = self._process.memory.next_at()
        return None if fires is None else self._instant(fires)

    def leaves(self) -> int | None:
        """A staff that was not read yet is; a booking that it breaks is looked for now and then until it is found."""
        process, world = self._process, self._process.world
        looked_at = process.leaves._looked_at
        if process.register.current is not world.staff or looked_at is None:
            return self._timeline.now
        owned = process.consumption.assigned
        if not any(row.partition in owned for row in broken(world)):
            return None
        new = owned - process.leaves._seen
        return self._timeline.now if new else self._instant((millis(looked_at) + AGAIN // MILLISECOND) * MILLI)

    def due(self, name: str, known: Collection[str] = (), earlier: int = 0) -> int | None:
        """Give the earliest instant of what is stored in the process's partitions and not known to it."""
        owned = self._process.consumption.assigned
        instants = [
            row.due_at
            for row in self._process.world.rows[name].values()
            if row.due_at is not None and row.partition in owned and row.id not in known
        ]
        return self._instant((min(instants) - earlier) * MILLI) if instants else None

    def _instant(self, micros: int) -> int:
        """Give the timeline's instant at which the process's clock shows this one (microseconds since 1970)."""
        return micros - self._timeline.epoch_ms * MILLI - self._process.replica.skew


def broken(world: "World") -> Iterator[Row]:
    """Give the bookings whose caseworker is away then, that nobody moves yet and of which it was not said that it cannot be."""
    if not any(each.leave for each in world.staff):
        return
    for slot in world.rows["slots"].values():
        (caseworker, start, _), booking = msgspec.msgpack.decode(slot.body)
        member = world.staff.get(caseworker)
        if booking is None or start <= world.timeline.millis() or booking not in world.rows["effects"]:
            continue
        row = world.rows["effects"][booking]
        effect = msgspec.msgpack.decode(row.body)
        away = member is None or member.away(utc(start).astimezone(ZoneInfo(member.zone)).date())
        mine = [caseworker, start] == (effect.get("slot") or [])[:2]
        if (
            away
            and mine
            and not effect.get("cancelled")
            and not effect.get("moving")
            and effect.get("kept") != effect["slot"]
        ):
            yield row
