"""What the law makes of the weeks worked in a base period: tests, and an award of one week for each. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final, TypeVar

from claims_shared.law.formula import Award, AwardFormula, Measured, Test, WeeklyAmount
from claims_shared.law.rules import NotKnown, Rule, dollars
from claims_shared.law.wages import ZERO, BaseWages

Found = TypeVar("Found")


def by_weeks(wages: BaseWages, gives: Callable[[Decimal], Found]) -> Found:
    """Give what the law makes of the number of weeks worked, in whatever way the reports may be read.

    Weeks that two employers report for a quarter may be the same ones. Raises NotKnown where they are not reported, or where
    that makes a difference.
    """
    fewest, most = wages.weeks_worked, wages.most_weeks_worked
    if fewest is None or most is None:
        raise NotKnown("weeks_not_reported", "An employer has not reported the weeks worked in a quarter.")
    found = gives(Decimal(fewest))
    if fewest != most and gives(Decimal(most)) != found:
        told = f"Employers report weeks that may be the same ones: {fewest} to {most} weeks were worked"
        raise NotKnown("weeks_not_known", f"{told}, and that makes a difference.")
    return found


def average(wages: BaseWages, weeks: Decimal) -> Decimal:
    """Give the wages of the base period a week worked, in exact dollars. Raises NotKnown for wages of no week."""
    if weeks == 0 and wages.base_period_wages > 0:
        raise NotKnown("weeks_not_reported", "Wages are reported, and no week in which they were earned.")
    return wages.base_period_wages / weeks if weeks else ZERO


def _weeks_worked(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """Ohio, New Jersey: so many weeks of work at least."""
    found = by_weeks(wages, lambda weeks: min(weeks, rule.numbers["minimum"]))
    what = "The number of weeks that count, in which you worked, is"
    return Measured(what, found, rule.numbers["minimum"], money=False)


def _average_wage(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """Ohio: wages that are so much on average over the weeks worked."""
    found = by_weeks(wages, lambda weeks: min(average(wages, weeks), rule.numbers["minimum"]))
    return Measured("Your wages are, on average over the weeks worked,", found, rule.numbers["minimum"])


def _wages_instead(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """New Jersey: wages of the base period that do in place of weeks."""
    what = "Your wages in the base period, which may stand in place of weeks worked, are"
    return Measured(what, wages.base_period_wages, rule.numbers["minimum"])


def _week_for_week(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """New Jersey, Ohio: one week of benefits for each week worked, at most so many."""
    most = rule.numbers["maximum_weeks"]
    weeks = by_weeks(wages, lambda worked: min(worked, most))
    amount = weeks * paid.amount
    steps = (
        f"one week for each week worked, at most {most}: {weeks}",
        f"{weeks} x {dollars(paid.amount)} = {dollars(amount)}",
    )
    return Award(amount, int(weeks), steps)


WEEKS_TESTS: Final[Mapping[str, Test]] = {
    "weeks_worked": Test("insufficient_weeks_worked", {"minimum": "weeks"}, _weeks_worked),
    "average_weekly_wage": Test("insufficient_average_weekly_wage", {"minimum": "dollars"}, _average_wage),
    "wages_in_place_of_weeks": Test(
        "insufficient_wages_in_place_of_weeks", {"minimum": "dollars"}, _wages_instead, instead=True
    ),
}
WEEKS_AWARDS: Final[Mapping[str, AwardFormula]] = {
    "week_for_week": AwardFormula({"maximum_weeks": "weeks"}, _week_for_week),
}
"""By the names a pack gives."""
