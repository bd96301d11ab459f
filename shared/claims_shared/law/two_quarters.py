"""Weekly amounts, and a test, that look at the two highest quarters of the base period. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from claims_shared.law.formula import Formula, Measured, Test, WeeklyAmount
from claims_shared.law.rules import Finding, Rule, dollars, settled, shown
from claims_shared.law.wages import ZERO, BaseWages, Household

BOTH: Final = "two highest quarters"


def _above(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """Alabama: a part of the two highest quarters; payable where it exceeds a number of dollars before it is rounded."""
    divisor, exceeds, maximum = (rule.numbers[number] for number in ("divisor", "exceeds", "maximum"))
    both, rounding = wages.two_highest_quarters, rule.words["rounding"]
    left = f"{BOTH} {dollars(both)} / {divisor}"
    if both <= exceeds * divisor:
        below = f"{left} does not exceed {dollars(exceeds)}: no benefit is payable"
        return WeeklyAmount(ZERO, ZERO, (below,), _too_low(rule, both, exceeds * divisor))
    amount = settled(both / divisor, rounding, lambda rounded: min(rounded, maximum))
    if both / divisor > maximum:
        return WeeklyAmount(amount, amount, (f"{left} is above the maximum of {dollars(maximum)}: {dollars(amount)}",))
    return WeeklyAmount(amount, amount, (f"{left} = {dollars(amount)} ({shown(rounding)})",))


def _too_low(rule: Rule, both: Decimal, exceeds: Decimal) -> Finding:
    sentence = f"Your wages in your {BOTH} are {dollars(both)}; a weekly benefit is payable above {dollars(exceeds)}."
    values = {"found": f"{both:.2f}", "exceeds": f"{exceeds:.2f}"}
    return Finding("weekly_amount_not_payable", sentence, rule.citation, values)


def _for_high_quarter(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    ratio = rule.numbers["ratio"]
    because = f"{ratio} times your highest quarter of {dollars(wages.high_quarter)}"
    return Measured(f"Your wages in your {BOTH} are", wages.two_highest_quarters, ratio * wages.high_quarter, because)


def _minimum(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    return Measured(f"Your wages in your {BOTH} are", wages.two_highest_quarters, rule.numbers["minimum"])


TWO_QUARTERS: Final[Mapping[str, Formula]] = {
    "two_highest_quarters_above": Formula(
        {"divisor": "ratio", "exceeds": "dollars", "maximum": "dollars", "rounding": "rounding"}, _above
    ),
}
"""By the name a pack gives."""
TWO_QUARTERS_TESTS: Final[Mapping[str, Test]] = {
    "two_highest_quarters_wages": Test("insufficient_wages_in_two_highest_quarters", {"minimum": "dollars"}, _minimum),
    "two_highest_quarters_for_high_quarter": Test(
        "insufficient_wages_in_two_highest_quarters_for_high_quarter", {"ratio": "ratio"}, _for_high_quarter
    ),
}
"""By the name a pack gives."""
