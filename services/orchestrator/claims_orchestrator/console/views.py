"""A claim as operators see it: where it stands, what it waits for, what was decided. Pure; no facts, no free text."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel

from claims_orchestrator import claim as documents
from claims_orchestrator.alerts import held_too_long
from claims_orchestrator.appeals import shown
from claims_orchestrator.claim import Claim, Determination, Entry, Moment
from claims_orchestrator.sends import clock_shown, lapse_shown, published
from claims_orchestrator.statutory import worst
from claims_orchestrator.waiting import holding_entry
from claims_shared.messages.catalog import BY_WIRE
from claims_shared.messages.fields import Money, Reason, utc
from claims_shared.messages.lifecycle import Appeal, Clock, ClockEnded, ClockState, EntryKind, Lane, OpenEntry, Phase


class Waiting(BaseModel):
    """What holds the claim now: whose turn it is, since when, and when something happens by itself."""

    on: str
    kind: EntryKind
    entry: str
    step: str | None
    reason: str | None
    since: datetime
    until: datetime | None


class Line(BaseModel):
    """A claim in a list. `clock`: the worst that a clock of the law has said of it."""

    claim_id: str
    portal_ref: str
    jurisdiction: str
    claim_type: str
    program: str
    phase: Phase
    step: str | None
    lane: Lane
    waiting: Waiting | None
    too_long: bool
    clock: ClockState | None
    updated_at: datetime


class Lines(BaseModel):
    """A page of a list; `next` continues it and is None at the end."""

    claims: Sequence[Line]
    next: str | None


class Made(BaseModel):
    """A numbered determination; a later one supersedes it."""

    number: int
    outcome: Phase
    at: datetime
    effective_on: date | None
    weekly_benefit_amount: Money | None
    maximum_benefit_amount: Money | None
    weeks: int | None
    interview_at: datetime | None
    appeal_by: date | None
    reasons: tuple[Reason, ...]


class Filed(Appeal):
    """An appeal as it is recorded. `decision`: what a person decided; None while it is open, in the referral `entry`."""

    entry: str
    decision: str | None
    decided_at: datetime | None


class Happened(BaseModel):
    """One line of the claim's history; `cause` is the message behind it where its id is one of ours."""

    number: int
    at: datetime
    change: str
    cause: str | None


class EndedClock(ClockEnded):
    """A clock that has ended, and when."""

    ended_at: datetime


class Whole(Line):
    """Everything that the agency may see of a claim's course."""

    sequence: int
    portal: str
    filed_at: datetime | None
    accepted_at: datetime | None
    plan: tuple[str, ...]
    done: tuple[str, ...]
    lane_reasons: tuple[str, ...]
    open: tuple[OpenEntry, ...]
    clocks: tuple[Clock, ...]
    clocks_ended: tuple[EndedClock, ...]
    determinations: tuple[Made, ...]
    appeals: tuple[Filed, ...]
    history: tuple[Happened, ...]
    messages_waiting: int


def line(claim: Claim) -> Line:
    """Give a claim as one line."""
    return Line(**_line(claim))


def whole(claim: Claim) -> Whole:
    """Give a claim with everything open, decided and past."""
    return Whole(
        **_line(claim),
        sequence=claim.number,
        portal=claim.portal,
        filed_at=_instant(claim.filed_at),
        accepted_at=_instant(claim.accepted_at),
        plan=claim.plan,
        done=claim.done,
        lane_reasons=claim.lane_reasons,
        open=tuple(published(claim, entry) for entry in claim.open.values()),
        clocks=tuple(Clock(**clock_shown(entry.clock)) for entry in claim.open.values() if entry.clock is not None),
        clocks_ended=tuple(
            EndedClock(**lapse_shown(lapse), ended_at=utc(moment.at))
            for moment in claim.history
            for lapse in moment.clocks
        ),
        determinations=tuple(map(_made, claim.determinations)),
        appeals=tuple(map(_filed, claim.appeals)),
        history=tuple(_happened(claim, moment) for moment in claim.history),
        messages_waiting=len(claim.inbox),
    )


def _line(claim: Claim) -> dict[str, Any]:
    entry = holding_entry(claim)
    return {
        "claim_id": claim.id,
        "portal_ref": claim.portal_ref,
        "jurisdiction": claim.jurisdiction,
        "claim_type": claim.claim_type,
        "program": claim.program,
        "phase": claim.phase,
        "step": claim.step,
        "lane": claim.lane,
        "waiting": _waiting(claim, entry) if entry else None,
        "too_long": bool(held_too_long(claim)),
        "clock": worst(claim),
        "updated_at": utc(claim.updated_at),
    }


def _waiting(claim: Claim, entry: Entry) -> Waiting:
    shown = published(claim, entry)
    return Waiting(
        on=entry.owner,
        kind=entry.kind,
        entry=entry.id,
        step=entry.step,
        reason=entry.reason,  # of a park the error: its kind and place, never its text
        since=shown.since,
        until=shown.retry_at or shown.due_at,
    )


_TOLD: Final = (
    "effective_on",
    "weekly_benefit_amount",
    "maximum_benefit_amount",
    "weeks",
    "interview_at",
    "appeal_by",
    "reasons",
)
"""What a determination's event may carry; an approval and a denial have some each."""


def _made(made: Determination) -> Made:
    event = event_of(made)
    return Made(
        number=made.number,
        outcome=made.outcome,
        at=utc(made.at),
        **{name: getattr(event, name, None) for name in _TOLD},
    )


def _filed(appeal: documents.Appeal) -> Filed:
    decided_at = utc(appeal.decided_at) if appeal.decided_at else None
    return Filed(**shown(appeal).model_dump(), entry=appeal.entry, decision=appeal.decision, decided_at=decided_at)


def event_of(made: Determination) -> Any:
    """Read the life-cycle event that said a determination."""
    return BY_WIRE[made.wire].model.model_validate_json(made.body)


def _happened(claim: Claim, moment: Moment) -> Happened:
    """A portal chooses its own message ids, and may have put anything into them: those are left out."""
    ours = moment.cause.startswith(f"{claim.id}/")
    return Happened(number=moment.number, at=utc(moment.at), change=moment.change, cause=moment.cause if ours else None)


def _instant(milliseconds: int) -> datetime | None:
    return utc(milliseconds) if milliseconds else None
