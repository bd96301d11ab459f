"""The rules of the packs as sentences for people: a template for each rule, filled with the values in force. Pure; no numbers.

A rule without a template is told by what its function says of itself, else by its name: nothing that a pack may hold is left
out of a page for want of words.
"""

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from claims_shared.law.award import AWARDS
from claims_shared.law.partial_week import WEEK_FORMULAS
from claims_shared.law.weekly_amount import FORMULAS

NOT_KNOWN: Final = "(not known)"
ROWS_SHOWN: Final = 8
"""Of a table written into one value; more are counted, and stand in the pack."""

RULES: Mapping[str, str] = {
    "calendar.benefit_week": "A benefit week begins on {starts_on}, by the clocks of {time_zone}.",
    "calendar.quarter": "Quarters are counted from the {starts_on}.",
    "base_periods.standard": "The standard base period is the {quarters}.",
    "base_periods.alternate": "Where the standard one does not suffice: the {quarters}.",
    "monetary_tests.quarters_with_wages": "Wages were paid in at least {minimum} of the base period.",
    "monetary_tests.high_quarter_wages": "Wages of the highest quarter are at least {minimum}.",
    "monetary_tests.base_period_wages": "Wages of the base period are at least {minimum}.",
    "monetary_tests.base_period_wages_for_high_quarter": (
        "Wages of the base period are at least {ratio} times those of its highest quarter."
    ),
    "monetary_tests.base_period_wages_for_capped_high_quarter": (
        "Wages of the base period are at least {ratio} times those of its highest quarter; from a highest quarter of "
        "{high_quarter_cap} on, wages outside it are at least {other_quarters_minimum} instead."
    ),
    "monetary_tests.wages_outside_high_quarter_for_rate": (
        "Wages outside the highest quarter are at least {times} times the weekly rate."
    ),
    "monetary_tests.base_period_wages_for_rate": "Wages of the base period are at least {times} times the weekly rate.",
    "monetary_tests.qualifying_wages_of_bracket": (
        "Wages of the base period are at least what the table {table} asks for beside the bracket of the highest quarter; "
        "for whoever falls short the next lower {lower_rates_tried} are tried."
    ),
    "monetary_tests.credit_weeks": "At least {minimum} in which {least_earned} or more was earned.",
    "monetary_tests.share_outside_high_quarter": (
        "At least {share} times the wages of the base period lies outside its highest quarter."
    ),
    "monetary_tests.high_quarter_or_base_period": (
        "Wages of the highest quarter are at least {sufficient_high_quarter}; or at least {minimum_high_quarter}, and those of "
        "the base period at least {ratio} times as much."
    ),
    "monetary_tests.two_highest_quarters_wages": "Wages of the two highest quarters are at least {minimum}.",
    "monetary_tests.two_highest_quarters_for_high_quarter": (
        "Wages of the two highest quarters are at least {ratio} times those of the highest."
    ),
    "monetary_tests.taxable_base_period_wages": (
        "Taxable wages of the base period are at least {minimum}. Taxable is what an employer pays in a year up to: {wage_bases}."
    ),
    "monetary_tests.base_period_wages_instead": (
        "In place of all other tests: some wages of the base period are taxable, and all together are at least {minimum}."
    ),
    "weekly_amount.high_quarter_within_bounds": (
        "The highest quarter divided by {divisor}, rounded {rounding}; at least {minimum} and at most {maximum}."
    ),
    "weekly_amount.taxable_high_quarter_within_bounds": (
        "The taxable wages of the quarter where they are highest divided by {divisor}, rounded {rounding}; at least {minimum} "
        "and at most {maximum}. Taxable is what an employer pays in a year up to: {wage_bases}."
    ),
    "weekly_amount.two_highest_quarters_above": (
        "The two highest quarters divided by {divisor}, rounded {rounding}; at most {maximum}. Where it does not exceed "
        "{exceeds} before it is rounded, nothing is payable."
    ),
    "weekly_amount.share_as_tabled": (
        "{ratio} times the {basis} divided by {divisor}, rounded {rounding}; at most {maximum}. What is payable below {minimum} "
        "is not known."
    ),
    "weekly_amount.high_quarter_divided": (
        "The highest quarter divided by {divisor}, rounded {rounding}, less {less}; at most {maximum}. "
        "Where nothing is left, nothing is payable."
    ),
    "weekly_amount.percent_of_high_quarter": (
        "{ratio} times the highest quarter, rounded {rounding}; at most {maximum}. Below {minimum} nothing is payable."
    ),
    "weekly_amount.tiered_high_quarters": (
        "Up to a highest quarter of {low_high_quarter}: that quarter divided by {low_divisor}, at least {minimum}. "
        "Above: divided by {divisor}, at least {floor} and never less than {minimum}; if then a quarter is without wages "
        "and the highest is above {averaged_above}, the average of the two highest is divided. "
        "Rounded {rounding}; at most {maximum}."
    ),
    "weekly_amount.bracket_table": "The amount that the table {table} gives for the bracket of the highest quarter.",
    "weekly_amount.bracket_table_with_dependants": (
        "The amount that the table {table} gives for the bracket of the highest quarter; {first_dependant} more for a spouse or "
        "a first child, and {second_dependant} for a second dependant."
    ),
    "award.share_in_whole_weeks": (
        "{share} times the wages of the base period, rounded {rounding}, divided by the weekly amount: so many whole weeks, "
        "at least {minimum_weeks} and at most {maximum_weeks}."
    ),
    "award.lesser_of_weeks_and_share": (
        "The lower of {weeks} at the weekly amount and {share} times the wages of the base period, rounded {rounding}."
    ),
    "award.least_of_weeks_maximum_and_share": (
        "The least of {weeks} at the weekly amount, of {maximum}, and of {share} times the wages of the base period, rounded "
        "{rounding}."
    ),
    "award.lesser_of_weeks_by_unemployment_and_share": (
        "From {least_weeks} to {most_weeks} at the weekly amount, by the state's unemployment rate, and never more than {share} "
        "times the wages of the base period, rounded {rounding}."
    ),
    "award.uniform_weeks": "For everybody {weeks} at the weekly amount.",
    "award.rate_times_credit_weeks": "The weekly rate for every credit week, at most for {maximum_weeks}.",
    "partial_week.hours_tiers": (
        "By the hours worked, rounded {hours_rounding}, this share of the weekly amount is payable: {tiers}. "
        "Nothing where more than {earnings_maximum} was earned."
    ),
    "partial_week.share_disregarded_below_hours": (
        "Up to {share} times the weekly amount may be earned; what is earned above is taken off, rounded {rounding}. "
        "Nothing is payable from {hours_limit} worked or the weekly amount earned on."
    ),
    "partial_week.fraction_disregarded": (
        "Up to the weekly amount divided by {divisor} may be earned; what is earned above is taken off, rounded {rounding}. "
        "Nothing is payable from the weekly amount earned on."
    ),
    "partial_week.amount_disregarded": (
        "Up to {disregard} may be earned; what is earned above is taken off, rounded {rounding}."
    ),
    "partial_week.share_or_least_disregarded": (
        "Up to {share} times the weekly amount, rounded {disregard_rounding}, and at least {least}, may be earned; what is "
        "earned above, rounded {earnings_rounding}, is taken off."
    ),
    "partial_week.credit_and_dependants": (
        "Up to {share} times the weekly rate without dependants, rounded {disregard_rounding}, and at least {least}, may be "
        "earned; what is earned above, rounded {earnings_rounding}, is taken off. What is for dependants is paid whole with "
        "any week that pays."
    ),
    "rights.waiting_period": "The waiting period, which is not paid: {weeks}.",
    "rights.appeal": "An appeal is in time within {days}.",
    "issues.quit": "Left the work: good cause is for the {shown_by} to show.",
    "issues.discharge": "Discharged: misconduct, or that there was none, is for the {shown_by} to show.",
    "issues.labor_dispute": "In a labor dispute: whether it suspends benefits is for the {shown_by} to show.",
    "issues.not_able_and_available": "Not able to work or not available: each week is for the {shown_by} to show.",
    "issues.not_work_authorized": "Not authorized to work: the authorization is for the {shown_by} to show.",
    "issues.filed_late": "Filed late: good cause for the delay is for the {shown_by} to show.",
}
"""section.rule -> what it says; the names in braces are the rule's parameters."""
FORMULAS_OF: Mapping[str, Mapping[str, Any]] = {
    "weekly_amount": FORMULAS,
    "award": AWARDS,
    "partial_week": WEEK_FORMULAS,
}
STATES: Final = re.compile(r"^[A-Z][A-Za-z, ]*: ")


