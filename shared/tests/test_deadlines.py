"""When windows of days end, against a second way of counting: the standard library's, day by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import Date

from claims_shared.calendars.deadlines import Counted, Days, deadline, next_working, zone_of
from claims_shared.calendars.holidays import working

ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "Pacific/Honolulu", "UTC")


def millis(instant):
    return round(instant.timestamp() * 1000)


@pytest.mark.parametrize(
    ("opened", "days", "zone", "last"),
    [
        pytest.param(
            "2026-03-02T17:00Z", Days(10), "America/Denver", "2026-03-12T23:59:59.999-06:00", id="into summer time"
        ),
        pytest.param("2026-10-26T15:00Z", Days(10), "America/Denver", "2026-11-05T23:59:59.999-07:00", id="out of it"),
        pytest.param(
            "2026-03-03T02:00Z", Days(1), "America/New_York", "2026-03-03T23:59:59.999-05:00", id="UTC is a day on"
        ),
        pytest.param("2028-02-28T17:00Z", Days(1), "America/Chicago", "2028-02-29T23:59:59.999-06:00", id="a leap day"),
        pytest.param(
            "2026-12-31T17:00Z", Days(1), "America/Chicago", "2027-01-01T23:59:59.999-06:00", id="over New Year"
        ),
        pytest.param(
            "2026-11-24T17:00Z",
            Days(3, Counted.BUSINESS),
            "America/New_York",
            "2026-11-30T23:59:59.999-05:00",
            id="Thanksgiving",
        ),
        pytest.param(
            "2026-06-24T17:00Z",
            Days(10, rolls=True),
            "America/Denver",
            "2026-07-06T23:59:59.999-06:00",
            id="rolls",
        ),
        pytest.param("2026-06-24T17:00Z", Days(10), "America/Denver", "2026-07-04T23:59:59.999-06:00", id="does not"),
        pytest.param(
            "2026-06-24T17:00Z", Days(0), "Pacific/Honolulu", "2026-06-24T23:59:59.999-10:00", id="the same day"
        ),
    ],
)
def test_a_window_ends_with_the_agency_s_last_day(opened, days, zone, last):
    assert deadline(millis(datetime.fromisoformat(opened)), days, zone) == millis(datetime.fromisoformat(last))


@given(
    opened=st.integers(1_577_836_800, 2_082_758_399),
    number=st.integers(0, 60),
    counted=st.sampled_from(list(Counted)),
    rolls=st.booleans(),
    zone=st.sampled_from(ZONES),
)
@settings(max_examples=300, deadline=None)
def test_as_the_standard_library_counts(opened, number, counted, rolls, zone):
    at = datetime.fromtimestamp(opened, UTC)
    day, left = at.astimezone(ZoneInfo(zone)).date(), number
    while left:
        day += timedelta(days=1)
        left -= counted is Counted.CALENDAR or is_open(day)
    while rolls and not is_open(day):
        day += timedelta(days=1)
    end = datetime.combine(day, datetime.max.time().replace(microsecond=999_000), ZoneInfo(zone))
    assert deadline(millis(at), Days(number, counted, rolls), zone) == millis(end)


def is_open(day: date) -> bool:
    return working(Date(day.year, day.month, day.day))


def test_a_working_day_is_its_own_next():
    assert next_working(Date(2026, 11, 25)) == Date(2026, 11, 25)
    assert next_working(Date(2026, 11, 26)) == Date(2026, 11, 27)


def test_of_a_jurisdiction_that_nobody_knows_the_day_is_utc_s():
    assert (zone_of("HI"), zone_of("ZZ")) == ("Pacific/Honolulu", "UTC")
