"""What the law makes of credit weeks, those weeks of the base period in which enough was earned: a test and an award. Pure."""

from collections.abc import Mapping
from decimal import Decimal

from claims_shared.law.formula import Award, AwardFormula, Measured, Test, WeeklyAmount
from claims_shared.law.rules import NotKnown, Rule, dollars
from claims_shared.law.wages import BaseWages


def _between(wages: BaseWages) -> tuple[Decimal, Decimal]:
    """Give the fewest and the most credit weeks that the reports leave open: weeks of two employers may be the same ones.

    Pennsylvania's employers report credit weeks: the weeks worked that a claim holds are these.
    """
    fewest, most = wages.weeks_worked, wages.most_weeks_worked
    if fewest is None or most is None:
        raise NotKnown("credit_weeks_not_reported", "An employer has not reported the weeks worked in a quarter.")
    return Decimal(fewest), Decimal(most)


def _minimum(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """Pennsylvania: so many credit weeks at least."""
    (fewest, most), minimum = _between(wages), rule.numbers["minimum"]
    if fewest < minimum <= most:
        raise _not_the_same(fewest, most)
    earned = f"weeks in which you earned at least {dollars(rule.numbers['least_earned'])}"
    return Measured(f"The number of {earned} is", most, minimum, money=False)


def _rate_times_weeks(rule: Rule, wages: BaseWages, paid: WeeklyAmount) -> Award:
    """Pennsylvania: the weekly rate for every credit week, at most for so many."""
    if paid.for_dependants:
        told = "Whether the allowance for dependants counts against the maximum award is not known"
        raise NotKnown("award_with_dependants_not_known", f"{told}: no source says so.")
    (fewest, most), longest = _between(wages), rule.numbers["maximum_weeks"]
    weeks = min(fewest, longest)
    if weeks != min(most, longest):
        raise _not_the_same(fewest, most)
    amount = weeks * paid.rate
    steps = (
        f"{fewest} credit weeks, at most {longest}: {weeks}",
        f"{weeks} x {dollars(paid.rate)} = {dollars(amount)}",
    )
    return Award(amount, int(weeks), steps)


def _not_the_same(fewest: Decimal, most: Decimal) -> NotKnown:
    told = f"Employers report weeks that may be the same ones: there are {fewest} to {most} credit weeks"
    return NotKnown("credit_weeks_not_known", f"{told}, and that makes a difference.")


CREDIT_WEEK_TESTS: Mapping[str, Test] = {
    "credit_weeks": Test("insufficient_credit_weeks", {"minimum": "weeks", "least_earned": "dollars"}, _minimum)
}
CREDIT_WEEK_AWARDS: Mapping[str, AwardFormula] = {
    "rate_times_credit_weeks": AwardFormula({"maximum_weeks": "weeks"}, _rate_times_weeks)
}
"""By the names a pack gives."""
