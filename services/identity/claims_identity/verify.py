"""What the record match and the cross-match mean: verified, evidence needed, or conflict; never "denied". Pure.

A machine may not refuse a person for who they seem to be (UIPL 16-21, UIPL 01-16): it asks for documents, or for a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from claims_identity.crossmatch import Crossing
from claims_shared.messages.identity import (
    ConflictKind,
    IdentityConflictFound,
    IdentityEvidenceNeeded,
    IdentityVerified,
    VerifyIdentity,
)

Finding: TypeAlias = IdentityVerified | IdentityEvidenceNeeded | IdentityConflictFound

EVERYTHING: Final = ("ssn", "first_name", "last_name", "date_of_birth")
MOST_TOLD: Final = 10
"""An SSN filed a thousand times must not make a million messages: the claims beyond have their issue from an earlier pair."""


class Outcome(StrEnum):
    """What the provider's record match says."""

    MATCH = "match"
    NO_MATCH = "no_match"
    PARTIAL = "partial"
    DECEASED = "deceased"


@dataclass(frozen=True, slots=True)
class Match:
    """The provider's answer for one person; `mismatched` names the fields of a partial match that disagree."""

    outcome: Outcome
    mismatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to the claim that asked, and what the other claims of its conflicts are told unasked."""

    answer: Finding
    told: tuple[IdentityConflictFound, ...] = ()


def verify(asked: VerifyIdentity, match: Match, crossings: Sequence[Crossing], now: datetime) -> Verdict:
    """Decide one check: a conflict comes before evidence, since documents cannot settle it."""
    told = tuple(_told(asked, crossing, now) for crossing in crossings[:MOST_TOLD])
    if match.outcome is Outcome.DECEASED:
        return Verdict(_conflict(asked, ConflictKind.DECEASED, crossings, now), told)
    if crossings:
        return Verdict(_conflict(asked, crossings[0].kind, crossings, now), told)
    return Verdict(_matched(asked, match, now))


def _matched(asked: VerifyIdentity, match: Match, now: datetime) -> Finding:
    if match.outcome is Outcome.MATCH:
        return IdentityVerified(claim_id=asked.claim_id, answers=asked.effect_id, attempt=asked.attempt, checked_at=now)
    partial = match.outcome is Outcome.PARTIAL
    return IdentityEvidenceNeeded(
        claim_id=asked.claim_id,
        answers=asked.effect_id,
        attempt=asked.attempt,
        reason="partial_match" if partial else "no_match",
        wanted=(partial and match.mismatched) or EVERYTHING,
        checked_at=now,
    )


def _conflict(
    asked: VerifyIdentity, kind: ConflictKind, crossings: Sequence[Crossing], now: datetime
) -> IdentityConflictFound:
    return IdentityConflictFound(
        claim_id=asked.claim_id,
        answers=asked.effect_id,
        attempt=asked.attempt,
        kind=kind,
        other_claim_id=crossings[0].claim_id if crossings else None,
        detected_at=now,
    )


def _told(asked: VerifyIdentity, crossing: Crossing, now: datetime) -> IdentityConflictFound:
    return IdentityConflictFound(
        claim_id=crossing.claim_id, kind=crossing.kind, other_claim_id=asked.claim_id, detected_at=now
    )
