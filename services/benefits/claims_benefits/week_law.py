"""The one seam between weeks and the packs: waiting weeks, the agency's day, what is payable. Nothing is guessed. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from claims_benefits.entitlement import Award, Entitlement, Facts
from claims_shared.law.in_force import Law, Packs
from claims_shared.law.partial_week import Week, payable
from claims_shared.law.rules import NotKnown, Rule, Unknown, dollars
from claims_shared.law.weeks import WEEK

DAY: Final = timedelta(days=1)
YEAR_WEEKS: Final = 52
"""A benefit year from its effective date (Comparison of State UI Laws, chapter 3). Wisconsin's 53rd week is in no pack."""
ON_DEPENDANTS: Final = frozenset({"credit_and_dependants"})
"""Formulas that take the weekly amount apart: the approval carries it whole."""


@dataclass(frozen=True, slots=True)
class Pay:
    """Cents payable for a week, and how they come about."""

    cents: int
    steps: tuple[str, ...]
    citation: str
    pack_hash: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many weeks are served unpaid, by the law of the effective date; and the agency's time zone."""

    weeks: int
    zone: ZoneInfo


class WeekLaw(Protocol):
    """What weeks ask of the law."""

    def waiting(self, claim: Entitlement, award: Award) -> Waiting | Unknown:
        """Give the rules that hold for the whole benefit year."""

    def payable(self, claim: Entitlement, award: Award, week_ending: date, facts: Facts) -> Pay | Unknown:
        """Give what the law pays for one week of these facts."""


class PackLaw:
    """The law of the packs."""

    def __init__(self, packs: Packs) -> None:
        self._packs = packs

    def waiting(self, claim: Entitlement, award: Award) -> Waiting | Unknown:
        """By the law in force on the effective date."""
        law = self._law(claim, award)
        return law if isinstance(law, Unknown) else Waiting(law.waiting_weeks, ZoneInfo(law.time_zone))

    def payable(self, claim: Entitlement, award: Award, week_ending: date, facts: Facts) -> Pay | Unknown:
        """A full week needs no rule but the weekly amount; work in it needs the rule in force on its own first day."""
        law = self._law(claim, award)
        if isinstance(law, Unknown):
            return law
        weekly = Decimal(award.weekly) / 100
        if not facts.earnings and not facts.hours:
            steps = (f"no earnings and no hours: the weekly amount of {dollars(weekly)} is payable",)
            return Pay(award.weekly, steps, law.weekly_amount.citation, law.pack_hash)
        rules = self._packs.rules(claim.jurisdiction, "partial_week", week_ending - WEEK + DAY)
        if isinstance(rules, Unknown):
            return Unknown("partial_week_unknown", rules.detail)
        return self._with_work(rules[0], weekly, facts, law)

    def _with_work(self, rule: Rule, weekly: Decimal, facts: Facts, law: Law) -> Pay | Unknown:
        if rule.name in ON_DEPENDANTS:
            return Unknown(
                "dependants_part_unknown", "What is payable depends on the part for dependants, which no event carries."
            )
        try:
            paid = payable(rule, Week(weekly, Decimal(facts.earnings) / 100, Decimal(facts.hours) / 100))
        except NotKnown as missing:
            return missing.unknown
        cents = int(paid.amount * 100)
        if cents != paid.amount * 100:
            raise ValueError(f"{rule.name} gives {paid.amount}, which is no whole number of cents")
        return Pay(cents, paid.steps, rule.citation, law.pack_hash)

    def _law(self, claim: Entitlement, award: Award) -> Law | Unknown:
        return self._packs.covers(claim.jurisdiction, claim.program, claim.claim_type) or self._packs.in_force(
            claim.jurisdiction, award.effective_on
        )
