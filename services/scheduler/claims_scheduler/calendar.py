"""When caseworkers can talk to a citizen: office hours in the agency's zone that are waking hours in the citizen's. Pure.

Times are chosen as local times by a written rule and converted once; instants are milliseconds in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from whenever import Date, Instant, PlainDateTime, RepeatedTime, SkippedTime, Time, TimeDelta, ZonedDateTime

from claims_shared.calendars.holidays import working

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE


@dataclass(frozen=True, slots=True)
class Rules:
    """How the calendars are made. Hours are local: the office's in the agency's zone, the citizen's in theirs."""

    caseworkers: int = 200
    minutes: int = 30
    opens: int = 9
    closes: int = 17
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


def starts(rules: Rules, agency: str, citizen: str, now: int, after: int) -> Iterator[int]:
    """Give the starts of slots in order: not before `after`, nor before now and the lead time, up to the last day booked."""
    earliest = max(after, now + rules.lead_hours * HOUR)
    today = _zoned(now, agency).date()
    day = _zoned(earliest, agency).date()
    last = today.add(days=rules.days)
    while day <= last:
        yield from (start for start in day_starts(rules, agency, citizen, day) if start >= earliest)
        day = day.add(days=1)


def meet(rules: Rules, agency: str, citizen: str, now: int) -> bool:
    """Whether office hours and the citizen's hours have anything in common within two weeks."""
    fortnight = now + 14 * 24 * HOUR
    return next(starts(rules, agency, citizen, now, 0), fortnight) < fortnight


@lru_cache(maxsize=8192)
def day_starts(rules: Rules, agency: str, citizen: str, day: Date) -> tuple[int, ...]:
    """Give the starts of one day's slots that suit both sides."""
    if not working(day):
        return ()
    office = _office(rules, agency, day)
    return tuple(start for start in office if _awake(rules, citizen, start))


def _office(rules: Rules, agency: str, day: Date) -> Iterator[int]:
    """Give the office's starts; a local time that the spring change skips is no time, a repeated one is its first."""
    for minute in range(rules.opens * 60, rules.closes * 60 - rules.minutes + 1, rules.minutes):
        start = _instant(day.at(Time(minute // 60, minute % 60)), agency)
        if start is not None:
            yield start


def _instant(local: PlainDateTime, zone: str) -> int | None:
    try:
        return local.assume_tz(zone, disambiguation="raise").timestamp(unit="millisecond")
    except SkippedTime:
        return None
    except RepeatedTime:
        return local.assume_tz(zone, disambiguation="earlier").timestamp(unit="millisecond")


def _awake(rules: Rules, citizen: str, start: int) -> bool:
    begins = _zoned(start, citizen)
    ends = begins.add(TimeDelta(minutes=rules.minutes))
    same_day = begins.date() == ends.date()
    return same_day and begins.time() >= Time(rules.citizen_from) and ends.time() <= Time(rules.citizen_until)


def _zoned(instant: int, zone: str) -> ZonedDateTime:
    return Instant.from_timestamp(instant, unit="millisecond").to_tz(zone)
