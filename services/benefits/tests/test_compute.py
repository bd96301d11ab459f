"""What the law gives: each case is a sentence in cases/computations.yaml."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims_benefits.compute import compute
from claims_shared.law.loader import load_packs
from claims_shared.messages.benefits import ComputeBenefit

PACKS = load_packs()
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "computations.yaml").read_text())


def command(case: Mapping[str, Any]) -> ComputeBenefit:
    plain = {
        "claim_type": "new",
        "program": "UI",
        "base_period": "standard",
        "dependents": {"children": 0, "spouse": False},
    }
    ids = {"claim_id": "c-1", "effect_id": "c-1/command/3", "attempt": 2}
    each = {"employer": "E-1", "weeks_worked": case.get("weeks_a_quarter")}
    paid = [{"quarter": quarter, "amount": amount, **each} for quarter, amount in case["wages"].items()]
    return ComputeBenefit.model_validate({**plain, **ids, **case, "wages": paid})


def found(answer: Any) -> dict[str, Any]:
    """What a case may expect, in its words."""
    return {
        "answer": type(answer).__name__,
        "weekly": getattr(answer, "weekly_benefit_amount", None),
        "maximum": getattr(answer, "maximum_benefit_amount", None),
        "weeks": getattr(answer, "weeks", None),
        "reason": getattr(answer, "reason", None),
        "appeal_days": getattr(answer, "appeal_days", None),
        "reasons": [[r.code, r.values["found"], r.values["required"]] for r in getattr(answer, "reasons", ())],
    }


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_compute(case):
    answer = compute(command(case), PACKS)
    expected = {name: Decimal(v) if name in {"weekly", "maximum"} else v for name, v in case["expect"].items()}
    assert {name: value for name, value in found(answer).items() if name in expected} == expected
    assert (answer.claim_id, answer.answers, answer.attempt) == ("c-1", "c-1/command/3", 2)


def test_the_answer_is_exact_money_on_the_wire_and_shows_its_arithmetic():
    answer = compute(command(CASES[0]), PACKS)
    sent = answer.model_dump(mode="json")
    assert (sent["weekly_benefit_amount"], sent["maximum_benefit_amount"]) == ("395.00", "6715.00")
    assert answer.arithmetic == (
        "weekly benefit amount: high quarter $10,400.00 / 26 = $400.00 (down to dollar)",
        "weekly benefit amount: $400.00 - $5.00 = $395.00",
        "maximum award: base period wages $25,000.00 x 0.27 = $6,750.00 (down to dollar)",
        "maximum award: $6,750.00 / $395.00 = 17 whole weeks, at least 10 and at most 26: 17",
        "maximum award: 17 x $395.00 = $6,715.00",
    )


def test_weeks_are_the_award_divided_by_the_weekly_amount_rounded_down():
    for case in CASES:
        answer = found(compute(command(case), PACKS))
        if answer["weekly"]:
            assert answer["weeks"] == answer["maximum"] // answer["weekly"]
