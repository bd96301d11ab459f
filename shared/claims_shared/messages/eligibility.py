"""What the eligibility service is asked and what it answers."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from pydantic import Field

from claims_shared.messages.fields import (
    Answer,
    ClaimType,
    Code,
    Command,
    Count,
    Days,
    Failure,
    Instant,
    Jurisdiction,
    Message,
    Money,
    Program,
    Quarter,
    Reason,
    SeparationReason,
    TimeZone,
    Wage,
)


class DetermineEligibility(Command):
    """Apply the law in force on the claim's effective date to its facts."""

    jurisdiction: Jurisdiction
    claim_type: ClaimType
    program: Program
    filed_at: Instant
    accepted_at: Instant
    wages: tuple[Wage, ...]
    separation_reason: SeparationReason
    last_day_worked: date
    able_and_available: bool
    work_authorized: bool


class BasePeriodKind(StrEnum):
    """Which four quarters were used."""

    STANDARD = "standard"
    ALTERNATE = "alternate"


class MonetaryFacts(Message):
    """The base period a claim qualified on, and its totals; an additional claim has none (it reopens a benefit year)."""

    base_period: BasePeriodKind
    quarters: tuple[Quarter, ...]
    high_quarter_amount: Money
    base_period_amount: Money
    quarters_with_wages: Count


class Issue(Message):
    """A rule that only a person may decide: what must be shown, by whom, and the law."""

    code: Code
    sentence: str
    citation: str
    shown_by: str
    values: Mapping[str, str] = Field(default_factory=dict)


class ClaimantEligible(Answer):
    """Every rule holds."""

    effective_on: date
    monetary: MonetaryFacts | None
    appeal_days: Days | None
    agency_time_zone: TimeZone | None = None
    pack_hash: str


class ClaimantIneligible(Answer):
    """Monetary reasons only, after the standard and the alternate base period."""

    effective_on: date
    reasons: tuple[Reason, ...]
    appeal_days: Days | None
    agency_time_zone: TimeZone | None = None
    pack_hash: str


class EligibilityIssueFound(Answer):
    """The money suffices; something else needs a person."""

    effective_on: date
    monetary: MonetaryFacts | None
    issues: tuple[Issue, ...]
    appeal_days: Days | None
    agency_time_zone: TimeZone | None = None
    pack_hash: str


class EligibilityCheckFailed(Failure):
    """The law cannot be applied: no pack, no value in force, or a passing fault. `detail` says which, without personal data."""

    detail: str = ""
