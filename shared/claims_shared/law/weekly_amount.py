"""The weekly benefit amount: one function per formula a pack may name, each showing its arithmetic. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from claims_shared.law.average_wage import AVERAGES
from claims_shared.law.brackets import TABLE_FORMULAS
from claims_shared.law.formula import Formula, WeeklyAmount, not_payable
from claims_shared.law.high_quarter import WITHIN_BOUNDS
from claims_shared.law.last_quarters import LAST_QUARTERS
from claims_shared.law.rules import Rule, dollars, rounded, shown
from claims_shared.law.tabled_amount import TABLED
from claims_shared.law.taxable_wages import TAXABLE
from claims_shared.law.two_quarters import TWO_QUARTERS
from claims_shared.law.wages import ZERO, BaseWages, Household

ALL_QUARTERS = 4
NOBODY = Household()


def _divided(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """Utah: a part of the high quarter, less some dollars; no minimum, nothing payable at zero."""
    divisor, less = rule.numbers["divisor"], rule.numbers["less"]
    share = rounded(wages.high_quarter / divisor, rule.words["rounding"])
    rate, *capped = _cap(rule, max(share - less, ZERO))
    steps = (
        _step(f"high quarter {dollars(wages.high_quarter)} / {divisor}", share, rule),
        f"{dollars(share)} - {dollars(less)} = {dollars(share - less)}"
        if share > less
        else "nothing is left after the deduction",
        *capped,
    )
    nothing = None if rate > 0 else not_payable(rule, wages.high_quarter, divisor * (less + 1))
    return WeeklyAmount(rate, rate, steps, nothing)


def _percent(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """Wisconsin: a percentage of the high quarter; below the minimum nothing is payable."""
    ratio, minimum = rule.numbers["ratio"], rule.numbers["minimum"]
    share = rounded(wages.high_quarter * ratio, rule.words["rounding"])
    rate, *capped = _cap(rule, share)
    steps = (_step(f"high quarter {dollars(wages.high_quarter)} x {ratio}", share, rule), *capped)
    if rate >= minimum:
        return WeeklyAmount(rate, rate, steps)
    below = f"{dollars(rate)} is below the minimum of {dollars(minimum)}: no benefit is payable"
    return WeeklyAmount(ZERO, rate, (*steps, below), not_payable(rule, wages.high_quarter, minimum / ratio))


def _tiered(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """New York: by the size of the high quarter and by how many quarters hold wages, then between minimum and maximum."""
    basis, divisor, floor, shown = _tier(rule, wages)
    share = rounded(basis / divisor, rule.words["rounding"])
    rate, *capped = _cap(rule, max(share, floor))
    steps = (_step(f"{shown} {dollars(basis)} / {divisor}", share, rule), *_raised(share, floor), *capped)
    return WeeklyAmount(rate, rate, steps)


def _tier(rule: Rule, wages: BaseWages) -> tuple[Decimal, Decimal, Decimal, str]:
    """Give what is divided, by what, the least amount, and the name of what is divided (Labor Law 590(5))."""
    numbers, high = rule.numbers, wages.high_quarter
    if high <= numbers["low_high_quarter"]:
        return high, numbers["low_divisor"], numbers["minimum"], "high quarter"
    floor = max(numbers["floor"], numbers["minimum"])
    if wages.quarters_with_wages < ALL_QUARTERS and high > numbers["averaged_above"]:
        average = (high + wages.second_high_quarter) / 2
        return average, numbers["divisor"], floor, "average of the two highest quarters"
    return high, numbers["divisor"], floor, "high quarter"


def _cap(rule: Rule, rate: Decimal) -> tuple[Decimal, *tuple[str, ...]]:
    maximum = rule.numbers.get("maximum")
    if maximum is None or rate <= maximum:
        return (rate,)
    return maximum, f"{dollars(rate)} is above the maximum of {dollars(maximum)}: {dollars(maximum)}"


def _raised(share: Decimal, floor: Decimal) -> tuple[str, ...]:
    return (f"{dollars(share)} is below the minimum of {dollars(floor)}: {dollars(floor)}",) if share < floor else ()


def _step(left: str, result: Decimal, rule: Rule) -> str:
    return f"{left} = {dollars(result)} ({shown(rule.words['rounding'])})"


_DOLLARS, _RATIO, _ROUNDING = "dollars", "ratio", "rounding"
FORMULAS: Mapping[str, Formula] = {
    "high_quarter_divided": Formula(
        {"divisor": _RATIO, "less": _DOLLARS, "maximum": _DOLLARS, "rounding": _ROUNDING}, _divided
    ),
    "percent_of_high_quarter": Formula(
        {"ratio": _RATIO, "minimum": _DOLLARS, "maximum": _DOLLARS, "rounding": _ROUNDING},
        _percent,
        can_lack=frozenset({"maximum"}),
    ),
    "tiered_high_quarters": Formula(
        {
            "low_high_quarter": _DOLLARS,
            "low_divisor": _RATIO,
            "divisor": _RATIO,
            "averaged_above": _DOLLARS,
            "floor": _DOLLARS,
            "minimum": _DOLLARS,
            "maximum": _DOLLARS,
            "rounding": _ROUNDING,
        },
        _tiered,
    ),
    **TABLE_FORMULAS,
    **WITHIN_BOUNDS,
    **TWO_QUARTERS,
    **TAXABLE,
    **AVERAGES,
    **LAST_QUARTERS,
    **TABLED,
}
"""By the name a pack gives."""


def weekly_amount(rule: Rule, wages: BaseWages, household: Household = NOBODY) -> WeeklyAmount:
    """Compute the weekly benefit amount of these totals by the formula in force. Raises NotKnown."""
    computed = FORMULAS[rule.name].compute(rule, wages, household)
    return replace(computed, steps=tuple(f"weekly benefit amount: {step}" for step in computed.steps))
