"""What a formula and a monetary test of the law are made of: the shapes that their modules fill, and what several of them say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from claims_shared.law.rules import Finding, Rule, dollars, lowest, shown
from claims_shared.law.wages import ZERO, BaseWages, Household


@dataclass(frozen=True, slots=True)
class WeeklyAmount:
    """Dollars a week (0 where nothing is payable), the rate that tests speak of, the arithmetic, and why nothing is payable.

    The rate is the amount before any minimum where the law says so (Wisconsin), and the amount itself elsewhere.
    `for_dependants`: how much of the amount is for whom the claimant supports.
    """

    amount: Decimal
    rate: Decimal
    steps: tuple[str, ...]
    not_payable: Finding | None = None
    for_dependants: Decimal = ZERO


HIGH_QUARTER = "Your wages in your highest quarter are"


def not_payable(rule: Rule, found: Decimal, required: Decimal, what: str = HIGH_QUARTER) -> Finding:
    """Say that no weekly amount is payable for wages below what is required; `what`: which wages, to the claimant."""
    sentence = f"{what} {dollars(found)}; a weekly benefit is payable from {dollars(required)}."
    values = {"found": f"{found:.2f}", "required": f"{required:.2f}"}
    return Finding("weekly_amount_not_payable", sentence, rule.citation, values)


def capped_step(left: str, share: Decimal, amount: Decimal, maximum: Decimal, rounding: str) -> str:
    """Show what a share of wages, up to a maximum, comes to; the rounding where it makes a difference."""
    if share > maximum:
        return f"{left} is above the maximum of {dollars(maximum)}: {dollars(amount)}"
    how = "" if amount == share else f" ({shown(rounding)})"
    return f"{left} = {dollars(amount)}{how}"


@dataclass(frozen=True, slots=True)
class Formula:
    """A weekly amount's formula: the parameters it needs (with units), those it can do without, how to compute."""

    needs: Mapping[str, str]
    compute: Callable[[Rule, BaseWages, Household], WeeklyAmount]
    can_lack: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Award:
    """The most a benefit year can pay, the whole weeks at the full weekly amount that it covers, and the arithmetic."""

    amount: Decimal
    weeks: int
    steps: tuple[str, ...]


def share_step(rule: Rule, wages: BaseWages) -> str:
    """Show the share of the base period's wages that bounds an award: at the lowest that the law's rounding can mean."""
    ratio, rounding = rule.numbers["share"], rule.words["rounding"]
    share = lowest(wages.base_period_wages * ratio, rounding)
    return f"base period wages {dollars(wages.base_period_wages)} x {ratio} = {dollars(share)} ({shown(rounding)})"


@dataclass(frozen=True, slots=True)
class AwardFormula:
    """An award's formula: the parameters it needs (with units) and how to compute from totals and weekly amount."""

    needs: Mapping[str, str]
    compute: Callable[[Rule, BaseWages, WeeklyAmount], Award]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found against what is required, and where the requirement comes from if it is no plain number of the law."""

    what: str
    found: Decimal
    required: Decimal
    because: str = ""
    money: bool = True


Measure = Callable[[Rule, BaseWages, Decimal], Measured]


@dataclass(frozen=True, slots=True)
class Test:
    """A monetary test a pack may name: the code of its failure, the parameters it needs (with units), how to measure.

    `instead`: who meets it need meet no other test, and who meets all others need not meet it.
    """

    code: str
    needs: Mapping[str, str]
    measure: Measure
    instead: bool = False
