"""A claim in the citizen's words: where it stands, what happened, what is next, by when, what they must do. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel

from claims_orchestrator.claim import Claim, Entry
from claims_orchestrator.console.language import Speech, money
from claims_orchestrator.console.views import event_of
from claims_orchestrator.facts import facts_of, interview_at, result_of
from claims_orchestrator.process import FACT_FINDING, IDENTITY, ORIENTATION
from claims_orchestrator.waiting import blocks, waiting_entry
from claims_shared.messages.desk import DecisionKind
from claims_shared.messages.fields import Reason, utc
from claims_shared.messages.lifecycle import EntryKind, Lane, Phase

RULES: Final = frozenset(
    {
        "no_pack",
        "program_without_pack",
        "type_without_pack",
        "gap",
        "not_known_after",
        "minimum_not_known",
        "rounding_not_known",
        "taxable_wages_not_known",
        "weeks_not_known",
        "bracket_not_read",
        "qualifying_wages_not_read",
        "lower_rate_not_computed",
        "award_with_dependants_not_known",
    }
)
TECHNICAL: Final = frozenset({"technical", "late", "undo_failed", "undeliverable", "appeal_window"})

MOOT: Final = DecisionKind.CONTINUE.value
"""How an appeal is closed whose determination no longer stands."""


class Status(BaseModel):
    """The answer to "what about my claim?"; `by` is the day or instant that `next` names, for programs."""

    claim_id: str
    portal_ref: str
    language: str
    stands: str
    happened: tuple[str, ...]
    reasons: tuple[str, ...]
    next: str
    by: datetime | date | None
    you_must: tuple[str, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a claim stands and what that means for the citizen; texts are complete sentences."""

    stands: str
    next: str
    by: datetime | date | None = None
    must: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def status(claim: Claim, language: str | None = None) -> Status:
    """Tell a claim in `language`, or in the one it was filed in."""
    speech = _speech(claim, language)
    outlook = _outlook(claim, speech)
    return Status(
        claim_id=claim.id,
        portal_ref=claim.portal_ref,
        language=speech.language,
        stands=outlook.stands,
        happened=tuple(_happened(claim, speech)),
        reasons=outlook.reasons,
        next=outlook.next,
        by=outlook.by,
        you_must=outlook.must or (speech.say("do.nothing"),),
        updated_at=utc(claim.updated_at),
    )


def _speech(claim: Claim, language: str | None) -> Speech:
    if not claim.facts:
        return Speech(language or "", "")
    person = facts_of(claim.facts).claimant
    return Speech(language or person.language, person.time_zone)


# --- what happened ---------------------------------------------------------------------------------


def _happened(claim: Claim, speech: Speech) -> Iterator[str]:
    if claim.filed_at:
        yield speech.say("did.filed", when=speech.day_of(utc(claim.filed_at)))
    if claim.lane is Lane.EXPEDITED:
        yield speech.say("did.expedited")
    for step in claim.done:
        booked = interview_at(claim, step) if step == ORIENTATION else None
        if step != ORIENTATION or booked:
            yield speech.say(f"did.{step}", when=speech.moment(booked) if booked else "")
    for made in claim.determinations:
        yield _determined(event_of(made), made.outcome, speech)
        yield from _appealed(claim, made.number, speech)


def _appealed(claim: Claim, number: int, speech: Speech) -> Iterator[str]:
    """Tell what was decided on appeals against this determination; one that became moot says nothing."""
    for appeal in claim.appeals:
        if appeal.against == number and appeal.decided_at is not None and appeal.decision != MOOT:
            yield speech.say(f"did.appeal.{appeal.decision}", when=speech.day_of(utc(appeal.decided_at)))


def _determined(event: Any, outcome: Phase, speech: Speech) -> str:
    when = speech.day_of(event.at)
    if outcome is not Phase.APPROVED:
        return speech.say("did.denied", when=when)
    if event.weekly_benefit_amount is None:
        return speech.say("did.approved_more", when=when)
    weekly, maximum = money(event.weekly_benefit_amount), money(event.maximum_benefit_amount)
    return speech.say("did.approved", when=when, weekly=weekly, maximum=maximum)


# --- where it stands ---------------------------------------------------------------------------------


def _outlook(claim: Claim, speech: Speech) -> Outlook:
    if claim.phase is Phase.OPEN:
        return _open(claim, speech)
    if claim.phase is Phase.APPROVED:
        return _approved(claim, speech)
    if claim.phase is Phase.DENIED:
        return _denied(claim, speech)
    return Outlook(speech.say(f"at.{claim.phase.value}"), speech.say(f"next.{claim.phase.value}"))


