"""What must hold for any wages at all: never above the maximum, never less for more, exact to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.award import maximum_award
from claims_shared.law.in_force import Law
from claims_shared.law.loader import load_packs
from claims_shared.law.monetary import failed
from claims_shared.law.wages import BaseWages, of_quarters
from claims_shared.law.weekly_amount import weekly_amount

PACKS = load_packs()
CENTS = st.integers(0, 6_000_000).map(lambda cents: Decimal(cents) / 100)
QUARTERS = st.lists(CENTS, min_size=4, max_size=4)
IN_FORCE = [
    ("UT", date(2026, 11, 22)),
    ("WI", date(2026, 11, 22)),
    ("NY", date(2026, 9, 28)),
    ("NY", date(2025, 9, 29)),
]

laws = pytest.mark.parametrize(
    "law", [PACKS.in_force(*day) for day in IN_FORCE], ids=[f"{j} {on}" for j, on in IN_FORCE]
)
quickly = settings(max_examples=60, deadline=None)


@laws
@quickly
@given(quarters=QUARTERS)
def test_whole_dollars_between_nothing_and_the_maximum(law: Law, quarters):
    weekly = weekly_amount(law.weekly_amount, of_quarters(quarters))
    assert 0 <= weekly.amount <= law.weekly_amount.numbers["maximum"]
    assert weekly.amount == int(weekly.amount)
    assert (weekly.amount == 0) is (weekly.not_payable is not None)


@laws
@quickly
@given(lower=CENTS, higher=CENTS)
def test_a_higher_high_quarter_never_gives_less(law: Law, lower, higher):
    """With wages in all four quarters: New York's average of two quarters is lower by law where fewer hold wages."""
    lower, higher = sorted((lower, higher))
    amounts = [weekly_amount(law.weekly_amount, BaseWages(high, high * 4, 4, high)).amount for high in (lower, higher)]
    assert amounts == sorted(amounts)


@laws
@quickly
@given(quarters=QUARTERS)
def test_the_award_is_exact_and_bounded(law: Law, quarters):
    wages = of_quarters(quarters)
    weekly = weekly_amount(law.weekly_amount, wages)
    if weekly.amount == 0:
        return
    award = maximum_award(law.award, wages, weekly)
    assert award.amount == award.amount.quantize(Decimal("0.01"))
    assert award.weeks == award.amount // weekly.amount
    assert award.amount <= 26 * weekly.amount


@laws
@quickly
@given(quarters=QUARTERS)
def test_who_meets_the_tests_is_payable(law: Law, quarters):
    wages = of_quarters(quarters)
    weekly = weekly_amount(law.weekly_amount, wages)
    assert failed(law.monetary_tests, wages, weekly.rate) or weekly.amount > 0


@laws
@quickly
@given(quarters=QUARTERS)
def test_the_order_of_the_quarters_does_not_matter(law: Law, quarters):
    forwards, backwards = of_quarters(quarters), of_quarters(reversed(quarters))
    assert weekly_amount(law.weekly_amount, forwards) == weekly_amount(law.weekly_amount, backwards)
