"""What leaves the orchestrator, encoded once: commands with the facts they need, life-cycle events, notices, refusals. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from claims_orchestrator.bodies import read
from claims_orchestrator.claim import Claim, Determination, Entry
from claims_orchestrator.process import ELIGIBILITY, FACT_FINDING, ORIENTATION, STEPS, step_of
from claims_shared.messages import benefits, eligibility, identity, intake, lifecycle, scheduler
from claims_shared.messages.catalog import BY_MODEL, BY_WIRE, LIFECYCLE
from claims_shared.messages.fields import Command, Message, utc
from claims_shared.messages.lifecycle import EntryKind, OpenEntry, Phase, Transition
from claims_shared.wire import Output, millis

SOURCE: Final = "claims.orchestrator"


def facts_of(body: bytes) -> intake.ClaimSubmitted:
    """Give the claim as it was submitted."""
    return read(intake.ClaimSubmitted, body)


def result_of(claim: Claim, step: str) -> Mapping[str, Any]:
    """Give a step's answer as it stands on the wire; empty where there is none."""
    result = claim.results.get(step)
    return _plain(result.body) if result else {}


def interview_at(claim: Claim, step: str) -> datetime | None:
    """Give the instant that an interview's step has booked."""
    booked = result_of(claim, step).get("interview_at")
    return datetime.fromisoformat(booked) if booked else None


_plain: Final[Callable[[bytes], dict[str, Any]]] = msgspec.json.Decoder(dict[str, Any]).decode


# --- commands --------------------------------------------------------------------------------

Asked = tuple[type[Command], dict[str, Any]]
"""A command's model, and its body as plain values in the order of the model's fields.

To make and check a model first costs four times as much, and five commands are sent for a claim. The tests read every
command with its model and write it back equal.
"""


def command(claim: Claim, entry: Entry, now: datetime, cause: str) -> Output:
    """Ask for the entry's effect; the attempt makes the message new, the effect id keeps it the same effect."""
    model, body = _BUILDERS[entry.kind](claim, entry)
    listing = BY_MODEL[model]
    addressed = {"claim_id": claim.id, "effect_id": entry.id, "attempt": entry.attempt}
    return Output(
        listing.topic.stream(expedited=claim.lane is lifecycle.Lane.EXPEDITED),
        listing.wire,
        f"{entry.id}/{entry.attempt}",
        claim.id,
        _encode(addressed | body),
        millis(now),
        SOURCE,
        cause,
    )


def _ask(claim: Claim, entry: Entry) -> Asked:
    assert entry.step is not None
    model = STEPS[entry.step].command
    return model, _ASKS[model](claim, entry, facts_of(claim.facts))


def _undo(_claim: Claim, entry: Entry) -> Asked:
    undo = STEPS[entry.step or ""].undo
    assert undo is not None
    return undo, {"undoes": entry.of}


def _notice(claim: Claim, entry: Entry) -> Asked:
    facts = facts_of(claim.facts)
    values, sentences = _words(claim, entry)
    return scheduler.SendNotice, {
        "notice": entry.notice,
        **_reached(facts),
        "portal_ref": claim.portal_ref,
        "values": values,
        "sentences": sentences,
        "supersedes": entry.supersedes,
    }


_BUILDERS: Final = {EntryKind.COMMAND: _ask, EntryKind.UNDO: _undo, EntryKind.NOTICE: _notice}


def _reached(facts: intake.ClaimSubmitted) -> dict[str, Any]:
    """Say how the citizen is reached."""
    person = facts.claimant
    return {
        "jurisdiction": facts.jurisdiction,
        "language": person.language,
        "time_zone": person.time_zone,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
    }


def _verify_identity(claim: Claim, _entry: Entry, facts: intake.ClaimSubmitted) -> dict[str, Any]:
    """The person as submitted, with what the citizen corrected since; the documents they sent."""
    provided = [read(intake.EvidenceProvided, body) for body in claim.evidence]
    person = facts.claimant
    named = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "date_of_birth": person.date_of_birth,
    }
    for each in provided:
        named |= each.corrected.model_dump(exclude_none=True)
    return {
        "jurisdiction": facts.jurisdiction,
        "claim_type": facts.claim_type,
        "filed_at": facts.filed_at,
        "ssn": person.ssn,
        **named,
        "evidence": [document for each in provided for document in each.documents],
    }


