"""Weekly amounts that are a share of the average weekly wage: over the weeks worked, or over the two highest quarters. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from claims_shared.law.formula import Formula, WeeklyAmount
from claims_shared.law.rules import NotKnown, Rule, dollars, lowest, rounded, settled, shown
from claims_shared.law.wages import ZERO, BaseWages, Household
from claims_shared.law.worked_weeks import average, by_weeks

Capped = Callable[[Decimal], Decimal]
SHARE: Final = {"ratio": "ratio", "average_rounding": "rounding", "rounding": "rounding"}


def _over_base_weeks(rule: Rule, wages: BaseWages, household: Household) -> WeeklyAmount:
    """New Jersey: a share of the average wage of a base week, and more for up to so many dependants, all within a maximum.

    Nothing is added where the spouse is employed; nobody is referred for it where it makes no difference.
    """
    maximum = rule.numbers["maximum"]
    rate = _share(rule, wages, _at_most(maximum))
    _refuse_weeks_of_little(rule, wages)
    raised, *more = _with_dependants(rule, rate, household)
    steps = (*_shown(rule, wages, rate), *more)
    return WeeklyAmount(raised, rate, steps, for_dependants=raised - rate)


def _refuse_weeks_of_little(rule: Rule, wages: BaseWages) -> None:
    """Where the average is below what makes a week a base week, not every week that is reported can be one."""
    least = rule.numbers.get("base_week_wages")
    if least is not None and by_weeks(wages, lambda weeks: ZERO < average(wages, weeks) < least):
        told = f"The weeks reported hold less than {dollars(least)} on average: how many of them hold as much is not known."
        raise NotKnown("base_weeks_not_known", told)


def _with_dependants(rule: Rule, rate: Decimal, household: Household) -> tuple[Decimal, *tuple[str, ...]]:
    numbers = rule.numbers
    supported = min(Decimal(household.dependants), numbers["most_dependants"])
    if not supported or household.spouse_employed:
        return (rate,)
    counted = f"{supported} of at most {numbers['most_dependants']} dependants"
    more = numbers["first_dependant"] + numbers["next_dependant"] * (supported - 1)
    raised = min(rounded(rate * (1 + more), rule.words["rounding"]), numbers["maximum"])
    if raised != rate and household.spouse_employed is None:
        told = f"{dollars(raised)} a week if no spouse is employed, {dollars(rate)} otherwise"
        raise NotKnown("spouse_employment_not_known", f"{told}: whether one is employed is not known.")
    step = f"{dollars(rate)} x {1 + more} for {counted}, at most {dollars(numbers['maximum'])}"
    return raised, f"{step}: {dollars(raised)} ({shown(rule.words['rounding'])})"


def _by_dependency_class(rule: Rule, wages: BaseWages, household: Household) -> WeeklyAmount:
    """Ohio: a share of the average wage of a week worked, up to a maximum by how many dependants there are.

    Of the class between the two others only the bounds of its maximum may be known. Raises NotKnown where that matters.
    """
    caps = _caps(rule, household)
    found = {_share(rule, wages, _at_most(cap)) for cap in caps}
    if len(found) > 1:
        told = f"With so few dependants the weekly amount is {dollars(min(found))} to {dollars(max(found))}"
        raise NotKnown("maximum_not_known", f"{told}: their maximum is not known.")
    (rate,) = found
    return WeeklyAmount(rate, rate, _shown(rule, wages, rate))


def _at_most(cap: Decimal | None) -> Capped:
    return lambda share: share if cap is None else min(share, cap)


def _caps(rule: Rule, household: Household) -> tuple[Decimal | None, ...]:
    supported = household.dependants
    if not supported:
        names: tuple[str, ...] = ("maximum",)
    elif supported < rule.numbers["many_dependants"]:
        names = ("least_maximum_with_few", "most_maximum_with_few")
    else:
        names = ("maximum_with_many",)
    return tuple(rule.numbers.get(name) for name in names)


def _of_two_quarters(rule: Rule, wages: BaseWages, household: Household) -> WeeklyAmount:
    """Massachusetts: a share of the average weekly wage of the two highest quarters, within a maximum, and so much a child.

    Where only a few quarters hold wages the highest alone counts. Raises NotKnown for an average so low that a schedule rules.
    """
    numbers, words = rule.numbers, rule.words
    basis, divisor, name = _basis(rule, wages)
    wage = rounded(basis / divisor, words["average_rounding"])
    if wage <= numbers["schedule_up_to"]:
        told = f"For an average weekly wage of {dollars(wage)} the law has a schedule, which is not in the pack."
        raise NotKnown("schedule_not_known", told)
    rate = min(rounded(wage * numbers["ratio"], words["rounding"]), numbers["maximum"])
    for_children = household.children * numbers["per_child"]
    steps: tuple[str, ...] = (
        f"{name} {dollars(basis)} / {divisor} = {dollars(wage)} ({shown(words['average_rounding'])})",
        _halved(rule, wage, rate),
    )
    if for_children:
        steps += (f"for children {household.children} x {dollars(numbers['per_child'])} = {dollars(for_children)}",)
    return WeeklyAmount(rate + for_children, rate, steps, for_dependants=for_children)


def _basis(rule: Rule, wages: BaseWages) -> tuple[Decimal, Decimal, str]:
    if wages.quarters_with_wages <= rule.numbers["few_quarters"]:
        return wages.high_quarter, rule.numbers["few_divisor"], "high quarter"
    return wages.two_highest_quarters, rule.numbers["divisor"], "two highest quarters"


def _share(rule: Rule, wages: BaseWages, capped: Capped) -> Decimal:
    """Give the law's share of the average weekly wage. Raises NotKnown where how the average is rounded makes a difference."""

    def share(weeks: Decimal) -> Decimal:
        return settled(
            average(wages, weeks),
            rule.words["average_rounding"],
            lambda wage: capped(rounded(wage * rule.numbers["ratio"], rule.words["rounding"])),
        )

    return by_weeks(wages, share)


