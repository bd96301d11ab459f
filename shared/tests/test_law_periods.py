"""Which day a claim counts from and whose wages: weeks, zones, quarters, base periods, totals."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.loader import load_packs
from claims_shared.law.periods import BASE_PERIODS, QUARTER_CALENDARS, WEEKDAYS, base_period, effective_on
from claims_shared.law.wages import BaseWages, total

PACKS = load_packs()
STANDARD, ALTERNATE, UNFINISHED = BASE_PERIODS
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("jurisdiction", "filed_at", "expected"),
    [
        pytest.param(
            "NY", "2026-10-05T03:59:59Z", "2026-09-28", id="New York: a second before Monday is last week's claim"
        ),
        pytest.param("NY", "2026-10-05T04:00:00Z", "2026-10-05", id="New York: Monday begins at 04:00 UTC in summer"),
        pytest.param("NY", "2026-11-16T04:59:59Z", "2026-11-09", id="New York: a second before Monday in winter"),
        pytest.param("NY", "2026-11-16T05:00:00Z", "2026-11-16", id="New York: Monday begins at 05:00 UTC in winter"),
        pytest.param("UT", "2026-11-22T06:59:59Z", "2026-11-15", id="Utah: still Saturday night"),
        pytest.param("UT", "2026-11-22T07:00:00Z", "2026-11-22", id="Utah: Sunday has begun"),
        pytest.param("UT", "2026-11-20T15:04:05Z", "2026-11-15", id="Utah: a Friday belongs to the Sunday before"),
        pytest.param(
            "UT", "2026-01-01T12:00:00Z", "2025-12-28", id="Utah: New Year's Day belongs to the old year's week"
        ),
        pytest.param("WI", "2026-11-22T05:59:59Z", "2026-11-15", id="Wisconsin: still Saturday night"),
        pytest.param("WI", "2026-11-22T06:00:00Z", "2026-11-22", id="Wisconsin: Sunday has begun"),
    ],
)
def test_effective_date(jurisdiction, filed_at, expected):
    assert PACKS.effective_on(jurisdiction, datetime.fromisoformat(filed_at)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("starts", "on", "standard", "alternate"),
    [
        ("first_day_of_quarter", "2026-11-22", ("2025Q3", "2026Q2"), ("2025Q4", "2026Q3")),
        ("first_day_of_quarter", "2026-01-01", ("2024Q4", "2025Q3"), ("2025Q1", "2025Q4")),
        ("first_day_of_quarter", "2025-12-31", ("2024Q3", "2025Q2"), ("2024Q4", "2025Q3")),
        ("sunday_of_first_full_week", "2026-01-03", ("2024Q3", "2025Q2"), ("2024Q4", "2025Q3")),
        ("sunday_of_first_full_week", "2026-01-04", ("2024Q4", "2025Q3"), ("2025Q1", "2025Q4")),
        ("sunday_of_first_full_week", "2023-01-01", ("2021Q4", "2022Q3"), ("2022Q1", "2022Q4")),
        ("sunday_of_first_full_week", "2026-07-04", ("2025Q1", "2025Q4"), ("2025Q2", "2026Q1")),
    ],
)
def test_base_periods(starts, on, standard, alternate):
    on = date.fromisoformat(on)
    assert (base_period(STANDARD, starts, on)[0], base_period(STANDARD, starts, on)[-1]) == standard
    assert (base_period(ALTERNATE, starts, on)[0], base_period(ALTERNATE, starts, on)[-1]) == alternate


@settings(max_examples=60, deadline=None)
@given(on=DAYS, starts=st.sampled_from(sorted(QUARTER_CALENDARS)))
def test_base_periods_are_four_quarters_in_a_row_and_over_before_the_claim(on, starts):
    standard, alternate = base_period(STANDARD, starts, on), base_period(ALTERNATE, starts, on)
    assert standard[1:] == alternate[:-1]
    assert len({*standard, *alternate}) == 5
    assert alternate[-1] < f"{on.year}Q{(on.month + 2) // 3}"


@settings(max_examples=60, deadline=None)
@given(on=DAYS)
def test_all_days_of_a_wisconsin_week_lie_in_one_quarter(on):
    sunday = on - timedelta(days=(on.weekday() + 1) % 7)
    assert base_period(STANDARD, "sunday_of_first_full_week", on) == base_period(
        STANDARD, "sunday_of_first_full_week", sunday
    )


@settings(max_examples=60, deadline=None)
@given(
    filed_at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    zone=st.sampled_from(["America/New_York", "America/Denver", "Pacific/Honolulu"]).map(ZoneInfo),
    starts_on=st.sampled_from(WEEKDAYS),
)
def test_the_effective_day_begins_the_week_that_holds_the_filing(filed_at, zone, starts_on):
    effective = effective_on(filed_at, zone, starts_on)
    assert WEEKDAYS[effective.weekday()] == starts_on
    assert timedelta(0) <= filed_at.astimezone(zone).date() - effective < timedelta(days=7)


def paid(quarter: str, amount: str, weeks: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(quarter=quarter, amount=Decimal(amount), weeks_worked=weeks)


def test_totals_add_up_employers_and_leave_other_quarters_out():
    wages = [
        paid("2025Q3", "100.10"),
        paid("2025Q3", "200.20"),
        paid("2026Q1", "300.00"),
        paid("2026Q2", "0"),
        paid("2024Q1", "9"),
    ]
    assert total(wages, ("2025Q3", "2025Q4", "2026Q1", "2026Q2")) == BaseWages(
        high_quarter=Decimal("300.30"),
        base_period_wages=Decimal("600.30"),
        quarters_with_wages=2,
        second_high_quarter=Decimal("300.00"),
        in_order=(Decimal("300.30"), Decimal(0), Decimal("300.00"), Decimal(0)),
    )


@pytest.mark.parametrize(
    ("reported", "weeks"),
    [((13, 12, 4, 9), 26), ((13, None, 4, 9), None), ((0, 0, 0, 9), 9)],
    ids=["of two employers the longer", "one reports none", "none of them"],
)
def test_weeks_of_two_employers_may_be_the_same_ones(reported, weeks):
    quarters = ("2025Q3", "2025Q3", "2025Q4", "2026Q2")
    wages = [paid(quarter, "100.00", each) for quarter, each in zip(quarters, reported, strict=True)]
    assert total(wages, ("2025Q3", "2025Q4", "2026Q1", "2026Q2")).weeks_worked == weeks


def test_no_wages_are_zero_everywhere():
    assert total([], ("2025Q3", "2025Q4", "2026Q1", "2026Q2")) == BaseWages(
        Decimal(0), Decimal(0), 0, Decimal(0), (Decimal(0),) * 4, 0
    )
