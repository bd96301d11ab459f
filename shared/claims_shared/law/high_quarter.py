"""Weekly amounts that are a part of the high quarter between a minimum and a maximum. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from claims_shared.law.formula import Formula, WeeklyAmount, capped_step
from claims_shared.law.rules import Rule, dollars, settled
from claims_shared.law.wages import BaseWages, Household

BOUNDS: Final = {"divisor": "ratio", "minimum": "dollars", "maximum": "dollars", "rounding": "rounding"}


def bounded(rule: Rule, basis: Decimal, name: str) -> WeeklyAmount:
    """Divide the wages that a formula looks at, and raise or lower the rounded result to the minimum or the maximum."""
    divisor, minimum, maximum = (rule.numbers[number] for number in ("divisor", "minimum", "maximum"))
    share, rounding = basis / divisor, rule.words["rounding"]
    amount = settled(share, rounding, lambda rounded: min(max(rounded, minimum), maximum))
    left = f"{name} {dollars(basis)} / {divisor}"
    step = capped_step(left, share, amount, maximum, rounding)
    if share < minimum:
        step = f"{left} is below the minimum of {dollars(minimum)}: {dollars(amount)}"
    return WeeklyAmount(amount, amount, (step,))


def _high_quarter(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """Texas, Florida: one twenty-fifth or one twenty-sixth of the high quarter; who falls below the minimum is given it."""
    return bounded(rule, wages.high_quarter, "high quarter")


WITHIN_BOUNDS: Final[Mapping[str, Formula]] = {"high_quarter_within_bounds": Formula(BOUNDS, _high_quarter)}
"""By the name a pack gives."""