def sentence(path: str, values: Mapping[str, str]) -> str:
    """Tell a rule in words with these values; a parameter that is not among them is said to be not known."""
    name = title(path.rpartition(".")[2])
    if not values:
        return f"{name}: not known."
    said = RULES.get(path)
    return said.format_map(_Known(values)) if said else _documented(path) or f"{name}."


def _documented(path: str) -> str | None:
    """Give the first sentence of a formula's function, without the states that it was written for."""
    section, _, rule = path.partition(".")
    formula = FORMULAS_OF.get(section, {}).get(rule)
    if formula is None or not inspect.isfunction(formula.compute):
        return None
    said = (inspect.getdoc(formula.compute) or "").partition("\n\n")[0].replace("\n", " ")
    told = STATES.sub("", said).removesuffix(" Raises NotKnown.")
    return told[:1].upper() + told[1:]


class _Known(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return NOT_KNOWN


def words(name: str) -> str:
    """Give a name of a pack in words."""
    return name.replace("_", " ")


def title(name: str) -> str:
    """Give a name of a pack as a title."""
    return words(name[:1].upper() + name[1:])


def shown(value: object, unit: str) -> str:
    """Give a value as it stands in a sentence: `$3,500`, `1 week`, `down to dollar`; a ratio is the bare number."""
    if isinstance(value, Decimal):
        return _number(value, unit)
    if isinstance(value, str):
        return WRITTEN.get(unit, _names)(value)
    if isinstance(value, Mapping):
        return _rows([f"{row}: {held}" for row, held in value.items()])
    return _rows([str(row) for row in value]) if isinstance(value, Sequence) else str(value)


def with_unit(value: object, unit: str) -> str:
    """Give a value as it stands alone: a number that does not say what it counts has its unit behind it."""
    bare = isinstance(value, Decimal) and not unit.endswith("s")
    return f"{shown(value, unit)} ({unit})" if bare else shown(value, unit)


def _number(value: Decimal, unit: str) -> str:
    if unit == "dollars":
        return f"${value:,}" if value == value.to_integral_value() else f"${value:,.2f}"
    if unit.endswith("s"):
        return f"{value:,} {unit.removesuffix('s') if value == 1 else unit}"
    return str(value)


def _names(value: str) -> str:
    rows = re.split(r"\s*[,;\n]\s*", value.strip())
    return _rows(rows) if len(rows) > 1 else words(value)


def _rows(rows: Sequence[str]) -> str:
    """Give a table's rows; of a long one the first and the last, and how many there are."""
    if len(rows) <= ROWS_SHOWN:
        return "; ".join(rows)
    return f"{'; '.join(rows[: ROWS_SHOWN - 2])}; ...; {rows[-1]} ({len(rows)} rows)"


WRITTEN: Mapping[str, Callable[[str], str]] = {"time zone": str, "weekday": str.capitalize}
"""Units whose words are not simply names with underscores."""