def _open(claim: Claim, speech: Speech) -> Outlook:
    entry = waiting_entry(claim)
    if entry is None or not blocks(entry):
        return Outlook(speech.say("at.working"), speech.say(f"next.{claim.step}"))
    return _WAITING[entry.kind](claim, entry, speech)


def _working(_claim: Claim, entry: Entry, speech: Speech) -> Outlook:
    return Outlook(speech.say("at.working"), speech.say(f"next.{entry.step}"))


def _evidence(claim: Claim, entry: Entry, speech: Speech) -> Outlook:
    by = utc(entry.due or entry.since)
    wanted = result_of(claim, entry.step or IDENTITY).get("wanted") or ("other",)
    papers = [speech.say(speech.one_of(f"paper.{each}", "paper.other")) for each in wanted]
    return Outlook(
        speech.say("at.yours"),
        speech.say("next.evidence", by=speech.moment(by)),
        by,
        (speech.say("do.send", papers=speech.several(papers)),),
    )


def _interview(claim: Claim, entry: Entry, speech: Speech) -> Outlook:
    by = interview_at(claim, FACT_FINDING) or utc(entry.due or entry.since)
    when = speech.moment(by)
    return Outlook(
        speech.say("at.interview"), speech.say("next.interview", by=when), by, (speech.say("do.interview", by=when),)
    )


def _person(_claim: Claim, entry: Entry, speech: Speech) -> Outlook:
    return Outlook(speech.say("at.person"), speech.say("next.person"), reasons=(_why(entry, speech),))


def _parked(_claim: Claim, _entry: Entry, speech: Speech) -> Outlook:
    return Outlook(speech.say("at.parked"), speech.say("next.parked"))


_WAITING: Final = {
    EntryKind.COMMAND: _working,
    EntryKind.EVIDENCE: _evidence,
    EntryKind.INTERVIEW: _interview,
    EntryKind.REFERRAL: _person,
    EntryKind.PARK: _parked,
}


def _why(referral: Entry, speech: Speech) -> str:
    return _why_code(referral.reason or "other", speech)


def _why_code(reason: str, speech: Speech) -> str:
    grouped = "rules" if reason in RULES else "technical" if reason in TECHNICAL else reason
    return speech.say(speech.one_of(f"why.{grouped}", "why.other"))


def _approved(claim: Claim, speech: Speech) -> Outlook:
    interview = interview_at(claim, ORIENTATION) or event_of(claim.determinations[-1]).interview_at
    questions = tuple(_questions(claim, speech))
    if interview is None:
        return Outlook(speech.say("at.approved"), speech.say("next.approved_no_meeting"), reasons=questions)
    by = speech.moment(interview)
    must = (speech.say("do.meeting", by=by),)
    return Outlook(speech.say("at.approved"), speech.say("next.approved", by=by), interview, must, questions)


def _denied(claim: Claim, speech: Speech) -> Outlook:
    event = event_of(claim.determinations[-1])
    reasons = (*(_reason(each, speech) for each in event.reasons), *_questions(claim, speech))
    if event.appeal_by is None:
        must = (speech.say("do.wait_letter"),)
        return Outlook(speech.say("at.denied"), speech.say("next.denied_open"), None, must, reasons)
    by = speech.date(event.appeal_by)
    must = (speech.say("do.appeal", by=by),)
    return Outlook(speech.say("at.denied"), speech.say("next.denied", by=by), event.appeal_by, must, reasons)


_TOLD_BY_THE_CITIZEN: Final = frozenset({"withdrawal", "appeal", "reschedule", "identity"})


def _questions(claim: Claim, speech: Speech) -> Iterator[str]:
    """Tell what a person still looks at after the decision; what is only ours to repair is left out."""
    for entry in claim.open.values():
        if entry.kind is EntryKind.REFERRAL and entry.reason in _TOLD_BY_THE_CITIZEN:
            yield _why(entry, speech)


def _reason(reason: Reason, speech: Speech) -> str:
    """The law's own sentence in English; in another language our words for it, with the law's numbers.

    Without a citation a person decided, on what the code says.
    """
    if not reason.citation:
        return _why_code(reason.code, speech)
    if speech.language == "en":
        return f"{reason.sentence} ({reason.citation})"
    return speech.say(speech.one_of(f"reason.{reason.code}", "reason.other"), **_numbers(reason.values))


def _numbers(values: Mapping[str, str]) -> dict[str, str]:
    return {"found": values.get("found", ""), "required": values.get("required", "")}
