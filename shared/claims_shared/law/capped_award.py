"""Awards that are the least of several amounts, some of them not known of every claim. Pure."""

from collections.abc import Mapping
from typing import Final

from claims_shared.law.formula import Award, AwardFormula, WeeklyAmount, share_step
from claims_shared.law.rules import NotKnown, Rule, dollars, settled
from claims_shared.law.wages import BaseWages


def _least_of_three(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """Oklahoma: the least of a number of weeks, of a sum for everybody, and of a share of the base period's wages."""
    weekly, weeks, maximum = paid.amount, rule.numbers["weeks"], rule.numbers["maximum"]
    product, rounding = wages.base_period_wages * rule.numbers["share"], rule.words["rounding"]
    amount = settled(product, rounding, lambda share: min(weeks * weekly, maximum, share))
    steps = (
        f"{weeks} x {dollars(weekly)} = {dollars(weeks * weekly)}",
        f"nobody is awarded more than {dollars(maximum)}",
        share_step(rule, wages),
        f"the least of all: {dollars(amount)}",
    )
    return Award(amount, int(amount // weekly), steps)


def _by_unemployment(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """Alabama, Florida: weeks by the state's unemployment rate, and no more than a share of the base period's wages.

    The rate is in no pack: it is known only between how many weeks the law's number lies. Raises NotKnown where that matters.
    """
    weekly, least, most = paid.amount, rule.numbers["least_weeks"], rule.numbers["most_weeks"]
    product, rounding = wages.base_period_wages * rule.numbers["share"], rule.words["rounding"]
    amount = settled(product, rounding, lambda share: min(least * weekly, share))
    if amount < settled(product, rounding, lambda share: min(most * weekly, share)):
        raise NotKnown(
            "weeks_not_known",
            f"The award lasts from {least} to {most} weeks, by the state's unemployment rate, which is not known.",
        )
    steps = (f"{_weeks(rule)} x {dollars(weekly)}", share_step(rule, wages), f"the lower of both: {dollars(amount)}")
    return Award(amount, int(amount // weekly), steps)


def _weeks(rule: Rule) -> str:
    least, most = rule.numbers["least_weeks"], rule.numbers["most_weeks"]
    return str(least) if least == most else f"{least} to {most}"


CAPPED: Final[Mapping[str, AwardFormula]] = {
    "least_of_weeks_maximum_and_share": AwardFormula(
        {"weeks": "weeks", "maximum": "dollars", "share": "ratio", "rounding": "rounding"}, _least_of_three
    ),
    "lesser_of_weeks_by_unemployment_and_share": AwardFormula(
        {"least_weeks": "weeks", "most_weeks": "weeks", "share": "ratio", "rounding": "rounding"}, _by_unemployment
    ),
}
"""By the name a pack gives."""
