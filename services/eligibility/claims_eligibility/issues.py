"""What only a person may decide: every rule but the monetary ones becomes an issue, never a denial. Pure: no clock, no IO."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from claims_shared.law.in_force import Law
from claims_shared.messages.eligibility import DetermineEligibility, Issue
from claims_shared.messages.fields import SeparationReason

NEEDS_A_PERSON = frozenset({SeparationReason.QUIT, SeparationReason.DISCHARGE, SeparationReason.LABOR_DISPUTE})

SENTENCES: Mapping[str, str] = {
    "quit": "You left your last job yourself: good cause for leaving must be shown.",
    "discharge": "You were discharged: the employer must show misconduct connected with the work.",
    "labor_dispute": "Your work stopped in a labor dispute: the employer must show that it suspends benefits.",
    "not_able_and_available": "You said you are not able to work or not available: for each week it must be shown that you are.",
    "not_work_authorized": "You said that you are not authorized to work: your authorization must be shown.",
    "filed_late": "Your claim arrived long after the day it says it was filed: good cause for the delay must be shown.",
}
"""What must be shown, by issue; who must show it and where the law says so stands in the pack."""


def issues(command: DetermineEligibility, law: Law, longest_age: timedelta) -> tuple[Issue, ...]:
    """Name every rule that a person must look at, with the law and with what the claim says about it."""
    return tuple(_issue(law, code, values) for code, values in _found(command, longest_age))


def _found(command: DetermineEligibility, longest_age: timedelta) -> Iterator[tuple[str, Mapping[str, str]]]:
    if command.separation_reason in NEEDS_A_PERSON:
        yield command.separation_reason.value, {"last_day_worked": command.last_day_worked.isoformat()}
    if not command.able_and_available:
        yield "not_able_and_available", {"able_and_available": "no"}
    if not command.work_authorized:
        yield "not_work_authorized", {"work_authorized": "no"}
    if command.accepted_at - command.filed_at > longest_age:
        yield "filed_late", _ages(command, longest_age)


def _ages(command: DetermineEligibility, longest_age: timedelta) -> Mapping[str, str]:
    return {
        "filed_at": command.filed_at.isoformat(),
        "accepted_at": command.accepted_at.isoformat(),
        "longest_age_days": str(longest_age.days),
    }


def _issue(law: Law, code: str, values: Mapping[str, str]) -> Issue:
    rule = law.issues[code]
    return Issue(
        code=code,
        sentence=SENTENCES[code],
        citation=rule.citation,
        shown_by=rule.words["shown_by"],
        values=values,
    )
