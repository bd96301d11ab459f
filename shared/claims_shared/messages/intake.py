"""What portals publish, and the refusal they get back."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from claims_shared.messages.fields import (
    STRICT,
    ClaimId,
    ClaimType,
    Code,
    Dependents,
    EffectId,
    Instant,
    Jurisdiction,
    Language,
    Message,
    Ordinal,
    Program,
    SeparationReason,
    Ssn,
    TimeZone,
    Wage,
)

Name = Annotated[str, Field(min_length=1, max_length=100)]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
DocumentRef = Annotated[str, Field(min_length=1, max_length=200)]


class Claimant(Message):
    """The person who files."""

    model_config = STRICT

    ssn: Ssn
    first_name: Name
    last_name: Name
    date_of_birth: date
    email: Email | None = None
    phone: Annotated[str, Field(max_length=32)] | None = None
    language: Language
    time_zone: TimeZone


class Separation(Message):
    """How the last job ended; `explanation` is free text and never leaves the claim's document."""

    model_config = STRICT

    employer: Annotated[str, Field(max_length=64)]
    last_day_worked: date
    reason: SeparationReason
    explanation: Annotated[str, Field(max_length=4000)] = ""


class ClaimSubmitted(Message):
    """A claim as a portal publishes it; `claim_id` is the portal's idempotency key."""

    model_config = STRICT

    claim_id: ClaimId
    portal_ref: Annotated[str, Field(min_length=1, max_length=64)]
    jurisdiction: Jurisdiction
    claim_type: ClaimType
    program: Program
    filed_at: Instant
    benefit_year_of: ClaimId | None = None
    claimant: Claimant
    veteran: bool
    discharged_on: date | None = None
    hardship: Annotated[str, Field(max_length=200)] | None = None
    wages: Annotated[tuple[Wage, ...], Field(max_length=200)]
    separation: Separation
    dependents: Dependents
    able_and_available: bool
    work_authorized: bool

    @model_validator(mode="after")
    def _names_the_earlier_claim(self) -> Self:
        follows = self.claim_type in {ClaimType.ADDITIONAL, ClaimType.TRANSITIONAL}
        if follows and self.benefit_year_of is None:
            raise ValueError("additional and transitional claims name the earlier claim in benefit_year_of")
        return self


class WithdrawalRequested(Message):
    """The citizen takes the claim back."""

    claim_id: ClaimId
    requested_at: Instant
    reason: Annotated[str, Field(max_length=4000)] = ""


class CorrectedIdentity(Message):
    """What the citizen says is right, where a record disagreed."""

    first_name: Name | None = None
    last_name: Name | None = None
    date_of_birth: date | None = None


class EvidenceProvided(Message):
    """The citizen answers a request for evidence, named by `answers`; documents are references into the portal's store."""

    claim_id: ClaimId
    answers: EffectId
    provided_at: Instant
    documents: Annotated[tuple[DocumentRef, ...], Field(max_length=50)] = ()
    corrected: CorrectedIdentity = CorrectedIdentity()
    statement: Annotated[str, Field(max_length=4000)] = ""


class RescheduleRequested(Message):
    """The citizen cannot come to the interview."""

    claim_id: ClaimId
    requested_at: Instant
    not_before: Instant | None = None
    reason: Annotated[str, Field(max_length=4000)] = ""


class AppealFiled(Message):
    """The citizen appeals a determination; the newest where it names none."""

    claim_id: ClaimId
    determination_number: Ordinal | None = None
    received_at: Instant
    grounds: Annotated[str, Field(max_length=4000)] = ""


class SubmissionRefused(Message):
    """A submission that could not be taken: which one and why, without its content."""

    ce_id: str | None
    key: str | None
    reasons: tuple[str, ...]
    topic: str
    partition: int
    offset: int
    claim_id: ClaimId | None = None
    refused_at: Instant
    code: Code
