"""Worked examples of Alabama, Arizona, Indiana, Nevada and Oklahoma, and those that our law does not give."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hand_paid import Day, Paid

from claims_shared.law.monetary import failed
from claims_shared.law.rules import NotKnown
from claims_shared.law.wages import ZERO, BaseWages

ORACLES = yaml.safe_load((Path(__file__).parent / "cases" / "law_oracles_AL_AZ_IN_NV_OK.yaml").read_text())


def wages_of(given: dict[str, Any], day: Day) -> BaseWages:
    """The totals of an example; Oklahoma's high quarter is paid by one employer, in the third quarter of the base period."""
    amounts = {name: Decimal(value) for name, value in given.items() if name != "quarters_with_wages"}
    quarters = day.standard() if day.jurisdiction == "OK" else ()
    return BaseWages(
        high_quarter=amounts["high_quarter"],
        base_period_wages=amounts.get("base_period_wages", Decimal(0)),
        quarters_with_wages=given.get("quarters_with_wages", 4),
        second_high_quarter=amounts.get("second_high_quarter", Decimal(0)),
        quarters=quarters,
        reported=tuple(Paid(quarter, amounts["high_quarter"]) for quarter in quarters[2:3]),
    )


def found_by(example: dict[str, Any]) -> dict[str, Any]:
    """What the functions give for the things an example speaks about."""
    day = Day(example["jurisdiction"], example["day"])
    wages = wages_of(example["wages"], day)
    gives = {
        "eligible": lambda: not day.failures(wages),
        "fails": lambda: [failure.code for failure in failed(day.rules("monetary_tests"), wages, ZERO)],
        "weekly_amount": lambda: str(day.weekly(wages).amount),
        "maximum_award": lambda: f"{day.award(wages).amount:.0f}",
    }
    return {name: gives[name]() for name in example["expect"]}


def named(examples: list[dict[str, Any]]) -> list[Any]:
    return [pytest.param(example, id=f"{example['id']} {example['says']}") for example in examples]


@pytest.mark.parametrize("example", named(ORACLES["examples"]))
def test_example(example):
    assert found_by(example) == example["expect"]


@pytest.mark.parametrize("example", named(ORACLES["not_met"]))
def test_what_is_not_met_still_is_not(example):
    with pytest.raises(NotKnown) as found:
        found_by(example)
    assert found.value.unknown.code == example["instead"]
    assert example["reason"]


def test_every_example_names_its_source_and_how_far_to_trust_it():
    examples = [*ORACLES["examples"], *ORACLES["not_met"]]
    assert [example["id"] for example in examples if not example["source"] or not example["trust"]] == []
