"""Whether the law lets a claim go on: the law in force, the money, and what a person must look at. Pure: no clock, no IO."""

from datetime import date, timedelta
from typing import TypeAlias

from claims_eligibility.issues import issues
from claims_eligibility.monetary import facts, reasons, tried
from claims_shared.law.in_force import Law, Packs
from claims_shared.law.rules import NotKnown, Unknown
from claims_shared.messages.eligibility import (
    ClaimantEligible,
    ClaimantIneligible,
    DetermineEligibility,
    EligibilityCheckFailed,
    EligibilityIssueFound,
)
from claims_shared.messages.fields import FailureKind

Determination: TypeAlias = ClaimantEligible | ClaimantIneligible | EligibilityIssueFound | EligibilityCheckFailed

ONE_YEAR = timedelta(days=365)


def determine(command: DetermineEligibility, packs: Packs, longest_age: timedelta = ONE_YEAR) -> Determination:
    """Decide by the law in force on the claim's effective date.

    Only money makes a claimant ineligible, and only after both base periods; every other failed rule is an issue for a
    person. `longest_age` is how long before acceptance a claim may have been filed without a question.
    """
    applicable = _applicable(command, packs)
    if isinstance(applicable, Unknown):
        return _check_failed(command, applicable)
    try:
        return _decided(command, *applicable, longest_age)
    except NotKnown as missing:
        return _check_failed(command, missing.unknown)


def _applicable(command: DetermineEligibility, packs: Packs) -> tuple[date, Law] | Unknown:
    """Find the effective date and the law in force on it."""
    uncovered = packs.covers(command.jurisdiction, command.program, command.claim_type)
    effective_on = uncovered or packs.effective_on(command.jurisdiction, command.filed_at)
    if isinstance(effective_on, Unknown):
        return effective_on
    law = packs.in_force(command.jurisdiction, effective_on)
    return law if isinstance(law, Unknown) else (effective_on, law)


def _decided(command: DetermineEligibility, effective_on: date, law: Law, longest_age: timedelta) -> Determination:
    """Money first: where it does not suffice, no person need look at the rest."""
    periods = tried(command, law, effective_on)
    if periods and periods[-1].findings:
        return ClaimantIneligible(
            claim_id=command.claim_id,
            answers=command.effect_id,
            attempt=command.attempt,
            effective_on=effective_on,
            reasons=reasons(periods),
            appeal_days=law.appeal_days,
            agency_time_zone=law.time_zone,
            pack_hash=law.pack_hash,
        )
    monetary = facts(periods[-1]) if periods else None
    if found := issues(command, law, longest_age):
        return EligibilityIssueFound(
            claim_id=command.claim_id,
            answers=command.effect_id,
            attempt=command.attempt,
            effective_on=effective_on,
            monetary=monetary,
            issues=found,
            appeal_days=law.appeal_days,
            agency_time_zone=law.time_zone,
            pack_hash=law.pack_hash,
        )
    return ClaimantEligible(
        claim_id=command.claim_id,
        answers=command.effect_id,
        attempt=command.attempt,
        effective_on=effective_on,
        monetary=monetary,
        appeal_days=law.appeal_days,
        agency_time_zone=law.time_zone,
        pack_hash=law.pack_hash,
    )


def _check_failed(command: DetermineEligibility, unknown: Unknown) -> EligibilityCheckFailed:
    return EligibilityCheckFailed(
        claim_id=command.claim_id,
        answers=command.effect_id,
        attempt=command.attempt,
        kind=FailureKind.PERMANENT,
        reason=unknown.code,
        detail=unknown.detail,
    )
