"""Monetary tests that weigh the high quarter against the base period. Pure; thresholds come from the packs."""

from collections.abc import Mapping
from decimal import Decimal

from claims_shared.law.formula import Measured, Test
from claims_shared.law.rules import Rule, dollars
from claims_shared.law.wages import BaseWages


def _share_outside(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """Pennsylvania: a share of the base year's wages lies outside the highest quarter."""
    share = rule.numbers["share"]
    because = f"{share} of your base period wages of {dollars(wages.base_period_wages)}"
    required = share * wages.base_period_wages
    return Measured("Your wages outside your highest quarter are", wages.outside_high_quarter, required, because)


def _high_quarter_or_base_period(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    """California: a high quarter that suffices alone, or a lower one and a base period of so many times its wages."""
    numbers, high = rule.numbers, wages.high_quarter
    alone, ratio = numbers["sufficient_high_quarter"], numbers["ratio"]
    if high >= alone or high < numbers["minimum_high_quarter"]:
        return Measured("Your wages in your highest quarter are", high, numbers["minimum_high_quarter"])
    because = f"{ratio} times your highest quarter of {dollars(high)}, which is less than {dollars(alone)}"
    return Measured("Your wages in the base period are", wages.base_period_wages, ratio * high, because)


HIGH_QUARTER_TESTS: Mapping[str, Test] = {
    "share_outside_high_quarter": Test("insufficient_wages_outside_high_quarter", {"share": "ratio"}, _share_outside),
    "high_quarter_or_base_period": Test(
        "insufficient_high_quarter_or_base_period_wages",
        {"sufficient_high_quarter": "dollars", "minimum_high_quarter": "dollars", "ratio": "ratio"},
        _high_quarter_or_base_period,
    ),
}
"""By the names a pack gives."""
