"""Every kind of claim against the law: each case is a sentence in cases/determinations.yaml."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from claims_eligibility.determine import determine
from claims_eligibility.issues import SENTENCES
from claims_shared.law.loader import load_packs
from claims_shared.law.schema import ISSUES
from claims_shared.messages.eligibility import DetermineEligibility

PACKS = load_packs()
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "determinations.yaml").read_text())


def command(case: Mapping[str, Any]) -> DetermineEligibility:
    """The case's claim; what the case leaves out raises no question."""
    plain = {"claim_type": "new", "program": "UI", "separation_reason": "lack_of_work", "accepted_at": case["filed_at"]}
    ids = {"claim_id": "c-1", "effect_id": "c-1/command/2", "attempt": 3, "last_day_worked": "2026-11-13"}
    yes = {"able_and_available": True, "work_authorized": True}
    each = {"employer": "E-1", "weeks_worked": case.get("weeks_a_quarter")}
    paid = [{"quarter": quarter, "amount": amount, **each} for quarter, amount in case["wages"].items()]
    return DetermineEligibility.model_validate({**plain, **ids, **yes, **case, "wages": paid})


def found(answer: Any) -> dict[str, Any]:
    """What a case may expect, in its words."""
    monetary = getattr(answer, "monetary", None)
    return {
        "answer": type(answer).__name__,
        "effective_on": getattr(answer, "effective_on", None),
        "appeal_days": getattr(answer, "appeal_days", None),
        "reason": getattr(answer, "reason", None),
        "base_period": monetary and monetary.base_period.value,
        "quarters": monetary and [monetary.quarters[0], monetary.quarters[-1]],
        "total": monetary and f"{monetary.base_period_amount:.2f}",
        "high": monetary and f"{monetary.high_quarter_amount:.2f}",
        "issues": [[issue.code, issue.shown_by] for issue in getattr(answer, "issues", ())],
        "reasons": [
            [reason.values["base_period"], reason.code, reason.values["found"], reason.values["required"]]
            for reason in getattr(answer, "reasons", ())
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_determine(case):
    answer = determine(command(case), PACKS)
    expected = case["expect"]
    assert {name: value for name, value in found(answer).items() if name in expected} == expected
    assert (answer.claim_id, answer.answers, answer.attempt) == ("c-1", "c-1/command/2", 3)


def case(says: str) -> dict[str, Any]:
    return next(case for case in CASES if case["says"].startswith(says))


def test_a_denial_tells_the_claimant_what_the_law_asks_for_and_where():
    answer = determine(command(case("Ada one cent under")), PACKS)
    assert answer.reasons[0].sentence == (
        "Standard base period 2025Q3 to 2026Q2: Your wages in the base period are $5,499.99; the law asks for at least $5,500.00."
    )
    assert "35A-4-201" in answer.reasons[0].citation
    assert answer.reasons[0].values["quarters"] == "2025Q3,2025Q4,2026Q1,2026Q2"


def test_an_issue_says_what_must_be_shown_by_whom_and_where_the_law_says_so():
    (issue,) = determine(command(case("Pia quit")), PACKS).issues
    assert "good cause" in issue.sentence
    assert issue.shown_by == "claimant"
    assert "35A-4-405(1)" in issue.citation
    assert issue.values == {"last_day_worked": "2026-11-13"}


def test_an_unknown_law_is_permanent_and_says_which_without_personal_data():
    answer = determine(command(case("Jo lives")), PACKS)
    assert answer.kind == "permanent"
    assert answer.detail == "There is no policy pack for VI."


def test_answers_carry_the_hash_of_the_pack():
    packs = {
        determine(command(case(says)), PACKS).pack_hash
        for says in ("Ada in Utah", "Fay in Wisconsin", "Hana in New York")
    }
    assert len(packs) == 3


def test_the_filing_age_is_a_setting():
    late = command(case("Ugo a second earlier"))
    assert type(determine(late, PACKS, timedelta(days=5000))).__name__ == "ClaimantEligible"


def test_the_same_claim_gives_the_same_answer():
    assert determine(command(CASES[0]), PACKS) == determine(command(CASES[0]), load_packs())


def test_wages_of_several_employers_add_up():
    split = command(case("Ada in Utah"))
    halves = [
        wage.model_copy(update={"amount": wage.amount / 2, "employer": employer})
        for wage in split.wages
        for employer in "AB"
    ]
    answer = determine(split.model_copy(update={"wages": tuple(halves)}), PACKS)
    assert answer.monetary.base_period_amount == Decimal(5500)


def test_every_issue_a_pack_cites_has_a_sentence():
    assert set(SENTENCES) == set(ISSUES)
