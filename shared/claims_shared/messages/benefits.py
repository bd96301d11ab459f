"""What the benefits service is asked and what it answers."""

from datetime import date

from claims_shared.messages.eligibility import BasePeriodKind
from claims_shared.messages.fields import (
    Answer,
    ClaimType,
    Command,
    Count,
    Days,
    Dependents,
    Failure,
    Jurisdiction,
    Money,
    Program,
    Reason,
    TimeZone,
    Wage,
)


class ComputeBenefit(Command):
    """Compute what the law gives for the base period the claim qualified on."""

    jurisdiction: Jurisdiction
    claim_type: ClaimType
    program: Program
    effective_on: date
    base_period: BasePeriodKind
    wages: tuple[Wage, ...]
    dependents: Dependents


class BenefitComputed(Answer):
    """Weekly amount, maximum award and weeks (the award divided by the weekly amount, cut to whole weeks), and the arithmetic."""

    weekly_benefit_amount: Money
    maximum_benefit_amount: Money
    weeks: Count
    arithmetic: tuple[str, ...]
    pack_hash: str


class BenefitNotPayable(Answer):
    """The law gives no benefit for these wages."""

    reasons: tuple[Reason, ...]
    appeal_days: Days | None
    agency_time_zone: TimeZone | None = None
    pack_hash: str


class BenefitCheckFailed(Failure):
    """The law cannot be applied."""

    detail: str = ""
