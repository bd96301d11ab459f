"""Claims as they really come to be: a story of messages, folded by the orchestrator's own decision."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from claims_orchestrator.claim import Claim
from claims_orchestrator.decide import decide, park
from claims_orchestrator.process import STEPS, Clocks
from claims_shared.decoding import decode
from claims_shared.messages import benefits, desk, eligibility, identity, intake, scheduler
from claims_shared.messages.fields import FailureKind, Message, Reason, utc
from claims_shared.messages.identity import ConflictKind
from claims_shared.wire import Received, Record, headers_of, output

CLOCKS = Clocks()
NOW = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)
SSN = "900-12-3456"
SECRET = "my foreman shouted at me"

Story = Callable[..., Claim]


def submitted(claim_id: str, **claimant: str) -> intake.ClaimSubmitted:
    person = {
        "ssn": SSN,
        "first_name": "Ada",
        "last_name": "Obi",
        "date_of_birth": "1988-04-02",
        "language": "en",
        "time_zone": "America/Denver",
    }
    filed = {
        "claim_id": claim_id,
        "portal_ref": "UT-2026-000123",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "filed_at": NOW.isoformat(),
        "claimant": person | claimant,
        "veteran": False,
        "wages": [{"quarter": "2025Q3", "amount": "10400.00", "employer": "E-1"}],
        "separation": {
            "employer": "E-1",
            "last_day_worked": "2026-02-20",
            "reason": "lack_of_work",
            "explanation": SECRET,
        },
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    }
    return intake.ClaimSubmitted.model_validate_json(json.dumps(filed))


def arrived(message: Message, number: int) -> Received:
    """The message as the orchestrator receives it from its topic."""
    out = output(message, id=f"m-{number}", source="test", at=NOW)
    received = decode(Record(out.topic, 0, number, out.key.encode(), out.body, headers_of(out), out.at))
    assert isinstance(received, Received)
    return received


def fold(*messages: Message) -> Claim:
    claim = None
    for number, message in enumerate(messages):
        decision = decide(claim, arrived(message, number), NOW + timedelta(minutes=number), CLOCKS)
        assert decision.claim is not None, decision
        claim = decision.claim
    assert claim is not None
    return claim


def verified(claim_id: str) -> identity.IdentityVerified:
    return identity.IdentityVerified(claim_id=claim_id, answers=f"{claim_id}/identity/1", attempt=1, checked_at=NOW)


def eligible(claim_id: str) -> eligibility.ClaimantEligible:
    monetary = eligibility.MonetaryFacts(
        base_period=eligibility.BasePeriodKind.STANDARD,
        quarters=("2024Q4", "2025Q1", "2025Q2", "2025Q3"),
        high_quarter_amount="10400.00",
        base_period_amount="25000.00",
        quarters_with_wages=4,
    )
    return eligibility.ClaimantEligible(
        claim_id=claim_id,
        answers=f"{claim_id}/eligibility/2",
        attempt=1,
        effective_on=date(2026, 3, 1),
        monetary=monetary,
        appeal_days=15,
        pack_hash="x",
    )


def ineligible(claim_id: str, appeal_days: int | None) -> eligibility.ClaimantIneligible:
    reason = Reason(
        code="insufficient_high_quarter_wages",
        sentence="Your wages in your highest quarter are $3,399.00; the law asks for at least $3,400.00.",
        citation="Law 1",
        values={"found": "3399.00", "required": "3400.00"},
    )
    return eligibility.ClaimantIneligible(
        claim_id=claim_id,
        answers=f"{claim_id}/eligibility/2",
        attempt=1,
        effective_on=date(2026, 3, 1),
        reasons=(reason,),
        appeal_days=appeal_days,
        pack_hash="x",
    )


def quit_job(claim_id: str) -> eligibility.EligibilityIssueFound:
    found = eligible(claim_id).model_dump() | {
        "issues": [{"code": "quit", "sentence": "You left.", "citation": "Law 2", "shown_by": "claimant"}]
    }
    return eligibility.EligibilityIssueFound.model_validate(found)


def computed(claim_id: str) -> benefits.BenefitComputed:
    return benefits.BenefitComputed(
        claim_id=claim_id,
        answers=f"{claim_id}/benefit/3",
        attempt=1,
        weekly_benefit_amount="395.00",
        maximum_benefit_amount="6715.00",
        weeks=17,
        arithmetic=(),
        pack_hash="x",
    )


def booked(claim_id: str, step: str, number: int) -> scheduler.InterviewScheduled:
    return scheduler.InterviewScheduled(
        claim_id=claim_id,
        answers=f"{claim_id}/{step}/{number}",
        attempt=1,
        interview_at=datetime(2026, 3, 9, 21, 0, tzinfo=UTC),
        minutes=30,
        caseworker_ref="UT-1",
    )


def story(name: str, claim_id: str = "C-1", **claimant: str) -> Claim:
    """A claim that came as far as `name` says."""
    filed = submitted(claim_id, **claimant)
    known = (filed, verified(claim_id))
    wanted = identity.IdentityEvidenceNeeded(
        claim_id=claim_id,
        answers=f"{claim_id}/identity/1",
        attempt=1,
        reason="partial_match",
        wanted=("date_of_birth", "last_name"),
        checked_at=NOW,
    )
    conflict = identity.IdentityConflictFound(
        claim_id=claim_id,
        answers=f"{claim_id}/identity/1",
        attempt=1,
        kind=ConflictKind.OVERLAPPING_CLAIM,
        detected_at=NOW,
    )
    withdrawal = intake.WithdrawalRequested(claim_id=claim_id, requested_at=NOW, reason=SECRET)
    denial = desk.ReferralDecided(
        claim_id=claim_id,
        answers=f"{claim_id}/referral-identity/2",
        decision=desk.DecisionKind.DENY,
        reason=SECRET,
        decided_by="Grace",
        decided_at=NOW,
    )
    appeal = intake.AppealFiled(claim_id=claim_id, received_at=NOW, grounds=SECRET)
    affirmed = desk.ReferralDecided(
        claim_id=claim_id,
        answers=f"{claim_id}/referral-appeal/4",
        decision=desk.DecisionKind.AFFIRM,
        reason=SECRET,
        decided_by="Grace",
        decided_at=NOW,
    )
    if name == "parked":
        claim = park(None, arrived(filed, 0), "KeyError in decide.py:1", NOW, CLOCKS).claim
        assert claim is not None
        return claim
    failing = identity.IdentityCheckFailed(
        claim_id=claim_id,
        answers=f"{claim_id}/identity/1",
        attempt=1,
        kind=FailureKind.NOT_READY,
        reason="deadline",
    )
    first_payment = CLOCKS.law.first_payment("UT", "new", filed.filed_at)
    assert first_payment is not None
    told = scheduler.HeldTooLong(
        claim_id=claim_id,
        answers=f"{claim_id}/identity/1",
        wait=scheduler.WaitKind.TOO_LONG,
        armed_for=NOW + STEPS["identity"].too_long_after,
    )
    forecast = scheduler.ReminderDue(
        claim_id=claim_id,
        answers=f"{claim_id}/clock-first_payment/2",
        wait=scheduler.WaitKind.REMIND,
        armed_for=utc(first_payment.forecast_at),
    )
    return fold(
        *{
            "awaited": (withdrawal,),
            "identity": (filed,),
            "too_long": (filed, failing, told),
            "evidence": (filed, wanted),
            "forecast": (filed, conflict, forecast),
            "conflict": (filed, conflict),
            "denied_by_a_person": (filed, conflict, denial),
            "interview": (*known, quit_job(claim_id), booked(claim_id, "fact_finding", 3)),
            "approved": (*known, eligible(claim_id), computed(claim_id), booked(claim_id, "orientation", 4)),
            "denied": (*known, ineligible(claim_id, 15)),
            "denied_no_window": (*known, ineligible(claim_id, None)),
            "appealed": (*known, ineligible(claim_id, 15), appeal),
            "affirmed": (*known, ineligible(claim_id, 15), appeal, affirmed),
            "withdrawn": (filed, withdrawal),
        }[name]
    )


@pytest.fixture
def claims() -> Story:
    return story
