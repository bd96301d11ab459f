"""Whether the wages suffice: the standard base period, and only where it fails the alternate one. Pure: no clock, no IO."""

from dataclasses import dataclass
from datetime import date

from claims_shared.law.in_force import Law
from claims_shared.law.monetary import failed
from claims_shared.law.rules import Finding, NotKnown, Rule
from claims_shared.law.wages import BaseWages, total
from claims_shared.law.weekly_amount import weekly_amount
from claims_shared.messages.eligibility import BasePeriodKind, DetermineEligibility, MonetaryFacts
from claims_shared.messages.fields import ClaimType, Reason


@dataclass(frozen=True, slots=True)
class Tried:
    """One base period: its quarters, their totals, the tests that fail."""

    kind: BasePeriodKind
    quarters: tuple[str, ...]
    wages: BaseWages
    findings: tuple[Finding, ...]


def tried(command: DetermineEligibility, law: Law, effective_on: date) -> tuple[Tried, ...]:
    """Give the base periods that had to be tried; the last one decides.

    Raises NotKnown where both fail and the law has a third, of wages that are not reported yet.
    An additional claim reopens a benefit year, whose wages were judged when it began: it needs none.
    """
    if command.claim_type is ClaimType.ADDITIONAL:
        return ()
    standard = _try(command, law, effective_on, BasePeriodKind.STANDARD)
    if not standard.findings:
        return (standard,)
    alternate = _try(command, law, effective_on, BasePeriodKind.ALTERNATE)
    if alternate.findings and law.last_resort:
        raise _unfinished(law.last_resort)
    return (standard, alternate)


def _try(command: DetermineEligibility, law: Law, effective_on: date, kind: BasePeriodKind) -> Tried:
    quarters = law.quarters(kind, effective_on)
    wages = total(command.wages, quarters)
    rate = weekly_amount(law.weekly_amount, wages).rate
    return Tried(kind, quarters, wages, failed(law.monetary_tests, wages, rate))


def _unfinished(rule: Rule) -> NotKnown:
    """Nobody is denied while a base period of the law is untried: no employer has reported the unfinished quarter yet."""
    told = "The law also looks at the quarter in which the claim was filed, whose wages are not reported yet"
    return NotKnown("wages_of_unfinished_quarter_not_known", f"{told} ({rule.citation}).")


def facts(period: Tried) -> MonetaryFacts:
    """Tell on which base period and totals a claim qualifies."""
    return MonetaryFacts(
        base_period=period.kind,
        quarters=period.quarters,
        high_quarter_amount=period.wages.high_quarter,
        base_period_amount=period.wages.base_period_wages,
        quarters_with_wages=period.wages.quarters_with_wages,
    )


def reasons(periods: tuple[Tried, ...]) -> tuple[Reason, ...]:
    """Tell every test that fails, in the order of the law, of the standard base period first."""
    return tuple(_reason(period, finding) for period in periods for finding in period.findings)


def _reason(period: Tried, finding: Finding) -> Reason:
    """Say in which base period the test failed: the same test may fail in both."""
    first, *_, last = period.quarters
    return Reason(
        code=finding.code,
        sentence=f"{period.kind.value.capitalize()} base period {first} to {last}: {finding.sentence}",
        citation=finding.citation,
        values={**finding.values, "base_period": period.kind.value, "quarters": ",".join(period.quarters)},
    )
