"""Wages over a base period and whom the claimant supports: what every formula and every monetary test is written in. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

ZERO = Decimal(0)


class Paid(Protocol):
    """Wages that one employer paid in one quarter."""

    @property
    def quarter(self) -> str:
        """The calendar quarter, as 2025Q3."""

    @property
    def amount(self) -> Decimal:
        """Dollars and cents."""

    @property
    def employer(self) -> str:
        """Who paid."""

    @property
    def weeks_worked(self) -> int | None:
        """In how many weeks of the quarter; None: not reported."""


@dataclass(frozen=True, slots=True)
class Household:
    """Whom the claimant supports; whether a spouse is employed, supported or not: None where that is not known."""

    children: int = 0
    spouse: bool = False
    spouse_employed: bool | None = None

    @property
    def dependants(self) -> int:
        """How many they are."""
        return self.children + self.spouse


@dataclass(frozen=True, slots=True)
class BaseWages:
    """The totals of a base period, in dollars.

    `in_order`: each quarter's wages, oldest first. `weeks_worked`: weeks in which wages were earned, None where an employer has
    not reported them; with several employers in a quarter, those of the one who reports most: weeks may be the same ones.
    `quarters`: the base period, oldest first, where it is known. `reported`: every wage of the claim, of other quarters too.
    """

    high_quarter: Decimal
    base_period_wages: Decimal
    quarters_with_wages: int
    second_high_quarter: Decimal = ZERO
    in_order: tuple[Decimal, ...] = ()
    weeks_worked: int | None = None
    quarters: tuple[str, ...] = field(default=(), compare=False, repr=False)
    reported: tuple[Paid, ...] = field(default=(), compare=False, repr=False)

    @property
    def most_weeks_worked(self) -> int | None:
        """Weeks worked if no two employers report the same ones; None as `weeks_worked`."""
        if self.weeks_worked is None:
            return None
        reported = sum(paid.weeks_worked or 0 for paid in self.reported if paid.quarter in self.quarters)
        return max(self.weeks_worked, reported)

    @property
    def two_highest_quarters(self) -> Decimal:
        """Wages of the two quarters of the base period in which they are highest."""
        return self.high_quarter + self.second_high_quarter

    @property
    def outside_high_quarter(self) -> Decimal:
        """Wages of the base period outside its highest quarter."""
        return self.base_period_wages - self.high_quarter


def total(wages: Iterable[Paid], quarters: Collection[str]) -> BaseWages:
    """Add up what all employers paid in these quarters; wages of other quarters do not count."""
    reported = tuple(wages)
    held = [paid for paid in reported if paid.quarter in quarters]
    by_quarter = dict.fromkeys(sorted(quarters), ZERO)
    for paid in held:
        by_quarter[paid.quarter] += paid.amount
    totals = of_quarters(by_quarter.values(), _weeks(held))
    return replace(totals, quarters=tuple(by_quarter), reported=reported)


def of_quarters(amounts: Iterable[Decimal], weeks_worked: int | None = None) -> BaseWages:
    """Give the totals of these quarters' wages, the oldest first."""
    in_order = tuple(amounts)
    paid = sorted((amount for amount in in_order if amount > 0), reverse=True)
    highest, second, *_ = *paid, ZERO, ZERO
    return BaseWages(highest, sum(paid, ZERO), len(paid), second, in_order, weeks_worked)


def _weeks(wages: Iterable[Paid]) -> int | None:
    most: dict[str, int] = {}
    for paid in wages:
        if paid.amount > 0 and paid.weeks_worked is None:
            return None
        most[paid.quarter] = max(most.get(paid.quarter, 0), paid.weeks_worked or 0)
    return sum(most.values())
