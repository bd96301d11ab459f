"""What is payable for one certified week with work in it: one function per formula a pack may name, showing its arithmetic. Pure.

The rule is that of the week's own first day, not of the claim's: New York's limit on earnings changes under a running claim.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from claims_shared.law.hours_tiers import read_tiers
from claims_shared.law.rules import NotKnown, Rule, dollars, rounded, shown
from claims_shared.law.wages import ZERO


@dataclass(frozen=True, slots=True)
class Week:
    """A certified week: the claim's weekly amount in whole dollars, and what was earned before deductions.

    `hours`: worked, as the agency counts them; None where they were not asked. `for_dependants`: that part of the weekly amount.
    """

    weekly_amount: Decimal
    earned: Decimal
    hours: Decimal | None = None
    for_dependants: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payable:
    """Dollars payable for the week (0: nothing), and the arithmetic; the last step says why where nothing is payable."""

    amount: Decimal
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WeekFormula:
    """A formula a pack may name: the parameters it needs (with units) and how to compute."""

    needs: Mapping[str, str]
    compute: Callable[[Rule, Week], Payable]


def _hours_tiers(rule: Rule, week: Week) -> Payable:
    """New York: a share of the weekly amount by the hours worked; nothing above the maximum rate in force."""
    most = rule.numbers["earnings_maximum"]
    if week.earned > most:
        return _nothing(f"{dollars(week.earned)} earned are above {dollars(most)}")
    worked = _hours(week)
    hours = rounded(worked, rule.words["hours_rounding"])
    tier = next(tier for tier in read_tiers(rule.words["tiers"]) if tier.holds(hours))
    amount = week.weekly_amount * tier.share
    counted = () if hours == worked else (f"{worked} hours worked count as {hours}",)
    step = f"{hours} hours ({tier}): {dollars(week.weekly_amount)} x {tier.share} = {dollars(amount)}"
    return Payable(amount, (*counted, _told(amount, step)))


def _share_below_hours(rule: Rule, week: Week) -> Payable:
    """Utah: a share of the weekly amount may be earned; nothing from the weekly amount on, nor from full-time hours on."""
    limit, hours = rule.numbers["hours_limit"], _hours(week)
    if hours >= limit:
        return _nothing(f"{hours} hours worked reach the limit of {limit}")
    if week.earned >= week.weekly_amount:
        return _reached(week, week.weekly_amount)
    free = week.weekly_amount * rule.numbers["share"]
    step = f"{dollars(week.weekly_amount)} x {rule.numbers['share']} = {dollars(free)} may be earned"
    return _less(rule, week, free, dollars(free), (step,))


def _fraction(rule: Rule, week: Week) -> Payable:
    """Alabama: the weekly amount divided by a number may be earned; nothing from the weekly amount on."""
    if week.earned >= week.weekly_amount:
        return _reached(week, week.weekly_amount)
    divisor = rule.numbers["divisor"]
    return _less(rule, week, week.weekly_amount / divisor, f"{dollars(week.weekly_amount)} / {divisor}")


def _amount(rule: Rule, week: Week) -> Payable:
    """Oklahoma: so many dollars may be earned, for everybody the same."""
    free = rule.numbers["disregard"]
    return _less(rule, week, free, dollars(free))


def _share_or_least(rule: Rule, week: Week) -> Payable:
    """New Jersey: a share of the weekly amount, at least some dollars, may be earned; both count in whole dollars."""
    least, share = rule.numbers["least"], rule.numbers["share"]
    part = rounded(week.weekly_amount * share, rule.words["disregard_rounding"])
    free = max(part, least)
    earned = rounded(week.earned, rule.words["earnings_rounding"])
    steps = (
        f"{dollars(week.weekly_amount)} x {share} = {dollars(part)} ({shown(rule.words['disregard_rounding'])})",
        f"the greater of {dollars(part)} and {dollars(least)} may be earned: {dollars(free)}",
        f"{dollars(week.earned)} earned count as {dollars(earned)} ({shown(rule.words['earnings_rounding'])})",
    )
    counted = Week(week.weekly_amount, earned)
    if earned >= week.weekly_amount + free:
        nothing = _reached(counted, week.weekly_amount + free)
        return Payable(nothing.amount, (*steps, *nothing.steps))
    return _less(rule, counted, free, dollars(free), steps)


def _credit(rule: Rule, week: Week) -> Payable:
    """Pennsylvania: as New Jersey, on the rate without dependants; what is for them is paid whole with any week that pays."""
    paid = _share_or_least(rule, Week(week.weekly_amount - week.for_dependants, week.earned))
    if not week.for_dependants or not paid.amount:
        return paid
    amount = paid.amount + week.for_dependants
    with_them = f"{dollars(paid.amount)} + {dollars(week.for_dependants)} for dependants = {dollars(amount)}"
    return Payable(amount, (*paid.steps, with_them))


def _less(rule: Rule, week: Week, free: Decimal, disregard: str, steps: tuple[str, ...] = ()) -> Payable:
    """Take from the weekly amount what was earned above what may be earned, and round once, at the end.

    Without a rounding of the result its parts are whole dollars, and so is it.
    """
    weekly = dollars(week.weekly_amount)
    if week.earned <= free:
        return Payable(
            week.weekly_amount,
            (*steps, f"{dollars(week.earned)} earned are not above {disregard}: {weekly} is payable"),
        )
    left = max(week.weekly_amount - (week.earned - free), ZERO)
    amount = rounded(left, rule.words["rounding"]) if "rounding" in rule.words else left
    how = f" ({shown(rule.words['rounding'])})" if "rounding" in rule.words else ""
    less = f"{weekly} - ({dollars(week.earned)} earned - {disregard}) = {dollars(amount)}{how}"
    return Payable(amount, (*steps, _told(amount, less)))


def _reached(week: Week, limit: Decimal) -> Payable:
    return _nothing(f"{dollars(week.earned)} earned reach {dollars(limit)}")


def _nothing(why: str) -> Payable:
    return Payable(ZERO, (f"{why}: nothing is payable",))


def _told(amount: Decimal, step: str) -> str:
    return step if amount else f"{step}: nothing is payable"


def _hours(week: Week) -> Decimal:
    if week.hours is None:
        raise NotKnown(
            "hours_worked_not_known", "What is payable depends on the hours worked, and they were not reported."
        )
    return week.hours


_ROUNDING = {"rounding": "rounding"}
_SHARE_OR_LEAST = {
    "share": "ratio",
    "least": "dollars",
    "disregard_rounding": "rounding",
    "earnings_rounding": "rounding",
}
WEEK_FORMULAS: Mapping[str, WeekFormula] = {
    "hours_tiers": WeekFormula(
        {"tiers": "hours tiers", "earnings_maximum": "dollars", "hours_rounding": "rounding"}, _hours_tiers
    ),
    "share_disregarded_below_hours": WeekFormula(
        {"share": "ratio", "hours_limit": "hours", **_ROUNDING}, _share_below_hours
    ),
    "fraction_disregarded": WeekFormula({"divisor": "ratio", **_ROUNDING}, _fraction),
    "amount_disregarded": WeekFormula({"disregard": "dollars", **_ROUNDING}, _amount),
    "share_or_least_disregarded": WeekFormula(_SHARE_OR_LEAST | _ROUNDING, _share_or_least),
    "credit_and_dependants": WeekFormula(_SHARE_OR_LEAST, _credit),
}
"""By the name a pack gives."""


def payable(rule: Rule, week: Week) -> Payable:
    """Compute what is payable for a week by the formula in force. Raises NotKnown where it takes hours and none were reported."""
    computed = WEEK_FORMULAS[rule.name].compute(rule, week)
    return Payable(computed.amount, tuple(f"payable for the week: {step}" for step in computed.steps))
