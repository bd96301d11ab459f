"""A weekly amount of the last quarters of the base period, and an award of as many weeks as these weigh in it. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from claims_shared.law.formula import Award, AwardFormula, Formula, WeeklyAmount, not_payable
from claims_shared.law.rules import NotKnown, Rule, dollars, lowest, rounded, settled, shown
from claims_shared.law.wages import ZERO, BaseWages, Household

LAST: Final = 2
WAGES: Final = "Your wages in the last two quarters of the base period are"


def _last_two(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """North Carolina: a part of the last two quarters of the base period, up to a maximum; below the minimum nothing."""
    divisor, minimum, maximum = (rule.numbers[number] for number in ("divisor", "minimum", "maximum"))
    last = _paid_last(wages)
    share = rounded(last / divisor, rule.words["rounding"])
    step = f"last two quarters {dollars(last)} / {divisor} = {dollars(share)} ({shown(rule.words['rounding'])})"
    if share < minimum:
        below = f"{dollars(share)} is below the minimum of {dollars(minimum)}: no benefit is payable"
        return WeeklyAmount(ZERO, share, (step, below), not_payable(rule, last, minimum * divisor, WAGES))
    rate = min(share, maximum)
    capped = f"{dollars(share)} is above the maximum of {dollars(maximum)}: {dollars(maximum)}"
    return WeeklyAmount(rate, rate, (step, capped) if share > maximum else (step,))


def _weeks_within_unemployment(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """North Carolina: the base period over the average of its last two quarters, times a factor, gives weeks.

    No more than the state's unemployment rate allows. The rate is in no pack: it is known only between how many weeks the
    law's number lies. Raises NotKnown where that matters. The law's least number of weeks binds nobody: whose last two
    quarters were all their wages have more.
    """
    numbers, rounding = rule.numbers, rule.words["rounding"]
    average = _paid_last(wages) / LAST
    product = wages.base_period_wages * numbers["factor_numerator"] / (average * numbers["factor_denominator"])
    weeks = settled(product, rounding, lambda own: min(own, numbers["least_weeks"]))
    most = settled(product, rounding, lambda own: min(own, numbers["most_weeks"]))
    if weeks != most:
        between = f"from {weeks} to {most} weeks, {dollars(weeks * paid.amount)} to {dollars(most * paid.amount)}"
        told = f"The award is {between}, by the state's unemployment rate, which is not known."
        raise NotKnown("weeks_not_known", told)
    steps = (
        f"base period wages {dollars(wages.base_period_wages)} / {dollars(average)}, the average of its last two quarters",
        f"x {numbers['factor_numerator']} / {numbers['factor_denominator']} = {lowest(product, rounding)} weeks",
        f"the state's unemployment rate allows {numbers['least_weeks']} weeks: {weeks}",
        f"{weeks} x {dollars(paid.amount)} = {dollars(weeks * paid.amount)}",
    )
    return Award(weeks * paid.amount, int(weeks), steps)


def _paid_last(wages: BaseWages) -> Decimal:
    return sum(wages.in_order[-LAST:], ZERO)


LAST_QUARTERS: Final[Mapping[str, Formula]] = {
    "last_two_quarters": Formula(
        {"divisor": "ratio", "minimum": "dollars", "maximum": "dollars", "rounding": "rounding"}, _last_two
    ),
}
LAST_QUARTERS_AWARDS: Final[Mapping[str, AwardFormula]] = {
    "weeks_of_last_quarters_within_unemployment": AwardFormula(
        {
            "factor_numerator": "ratio",
            "factor_denominator": "ratio",
            "rounding": "rounding",
            "least_weeks": "weeks",
            "most_weeks": "weeks",
        },
        _weeks_within_unemployment,
    ),
}
"""By the names a pack gives."""
