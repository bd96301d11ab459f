"""What people at the agency decide, published by the operators' API."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from claims_shared.messages.fields import CaseworkerRef, ClaimId, EffectId, Instant, Message

Text = Annotated[str, Field(min_length=1, max_length=4000)]
Person = Annotated[str, Field(min_length=1, max_length=100)]


class DecisionKind(StrEnum):
    """What a person may decide on a referral."""

    CONTINUE = "continue"
    DENY = "deny"
    ASK = "ask"
    RETRY = "retry"


class ReferralDecided(Message):
    """A person's decision on one referral, named by `answers`; it can never close another."""

    claim_id: ClaimId
    answers: EffectId
    decision: DecisionKind
    reason: Text
    decided_by: Person
    decided_at: Instant


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
