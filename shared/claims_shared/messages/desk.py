"""What people at the agency decide, published by the operators' API."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from claims_shared.messages.fields import RARE, CaseworkerRef, ClaimId, EffectId, Instant, Message, Money

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Person = Annotated[str, Field(min_length=1, max_length=100)]


class DecisionKind(StrEnum):
    """What a person may decide on a referral; the last four on an appeal."""

    CONTINUE = "continue"
    DENY = "deny"
    ASK = "ask"
    RETRY = "retry"
    AFFIRM = "affirm"
    REVERSE = "reverse"
    MODIFY = "modify"
    DISMISS = "dismiss"


def check_amounts(decision: DecisionKind, weekly: Decimal | None, maximum: Decimal | None) -> None:
    """Hold that to modify is to give both amounts, and that nothing else gives any. Raises ValueError."""
    given = [amount for amount in (weekly, maximum) if amount is not None]
    if len(given) != (2 if decision is DecisionKind.MODIFY else 0):
        raise ValueError("to modify gives weekly_benefit_amount and maximum_benefit_amount; no other decision does")
    if weekly is not None and maximum is not None and not 0 < weekly <= maximum:
        raise ValueError("weekly_benefit_amount is above 0 and at most maximum_benefit_amount")


class ReferralDecided(Message):
    """A person's decision on one referral, named by `answers`; it can never close another.

    The amounts stand only where it modifies a determination: what the new one gives.
    """

    claim_id: ClaimId
    answers: EffectId
    decision: DecisionKind
    reason: Text
    decided_by: Person
    decided_at: Instant
    weekly_benefit_amount: Annotated[Money | None, RARE] = None
    maximum_benefit_amount: Annotated[Money | None, RARE] = None

    @model_validator(mode="after")
    def _amounts_where_modified(self) -> Self:
        check_amounts(self.decision, self.weekly_benefit_amount, self.maximum_benefit_amount)
        return self


class TaskAssigned(Message):
    """A referral is given to a caseworker. `instead_of`: who has it now and loses it; None takes only what nobody has."""

    claim_id: ClaimId
    answers: EffectId
    caseworker_ref: CaseworkerRef
    instead_of: CaseworkerRef | None = None
    assigned_by: Person
    reason: Text
    assigned_at: Instant


class TaskClaimed(Message):
    """A caseworker begins with a referral: from now on nobody else decides it, supervisors apart."""

    claim_id: ClaimId
    answers: EffectId
    caseworker_ref: CaseworkerRef
    reason: Annotated[str, Field(max_length=4000)] = ""
    claimed_at: Instant


class TaskReleased(Message):
    """A caseworker no longer has a referral; it is anybody's again."""

    claim_id: ClaimId
    answers: EffectId
    caseworker_ref: CaseworkerRef
    released_by: Person
    reason: Text
    released_at: Instant


class InterviewHeld(Message):
    """A fact-finding interview took place; `answers` names the interview entry."""

    claim_id: ClaimId
    answers: EffectId
    held_by: Person
    held_at: Instant
    summary: Annotated[str, Field(max_length=4000)] = ""


class ClaimExpedited(Message):
    """A person puts a claim on the expedited lane, with the reason."""

    claim_id: ClaimId
    reason: Text
    expedited_by: Person
    expedited_at: Instant


class ResumeMode(StrEnum):
    """How a parked claim goes on: read the waiting messages again, or leave the failing one out."""

    REPLAY = "replay"
    SKIP = "skip"


class ClaimResumed(Message):
    """An engineer lets a parked claim go on; `answers` names the park's entry."""

    claim_id: ClaimId
    answers: EffectId
    mode: ResumeMode = ResumeMode.REPLAY
    resumed_by: Person
    resumed_at: Instant
