"""Wages as employers report them, written in a line, and a jurisdiction's law on a day: what tests of the law are told in."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from claims_shared.law.award import maximum_award
from claims_shared.law.formula import Award, WeeklyAmount
from claims_shared.law.in_force import Packs
from claims_shared.law.loader import load_packs
from claims_shared.law.monetary import failed
from claims_shared.law.periods import base_period
from claims_shared.law.rules import Finding, Rule, Unknown
from claims_shared.law.wages import BaseWages, total
from claims_shared.law.weekly_amount import weekly_amount

PACKS = load_packs()


@dataclass(frozen=True)
class Paid:
    """What one employer paid in one quarter."""

    quarter: str
    amount: Decimal
    employer: str = "Baker Mills"
    weeks_worked: int | None = None


def paid(*wages: str) -> tuple[Paid, ...]:
    """Read `2024Q3 5000.00` or `2024Q3 5000.00 Able Farms`."""
    read = (wage.split(" ", 2) for wage in wages)
    return tuple(Paid(quarter, Decimal(amount), *employer) for quarter, amount, *employer in read)


@dataclass(frozen=True)
class Day:
    """One jurisdiction's rules on one day, whether or not all that a decision needs is known then."""

    jurisdiction: str
    on: date
    packs: Packs = PACKS

    @classmethod
    def of(cls, jurisdiction: str, on: str) -> "Day":
        return cls(jurisdiction, date.fromisoformat(on))

    def rules(self, section: str) -> tuple[Rule, ...]:
        rules = self.packs.rules(self.jurisdiction, section, self.on)
        assert not isinstance(rules, Unknown), rules.detail
        return rules

    def base(self, kind: str) -> tuple[str, ...]:
        words = {rule.name: rule.words["quarters"] for rule in self.rules("base_periods")}
        quarter = next(rule for rule in self.rules("calendar") if rule.name == "quarter")
        return base_period(words[kind], quarter.words["starts_on"], self.on)

    def standard(self) -> tuple[str, ...]:
        return self.base("standard")

    def total(self, *wages: str) -> BaseWages:
        return total(paid(*wages), self.standard())

    def weekly(self, wages: BaseWages) -> WeeklyAmount:
        return weekly_amount(self.rules("weekly_amount")[0], wages)

    def award(self, wages: BaseWages) -> Award:
        return maximum_award(self.rules("award")[0], wages, self.weekly(wages))

    def failures(self, wages: BaseWages) -> tuple[Finding, ...]:
        return failed(self.rules("monetary_tests"), wages, self.weekly(wages).rate)

    def codes(self, wages: BaseWages) -> list[str]:
        return [failure.code for failure in self.failures(wages)]
