"""Oklahoma: what is taxable of what each employer paid, by year; where the year before the base period is silent, bounds."""

from decimal import Decimal

import pytest
from hand_paid import Day, Paid
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.rules import NotKnown
from claims_shared.law.taxable_wages import read_bases, taxable
from claims_shared.law.wages import ZERO, of_quarters, total

BASES = {2023: Decimal(25700), 2024: Decimal(27000), 2025: Decimal(28200)}
MAY = Day.of("OK", "2025-05-04")  # base period: the four quarters of 2024
DECEMBER = Day.of("OK", "2025-12-07")  # base period: 2024Q3 to 2025Q2


def dollars(*amounts: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


def test_the_base_runs_out_in_the_order_of_the_year():
    found = taxable(MAY.total("2024Q1 10000", "2024Q2 10000", "2024Q3 10000", "2024Q4 10000"), BASES)
    assert found.least == found.most == dollars(10000, 10000, 7000, 0)


def test_each_employer_has_a_base_of_its_own():
    found = taxable(MAY.total("2024Q1 27000 Able", "2024Q2 27000 Able", "2024Q2 27000.00 Charlie"), BASES)
    assert found.least == found.most == dollars(27000, 27000, 0, 0)


def test_the_base_begins_anew_each_year():
    found = taxable(DECEMBER.total("2024Q1 0", "2024Q2 0", "2024Q3 27000", "2024Q4 9000", "2025Q1 9000"), BASES)
    assert found.least == found.most == dollars(27000, 0, 9000, 0)


def test_what_was_paid_before_the_base_period_uses_up_the_base():
    wages = DECEMBER.total("2024Q1 13000", "2024Q2 13000", "2024Q3 13000", "2024Q4 13000")
    assert wages.base_period_wages == 26000
    assert taxable(wages, BASES).most == dollars(1000, 0, 0, 0)


def test_where_the_quarters_before_are_silent_it_lies_between_nothing_and_what_the_base_allows():
    found = taxable(DECEMBER.total("2024Q3 20000", "2024Q4 20000", "2025Q1 11000"), BASES)
    assert (found.least, found.most) == (dollars(0, 0, 11000, 0), dollars(20000, 7000, 11000, 0))
    assert "2024Q1, 2024Q2" in found.not_known().unknown.detail


def test_where_a_years_base_is_not_known_it_lies_between_nothing_and_all():
    found = taxable(MAY.total("2024Q1 20000", "2024Q2 20000"), {})
    assert (found.least, found.most) == (dollars(0, 0, 0, 0), dollars(20000, 20000, 0, 0))
    assert "wage base of 2024" in found.not_known().unknown.detail


def test_totals_alone_do_not_say_what_is_taxable():
    with pytest.raises(NotKnown, match="Who paid"):
        MAY.weekly(of_quarters(dollars(1000, 1000, 1000, 1000)))


def test_a_weekly_amount_that_both_bounds_give_is_known():
    """The first quarter of 2025 alone gives the maximum: whether those of 2024 are taxable makes no difference."""
    assert DECEMBER.weekly(DECEMBER.total("2024Q3 20000", "2025Q1 12443")).amount == 541


def test_a_weekly_amount_on_which_the_bounds_differ_is_not():
    with pytest.raises(NotKnown, match="2024Q1, 2024Q2"):
        DECEMBER.weekly(DECEMBER.total("2024Q3 20000", "2025Q1 12442"))


@pytest.mark.parametrize(
    ("high_quarter", "weekly"), [("367.99", "16"), ("368.00", "16"), ("391.00", "17"), ("390.99", "16")]
)
def test_whole_dollars_and_at_least_the_minimum(high_quarter, weekly):
    assert MAY.weekly(MAY.total(f"2024Q1 {high_quarter}")).amount == Decimal(weekly)


@pytest.mark.parametrize(("high_quarter", "weekly"), [("12442.99", 540), ("12443.00", 541), ("12466.00", 541)])
def test_at_most_the_maximum(high_quarter, weekly):
    assert MAY.weekly(MAY.total(f"2024Q1 {high_quarter}")).amount == weekly


RATIO = "insufficient_base_period_wages_for_high_quarter"
TAXABLE, INSTEAD = "insufficient_taxable_wages", "insufficient_base_period_wages"


@pytest.mark.parametrize(
    ("wages", "codes"),
    [
        pytest.param(["2024Q1 1000.00", "2024Q2 499.99"], [TAXABLE, RATIO, INSTEAD], id="a cent below 1,500"),
        pytest.param(["2024Q1 1000.00", "2024Q2 500.00"], [], id="exactly 1,500, and 1.5 times 1,000"),
        pytest.param(["2024Q1 1000.00", "2024Q2 500.01"], [], id="a cent above"),
        pytest.param(["2024Q1 9000.00", "2024Q2 4499.99"], [RATIO, INSTEAD], id="a cent below 1.5 times 9,000"),
        pytest.param(["2024Q1 28199.99"], [RATIO, INSTEAD], id="one quarter, a cent below the base of 2025"),
        pytest.param(["2024Q1 28200.00"], [], id="one quarter, exactly the base of 2025"),
        pytest.param(["2024Q1 28200.01"], [], id="one quarter, a cent above the base of 2025"),
    ],
)
def test_either_both_tests_or_the_one_in_their_place(wages, codes):
    assert MAY.codes(MAY.total(*wages)) == codes


def test_the_test_in_place_of_the_others_is_told_as_such():
    *_, told = MAY.failures(MAY.total("2024Q1 28199.99"))
    assert told.sentence.endswith("at least $28,200.00 (in place of all other tests).")


def test_in_place_of_the_others_something_must_be_taxable():
    """All that was paid in the base period came after the base of 2024 was used up."""
    wages = DECEMBER.total("2024Q1 27000", "2024Q2 0", "2024Q3 15000", "2024Q4 14000")
    assert DECEMBER.codes(wages) == [TAXABLE, INSTEAD]


def test_whether_anything_is_taxable_may_not_be_known():
    with pytest.raises(NotKnown, match="2024Q1, 2024Q2"):
        DECEMBER.codes(DECEMBER.total("2024Q3 15000", "2024Q4 14000"))


@pytest.mark.parametrize("value", ["2024", "2024 27000,2025 28200", "2025 28200, 2024 27000", "2024 1, 2024 2", "x"])
def test_what_is_no_list_of_years_is_refused(value):
    with pytest.raises(ValueError, match="write 2024 27000"):
        read_bases(value)


def test_the_quarters_in_the_order_of_the_year():
    assert read_bases("2024 27000, 2025 28200") == {2024: 27000, 2025: 28200}


QUARTERS = [f"{year}Q{n}" for year in (2024, 2025) for n in (1, 2, 3, 4)]
WAGES = st.lists(
    st.builds(
        Paid,
        st.sampled_from(QUARTERS[:6]),
        st.integers(0, 4_000_000).map(lambda cents: Decimal(cents) / 100),
        st.sampled_from(["Able", "Baker"]),
    ),
    max_size=9,
)
quickly = settings(max_examples=100, deadline=None)


@quickly
@given(wages=WAGES, complete=st.booleans())
def test_what_is_taxable_was_paid_and_is_within_each_base(wages, complete):
    silent = [] if complete else [Paid(quarter, ZERO) for quarter in QUARTERS[:2]]
    base = total([*wages, *silent], DECEMBER.standard())
    found = taxable(base, BASES)
    for least, most, paid in zip(found.least, found.most, base.in_order, strict=True):
        assert 0 <= least <= most <= paid
    assert sum(found.most[:2]) <= 2 * BASES[2024]
    assert sum(found.most[2:]) <= 2 * BASES[2025]


@quickly
@given(wages=WAGES, before=st.integers(0, 3_000_000).map(lambda cents: Decimal(cents) / 100))
def test_the_truth_about_earlier_quarters_lies_between_the_bounds(wages, before):
    within = [wage for wage in wages if wage.quarter in DECEMBER.standard()]
    told = [Paid(quarter, before, employer) for quarter in QUARTERS[:2] for employer in ("Able", "Baker")]
    silent = taxable(total(within, DECEMBER.standard()), BASES)
    known = taxable(total([*within, *told], DECEMBER.standard()), BASES)
    assert known.least == known.most
    for least, true, most in zip(silent.least, known.least, silent.most, strict=True):
        assert least <= true <= most


@quickly
@given(wages=WAGES, more=st.integers(0, 4_000_000).map(lambda cents: Decimal(cents) / 100))
def test_more_in_a_quarter_never_gives_less_a_week(wages, more):
    reported = [*wages, *(Paid(quarter, ZERO) for quarter in QUARTERS)]
    last = DECEMBER.standard()[-1]
    amounts = [
        DECEMBER.weekly(total([*reported, Paid(last, extra)], DECEMBER.standard())).amount for extra in (ZERO, more)
    ]
    assert amounts == sorted(amounts)
    assert all(16 <= amount <= 541 for amount in amounts)
