"""Worked examples of statutes, agencies and independent programs, each against the one function it names."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hand_paid import PACKS, Day

from claims_shared.law.rules import Unknown
from claims_shared.law.wages import BaseWages, of_quarters

CASES = Path(__file__).parent / "cases"
EXAMPLES = yaml.safe_load((CASES / "law_examples.yaml").read_text())
BOUNDARIES = yaml.safe_load((CASES / "law_boundaries.yaml").read_text())
CENT = Decimal("0.01")


def wages_of(given: dict[str, Any], **more: Decimal) -> BaseWages:
    if "quarters" in given:
        return of_quarters(Decimal(quarter) for quarter in given["quarters"])
    amounts = {name: Decimal(str(value)) for name, value in given.items()} | more
    return BaseWages(
        high_quarter=amounts["high_quarter"],
        base_period_wages=amounts.get("base_period_wages", Decimal(0)),
        quarters_with_wages=int(amounts.get("quarters_with_wages", 4)),
        second_high_quarter=amounts.get("second_high_quarter", Decimal(0)),
    )


def found_by(day: Day, wages: BaseWages, expected: dict[str, Any]) -> dict[str, Any]:
    """What the functions give for the things an example speaks about."""
    failures = day.failures(wages) if expected.keys() & {"eligible", "first_failure"} else ()
    award = day.award(wages) if expected.keys() & {"maximum_award", "weeks"} else None
    found = {
        "weekly_amount": day.weekly(wages).amount,
        "eligible": not failures,
        "first_failure": failures[0].code if failures else None,
        "maximum_award": award and award.amount,
        "weeks": award and award.weeks,
    }
    return {name: found[name] for name in expected}


def sentences(examples: list[dict[str, Any]]) -> list[Any]:
    """One test a day that an example speaks about, named by its sentence."""
    return [
        pytest.param(example | {"day": day}, id=f"{example.get('id', '')} {example['says']} on {day}".strip())
        for example in examples
        for day in (example["day"] if isinstance(example["day"], list) else [example["day"]])
    ]


@pytest.mark.parametrize("example", sentences([e for e in EXAMPLES if e["function"] != "base_periods"]))
def test_example(example):
    expected = {
        name: Decimal(value) if isinstance(value, str) and name in {"weekly_amount", "maximum_award"} else value
        for name, value in example["expect"].items()
    }
    day = Day(example["jurisdiction"], example["day"])
    assert found_by(day, wages_of(example["wages"]), expected) == expected


@pytest.mark.parametrize("example", sentences([e for e in EXAMPLES if e["function"] == "base_periods"]))
def test_base_period_example(example):
    day = Day(example["jurisdiction"], example["day"])
    for kind, (first, last) in example["expect"].items():
        quarters = day.base(kind)
        assert (quarters[0], quarters[-1]) == (first, last)


@pytest.mark.parametrize("case", sentences(BOUNDARIES["tests"]))
@pytest.mark.parametrize(
    ("cents", "passes"), [(-1, False), (0, True), (1, True)], ids=["one cent under", "exact", "one over"]
)
def test_threshold(case, cents, passes):
    wages = wages_of(case["wages"], **{case["vary"]: Decimal(case["exact"]) + cents * CENT})
    failures = Day(case["jurisdiction"], case["day"]).failures(wages)
    assert (case["code"] not in {failure.code for failure in failures}) is passes


@pytest.mark.parametrize("case", sentences(BOUNDARIES["amounts"]))
@pytest.mark.parametrize("cents", [-1, 0, 1], ids=["one cent under", "exact", "one over"])
def test_amount(case, cents):
    wages = wages_of(case.get("wages", {}), high_quarter=Decimal(case["exact"]) + cents * CENT)
    weekly = Day(case["jurisdiction"], case["day"]).weekly(wages)
    assert weekly.amount == Decimal(case["weekly"][cents + 1])
    assert (weekly.not_payable is None) is (weekly.amount > 0)


def test_every_example_names_its_source_and_how_far_to_trust_it():
    assert [example["id"] for example in EXAMPLES if not example["source"] or not example["trust"]] == []


def test_wisconsin_2002_lacks_its_maximum_so_no_claim_of_then_is_decided():
    assert Day("WI", date(2003, 6, 1)).rules("weekly_amount")[0].missing == {"maximum"}
    assert isinstance(PACKS.in_force("WI", date(2003, 6, 1)), Unknown)


@pytest.mark.parametrize(
    ("base_period_wages", "award"), [("3184.99", "1273.99"), ("3185.00", "1274.00"), ("3185.01", "1274.00")]
)
def test_wisconsin_2003_awards_the_lower_of_26_weeks_and_40_percent(base_period_wages, award):
    """26 x 49 = 1,274 = 0.40 x 3,185 (Wis. Stat. 108.06(1))."""
    wages = wages_of({"high_quarter": "1225", "base_period_wages": base_period_wages})
    assert Day("WI", date(2003, 6, 1)).award(wages).amount == Decimal(award)


def test_a_failure_tells_found_and_required_with_the_law():
    (failure,) = Day("UT", date(2026, 11, 22)).failures(
        wages_of({"high_quarter": "3000", "base_period_wages": "5499.99"})
    )
    assert failure.sentence == "Your wages in the base period are $5,499.99; the law asks for at least $5,500.00."
    assert failure.values == {"found": "5499.99", "required": "5500.00"}
    assert "35A-4-201" in failure.citation


def test_the_arithmetic_is_shown():
    day = Day("UT", date(2025, 1, 1))
    wages = wages_of({"high_quarter": "10400", "base_period_wages": "25000"})
    assert (*day.weekly(wages).steps, *day.award(wages).steps) == (
        "weekly benefit amount: high quarter $10,400.00 / 26 = $400.00 (down to dollar)",
        "weekly benefit amount: $400.00 - $5.00 = $395.00",
        "maximum award: base period wages $25,000.00 x 0.27 = $6,750.00 (down to dollar)",
        "maximum award: $6,750.00 / $395.00 = 17 whole weeks, at least 10 and at most 26: 17",
        "maximum award: 17 x $395.00 = $6,715.00",
    )


STEPS = [
    ("UT", {"high_quarter": "130"}, ["$130.00 / 26 = $5.00 (down to dollar)", "nothing is left after the deduction"]),
    ("UT", {"high_quarter": "104"}, ["$104.00 / 26 = $4.00 (down to dollar)", "nothing is left after the deduction"]),
    ("UT", {"high_quarter": "21086"}, ["$21,086.00 / 26 = $811.00 (down to dollar)", "$811.00 - $5.00 = $806.00"]),
    ("WI", {"high_quarter": "9250"}, ["$9,250.00 x 0.04 = $370.00 (down to dollar)"]),
    (
        "WI",
        {"high_quarter": "9275"},
        ["$9,275.00 x 0.04 = $371.00 (down to dollar)", "$371.00 is above the maximum of $370.00: $370.00"],
    ),
    ("NY", {"high_quarter": "3575"}, ["$3,575.00 / 25 = $143.00 (down to dollar)"]),
    (
        "NY",
        {"high_quarter": "3575.01"},
        ["$3,575.01 / 26 = $137.00 (down to dollar)", "$137.00 is below the minimum of $143.00: $143.00"],
    ),
    ("NY", {"high_quarter": "3718"}, ["$3,718.00 / 26 = $143.00 (down to dollar)"]),
]
"""At each boundary of each formula, what a claimant reads."""


@pytest.mark.parametrize(("jurisdiction", "wages", "steps"), STEPS, ids=[f"{j} {w}" for j, w, _ in STEPS])
def test_every_step_to_the_weekly_amount_is_shown_and_no_other(jurisdiction, wages, steps):
    first, *more = steps
    found = Day(jurisdiction, date(2026, 9, 28)).weekly(wages_of(wages)).steps
    assert found == tuple(f"weekly benefit amount: {step}" for step in (f"high quarter {first}", *more))


def test_new_york_averages_the_two_highest_quarters_of_who_was_not_paid_in_all():
    wages = wages_of({"high_quarter": "4000.01", "quarters_with_wages": 3, "second_high_quarter": "3000"})
    assert Day("NY", date(2026, 9, 28)).weekly(wages).steps[0] == (
        "weekly benefit amount: average of the two highest quarters $3,500.01 / 26 = $134.00 (down to dollar)"
    )


@pytest.mark.parametrize(
    ("jurisdiction", "wages", "steps"),
    [
        (
            "WI",
            {"high_quarter": "9250", "base_period_wages": "20000"},
            [
                "26 x $370.00 = $9,620.00",
                "base period wages $20,000.00 x 0.40 = $8,000.00 (down to cent)",
                "the lower of both: $8,000.00",
            ],
        ),
        ("NY", {"high_quarter": "22594", "base_period_wages": "40000"}, ["26 x $869.00 = $22,594.00"]),
    ],
)
def test_every_step_to_the_award_is_shown(jurisdiction, wages, steps):
    found = Day(jurisdiction, date(2026, 9, 28)).award(wages_of(wages)).steps
    assert found == tuple(f"maximum award: {step}" for step in steps)


def test_quarters_are_counted_and_not_shown_as_money():
    wages = wages_of({"high_quarter": "19118", "base_period_wages": "19118", "quarters_with_wages": 1})
    assert [failure.sentence for failure in Day("NY", date(2026, 9, 28)).failures(wages)] == [
        "The number of quarters in which you were paid wages is 1; the law asks for at least 2.",
        (
            "Your wages outside your highest quarter are $0.00; the law asks for at least $9,559.00 "
            "(as your highest quarter is at least $19,118.00)."
        ),
    ]
