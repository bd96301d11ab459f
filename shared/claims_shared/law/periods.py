"""Benefit weeks, quarters and base periods: which day a claim counts from, and whose wages. Pure dates, no clock."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SUNDAY = WEEKDAYS.index("sunday")


def effective_on(filed_at: datetime, zone: ZoneInfo, week_starts_on: str) -> date:
    """Give the first day of the benefit week that holds the moment of filing, by the agency's clock."""
    filed_on = filed_at.astimezone(zone).date()
    return filed_on - timedelta(days=(filed_on.weekday() - WEEKDAYS.index(week_starts_on)) % 7)


def _calendar_quarter(on: date) -> int:
    return on.year * 4 + (on.month - 1) // 3


def _full_week_quarter(on: date) -> int:
    """Count the days before the first full week (Sunday to Saturday) of a quarter to the quarter before it."""
    quarter = _calendar_quarter(on)
    first = date(on.year, quarter % 4 * 3 + 1, 1)
    first_sunday = first + timedelta(days=(SUNDAY - first.weekday()) % 7)
    return quarter - (on < first_sunday)


QUARTER_CALENDARS: Mapping[str, Callable[[date], int]] = {
    "first_day_of_quarter": _calendar_quarter,
    "sunday_of_first_full_week": _full_week_quarter,
}
"""When a quarter begins for the dating of claims, by the name a pack gives; quarters are counted from the year 0."""

BASE_PERIODS: Mapping[str, tuple[int, ...]] = {
    "first_four_of_last_five_completed_quarters": (5, 4, 3, 2),
    "last_four_completed_quarters": (4, 3, 2, 1),
    "last_three_completed_quarters_and_the_current_one": (3, 2, 1, 0),
}
"""How many quarters before the quarter of the claim the base period's quarters lie."""


def base_period(base: str, quarter_starts: str, on: date) -> tuple[str, ...]:
    """Give the four quarters of a base period, oldest first, for a claim effective on this day."""
    quarter = QUARTER_CALENDARS[quarter_starts](on)
    return tuple(_label(quarter - before) for before in BASE_PERIODS[base])


def _label(quarter: int) -> str:
    return f"{quarter // 4}Q{quarter % 4 + 1}"
