"""Office hours in the agency's zone that are waking hours in the citizen's, over clock changes and holidays."""

from datetime import time

import pytest
from whenever import Date, Instant, PlainDateTime

from claims_scheduler.calendar import Calendars, Rules, _instant, zone_or
from claims_shared.calendars.holidays import observed, working
from claims_shared.staff.people import Hours

RULES = Rules()
OFFICE = (*((Hours(time(9), time(17)),),) * 5, (), ())


def office(zone, rules=RULES):
    return Calendars(rules, [(OFFICE, zone)])


def local(instant, zone):
    return Instant.from_timestamp(instant, unit="millisecond").to_tz(zone)


def at(text):
    return Instant.parse_iso(text).timestamp(unit="millisecond")


HOLIDAYS_2026 = ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]

HOLIDAYS_2021 = [
    "01-01",
    "01-18",
    "02-15",
    "05-31",
    "06-18",
    "07-05",
    "09-06",
    "10-11",
    "11-11",
    "11-25",
    "12-24",
    "12-31",
]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, HOLIDAYS_2026),  # Independence Day is a Saturday: observed on Friday
        (2020, ["01-01", "01-20", "02-17", "05-25", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]),
        (2021, HOLIDAYS_2021),
    ],
    ids=[
        "2026 as published by the Office of Personnel Management",
        "2020 is before Juneteenth",
        "2021 has the next New Year's Day on its last day",
    ],
)
def test_federal_holidays_are_those_observed(year, days):
    assert sorted(str(day)[5:] for day in observed(year)) == days


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (Date(2026, 11, 25), True),
        (Date(2026, 11, 26), False),
        (Date(2026, 11, 28), False),
        (Date(2026, 11, 29), False),
        (Date(2026, 7, 3), False),
    ],
    ids=["a Wednesday", "Thanksgiving", "a Saturday", "a Sunday", "the Friday before a Saturday holiday"],
)
def test_agencies_are_closed_on_weekends_and_holidays(day, open_):
    assert working(day) is open_


CHANGES = [
    ("America/Denver", Date(2026, 3, 6), Date(2026, 3, 9), -7, -6),
    ("America/New_York", Date(2026, 10, 30), Date(2026, 11, 2), -4, -5),
    ("America/Anchorage", Date(2026, 3, 6), Date(2026, 3, 9), -9, -8),
    ("America/Phoenix", Date(2026, 3, 6), Date(2026, 3, 9), -7, -7),
]


@pytest.mark.parametrize(
    ("zone", "before", "after", "offset_before", "offset_after"),
    CHANGES,
    ids=["spring in Denver", "autumn in New York", "spring in Anchorage", "no change in Phoenix"],
)
def test_office_hours_are_nine_to_five_on_both_sides_of_a_clock_change(
    zone, before, after, offset_before, offset_after
):
    for day, offset in ((before, offset_before), (after, offset_after)):
        found = [local(start, zone) for start in office(zone).on(zone, day)]
        assert len(found) == 16
        assert (str(found[0].time()), str(found[-1].time())) == ("09:00:00", "16:30:00")
        assert {each.offset.total("hours") for each in found} == {offset}


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/Denver", Date(2026, 3, 8)),
        ("America/New_York", Date(2026, 11, 1)),
        ("America/Anchorage", Date(2026, 3, 8)),
        ("Australia/Lord_Howe", Date(2026, 10, 4)),
    ],
)
def test_no_slot_lies_in_a_gap_and_a_repeated_hour_is_booked_once(zone, day):
    found = [
        _instant(PlainDateTime(day.year, day.month, day.day, hour, half), zone) for hour in range(5) for half in (0, 30)
    ]
    starts_ = [start for start in found if start is not None]
    assert starts_ == sorted(set(starts_))
    shown = [str(local(start, zone).time())[:5] for start in starts_]
    asked = [f"{hour:02d}:{half:02d}" for hour in range(5) for half in (0, 30)]
    assert [time for time in asked if time in shown] == shown, "each local time is the one that was meant"


def test_hours_are_the_citizens_too():
    """A citizen in New York and an agency in Denver: 9 to 17 there is 11 to 19 here, of which 18 is the end."""
    found = [
        local(start, "America/New_York")
        for start in office("America/Denver").on("America/New_York", Date(2026, 11, 24))
    ]
    assert (str(found[0].time()), str(found[-1].time())) == ("11:00:00", "17:30:00")


def test_a_citizen_on_the_other_side_of_the_earth_has_no_common_hours():
    now = at("2026-11-20T15:00:00Z")
    assert not office("America/Denver").meet("Asia/Kolkata", now)
    assert office("America/Denver").meet("Pacific/Guam", now)


def test_the_first_slot_is_a_day_ahead_at_least_and_never_on_a_day_off():
    friday_noon = at("2026-11-20T19:00:00Z")
    first = next(office("America/Denver").starts("America/Denver", friday_noon, 0))
    assert str(local(first, "America/Denver").to_plain()) == "2026-11-23T09:00:00"
    wednesday = at("2026-11-25T17:10:00Z")
    first = next(office("America/Denver").starts("America/Denver", wednesday, 0))
    assert str(local(first, "America/Denver").to_plain()) == "2026-11-27T09:00:00", "Thanksgiving is no working day"


def test_slots_end_with_the_last_day_that_is_booked():
    now = at("2026-11-20T15:00:00Z")
    found = list(office("America/Denver", Rules(days=7)).starts("America/Denver", now, 0))
    assert {str(local(start, "America/Denver").date()) for start in found} == {
        "2026-11-23",
        "2026-11-24",
        "2026-11-25",
        "2026-11-27",
    }


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Not-A-Zone", "America"])
def test_an_unknown_zone_is_the_agencys(zone):
    assert zone_or(zone, "America/Denver") == "America/Denver"


def test_a_known_zone_is_kept():
    assert zone_or("Pacific/Honolulu", "America/Denver") == "Pacific/Honolulu"
