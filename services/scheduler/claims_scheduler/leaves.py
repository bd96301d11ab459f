"""Finds the interviews of caseworkers who will be away, and has them moved: when the staff changes, and now and then."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Final, Protocol

from whenever import Date

from claims_scheduler.calendar import Rules, day_of, day_starts, holds
from claims_scheduler.effect_store import EffectStore
from claims_scheduler.moving import displaced
from claims_scheduler.shelf import Shelf
from claims_shared.engine import Clock
from claims_shared.ports import Store, StoreUnavailable
from claims_shared.staff.people import Caseworker, Hours, Staff, Week
from claims_shared.telemetry import log
from claims_shared.wire import millis

AGAIN: Final = timedelta(minutes=10)
"""So often it is looked for again: somebody who has read the file later may have booked meanwhile."""
LOOK_SECONDS: Final = 2.0
PORTION: Final = 500


class Source(Protocol):
    """Where the staff comes from."""

    current: Staff

    async def looked(self) -> bool:
        """Look again; say whether the staff is another now."""


class Leaves:
    """One task per process, for the partitions that it owns."""

    def __init__(
        self,
        staff: Source,
        *,
        staffed: Callable[[Staff], None],
        shelf: Shelf,
        effects: Store,
        rules: Rules,
        clock: Clock,
        owned: Callable[[], Collection[int]],
        writer: str,
    ) -> None:
        """`staffed` hears of every change of the staff."""
        self._staff = staff
        self._staffed = staffed
        self._shelf = shelf
        self._effects = EffectStore(effects, f"{writer}/leaves")
        self._rules = rules
        self._clock = clock
        self._owned = owned
        self._looked_at: datetime | None = None
        self._changed: dict[str, Caseworker] = {}
        self._seen: frozenset[int] = frozenset()
        self._anew = False

    async def run(self) -> None:
        """Look until cancelled; patient while the store is away."""
        while True:
            try:
                await self.look()
            except StoreUnavailable as away:
                log().warning("leaves_wait", why=str(away))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Read the staff anew where it was changed; look for broken interviews then, with new partitions, and now and then."""
        before = self._staff.current
        if await self._staff.looked():
            after = self._staff.current
            self._staffed(after)
            self._changed |= {each.ref: each for each in before if after.get(each.ref) != each}
            self._looked_at, self._anew = None, True
        owned, now = frozenset(self._owned()), self._clock()
        self._seen &= owned
        if self._looked_at is None or owned - self._seen or now - self._looked_at >= AGAIN:
            lost = await self._displaced(now)
            self._looked_at, self._seen = None if lost else now, owned
            if not lost:
                self._changed, self._anew = {}, False

    async def _displaced(self, now: datetime) -> bool:
        """Have every interview moved whose caseworker does not work then any more; say whether to look again at once."""
        lost = False
        slots = list(self._doubtful(millis(now)))
        for begin in range(0, len(slots), PORTION):
            named = await self._shelf.named(slots[begin : begin + PORTION])
            lost |= await self._displace(named, millis(now))
        return lost

    async def _displace(self, named: dict[str, str], now: int) -> bool:
        booked = await self._effects.load(set(named.values()))
        owned = self._owned()
        mine = [each for each in booked.values() if each.partition in owned]
        broken = [
            each for each in mine if each.slot and each.slot.id in named and (self._anew or each.kept != each.slot)
        ]
        changed = [each for effect in broken if (each := displaced(effect, now)) is not None]
        if not changed:
            return False
        log().info("interviews_displaced", interviews=len(changed))
        return len(await self._effects.write(changed)) < len(changed)

    def _doubtful(self, now: int) -> Iterator[str]:
        """Give the slots at which somebody is away, or has become so: of the days that can be booked, and nobody else's."""
        gone = [each for ref, each in self._changed.items() if self._staff.current.get(ref) is None]
        for member in (*self._staff.current, *gone):
            for day in self._days(member, now):
                for start in _starts(self._rules, member.zone, day):
                    if start > now and not self._works(member, start):
                        yield f"{member.ref}@{start}"

    def _days(self, member: Caseworker, now: int) -> Iterator[Date]:
        """Give the days of leave; of somebody whose hours have changed, or who is gone, all that can be booked."""
        today = day_of(now, member.zone)
        last = today.add(days=self._rules.days)
        if member.ref in self._changed:
            days: Sequence[Date] = [today.add(days=each) for each in range(self._rules.days + 1)]
        else:
            spans = [(max(today, Date(each.first)), min(last, Date(each.last))) for each in member.leave]
            days = [day for first, end in spans for day in _between(first, end)]
        yield from days

    def _works(self, member: Caseworker, start: int) -> bool:
        return self._staff.current.get(member.ref) is not None and holds(self._rules, member, start)


def _between(first: Date, last: Date) -> Iterator[Date]:
    while first <= last:
        yield first
        first = first.add(days=1)


def _starts(rules: Rules, zone: str, day: Date) -> Iterator[int]:
    """Give every instant of a day at which a slot can begin, whatever the hours were when it was booked."""
    yield from day_starts(rules, _ALWAYS, zone, day)


_ALWAYS: Final[Week] = ((Hours(time(0), time.max),),) * 7