def _shown(rule: Rule, wages: BaseWages, rate: Decimal) -> tuple[str, ...]:
    weeks = Decimal(wages.weeks_worked or 0)
    wage = lowest(average(wages, weeks), rule.words["average_rounding"])
    return (
        f"wages {dollars(wages.base_period_wages)} / {weeks} weeks = {dollars(wage)} a week",
        _halved(rule, wage, rate),
    )


def _halved(rule: Rule, wage: Decimal, rate: Decimal) -> str:
    share = rounded(wage * rule.numbers["ratio"], rule.words["rounding"])
    step = f"{dollars(wage)} x {rule.numbers['ratio']} = {dollars(share)} ({shown(rule.words['rounding'])})"
    return f"{step}, at most {dollars(rate)}" if rate < share else step


AVERAGES: Final[Mapping[str, Formula]] = {
    "average_over_base_weeks": Formula(
        {
            **SHARE,
            "base_week_wages": "dollars",
            "maximum": "dollars",
            "first_dependant": "ratio",
            "next_dependant": "ratio",
            "most_dependants": "dependants",
        },
        _over_base_weeks,
        can_lack=frozenset({"base_week_wages"}),
    ),
    "average_by_dependency_class": Formula(
        {
            **SHARE,
            "maximum": "dollars",
            "least_maximum_with_few": "dollars",
            "most_maximum_with_few": "dollars",
            "maximum_with_many": "dollars",
            "many_dependants": "dependants",
        },
        _by_dependency_class,
        can_lack=frozenset({"maximum", "least_maximum_with_few", "most_maximum_with_few", "maximum_with_many"}),
    ),
    "average_of_two_highest_quarters": Formula(
        {
            **SHARE,
            "divisor": "ratio",
            "few_quarters": "quarters",
            "few_divisor": "ratio",
            "schedule_up_to": "dollars",
            "maximum": "dollars",
            "per_child": "dollars",
        },
        _of_two_quarters,
    ),
}
"""By the name a pack gives."""
