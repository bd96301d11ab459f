"""The federal holidays on which agencies are closed, as dated rules with their source, and the days they fall on. Pure."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from whenever import Date, Weekday


class Fixed(NamedTuple):
    """A holiday on a date; observed on the nearest weekday (5 U.S.C. 6103(b); Executive Order 11582)."""

    name: str
    month: int
    day: int
    since: int
    source: str


class Floating(NamedTuple):
    """A holiday on the nth weekday of a month; -1 is the last."""

    name: str
    month: int
    weekday: Weekday
    nth: int
    since: int
    source: str


_LAW: Final = "5 U.S.C. 6103(a)"

HOLIDAYS: Final[tuple[Fixed | Floating, ...]] = (
    Fixed("New Year's Day", 1, 1, 1971, _LAW),
    Floating("Birthday of Martin Luther King, Jr.", 1, Weekday.MONDAY, 3, 1986, f"{_LAW}; Pub. L. 98-144"),
    Floating("Washington's Birthday", 2, Weekday.MONDAY, 3, 1971, _LAW),
    Floating("Memorial Day", 5, Weekday.MONDAY, -1, 1971, _LAW),
    Fixed("Juneteenth National Independence Day", 6, 19, 2021, f"{_LAW}; Pub. L. 117-17"),
    Fixed("Independence Day", 7, 4, 1971, _LAW),
    Floating("Labor Day", 9, Weekday.MONDAY, 1, 1971, _LAW),
    Floating("Columbus Day", 10, Weekday.MONDAY, 2, 1971, _LAW),
    Fixed("Veterans Day", 11, 11, 1978, f"{_LAW}; Pub. L. 94-97"),
    Floating("Thanksgiving Day", 11, Weekday.THURSDAY, 4, 1971, _LAW),
    Fixed("Christmas Day", 12, 25, 1971, _LAW),
)


def working(day: Date) -> bool:
    """Whether agencies are open: Monday to Friday, no federal holiday observed."""
    return day.day_of_week() not in (Weekday.SATURDAY, Weekday.SUNDAY) and day not in observed(day.year)


@lru_cache(maxsize=64)
def observed(year: int) -> frozenset[Date]:
    """Give the days of this year on which a holiday is observed; next New Year's Day may fall into it."""
    days = [day for each in (year, year + 1) for day in _falling(each)]
    return frozenset(day for day in days if day.year == year)


def _falling(year: int) -> Iterator[Date]:
    for holiday in HOLIDAYS:
        if year >= holiday.since:
            yield _nearest_weekday(holiday, year) if isinstance(holiday, Fixed) else _nth(holiday, year)


def _nearest_weekday(holiday: Fixed, year: int) -> Date:
    day = Date(year, holiday.month, holiday.day)
    shift = {Weekday.SATURDAY: -1, Weekday.SUNDAY: 1}.get(day.day_of_week(), 0)
    return day.add(days=shift)


def _nth(holiday: Floating, year: int) -> Date:
    first = Date(year, holiday.month, 1)
    ahead = (holiday.weekday.value - first.day_of_week().value) % 7
    days = [first.add(days=ahead + 7 * week) for week in range(5)]
    inside = [day for day in days if day.month == holiday.month]
    return inside[holiday.nth if holiday.nth < 0 else holiday.nth - 1]
