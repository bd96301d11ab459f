"""Worked examples of Pennsylvania and California, their thresholds, and what the parts read of their tables do not give."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hand_paid import PACKS, Day

from claims_shared.law.award import maximum_award
from claims_shared.law.formula import WeeklyAmount
from claims_shared.law.periods import base_period
from claims_shared.law.rules import NotKnown
from claims_shared.law.wages import BaseWages

ORACLES = yaml.safe_load((Path(__file__).parent / "cases" / "law_oracles_PA_CA.yaml").read_text())
CENT = Decimal("0.01")


def wages_of(given: dict[str, Any], **more: Decimal) -> BaseWages:
    amounts = {name: Decimal(value) for name, value in given.items() if name != "credit_weeks"} | more
    high = amounts.get("high_quarter", Decimal(0))
    return BaseWages(high, amounts.get("base_period_wages", high), 4, weeks_worked=given.get("credit_weeks"))


def found_by(example: dict[str, Any], on: date) -> dict[str, Any]:
    """What the functions give for the things an example speaks about."""
    day, given = Day(example["jurisdiction"], on), example.get("wages", {})
    wages = wages_of(given)
    gives = {
        "weekly_amount": lambda: str(day.weekly(wages).amount),
        "qualifying_wages": lambda: str(asked(day, wages)),
        "eligible": lambda: not day.failures(wages),
        "maximum_award": lambda: str(award(day, given, wages).amount),
        "weeks": lambda: award(day, given, wages).weeks,
        "standard": lambda: quarters(day, "standard"),
        "alternate": lambda: quarters(day, "alternate"),
        "effective_on": lambda: PACKS.effective_on(day.jurisdiction, datetime.combine(on, time(20), UTC)),
    }
    return {name: gives[name]() for name in example["expect"]}


def asked(day: Day, wages: BaseWages) -> Decimal | None:
    """What the table asks of the base period beside the bracket of the high quarter."""
    rule = next(rule for rule in day.rules("monetary_tests") if rule.name == "qualifying_wages_of_bracket")
    held = rule.tables["table"].holding(wages.high_quarter)
    return held and held.qualifying_wages


def award(day: Day, given: dict[str, Any], wages: BaseWages) -> Any:
    weekly = Decimal(given["weekly_amount"])
    return maximum_award(day.rules("award")[0], wages, WeeklyAmount(weekly, weekly, ()))


def quarters(day: Day, kind: str) -> list[str]:
    words = {rule.name: rule.words["quarters"] for rule in day.rules("base_periods")}
    first, *_, last = base_period(words[kind], "first_day_of_quarter", day.on)
    return [first, last]


def named(examples: list[dict[str, Any]]) -> list[Any]:
    """One test a day that an example speaks about, named by its sentence."""
    return [
        pytest.param(example, on, id=f"{example['id']} {example['says']} on {on}")
        for example in examples
        for on in (example["day"] if isinstance(example["day"], list) else [example["day"]])
    ]


@pytest.mark.parametrize(("example", "on"), named(ORACLES["examples"]))
def test_example(example, on):
    assert found_by(example, on) == example["expect"]


@pytest.mark.parametrize(("example", "on"), named(ORACLES["not_met"]))
def test_what_is_not_met_still_is_not(example, on):
    with pytest.raises(NotKnown) as found:
        found_by(example, on)
    assert found.value.unknown.code == example["instead"]
    assert example["reason"]


@pytest.mark.parametrize("case", ORACLES["thresholds"], ids=lambda case: case["says"])
@pytest.mark.parametrize("cents", [-1, 0, 1], ids=["one cent under", "exact", "one over"])
def test_threshold(case, cents):
    wages = wages_of(case["wages"], **{case["vary"]: Decimal(case["exact"]) + cents * CENT})
    try:
        first = next(iter(Day(case["jurisdiction"], case["day"]).codes(wages)), "passes")
    except NotKnown as missing:
        first = missing.unknown.code
    assert first == case["falls"][cents + 1]


def test_every_example_names_its_source_and_how_far_to_trust_it():
    examples = [*ORACLES["examples"], *ORACLES["not_met"]]
    assert [example["id"] for example in examples if not example["source"] or not example["trust"]] == []
