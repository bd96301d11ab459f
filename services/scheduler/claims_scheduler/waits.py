"""The instants that a claim waits for, as its newest life-cycle event says, and what they fire. Pure: the clock is an argument.

Instants are whole microseconds in UTC: a wait counts only if its entry still holds exactly the instant that it names.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec

from claims_shared.messages.catalog import LIFECYCLE, MESSAGES
from claims_shared.messages.fields import CODE_PATTERN, MOST
from claims_shared.messages.lifecycle import Transition
from claims_shared.messages.scheduler import DeadlinePassed, HeldTooLong, ReminderDue, RetryDue, WaitKind
from claims_shared.wire import Output, output

SOURCE: Final = "claims.scheduler"
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

FIRST_PAUSE: Final = 5_000_000
LONGEST_PAUSE: Final = 86_400_000_000
"""What fired is in its topic: it comes again only for the case that the topic was lost, and for ever for a claim that is not."""
_DOUBLINGS: Final = 15

EVENTS: Final = {
    WaitKind.DUE: DeadlinePassed,
    WaitKind.RETRY: RetryDue,
    WaitKind.REMIND: ReminderDue,
    WaitKind.TOO_LONG: HeldTooLong,
}


class Wait(msgspec.Struct, frozen=True, array_like=True):
    """One instant of one open entry."""

    entry: str
    kind: WaitKind
    armed_for: int
    step: str | None = None


_At = Annotated[datetime, msgspec.Meta(tz=True)]


class _Entry(msgspec.Struct, frozen=True):
    """Within the message's own bounds: beyond them it is the message that says what is wrong."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=160)]
    step: Annotated[str, msgspec.Meta(pattern=CODE_PATTERN)] | None
    due_at: _At | None = None
    retry_at: _At | None = None
    remind_at: _At | None = None
    limit_at: _At | None = None

    def __post_init__(self) -> None:
        """Take instants as we write them; one with an offset may lie beyond what UTC can hold."""
        due, retry, remind, limit = self.due_at, self.retry_at, self.remind_at, self.limit_at
        if (
            (due and due.tzinfo is not UTC)
            or (retry and retry.tzinfo is not UTC)
            or (remind and remind.tzinfo is not UTC)
            or (limit and limit.tzinfo is not UTC)
        ):
            raise ValueError


class Seen(msgspec.Struct, frozen=True):
    """What the scheduler needs of a life-cycle event, whichever it is."""

    claim_id: str
    sequence: Annotated[int, msgspec.Meta(ge=1, le=MOST)]
    open: tuple[_Entry, ...]


VIEWS: Final = dict.fromkeys(MESSAGES[LIFECYCLE].values(), msgspec.json.Decoder(Seen).decode)


def micros(instant: datetime) -> int:
    """Give an instant as whole microseconds since 1970, exactly."""
    return (instant - EPOCH) // _MICROSECOND


def instant(microseconds: int) -> datetime:
    """Give the instant of this many microseconds since 1970, exactly."""
    return EPOCH + timedelta(microseconds=microseconds)


def waits_of(event: Seen | Transition) -> tuple[Wait, ...]:
    """Give every instant that the claim waits for; it waits for nothing else."""
    return tuple(_waits_of(event))


def _waits_of(event: Seen | Transition) -> Iterator[Wait]:
    for entry in event.open:
        if entry.due_at is not None:
            yield Wait(entry.id, WaitKind.DUE, micros(entry.due_at), entry.step)
        if entry.retry_at is not None:
            yield Wait(entry.id, WaitKind.RETRY, micros(entry.retry_at), entry.step)
        if entry.remind_at is not None:
            yield Wait(entry.id, WaitKind.REMIND, micros(entry.remind_at), entry.step)
        if entry.limit_at is not None:
            yield Wait(entry.id, WaitKind.TOO_LONG, micros(entry.limit_at), entry.step)


def fires_again_at(fired: int, last: int) -> int:
    """Give the instant of the next firing after `fired` of them, the last at `last`: the pauses double up to a cap."""
    return last + pause_after(fired)


def pause_after(fired: int) -> int:
    """Give how long what has fired so often rests."""
    return min(FIRST_PAUSE << min(fired - 1, _DOUBLINGS), LONGEST_PAUSE)


def fire(claim_id: str, wait: Wait, cause: str, now: datetime) -> Output:
    """Say that the instant came; every repeat is the same event, under the same id."""
    armed_for = instant(wait.armed_for)
    event = EVENTS[wait.kind](
        claim_id=claim_id, answers=wait.entry, wait=wait.kind, armed_for=armed_for, step=wait.step
    )
    stamp = armed_for.isoformat().replace("+00:00", "Z")
    return output(event, id=f"{wait.entry}/{wait.kind}/{stamp}", source=SOURCE, at=now, causation=cause)
