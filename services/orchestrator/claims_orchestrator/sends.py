"""What leaves the orchestrator, encoded once: commands with the facts they need, life-cycle events, notices, refusals. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from claims_orchestrator import appeals, statutory
from claims_orchestrator.bodies import read
from claims_orchestrator.claim import Claim, Clock, Entry, Lapse
from claims_orchestrator.facts import facts_of, result_of
from claims_orchestrator.notices import words
from claims_orchestrator.process import ELIGIBILITY, ORIENTATION, STEPS, step_of
from claims_shared.messages import benefits, eligibility, identity, intake, lifecycle, scheduler
from claims_shared.messages.catalog import BY_MODEL, BY_WIRE, LIFECYCLE
from claims_shared.messages.fields import Command, Message, utc
from claims_shared.messages.lifecycle import EntryKind, OpenEntry, Phase, Transition
from claims_shared.wire import Output, millis

SOURCE: Final = "claims.orchestrator"


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
    values, sentences = words(claim, entry)
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


def _schedule_interview(claim: Claim, entry: Entry, facts: intake.ClaimSubmitted) -> dict[str, Any]:
    """Fact-finding is for who knows its issues and has no interest in the employer; an orientation is for anybody."""
    if entry.step == ORIENTATION:
        return {"kind": scheduler.InterviewKind.ORIENTATION, **_reached(facts)}
    issues = [each["code"] for each in result_of(claim, ELIGIBILITY).get("issues", ())]
    employer = {"employer": facts.separation.employer} if facts.separation.employer else {}
    return {"kind": scheduler.InterviewKind.FACT_FINDING, **_reached(facts), "issues": issues, **employer}


def _move_interview(_claim: Claim, entry: Entry, _facts: intake.ClaimSubmitted) -> dict[str, Any]:
    return {"moves": entry.of, "not_before": utc(entry.not_before) if entry.not_before else None}


_ASKS: Final[Mapping[type[Command], Callable[[Claim, Entry, intake.ClaimSubmitted], dict[str, Any]]]] = {
    identity.VerifyIdentity: _verify_identity,
    eligibility.DetermineEligibility: _determine_eligibility,
    benefits.ComputeBenefit: _compute_benefit,
    scheduler.ScheduleInterview: _schedule_interview,
    scheduler.MoveInterview: _move_interview,
}


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
        "open": [_shown(claim, entry) for entry in claim.open.values()],
        **more,
    }
    if ended := claim.history[-1].clocks:
        body["clocks_ended"] = list(map(lapse_shown, ended))
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


def published(claim: Claim, entry: Entry) -> OpenEntry:
    """Give an open entry as others may see it."""
    return OpenEntry(**_shown(claim, entry))


def _shown(claim: Claim, entry: Entry) -> dict[str, Any]:
    """Give the fields of an open entry that others may see: a park's error stays inside."""
    shown = _always_shown(entry)
    if entry.kind is EntryKind.REFERRAL:
        shown |= _held(entry)
        if appeals.is_appeal(entry):
            shown["appeal"] = appeals.shown(appeals.about(claim, entry))
    if entry.clock is not None:  # most entries are none, and say nothing of it
        shown |= {"advice": statutory.advice(claim, entry), "clock": clock_shown(entry.clock)}
    return shown


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


def clock_shown(clock: Clock) -> dict[str, Any]:
    """Give a clock as others may see it."""
    return {
        "name": clock.name,
        "citation": clock.citation,
        "ends_with": clock.ends,
        "started_at": _at(clock.started_at),
        "forecast_at": _at(clock.forecast_at),
        "due_at": _at(clock.late_at),
        "failed_at": _at(clock.failed_at) if clock.failed_at else None,
        "state": statutory.state_of(clock),
        "stopped_at": _at(clock.stopped_at) if clock.stopped_at else None,
        "stood_seconds": clock.stood // 1_000,
    }


def lapse_shown(lapse: Lapse) -> dict[str, Any]:
    """Give what became of a clock as others may see it."""
    return {
        "name": lapse.name,
        "outcome": lapse.outcome,
        "ended_by": lapse.ended_by,
        "started_at": _at(lapse.started_at),
        "due_at": _at(lapse.due_at),
        "stood_seconds": lapse.stood // 1_000,
    }


def wire_of(message: Message) -> str:
    """Give a message's wire name."""
    return BY_MODEL[type(message)].wire
