"""Ten years of deadlines in four zones, fired by the scheduler's own code on a clock of ours, judged by the standard library.

Every day of every zone opens a window of calendar days and one of business days. Time goes on by ticks; whatever fires must
have been due, at the end of the day that another way of counting gives, and everything must fire.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from whenever import Date

from claims_scheduler.ticker import Ticker
from claims_scheduler.waits import Wait, micros
from claims_scheduler.watched import Memory, Watched
from claims_shared.calendars.deadlines import Counted, Days, deadline
from claims_shared.calendars.holidays import working
from claims_shared.messages.scheduler import DeadlinePassed, WaitKind
from claims_shared.wire import Output

ZONES: Final = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles")
FIRST, LAST = date(2020, 1, 1), date(2029, 12, 31)
WINDOWS: Final = (Days(10), Days(10, Counted.BUSINESS), Days(15, rolls=True))
TICK: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Zone:
    """What became of one zone's deadlines. `changes`: days on which its clocks were changed."""

    name: str
    waits: int = 0
    changes: int = 0
    leap_days: int = 0
    year_ends: int = 0
    missed: int = 0
    early: int = 0
    wrong: int = 0

    @property
    def right(self) -> bool:
        return not (self.missed or self.early or self.wrong)


@dataclass(slots=True)
class Decade:
    """All zones, while time goes by."""

    zones: dict[str, Zone] = field(default_factory=dict)
    ends: dict[str, tuple[str, date]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    now: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    def open(self) -> None:
        """Open every window of every day."""
        for name in ZONES:
            zone = self.zones[name] = Zone(name, changes=len(list(changes(name))))
            for day in days():
                zone.leap_days += (day.month, day.day) == (2, 29)
                zone.year_ends += (day.month, day.day) == (12, 31)
                for window in WINDOWS:
                    self._open(zone, day, window)

    def _open(self, zone: Zone, day: date, window: Days) -> None:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone.name))
        at = deadline(round(noon.timestamp() * 1000), window, zone.name)
        claim = f"{zone.name.rpartition('/')[2]}.{day}.{window.number}-{window.counted}"
        wait = Wait(f"{claim}/evidence/1", WaitKind.DUE, at * 1000)
        self.memory.learn(Watched(claim, 1, (wait,), cause=claim, partition=0, seen_at=0, version=0))
        self.ends[wait.entry] = (zone.name, counted(day, window))
        zone.waits += 1

    async def pass_by(self) -> None:
        """Let the time pass, a tick at a time, a month beyond the last day."""
        ticker = Ticker(self.memory, self._fired, lambda: self.now)
        end = datetime(LAST.year + 1, 2, 1, tzinfo=UTC)
        while self.now < end:
            await ticker.tick()
            self.now += TICK
        for name, _ in self.ends.values():
            self.zones[name].missed += 1

    async def _fired(self, outputs: Sequence[Output]) -> None:
        for out in outputs:
            told = DeadlinePassed.model_validate_json(out.body)
            name, expected = self.ends.pop(told.answers)
            self._judge(self.zones[name], told, expected)
            self.memory.drop(self.memory.claims[told.claim_id])

    def _judge(self, zone: Zone, told: DeadlinePassed, expected: date) -> None:
        """A tick is how exactly this clock can tell; the deadline itself must be the last moment of the expected day."""
        zone.early += told.armed_for > self.now
        zone.missed += told.armed_for <= self.now - TICK
        local = told.armed_for.astimezone(ZoneInfo(zone.name))
        last = datetime(expected.year, expected.month, expected.day, 23, 59, 59, 999_000, ZoneInfo(zone.name))
        zone.wrong += (local.date(), micros(told.armed_for)) != (expected, micros(last.astimezone(UTC)))


def days() -> Iterator[date]:
    """Give every day of the decade."""
    day = FIRST
    while day <= LAST:
        yield day
        day += timedelta(days=1)


def changes(zone: str) -> Iterator[date]:
    """Give the days on which the clocks of a zone are changed."""
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)) for day in days()]
    return (after.date() for before, after in pairwise(noons) if before.utcoffset() != after.utcoffset())


def counted(day: date, window: Days) -> date:
    """Count a window day by day."""
    left = window.number
    while left:
        day += timedelta(days=1)
        left -= window.counted is Counted.CALENDAR or is_open(day)
    while window.rolls and not is_open(day):
        day += timedelta(days=1)
    return day


def is_open(day: date) -> bool:
    return working(Date(day.year, day.month, day.day))


async def decade() -> dict[str, Any]:
    """Live through it; give each zone by its name."""
    lived = Decade()
    lived.open()
    await lived.pass_by()
    return lived.zones
