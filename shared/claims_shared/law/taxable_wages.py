"""Taxable wages: what each employer pays in a calendar year up to the year's wage base. Oklahoma's amount and tests. Pure.

The base runs out in the order of the year, so the quarters of the year before the base period count as well. Where nothing is
reported of them, or a year's base is not known, what is taxable lies between two amounts. Only what both agree on is known.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from claims_shared.law.formula import Formula, Measured, Test, WeeklyAmount
from claims_shared.law.high_quarter import BOUNDS, bounded
from claims_shared.law.rules import NotKnown, Rule
from claims_shared.law.wages import ZERO, BaseWages, Household

BY_YEAR: Final = "dollars by year"
_BASE: Final = re.compile(r"(\d{4}) (\d+)")


@cache
def read_bases(value: str) -> Mapping[int, Decimal]:
    """Read the wage base of each year, as `2024 27000, 2025 28200`; ValueError says what it should have been."""
    found = [_BASE.fullmatch(each) for each in value.split(", ")]
    years = [int(each[1]) for each in found if each]
    if None in found or years != sorted(set(years)):
        raise ValueError(
            f"{value!r} is no list of years with their dollars, the oldest first; write 2024 27000, 2025 28200"
        )
    return {int(each[1]): Decimal(each[2]) for each in found if each}


@dataclass(frozen=True, slots=True)
class Taxable:
    """What is taxable in each quarter of a base period, at least and at most, and what would have to be known to say more."""

    least: tuple[Decimal, ...]
    most: tuple[Decimal, ...]
    open: tuple[str, ...]

    def not_known(self) -> NotKnown:
        """Give what refers a claim for which this makes a difference."""
        return NotKnown(
            "taxable_wages_not_known", f"Which of the wages are taxable is not known: {'; '.join(self.open)}."
        )


def taxable(wages: BaseWages, bases: Mapping[int, Decimal]) -> Taxable:
    """Give what is taxable, by quarter. Raises NotKnown where only totals are given: the base is each employer's."""
    if not wages.quarters:
        raise NotKnown("taxable_wages_not_known", "Who paid the wages, and in which quarters, is not known.")
    least, most = (dict.fromkeys(wages.quarters, ZERO) for _ in range(2))
    years = {quarter[:4] for quarter in wages.quarters}
    for year in years:
        base = bases.get(int(year))
        before_known = base is not None and not any(_unreported(wages, year))
        for employer in {paid.employer for paid in wages.reported}:
            for quarter, low, high in _of_employer(wages, year, employer, base, before_known):
                least[quarter] += low
                most[quarter] += high
    return Taxable(tuple(least.values()), tuple(most.values()), tuple(_open(wages, sorted(years), bases)))


def _of_employer(
    wages: BaseWages, year: str, employer: str, base: Decimal | None, before_known: bool
) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Give each of the year's quarters in the base period with the least and the most that is taxable of one employer's wages."""
    left = base
    for quarter in (f"{year}Q{n}" for n in range(1, 5)):
        amount = sum((p.amount for p in wages.reported if (p.employer, p.quarter) == (employer, quarter)), ZERO)
        most = amount if left is None else min(amount, left)
        left = None if left is None else left - most
        if quarter in wages.quarters:
            yield quarter, most if before_known else ZERO, most


def _unreported(wages: BaseWages, year: str) -> Iterator[str]:
    """Give the year's quarters before the base period of which the claim says nothing."""
    first = min(quarter for quarter in wages.quarters if quarter[:4] == year)
    reported = {paid.quarter for paid in wages.reported}
    return (quarter for n in range(1, 5) if (quarter := f"{year}Q{n}") < first and quarter not in reported)


def _open(wages: BaseWages, years: list[str], bases: Mapping[int, Decimal]) -> Iterator[str]:
    for year in years:
        if int(year) not in bases:
            yield f"the taxable wage base of {year}"
        if quarters := list(_unreported(wages, year)):
            yield f"what was paid in {', '.join(quarters)}"


def _taxable_of(rule: Rule, wages: BaseWages) -> Taxable:
    return taxable(wages, read_bases(rule.words["wage_bases"]))


def _high_quarter(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """Oklahoma: a part of the taxable wages of the quarter in which these are highest."""
    found = _taxable_of(rule, wages)
    least, most = (bounded(rule, max(each), "taxable high quarter") for each in (found.least, found.most))
    if least.amount != most.amount:
        raise found.not_known()
    return least


def _base_period(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    minimum, found = rule.numbers["minimum"], _taxable_of(rule, wages)
    least, most = sum(found.least, ZERO), sum(found.most, ZERO)
    if least < minimum <= most:
        raise found.not_known()
    return Measured("Your taxable wages in the base period are", least if least >= minimum else most, minimum)


def _instead(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """Ask for any taxable wage at all, and for as much in all as the wage base of the year of the claim."""
    minimum, total = rule.numbers["minimum"], wages.base_period_wages
    found = _taxable_of(rule, wages) if total >= minimum else None
    if found and not any(found.least) and any(found.most):
        raise found.not_known()
    counted = ZERO if found and not any(found.most) else total
    return Measured(
        "Your wages in the base period, some of them taxable, are", counted, minimum, "in place of all other tests"
    )


TAXABLE: Final[Mapping[str, Formula]] = {
    "taxable_high_quarter_within_bounds": Formula({**BOUNDS, "wage_bases": BY_YEAR}, _high_quarter)
}
"""By the name a pack gives."""
TAXABLE_TESTS: Final[Mapping[str, Test]] = {
    "taxable_base_period_wages": Test(
        "insufficient_taxable_wages", {"minimum": "dollars", "wage_bases": BY_YEAR}, _base_period
    ),
    "base_period_wages_instead": Test(
        "insufficient_base_period_wages",
        {"minimum": "dollars", "wage_bases": BY_YEAR},
        _instead,
        instead=True,
    ),
}
"""By the name a pack gives."""