def _determine_eligibility(claim: Claim, _entry: Entry, facts: intake.ClaimSubmitted) -> dict[str, Any]:
    return {
        "jurisdiction": facts.jurisdiction,
        "claim_type": facts.claim_type,
        "program": facts.program,
        "filed_at": facts.filed_at,
        "accepted_at": utc(claim.accepted_at),
        "wages": _wages(facts),
        "separation_reason": facts.separation.reason,
        "last_day_worked": facts.separation.last_day_worked,
        "able_and_available": facts.able_and_available,
        "work_authorized": facts.work_authorized,
    }


def _compute_benefit(claim: Claim, _entry: Entry, facts: intake.ClaimSubmitted) -> dict[str, Any]:
    found = result_of(claim, ELIGIBILITY)
    return {
        "jurisdiction": facts.jurisdiction,
        "claim_type": facts.claim_type,
        "program": facts.program,
        "effective_on": found["effective_on"],
        "base_period": found["monetary"]["base_period"],
        "wages": _wages(facts),
        "dependents": facts.dependents,
    }


def _wages(facts: intake.ClaimSubmitted) -> list[dict[str, Any]]:
    return [{**each.__dict__, "amount": f"{each.amount:.2f}"} for each in facts.wages]


def _schedule_interview(_claim: Claim, entry: Entry, facts: intake.ClaimSubmitted) -> dict[str, Any]:
    kinds = {ORIENTATION: scheduler.InterviewKind.ORIENTATION, FACT_FINDING: scheduler.InterviewKind.FACT_FINDING}
    return {"kind": kinds[entry.step or ""], **_reached(facts)}


_ASKS: Final[Mapping[type[Command], Callable[[Claim, Entry, intake.ClaimSubmitted], dict[str, Any]]]] = {
    identity.VerifyIdentity: _verify_identity,
    eligibility.DetermineEligibility: _determine_eligibility,
    benefits.ComputeBenefit: _compute_benefit,
    scheduler.ScheduleInterview: _schedule_interview,
}


# --- notices ------------------------------------------------------------------------------------

DETERMINED: Final = (
    "weekly_benefit_amount",
    "maximum_benefit_amount",
    "weeks",
    "effective_on",
    "appeal_by",
    "interview_at",
)


def _words(claim: Claim, entry: Entry) -> tuple[Mapping[str, str], Sequence[str]]:
    """Give the values and sentences that a notice's template needs; facts of the claim, never free text."""
    kind = scheduler.NoticeKind(entry.notice or "")
    if kind in {scheduler.NoticeKind.EVIDENCE_WANTED, scheduler.NoticeKind.EVIDENCE_REMINDER}:
        return _evidence_words(claim, claim.open.get(entry.of or ""))
    if kind is scheduler.NoticeKind.INTERVIEW_REMINDER:
        return {"interview_at": result_of(claim, FACT_FINDING).get("interview_at", "")}, ()
    if kind in {scheduler.NoticeKind.APPROVED, scheduler.NoticeKind.DENIED}:
        return _determination_words(claim.determinations[int(entry.of or 0) - 1])
    return {}, ()


def _evidence_words(claim: Claim, waiting: Entry | None) -> tuple[Mapping[str, str], Sequence[str]]:
    due = utc(waiting.due).isoformat().replace("+00:00", "Z") if waiting and waiting.due else ""
    found = result_of(claim, waiting.step) if waiting and waiting.step else {}
    return {"due_at": due, "reference": waiting.id if waiting else ""}, found.get("wanted", ())


def _determination_words(told: Determination) -> tuple[Mapping[str, str], Sequence[str]]:
    event = _plain(told.body)
    values = {"determination_number": str(told.number)}
    for name in DETERMINED:
        value = event.get(name)
        values[name] = "" if value is None else str(value)
    return values, [_cited(reason) for reason in event["reasons"]]


def _cited(reason: Mapping[str, str]) -> str:
    return f"{reason['sentence']} ({reason['citation']})" if reason["citation"] else reason["sentence"]


# --- the life cycle -------------------------------------------------------------------------------


