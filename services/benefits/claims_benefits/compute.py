"""What the law gives for a base period: weekly amount, maximum award, weeks, with the arithmetic shown. Pure: no clock, no IO."""

from typing import TypeAlias

from claims_shared.law.award import maximum_award
from claims_shared.law.in_force import Law, Packs
from claims_shared.law.rules import Finding, NotKnown, Unknown
from claims_shared.law.wages import Household, total
from claims_shared.law.weekly_amount import weekly_amount
from claims_shared.messages.benefits import BenefitCheckFailed, BenefitComputed, BenefitNotPayable, ComputeBenefit
from claims_shared.messages.fields import FailureKind, Reason

Computation: TypeAlias = BenefitComputed | BenefitNotPayable | BenefitCheckFailed


def compute(command: ComputeBenefit, packs: Packs) -> Computation:
    """Compute by the law in force on the effective date, from the wages of the base period that eligibility named."""
    law = packs.covers(command.jurisdiction, command.program, command.claim_type) or packs.in_force(
        command.jurisdiction, command.effective_on
    )
    if isinstance(law, Unknown):
        return _check_failed(command, law)
    try:
        return _computed(command, law)
    except NotKnown as missing:
        return _check_failed(command, missing.unknown)


def _computed(command: ComputeBenefit, law: Law) -> BenefitComputed | BenefitNotPayable:
    wages = total(command.wages, law.quarters(command.base_period, command.effective_on))
    household = Household(command.dependents.children, command.dependents.spouse)
    weekly = weekly_amount(law.weekly_amount, wages, household)
    if weekly.not_payable:
        return _not_payable(command, law, weekly.not_payable)
    award = maximum_award(law.award, wages, weekly)
    return BenefitComputed(
        claim_id=command.claim_id,
        answers=command.effect_id,
        attempt=command.attempt,
        weekly_benefit_amount=weekly.amount,
        maximum_benefit_amount=award.amount,
        weeks=award.weeks,
        arithmetic=(*weekly.steps, *award.steps),
        pack_hash=law.pack_hash,
    )


def _not_payable(command: ComputeBenefit, law: Law, finding: Finding) -> BenefitNotPayable:
    reason = Reason(code=finding.code, sentence=finding.sentence, citation=finding.citation, values=finding.values)
    return BenefitNotPayable(
        claim_id=command.claim_id,
        answers=command.effect_id,
        attempt=command.attempt,
        reasons=(reason,),
        appeal_days=law.appeal_days,
        agency_time_zone=law.time_zone,
        pack_hash=law.pack_hash,
    )


def _check_failed(command: ComputeBenefit, unknown: Unknown) -> BenefitCheckFailed:
    return BenefitCheckFailed(
        claim_id=command.claim_id,
        answers=command.effect_id,
        attempt=command.attempt,
        kind=FailureKind.PERMANENT,
        reason=unknown.code,
        detail=unknown.detail,
    )
