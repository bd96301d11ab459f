"""An award that is a credit of wages or weeks, and the allowance for dependants beside it with every week paid. Pure."""

from collections.abc import Mapping
from typing import Final

from claims_shared.law.formula import Award, AwardFormula, WeeklyAmount, share_step
from claims_shared.law.rules import NotKnown, Rule, dollars, rounded
from claims_shared.law.wages import BaseWages


def _credit_and_allowance(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """Massachusetts: the lower of a number of weeks at the rate and a share of the wages; what is for children comes on top.

    The number of weeks goes by the unemployment rates of the state's regions: known only between which numbers it lies.
    Raises NotKnown where that matters, and where it is not said whether a last part of a week carries the allowance.
    """
    numbers = rule.numbers
    share = rounded(wages.base_period_wages * numbers["share"], rule.words["rounding"])
    credit, most = (min(numbers[number] * paid.rate, share) for number in ("least_weeks", "most_weeks"))
    if credit != most:
        between = f"{dollars(credit)} ({numbers['least_weeks']} weeks) or {dollars(most)} (up to {numbers['most_weeks']} weeks)"
        told = f"The award is {between}, by the unemployment rates of the state's regions, which are not known."
        raise NotKnown("weeks_not_known", told)
    weeks, rest = divmod(credit, paid.rate)
    if rest and paid.for_dependants:
        told = (
            f"The award ends with {dollars(rest)}, a part of a week: whether the allowance for children is paid with it"
        )
        raise NotKnown("award_with_dependants_not_known", f"{told} is not known.")
    allowance = weeks * paid.for_dependants
    steps: tuple[str, ...] = (
        f"{numbers['least_weeks']} to {numbers['most_weeks']} x {dollars(paid.rate)}",
        share_step(rule, wages),
        f"the lower of both: {dollars(credit)}",
    )
    if allowance:
        steps += (f"for children {weeks} x {dollars(paid.for_dependants)} = {dollars(allowance)}",)
    return Award(credit + allowance, int(weeks), steps)


CREDIT_AND_ALLOWANCE: Final[Mapping[str, AwardFormula]] = {
    "lesser_of_weeks_by_unemployment_and_share_with_allowance": AwardFormula(
        {"least_weeks": "weeks", "most_weeks": "weeks", "share": "ratio", "rounding": "rounding"}, _credit_and_allowance
    ),
}
"""By the name a pack gives."""