def told(claim: Claim, kind: type[Transition], change: str, cause: str, **more: Any) -> Output:
    """Say the newest transition, from the state it led to; its id is its number, so that a repeat is the same event.

    Written from plain values in the order of the model's fields: to make and check a model first costs four times as much,
    and five are made for a claim. The tests read every event with its model and write it back equal.
    """
    body = {
        "claim_id": claim.id,
        "sequence": claim.number,
        "at": _at(claim.updated_at),
        "change": change,
        "phase": claim.phase,
        "step": claim.step,
        "portal": claim.portal,
        "portal_ref": claim.portal_ref,
        "jurisdiction": claim.jurisdiction,
        "claim_type": claim.claim_type,
        "program": claim.program,
        "lane": claim.lane,
        "lane_reasons": claim.lane_reasons,
        "open": [_shown(entry) for entry in claim.open.values()],
        **more,
    }
    name = f"{claim.id}/{claim.number}"
    wire = BY_MODEL[kind].wire
    return Output(
        LIFECYCLE.name, wire, name, claim.id, _encode(body), claim.updated_at, SOURCE, cause, sequence=claim.number
    )


_encode: Final = msgspec.json.Encoder(enc_hook=lambda message: message.__dict__).encode
_at: Final = lru_cache(maxsize=8_192)(utc)
"""A batch's claims share their instants."""


def again(claim: Claim) -> Output:
    """Publish the newest life-cycle event once more, as it was: somebody acts on older knowledge."""
    last = claim.history[-1]
    if claim.determinations and claim.determinations[-1].event == claim.number:
        made, name = claim.determinations[-1], f"{claim.id}/{claim.number}"
        topic = BY_WIRE[made.wire].topic.name
        return Output(topic, made.wire, name, claim.id, made.body, last.at, SOURCE, last.cause, sequence=claim.number)
    kind, more = kind_of(claim)
    return told(claim, kind, last.change, last.cause, **more)


def kind_of(claim: Claim) -> tuple[type[Transition], dict[str, Any]]:
    """Give the event type of the newest transition and what only that type carries, as far as the state tells."""
    said = [entry for entry in claim.open.values() if entry.kind in (EntryKind.PARK, EntryKind.REFERRAL)]
    new = [entry for entry in said if entry.since == claim.updated_at and entry.id.endswith(f"/{claim.number}")]
    park = next((entry for entry in new if entry.kind is EntryKind.PARK), None)
    if park is not None:
        return lifecycle.ClaimParked, {"error": park.reason or ""}
    if claim.number == 1:
        return lifecycle.ClaimAccepted, {"filed_at": utc(claim.filed_at)}
    if claim.phase is Phase.WITHDRAWN and claim.history[-1].change == "withdrawn":
        return lifecycle.ClaimWithdrawn, {}
    reasons = tuple(entry.reason for entry in new if entry.kind is EntryKind.REFERRAL and entry.reason)
    if reasons:
        return lifecycle.ClaimReferred, {"reasons": reasons}
    return lifecycle.ClaimProgressed, {}


def published(entry: Entry) -> OpenEntry:
    """Give an open entry as others may see it."""
    return OpenEntry(**_shown(entry))


def _shown(entry: Entry) -> dict[str, Any]:
    """Give the fields of an open entry that others may see: a park's error stays inside."""
    if entry.kind is EntryKind.REFERRAL:
        return _always_shown(entry) | _held(entry)
    return _always_shown(entry)


def _held(entry: Entry) -> dict[str, Any]:
    """Say of a referral who has it, since when, and that it is overdue: as far as there is something to say."""
    held = {
        "assignee": entry.assignee,
        "claimed_at": _at(entry.claimed_at) if entry.claimed_at else None,
        "overdue_since": _at(entry.overdue) if entry.overdue else None,
    }
    return {name: value for name, value in held.items() if value is not None}


def _always_shown(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "step": entry.step,
        "owner": entry.owner,
        "reason": entry.reason if entry.kind is not EntryKind.PARK else None,
        "since": _at(entry.since),
        "attempt": entry.attempt,
        "due_at": _at(entry.due) if entry.due else None,
        "retry_at": _at(entry.retry) if entry.retry else None,
        "remind_at": _at(entry.remind[0]) if entry.remind else None,
        "limit_at": _at(entry.limit) if entry.limit else None,
        "too_long_since": _at(entry.too_long) if entry.too_long else None,
        "advice": step_of(entry.step).advice if entry.too_long else None,
    }


def wire_of(message: Message) -> str:
    """Give a message's wire name."""
    return BY_MODEL[type(message)].wire
