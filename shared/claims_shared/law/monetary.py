"""The monetary tests: each compares what a base period holds with what the law asks for. Pure; thresholds come from the packs."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal

from claims_shared.law.brackets import TABLE_TESTS
from claims_shared.law.credit_weeks import CREDIT_WEEK_TESTS
from claims_shared.law.formula import Measured, Test
from claims_shared.law.high_quarter_tests import HIGH_QUARTER_TESTS
from claims_shared.law.rules import Finding, Rule, dollars
from claims_shared.law.taxable_wages import TAXABLE_TESTS
from claims_shared.law.two_quarters import TWO_QUARTERS_TESTS
from claims_shared.law.wages import BaseWages

CENT = Decimal("0.01")


def _quarters(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    found = Decimal(wages.quarters_with_wages)
    return Measured(
        "The number of quarters in which you were paid wages is", found, rule.numbers["minimum"], money=False
    )


def _high_quarter(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    return Measured("Your wages in your highest quarter are", wages.high_quarter, rule.numbers["minimum"])


def _base_period(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    return Measured("Your wages in the base period are", wages.base_period_wages, rule.numbers["minimum"])


def _ratio(rule: Rule, wages: BaseWages, _rate: Decimal) -> Measured:
    ratio = rule.numbers["ratio"]
    because = f"{ratio} times your highest quarter of {dollars(wages.high_quarter)}"
    return Measured("Your wages in the base period are", wages.base_period_wages, ratio * wages.high_quarter, because)


def _capped_ratio(rule: Rule, wages: BaseWages, rate: Decimal) -> Measured:
    cap, minimum = rule.numbers["high_quarter_cap"], rule.numbers["other_quarters_minimum"]
    if wages.high_quarter < cap:
        return _ratio(rule, wages, rate)
    because = f"as your highest quarter is at least {dollars(cap)}"
    return Measured("Your wages outside your highest quarter are", wages.outside_high_quarter, minimum, because)


def _outside_for_rate(rule: Rule, wages: BaseWages, rate: Decimal) -> Measured:
    times = rule.numbers["times"]
    because = f"{times} times your weekly rate of {dollars(rate)}"
    return Measured("Your wages outside your highest quarter are", wages.outside_high_quarter, times * rate, because)


def _base_period_for_rate(rule: Rule, wages: BaseWages, rate: Decimal) -> Measured:
    times = rule.numbers["times"]
    because = f"{times} times your weekly rate of {dollars(rate)}"
    return Measured("Your wages in the base period are", wages.base_period_wages, times * rate, because)


FOR_HIGH_QUARTER = "insufficient_base_period_wages_for_high_quarter"
TESTS: Mapping[str, Test] = {
    "quarters_with_wages": Test("insufficient_quarters_with_wages", {"minimum": "quarters"}, _quarters),
    "high_quarter_wages": Test("insufficient_high_quarter_wages", {"minimum": "dollars"}, _high_quarter),
    "base_period_wages": Test("insufficient_base_period_wages", {"minimum": "dollars"}, _base_period),
    "base_period_wages_for_high_quarter": Test(FOR_HIGH_QUARTER, {"ratio": "ratio"}, _ratio),
    "base_period_wages_for_capped_high_quarter": Test(
        FOR_HIGH_QUARTER,
        {"ratio": "ratio", "high_quarter_cap": "dollars", "other_quarters_minimum": "dollars"},
        _capped_ratio,
    ),
    "wages_outside_high_quarter_for_rate": Test(
        "insufficient_wages_outside_high_quarter", {"times": "ratio"}, _outside_for_rate
    ),
    "base_period_wages_for_rate": Test(
        "insufficient_base_period_wages_for_rate", {"times": "ratio"}, _base_period_for_rate
    ),
    **TABLE_TESTS,
    **CREDIT_WEEK_TESTS,
    **HIGH_QUARTER_TESTS,
    **TWO_QUARTERS_TESTS,
    **TAXABLE_TESTS,
}
"""By the name a pack gives. The order of the tests is the pack's."""


def failed(tests: Iterable[Rule], wages: BaseWages, weekly_rate: Decimal) -> tuple[Finding, ...]:
    """Apply every test and give those that fail, in the order of the law; `weekly_rate` is the weekly amount's `rate`.

    A test that stands in place of all others is applied first; where it fails, it is told only beside another that fails.
    """
    instead: list[Rule] = []
    others: list[Rule] = []
    for rule in tests:
        (instead if TESTS[rule.name].instead else others).append(rule)
    not_instead = _failing(instead, wages, weekly_rate)
    if len(not_instead) < len(instead):
        return ()
    findings = _failing(others, wages, weekly_rate)
    return (*findings, *not_instead) if findings else ()


def _failing(tests: Iterable[Rule], wages: BaseWages, weekly_rate: Decimal) -> tuple[Finding, ...]:
    measured = ((rule, TESTS[rule.name].measure(rule, wages, weekly_rate)) for rule in tests)
    return tuple(_finding(rule, measure) for rule, measure in measured if measure.found < measure.required)


def _finding(rule: Rule, measured: Measured) -> Finding:
    show = dollars if measured.money else str
    because = f" ({measured.because})" if measured.because else ""
    sentence = f"{measured.what} {show(measured.found)}; the law asks for at least {show(measured.required)}{because}."
    values = {"found": _value(measured, measured.found), "required": _value(measured, measured.required)}
    return Finding(TESTS[rule.name].code, sentence, rule.citation, values)


def _value(measured: Measured, amount: Decimal) -> str:
    return str(amount.quantize(CENT, ROUND_CEILING) if measured.money else amount)
