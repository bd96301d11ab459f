"""When a number of days ends: counted from the agency's day, which is not always UTC's, to the end of its last one. Pure.

The day on which a clock starts is day zero. Some rules count business days, some carry a last day that is none on to the next
that is one: which of them holds is for the rule to say, never a guess.
"""

from dataclasses import dataclass
from enum import StrEnum

from whenever import Date, Instant, Time

from claims_shared.calendars.agencies import AGENCIES
from claims_shared.calendars.holidays import working

LAST: Time = Time(23, 59, 59, nanosecond=999_000_000)
"""The last instant of a day that a document can hold: deadlines are whole milliseconds."""


class Counted(StrEnum):
    """Which days count."""

    CALENDAR = "calendar"
    BUSINESS = "business"


@dataclass(frozen=True, slots=True)
class Days:
    """A window of days. `rolls`: where the last day is no business day, it ends with the next that is one."""

    number: int
    counted: Counted = Counted.CALENDAR
    rolls: bool = False

    def last(self, first: Date) -> Date:
        """Give the last day of the window that is opened on `first`."""
        day = first
        if self.counted is Counted.CALENDAR:
            day = first.add(days=self.number)
        else:
            for _ in range(self.number):
                day = next_working(day.add(days=1))
        return next_working(day) if self.rolls else day


def next_working(day: Date) -> Date:
    """Give this day where agencies are open on it, else the next on which they are."""
    while not working(day):
        day = day.add(days=1)
    return day


def deadline(opened_at: int, days: Days, zone: str) -> int:
    """Give the last instant (milliseconds in UTC) of a window that was opened at `opened_at`, for an agency in this zone."""
    return last_moment(days.last(day_of(opened_at, zone)), zone)


def day_of(at: int, zone: str) -> Date:
    """Give the day in this zone of an instant (milliseconds in UTC)."""
    return Instant.from_timestamp(at, unit="millisecond").to_tz(zone).date()


def last_moment(day: Date, zone: str) -> int:
    """Give the last instant of a day in this zone, in milliseconds."""
    return day.at(LAST).assume_tz(zone).timestamp(unit="millisecond")


def first_moment(day: Date, zone: str) -> int:
    """Give the first instant of a day in this zone, in milliseconds; where its midnight was left out, the first after it."""
    return day.at(Time()).assume_tz(zone).timestamp(unit="millisecond")


def zone_of(jurisdiction: str) -> str:
    """Give the zone of a jurisdiction's agency; of one that we do not know, UTC."""
    agency = AGENCIES.get(jurisdiction)
    return agency.zone if agency else "UTC"
