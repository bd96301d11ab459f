"""What the identity service is asked and what it answers; its answers carry no personal data."""

from datetime import date
from enum import StrEnum

from claims_shared.messages.fields import (
    Answer,
    ClaimId,
    ClaimType,
    Code,
    Command,
    EffectId,
    Failure,
    Instant,
    Jurisdiction,
    Message,
    Ordinal,
    Ssn,
)


class VerifyIdentity(Command):
    """Match this person against the record, and against everybody else's claims."""

    jurisdiction: Jurisdiction
    claim_type: ClaimType
    filed_at: Instant
    ssn: Ssn
    first_name: str
    last_name: str
    date_of_birth: date
    evidence: tuple[str, ...] = ()


class ReleaseIdentity(Command):
    """Let go of the person token that `undoes` (an earlier effect) took; a tombstone stays."""

    undoes: EffectId


class IdentityVerified(Answer):
    """The record match is positive and no other claim overlaps."""

    checked_at: Instant


class IdentityEvidenceNeeded(Answer):
    """The record match is not positive: the citizen is asked for documents. `wanted` names what disagreed."""

    reason: Code
    wanted: tuple[Code, ...]
    checked_at: Instant


class ConflictKind(StrEnum):
    """What two claims of one SSN disagree on."""

    OVERLAPPING_CLAIM = "overlapping_claim"
    DIFFERENT_PERSON = "different_person"
    DECEASED = "deceased"


class IdentityConflictFound(Message):
    """A hit, not a finding: an issue for a person. `answers` is None where nobody asked (the other claim of a pair)."""

    claim_id: ClaimId
    answers: EffectId | None = None
    attempt: Ordinal | None = None
    kind: ConflictKind
    other_claim_id: ClaimId | None = None
    detected_at: Instant


class IdentityReleased(Answer):
    """The token is free, or was never taken."""


class IdentityCheckFailed(Failure):
    """The check could not be made now."""
