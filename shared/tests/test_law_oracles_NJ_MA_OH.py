"""Worked examples of New Jersey, Massachusetts and Ohio, each against the functions that give what it expects."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hand_paid import Day

from claims_shared.law.award import maximum_award
from claims_shared.law.formula import WeeklyAmount
from claims_shared.law.monetary import failed
from claims_shared.law.periods import base_period
from claims_shared.law.wages import ZERO, BaseWages, Household
from claims_shared.law.weekly_amount import weekly_amount

ORACLES = yaml.safe_load((Path(__file__).parent / "cases" / "law_oracles_NJ_MA_OH.yaml").read_text())
WEEKS = 20


def wages_of(given: dict[str, Any]) -> BaseWages:
    total = Decimal(given["average"]) * WEEKS if "average" in given else Decimal(given.get("base_period", 0))
    return BaseWages(total, total, 4, weeks_worked=given.get("weeks", WEEKS))


def found_by(example: dict[str, Any], children: int) -> dict[str, Any]:
    """What the functions give for the things an example speaks about."""
    day, wages, given = Day(example["jurisdiction"], example["day"]), wages_of(example["wages"]), example["wages"]

    def weekly() -> WeeklyAmount:
        return weekly_amount(day.rules("weekly_amount")[0], wages, Household(children, spouse_employed=False))

    def award() -> Any:
        amount = Decimal(given["weekly"])
        return maximum_award(day.rules("award")[0], wages, WeeklyAmount(amount, amount, ()))

    def base(kind: str) -> list[str]:
        names = {rule.name: rule.words["quarters"] for rule in day.rules("base_periods")}
        return list(base_period(names[kind], "first_day_of_quarter", day.on))

    gives = {
        "eligible": lambda: not failed(day.rules("monetary_tests"), wages, ZERO),
        "weekly_amount": lambda: str(weekly().amount),
        "rate_without_dependants": lambda: str(weekly().rate),
        "maximum_award": lambda: str(award().amount),
        "weeks": lambda: award().weeks,
        "standard": lambda: base("standard"),
        "alternate": lambda: base("alternate"),
    }
    return {name: gives[name]() for name in example["expect"]}


@pytest.mark.parametrize(
    ("example", "children"),
    [
        pytest.param(example, children, id=f"{example['id']} {example['says']} ({children} children)")
        for example in ORACLES["examples"]
        for children in example["children"]
    ],
)
def test_example(example, children):
    assert found_by(example, children) == example["expect"]


def test_every_example_names_its_source_and_how_far_to_trust_it():
    assert [example["id"] for example in ORACLES["examples"] if not example["source"] or not example["trust"]] == []


def test_no_example_is_left_unmet():
    assert ORACLES["not_met"] == []
