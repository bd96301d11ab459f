"""The claim's own story: one event a transition, numbered without gap; everything open is in every event."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from claims_shared.messages.fields import (
    RARE,
    CaseworkerRef,
    ClaimId,
    ClaimType,
    Code,
    Count,
    EffectId,
    Instant,
    Jurisdiction,
    Message,
    Money,
    Ordinal,
    Program,
    Reason,
)


class Phase(StrEnum):
    """Where a claim stands as a whole."""

    AWAITED = "awaited"
    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class EntryKind(StrEnum):
    """What an open entry waits for."""

    COMMAND = "command"
    UNDO = "undo"
    NOTICE = "notice"
    EVIDENCE = "evidence"
    INTERVIEW = "interview"
    REFERRAL = "referral"
    PARK = "park"
    CLOCK = "clock"


class ClockState(StrEnum):
    """What a clock of the law shows; late and failed are different facts, and neither decides anything."""

    RUNNING = "running"
    STOPPED = "stopped"
    FORECAST = "forecast"
    LATE = "late"
    FAILED = "failed"


class ClockOutcome(StrEnum):
    """What became of a clock of the law."""

    MET = "met"
    LATE = "late"
    FAILED = "failed"


class Clock(Message):
    """A clock of the law that runs on the claim, with the rule that set it. `due_at`: after that it is late.

    It waits for nobody: what it says ahead of time, and that it is late or has failed, are life-cycle events.
    """

    name: Code
    citation: str
    ends_with: Code
    started_at: Instant
    forecast_at: Instant
    due_at: Instant
    failed_at: Instant | None
    state: ClockState
    stopped_at: Instant | None = None
    stood_seconds: Count = 0


class ClockEnded(Message):
    """A clock that ended with this transition. Time lapse is from `started_at` to the event's `at`, less what it stood still."""

    name: Code
    outcome: ClockOutcome
    ended_by: Code
    started_at: Instant
    due_at: Instant
    stood_seconds: Count = 0


class Timeliness(StrEnum):
    """Whether an appeal was received in time; not known where the law's window is not."""

    TIMELY = "timely"
    LATE = "late"
    NOT_KNOWN = "not_known"


class Appeal(Message):
    """An appeal that a person must decide: against which determination, received on which of the agency's days, how late."""

    determination_number: Ordinal
    received_on: date
    appeal_by: date | None
    timeliness: Timeliness
    late_days: Count = 0


class OpenEntry(Message):
    """One thing the claim waits for: what, whose it is, since when, and the instants the scheduler watches.

    `due_at` is the deadline of a person's wait, or the instant a machine's answer is late; `retry_at` and `remind_at` stand
    while a retry or a reminder is planned. `limit_at` is when an alert says that a machine has had it for too long; once it was
    said, `too_long_since` is that instant, and `advice` what to do. The alert is over when the entry is gone.

    `clock` stands only where the entry is a clock of the law; its `advice` says whose turn it is. Of a referral: `assignee` has
    it, `claimed_at` says since when it is worked on; `overdue_since` is the `due_at` that passed, since when it is a
    supervisor's; `appeal` is what it is about where it is one. They stand only where they are something.
    """

    id: EffectId
    kind: EntryKind
    step: Code | None
    owner: str
    reason: Code | None = None
    since: Instant
    attempt: Ordinal = 1
    due_at: Instant | None = None
    retry_at: Instant | None = None
    remind_at: Instant | None = None
    limit_at: Instant | None = None
    too_long_since: Instant | None = None
    advice: str | None = None
    assignee: Annotated[CaseworkerRef | None, RARE] = None
    claimed_at: Annotated[Instant | None, RARE] = None
    overdue_since: Annotated[Instant | None, RARE] = None
    clock: Annotated[Clock | None, RARE] = None
    appeal: Annotated[Appeal | None, RARE] = None


class Lane(StrEnum):
    """Which queue a claim's work takes."""

    STANDARD = "standard"
    EXPEDITED = "expedited"


class Transition(Message):
    """What every life-cycle event carries; `sequence` counts 1, 2, 3 ... per claim, `change` says what happened in one code.

    `clocks_ended` stands only where clocks of the law ended with it.
    """

    claim_id: ClaimId
    sequence: Ordinal
    at: Instant
    change: Code
    phase: Phase
    step: Code | None
    portal: str
    portal_ref: str
    jurisdiction: Jurisdiction
    claim_type: ClaimType
    program: Program
    lane: Lane
    lane_reasons: tuple[str, ...]
    open: tuple[OpenEntry, ...]
    clocks_ended: Annotated[tuple[ClockEnded, ...], Field(exclude_if=lambda ended: not ended)] = ()


class ClaimAccepted(Transition):
    """The claim is taken and its first step is asked for."""

    filed_at: Instant


class ClaimProgressed(Transition):
    """Something moved: a step done, asked again, late, reminded, answered."""


class ClaimReferred(Transition):
    """A person must decide; the referral stands in `open`, `reasons` say why."""

    reasons: tuple[Code, ...]


class ClaimParked(Transition):
    """Our code failed on this claim; an engineer must look."""

    error: str


class ClaimApproved(Transition):
    """A determination in the citizen's favour. Amounts are None for an additional claim: the benefit year keeps its own.

    `appeal_by` is None where the window is not known.
    """

    determination_number: Ordinal
    effective_on: date | None
    weekly_benefit_amount: Money | None
    maximum_benefit_amount: Money | None
    weeks: Count | None
    interview_at: Instant | None
    reasons: tuple[Reason, ...] = ()
    appeal_by: date | None = None


class ClaimDenied(Transition):
    """A determination against the claim, with reasons; `appeal_by` is None where the window is not known."""

    determination_number: Ordinal
    effective_on: date | None
    reasons: tuple[Reason, ...]
    appeal_by: date | None


class ClaimWithdrawn(Transition):
    """The claim is taken back and everything done for it is undone."""
