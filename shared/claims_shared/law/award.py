"""The maximum award and the weeks it lasts: one function per formula a pack may name, each showing its arithmetic. Pure."""

from collections.abc import Mapping

from claims_shared.law.capped_award import CAPPED
from claims_shared.law.credit_and_allowance import CREDIT_AND_ALLOWANCE
from claims_shared.law.credit_weeks import CREDIT_WEEK_AWARDS
from claims_shared.law.formula import Award, AwardFormula, WeeklyAmount, share_step
from claims_shared.law.last_quarters import LAST_QUARTERS_AWARDS
from claims_shared.law.rules import Rule, dollars, rounded, settled
from claims_shared.law.wages import BaseWages
from claims_shared.law.worked_weeks import WEEKS_AWARDS


def _share_in_whole_weeks(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """Utah: weeks from a share of the base period's wages, between a least and a most number of weeks."""
    numbers, weekly = rule.numbers, paid.amount
    share = rounded(wages.base_period_wages * numbers["share"], rule.words["rounding"])
    weeks = int(min(max(share // weekly, numbers["minimum_weeks"]), numbers["maximum_weeks"]))
    between = f"at least {numbers['minimum_weeks']} and at most {numbers['maximum_weeks']}"
    steps = (
        share_step(rule, wages),
        f"{dollars(share)} / {dollars(weekly)} = {share // weekly} whole weeks, {between}: {weeks}",
        f"{weeks} x {dollars(weekly)} = {dollars(weeks * weekly)}",
    )
    return Award(weeks * weekly, weeks, steps)


def _lesser_of_weeks_and_share(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """Wisconsin: the lower of a number of weeks and a share of the base period's wages."""
    weekly, weeks, product = paid.amount, rule.numbers["weeks"], wages.base_period_wages * rule.numbers["share"]
    amount = settled(product, rule.words["rounding"], lambda share: min(weeks * weekly, share))
    steps = (
        f"{weeks} x {dollars(weekly)} = {dollars(weeks * weekly)}",
        share_step(rule, wages),
        f"the lower of both: {dollars(amount)}",
    )
    return Award(amount, int(amount // weekly), steps)


def _uniform_weeks(rule: Rule, _wages: BaseWages, paid: WeeklyAmount) -> Award:
    """New York: the same number of weeks for everybody."""
    weekly, weeks = paid.amount, rule.numbers["weeks"]
    return Award(weeks * weekly, int(weeks), (f"{weeks} x {dollars(weekly)} = {dollars(weeks * weekly)}",))


AWARDS: Mapping[str, AwardFormula] = {
    "share_in_whole_weeks": AwardFormula(
        {"share": "ratio", "minimum_weeks": "weeks", "maximum_weeks": "weeks", "rounding": "rounding"},
        _share_in_whole_weeks,
    ),
    "lesser_of_weeks_and_share": AwardFormula(
        {"weeks": "weeks", "share": "ratio", "rounding": "rounding"}, _lesser_of_weeks_and_share
    ),
    "uniform_weeks": AwardFormula({"weeks": "weeks"}, _uniform_weeks),
    **CREDIT_WEEK_AWARDS,
    **CAPPED,
    **WEEKS_AWARDS,
    **LAST_QUARTERS_AWARDS,
    **CREDIT_AND_ALLOWANCE,
}
"""By the name a pack gives."""


def maximum_award(rule: Rule, wages: BaseWages, weekly: WeeklyAmount) -> Award:
    """Compute the maximum award for a weekly amount above zero by the formula in force. Raises NotKnown."""
    award = AWARDS[rule.name].compute(rule, wages, weekly)
    return Award(award.amount, award.weeks, tuple(f"maximum award: {step}" for step in award.steps))
