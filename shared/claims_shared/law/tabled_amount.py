"""Weekly amounts of which a federal table says the share of wages, the least and the most, and the law was not read. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from claims_shared.law.formula import Formula, WeeklyAmount, capped_step
from claims_shared.law.rules import NotKnown, Rule, dollars, settled
from claims_shared.law.wages import BaseWages, Household

BASES: Final[Mapping[str, Callable[[BaseWages], Decimal]]] = {
    "high_quarter": lambda wages: wages.high_quarter,
    "two_highest_quarters": lambda wages: wages.two_highest_quarters,
    "base_period_wages": lambda wages: wages.base_period_wages,
}
"""What a share is taken of, by the name a pack gives."""


def _tabled(rule: Rule, wages: BaseWages, _household: Household) -> WeeklyAmount:
    """Give a share of the wages, up to the maximum. Raises NotKnown below the least amount of the table.

    That amount may be a minimum to which all are raised, one below which nothing is paid, or what the wage tests come to.
    """
    basis, maximum, rounding = rule.words["basis"], rule.numbers["maximum"], rule.words["rounding"]
    ratio, divisor, least = (rule.numbers[number] for number in ("ratio", "divisor", "minimum"))
    share = BASES[basis](wages) * ratio / divisor
    if share < least:
        raise NotKnown(
            "minimum_not_known", f"What is payable where the wages give less than {dollars(least)} is not known."
        )
    amount = settled(share, rounding, lambda rounded: min(rounded, maximum))
    left = f"{basis.replace('_', ' ')} {dollars(BASES[basis](wages))} x {ratio} / {divisor}"
    return WeeklyAmount(amount, amount, (capped_step(left, share, amount, maximum, rounding),))


TABLED: Final[Mapping[str, Formula]] = {
    "share_as_tabled": Formula(
        {
            "basis": "wages basis",
            "ratio": "ratio",
            "divisor": "ratio",
            "minimum": "dollars",
            "maximum": "dollars",
            "rounding": "rounding",
        },
        _tabled,
    )
}
"""By the name a pack gives."""
