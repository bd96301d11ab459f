"""When caseworkers can talk to a citizen: their own hours, each in their zone, that are waking hours in the citizen's. Pure.

Times are chosen as local times by a written rule and converted once; instants are milliseconds in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from whenever import Date, Instant, PlainDateTime, RepeatedTime, SkippedTime, Time, TimeDelta, ZonedDateTime

from claims_shared.calendars.holidays import observed
from claims_shared.staff.people import Caseworker, Hours, Week

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
FORTNIGHT: Final = 14 * 24 * HOUR
MOST_KEPT: Final = 4_096


@dataclass(frozen=True, slots=True)
class Rules:
    """How slots are made of hours. The citizen's hours are local to them."""

    minutes: int = 30
    citizen_from: int = 8
    citizen_until: int = 18
    lead_hours: int = 24
    days: int = 60


@lru_cache(maxsize=1024)
def zone_or(name: str, fallback: str) -> str:
    """Give the zone itself where the tz database knows it, else `fallback`."""
    try:
        Instant.MIN.add(hours=48).to_tz(name)
    except ValueError:  # TimeZoneNotFoundError is one
        return fallback
    return name


class Calendars:
    """The hours of people who may hold the same interviews, whoever is on leave: what they have in common with citizens."""

    def __init__(self, rules: Rules, weeks: Sequence[tuple[Week, str]]) -> None:
        """`weeks`: the different ones, each with its zone."""
        self._rules = rules
        self._weeks = tuple(weeks)
        self._kept: dict[tuple[str, Date], tuple[int, ...]] = {}

    def starts(self, citizen: str, now: int, after: int) -> Iterator[int]:
        """Give the starts of slots in order: not before `after`, nor before now and the lead time, up to the last day booked."""
        if not self._weeks:
            return
        earliest = max(after, now + self._rules.lead_hours * HOUR)
        last = max(zoned(now, zone).date() for _, zone in self._weeks).add(days=self._rules.days)
        day = min(zoned(earliest, zone).date() for _, zone in self._weeks)
        while day <= last:
            yield from (start for start in self.on(citizen, day) if start >= earliest)
            day = day.add(days=1)

    def meet(self, citizen: str, now: int) -> bool:
        """Whether anybody's hours and the citizen's have anything in common within two weeks."""
        fortnight = now + FORTNIGHT
        return next(self.starts(citizen, now, 0), fortnight) < fortnight

    def on(self, citizen: str, day: Date) -> tuple[int, ...]:
        """Give the starts of one day's slots that suit both sides, in order."""
        found = self._kept.get((citizen, day))
        if found is None:
            starts = {start for week, zone in self._weeks for start in day_starts(self._rules, week, zone, day)}
            found = tuple(sorted(start for start in starts if _awake(self._rules, citizen, start)))
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[citizen, day] = found
        return found


def calendars_of(rules: Rules, people: Sequence[Caseworker]) -> Calendars:
    """Give the calendars of these people, those alike once."""
    return Calendars(rules, tuple(dict.fromkeys((each.hours, each.zone) for each in people)))


def holds(rules: Rules, caseworker: Caseworker, start: int) -> bool:
    """Whether a slot that begins then lies in the hours of this caseworker, who is not on leave."""
    day = day_of(start, caseworker.zone)
    if caseworker.away(date(day.year, day.month, day.day)):
        return False
    return start in day_starts(rules, caseworker.hours, caseworker.zone, day)


def day_of(instant: int, zone: str) -> Date:
    """Give the day that it is then in this zone."""
    return _day_of(instant // MINUTE, zone)


@lru_cache(maxsize=65_536)
def _day_of(minute: int, zone: str) -> Date:
    return zoned(minute * MINUTE, zone).date()


@lru_cache(maxsize=8192)
def day_starts(rules: Rules, week: Week, zone: str, day: Date) -> tuple[int, ...]:
    """Give the starts of one day's slots in these hours; none on a federal holiday."""
    if day in observed(day.year):
        return ()
    starts = (_instant(day.at(at), zone) for hours in week[day.day_of_week().value - 1] for at in _times(rules, hours))
    return tuple(start for start in starts if start is not None)


def _times(rules: Rules, hours: Hours) -> Iterator[Time]:
    """Give the local times of slots, counted from midnight: hours that are changed make no two slots overlap."""
    opens = hours.opens.hour * 60 + hours.opens.minute
    closes = hours.closes.hour * 60 + hours.closes.minute + (hours.closes.second > 0)
    first = -(-opens // rules.minutes) * rules.minutes
    for minute in range(first, closes - rules.minutes + 1, rules.minutes):
        yield Time(minute // 60, minute % 60)


def _instant(local: PlainDateTime, zone: str) -> int | None:
    """Give the instant; a local time that the spring change skips is none, a repeated one is its first."""
    try:
        return local.assume_tz(zone, disambiguation="raise").timestamp(unit="millisecond")
    except SkippedTime:
        return None
    except RepeatedTime:
        return local.assume_tz(zone, disambiguation="earlier").timestamp(unit="millisecond")


def _awake(rules: Rules, citizen: str, start: int) -> bool:
    begins = zoned(start, citizen)
    ends = begins.add(TimeDelta(minutes=rules.minutes))
    same_day = begins.date() == ends.date()
    return same_day and begins.time() >= Time(rules.citizen_from) and ends.time() <= Time(rules.citizen_until)


def zoned(instant: int, zone: str) -> ZonedDateTime:
    """Give what the clocks show then."""
    return Instant.from_timestamp(instant, unit="millisecond").to_tz(zone)
