"""The claim's document: its state, what it waits for, what is unsent. Data only; instants are milliseconds in UTC."""

from datetime import date

import msgspec

from claims_shared.documents import Document
from claims_shared.messages.lifecycle import ClockOutcome, ClockState, EntryKind, Lane, Phase
from claims_shared.messages.scheduler import WaitKind

HISTORY = 200
HEARD = 64


class Clock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A clock of the law that runs on the claim, with the rule that set it: `citation`, and the instants that it gave.

    `said`: the last it has said of time; `stopped_at`: since when it stands still; `stood`: how many milliseconds it did before.
    """

    name: str
    citation: str
    ends: str
    started_at: int
    forecast_at: int
    late_at: int
    failed_at: int | None = None
    stands_still: tuple[str, ...] = ()
    said: ClockState = ClockState.RUNNING
    stopped_at: int | None = None
    stood: int = 0


class Lapse(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a clock: kept in the history for those who measure time lapse; it ended when its moment was."""

    name: str
    outcome: ClockOutcome
    ended_by: str
    started_at: int
    due_at: int
    stood: int = 0


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing the claim waits for. `id` is `claim/kind/n`: also the effect's id at the service that is asked.

    `due`: when a machine's answer is late, or a person's wait ends; None while a retry is planned, and once a person was
    asked instead. `of`: what this one is about: the effect that an undo undoes, the command that a referral watches, the
    wait, or the determination's number, that a notice tells of. `limit`: when it will have been held for too long, armed once
    anything delays it; `too_long`: that instant, once it was said. `late`: how many times its answer was late. `supersedes`: the
    notices in whose stead this one is sent. `clock`: of a clock, what it is. `not_before`: when a moved interview suits the
    claimant. Of a referral: `assignee`: the caseworker who has it; `claimed_at`: since when it is worked on; `overdue`: when it
    was due, once that has passed.
    """

    id: str
    kind: EntryKind
    step: str | None
    owner: str
    since: int
    attempt: int = 1
    failures: int = 0
    due: int | None = None
    retry: int | None = None
    remind: tuple[int, ...] = ()
    reason: str | None = None
    of: str | None = None
    late: int = 0
    notice: str | None = None
    supersedes: tuple[str, ...] = ()
    limit: int | None = None
    too_long: int | None = None
    clock: Clock | None = None
    not_before: int | None = None
    assignee: str | None = None
    claimed_at: int | None = None
    overdue: int | None = None

    @property
    def instants(self) -> dict[WaitKind, int | None]:
        """Give every instant that the scheduler watches for it; None where that kind is not armed."""
        return {
            WaitKind.DUE: self.due,
            WaitKind.RETRY: self.retry,
            WaitKind.TOO_LONG: self.limit,
            WaitKind.REMIND: self.remind[0] if self.remind else None,
        }


class Effect(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a service was asked for and has not been told to undo. `moved`: how often the claimant had it moved."""

    id: str
    step: str
    moved: int = 0


class Result(msgspec.Struct, frozen=True):
    """A step's answer as it arrived."""

    wire: str
    body: bytes


class Determination(msgspec.Struct, frozen=True, omit_defaults=True):
    """A numbered decision on the claim; superseded by the next one, never edited.

    `body`: the life-cycle event, numbered `event`, that said it. `step`: what it was decided on; None where not on a step.
    """

    number: int
    outcome: Phase
    event: int
    at: int
    wire: str
    body: bytes
    step: str | None = None


class Appeal(msgspec.Struct, frozen=True, omit_defaults=True):
    """An appeal against the determination numbered `against`, for which the referral `entry` was opened.

    `received_on`: the agency's day; `appeal_by`: the last that was in time, None where that is not known. `decision`: what a
    person decided, and when; None while it is open.
    """

    entry: str
    against: int
    received_at: int
    received_on: date
    appeal_by: date | None = None
    decision: str | None = None
    decided_at: int | None = None

    @property
    def late_days(self) -> int | None:
        """Give by how many days it was late; None: not known."""
        return None if self.appeal_by is None else max((self.received_on - self.appeal_by).days, 0)


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the claim's history."""

    number: int
    at: int
    change: str
    cause: str
    clocks: tuple[Lapse, ...] = ()


class Waiting(msgspec.Struct, frozen=True):
    """A message that waits in the document: until the claim is known, or until an engineer lets a parked claim go on."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes | None], ...]


class Claim(Document, kw_only=True, omit_defaults=True):
    """One claim. Replaced, never changed in place."""

    phase: Phase = Phase.AWAITED
    number: int = 0
    step: str | None = None
    plan: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    lane: Lane = Lane.STANDARD
    lane_reasons: tuple[str, ...] = ()
    portal: str = ""
    portal_ref: str = ""
    jurisdiction: str = ""
    claim_type: str = ""
    program: str = ""
    filed_at: int = 0
    accepted_at: int = 0
    updated_at: int = 0
    facts: bytes = b""
    evidence: tuple[bytes, ...] = ()
    decisions: tuple[bytes, ...] = ()
    results: dict[str, Result] = msgspec.field(default_factory=dict)
    open: dict[str, Entry] = msgspec.field(default_factory=dict)
    determinations: tuple[Determination, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    heard: tuple[str, ...] = ()
    history: tuple[Moment, ...] = ()
    inbox: tuple[Waiting, ...] = ()
    awaited_until: int | None = None
    look_again: int | None = None
    """Before this instant nobody looks again whether its waits are alive."""
    looked: int = 0
    """How often somebody did, and told its newest event again."""


def in_flight(claim: Claim) -> bool:
    """Whether a machine is at work on the claim and not late: what the intake window counts. A parked claim waits for us."""
    working = False
    for entry in claim.open.values():
        if entry.kind is EntryKind.PARK:
            return False
        working = working or (entry.kind is EntryKind.COMMAND and entry.retry is None and not entry.late)
    return working


def parked(claim: Claim) -> Entry | None:
    """Give the park's entry where our code failed on this claim."""
    return next((entry for entry in claim.open.values() if entry.kind is EntryKind.PARK), None)
