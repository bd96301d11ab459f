"""Waiting week and first payable week: by number, over a year of weeks, in two zones."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.in_force import Law
from claims_shared.law.loader import load_packs
from claims_shared.law.weeks import WEEK, FirstWeeks, first_weeks, week_begins, week_number

PACKS = load_packs()
YEAR = range(1, 53)
CLAIMS = [("NY", date(2025, 9, 22)), ("UT", date(2025, 11, 23))]
"""Effective on a Monday in the eastern, on a Sunday in the mountain zone; the clocks are turned twice in both years."""

claims = pytest.mark.parametrize(("jurisdiction", "effective_on"), CLAIMS, ids=[j for j, _ in CLAIMS])


def law_of(jurisdiction: str, on: date) -> Law:
    law = PACKS.in_force(jurisdiction, on)
    assert isinstance(law, Law)
    return law


@claims
def test_the_weeks_of_a_year_are_the_benefit_weeks_of_the_agency(jurisdiction, effective_on):
    """The first and the last second of every week, by the agency's clock, lie in the week of that number."""
    zone = ZoneInfo(law_of(jurisdiction, effective_on).time_zone)
    for number in YEAR:
        begins = week_begins(effective_on, number)
        first = datetime.combine(begins, time.min, zone)
        last = datetime.combine(begins + WEEK - timedelta(days=1), time(23, 59, 59), zone)
        for moment in (first, last):
            assert PACKS.effective_on(jurisdiction, moment.astimezone(UTC)) == begins
            assert week_number(effective_on, moment.date()) == number


@claims
def test_the_first_week_waits_and_the_second_is_payable(jurisdiction, effective_on):
    certified = [week_begins(effective_on, number) for number in YEAR]
    waiting = law_of(jurisdiction, effective_on).waiting_weeks
    assert first_weeks(effective_on, certified, waiting) == FirstWeeks((1,), 2)


@pytest.mark.parametrize(
    ("numbers", "waiting_weeks", "expected"),
    [
        pytest.param([], 1, FirstWeeks((), None), id="nothing is certified"),
        pytest.param([], 0, FirstWeeks((), None), id="nothing is certified where no week waits"),
        pytest.param([1], 1, FirstWeeks((1,), None), id="only the waiting week is certified"),
        pytest.param([1], 0, FirstWeeks((), 1), id="no week waits"),
        pytest.param([3, 4], 1, FirstWeeks((3,), 4), id="the first certified week waits, whichever it is"),
        pytest.param([1, 5], 1, FirstWeeks((1,), 5), id="weeks between are not certified"),
        pytest.param([52], 0, FirstWeeks((), 52), id="the last week of the year"),
        pytest.param([1, 2, 3], 2, FirstWeeks((1, 2), 3), id="two weeks wait"),
    ],
)
def test_first_weeks(numbers, waiting_weeks, expected):
    effective_on = date(2026, 1, 4)
    certified = [week_begins(effective_on, number) for number in numbers]
    assert first_weeks(effective_on, certified, waiting_weeks) == expected


@pytest.mark.parametrize("numbers", [[2, 1], [1, 1]], ids=["out of order", "twice"])
def test_weeks_come_in_order_each_once(numbers):
    effective_on = date(2026, 1, 4)
    with pytest.raises(ValueError, match="in order, each once"):
        first_weeks(effective_on, [week_begins(effective_on, number) for number in numbers], 1)


def test_a_day_before_the_claim_is_in_none_of_its_weeks():
    assert week_number(date(2026, 1, 4), date(2026, 1, 4)) == 1
    with pytest.raises(ValueError, match="before 2026-01-04"):
        week_number(date(2026, 1, 4), date(2026, 1, 3))


@settings(max_examples=100, deadline=None)
@given(effective_on=st.dates(date(2000, 1, 1), date(2040, 12, 31)), days=st.integers(0, 400))
def test_a_day_is_in_the_week_of_its_number(effective_on, days):
    on = effective_on + timedelta(days=days)
    begins = week_begins(effective_on, week_number(effective_on, on))
    assert begins <= on < begins + WEEK


@settings(max_examples=100, deadline=None)
@given(numbers=st.sets(st.integers(1, 52)).map(sorted), waiting_weeks=st.integers(0, 2))
def test_each_certified_week_waits_or_may_be_paid(numbers, waiting_weeks):
    effective_on = date(2026, 1, 4)
    found = first_weeks(effective_on, [week_begins(effective_on, number) for number in numbers], waiting_weeks)
    assert len(found.waiting) == min(waiting_weeks, len(numbers))
    assert (found.first_payable is None) is (len(numbers) <= waiting_weeks)
    assert found.first_payable is None or all(number < found.first_payable for number in found.waiting)
