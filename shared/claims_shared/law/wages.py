"""Wages over a base period: the four totals that every formula and every monetary test is written in. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class BaseWages:
    """The totals of a base period, in dollars; the second highest quarter counts only where the two highest are averaged."""

    high_quarter: Decimal
    base_period_wages: Decimal
    quarters_with_wages: int
    second_high_quarter: Decimal = ZERO

    @property
    def outside_high_quarter(self) -> Decimal:
        """Wages of the base period outside its highest quarter."""
        return self.base_period_wages - self.high_quarter


def total(wages: Iterable[Paid], quarters: Collection[str]) -> BaseWages:
    """Add up what all employers paid in these quarters; wages of other quarters do not count."""
    by_quarter = dict.fromkeys(quarters, ZERO)
    for paid in wages:
        if paid.quarter in by_quarter:
            by_quarter[paid.quarter] += paid.amount
    return of_quarters(by_quarter.values())


def of_quarters(amounts: Iterable[Decimal]) -> BaseWages:
    """Give the totals of these quarters' wages."""
    paid = sorted((amount for amount in amounts if amount > 0), reverse=True)
    highest, second, *_ = *paid, ZERO, ZERO
    return BaseWages(highest, sum(paid, ZERO), len(paid), second)
