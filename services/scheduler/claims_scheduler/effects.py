"""What the scheduler was asked for, one document per effect, and what each command means to it. Pure.

An effect is a booked interview with its invite, or a notice. Its document holds the final answer (asked again, it answers
again), the mail as it is sent, and how far the mail has got; the drain takes it from there.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from claims_scheduler.slots import Slot
from claims_scheduler.waits import SOURCE
from claims_scheduler.wanting import NO_FREE_SLOT
from claims_shared.documents import Document, Folding, Verdict
from claims_shared.messages.catalog import BY_MODEL
from claims_shared.messages.fields import Answer, Command, FailureKind, utc
from claims_shared.messages.scheduler import (
    CancelInterview,
    InterviewCancelled,
    InterviewMoved,
    InterviewScheduled,
    InterviewUnavailable,
    MovedBy,
    MoveInterview,
    NoticeFailed,
    NoticeSent,
    ScheduleInterview,
    SendNotice,
)
from claims_shared.wire import Output, Received, millis, output

NO_ADDRESS: Final = "no_address"
SUPERSEDED: Final = "superseded"
SLOTS_FIRST: Final = 0
"""Due before every mail: a free slot must not wait behind thousands of letters."""


class Kind(StrEnum):
    """What an effect is; a tombstone is an interview that was cancelled before it was asked for."""

    INTERVIEW = "interview"
    NOTICE = "notice"
    TOMBSTONE = "tombstone"


class Post(StrEnum):
    """How far an effect's mail has got."""

    WANTED = "wanted"
    RECORDED = "recorded"
    TOLD = "told"
    """Taken or refused for good by the mail server; the answer is not known to be in its topic yet."""
    DONE = "done"


class Bounce(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of the effect's mails came back for good: which, why (RFC 3463), when, and whether it was told."""

    sequence: int
    status: str
    at: int
    told: bool = False


class Moving(msgspec.Struct, frozen=True, array_like=True):
    """A move of an interview under way: the command (of the claimant's move `by`), or the caseworker's leave where that is empty.

    `not_before`: the claimant cannot come earlier. `done`: the booking names the new slot; it has yet to be told.
    """

    by: str
    command: str
    attempt: int
    not_before: int = 0
    done: bool = False


class Effect(Document, kw_only=True, omit_defaults=True):
    """One effect. `command` and `attempt` are those of the newest command; `asked` is its body as it arrived;
    `asked_at`: since when its mail has been wanted, its cancellation's once it is cancelled.

    `frees`: the slot is still held and must be given back. `sequence` counts the invite's versions. `failure` says why the mail
    cannot be delivered, ever. `supersedes`: notices that must not be sent once this one is. Instants in milliseconds.

    `moving`: a move under way; `next_slot`: the slot that is being taken for it; `left`: the one that is to be given back;
    `moves`: the claimant's moves so far, which are answered and never made again. `kept`: a slot that could not be left.
    `was_at`: when the interview was before it was moved last.
    """

    claim_id: str
    kind: Kind
    command: str
    attempt: int
    asked_at: int
    asked: bytes = b""
    slot: Slot | None = None
    cancelled: bool = False
    frees: bool = False
    sequence: int = 0
    post: Post = Post.DONE
    due_at: int | None = None
    tries: int = 0
    recipient: str = ""
    message_id: str = ""
    mail: bytes = b""
    sent_at: int | None = None
    failure: str | None = None
    supersedes: tuple[str, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    moving: Moving | None = None
    next_slot: Slot | None = None
    left: Slot | None = None
    moves: tuple[str, ...] = ()
    kept: Slot | None = None
    was_at: int | None = None

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Give every slot that may be held for it."""
        return tuple(each for each in (self.slot, self.next_slot, self.left) if each is not None)

    @property
    def unfinished(self) -> bool:
        """Whether the drain has anything left to do about it: its mail, its slots, its bounces."""
        told = all(bounce.told for bounce in self.bounces)
        return self.post is not Post.DONE or self.frees or self.moving is not None or not told


# --- the fold ---------------------------------------------------------------------------------


def schedule(effect: Effect | None, message: Received, asked: ScheduleInterview, now: datetime) -> Folding[Effect]:
    """Answer with the slot that was found (the message's aside), or with the one that is already held, moved or not."""
    if effect is None:
        return _book(message, asked, now)
    if effect.cancelled or effect.slot is None:
        return Folding(None, (_unavailable(message, asked, FailureKind.PERMANENT, "undone", now),))
    if effect.sequence:
        return Folding(None, (_answer(message, moved(effect, asked), now),))
    return Folding(None, (_scheduled(message, asked, effect.slot, now),))


def _book(message: Received, asked: ScheduleInterview, now: datetime) -> Folding[Effect]:
    found: Slot | str | None = message.aside
    if not isinstance(found, Slot):
        reason = found or NO_FREE_SLOT
        kind = FailureKind.NOT_READY if reason == NO_FREE_SLOT else FailureKind.PERMANENT
        return Folding(None, (_unavailable(message, asked, kind, reason, now),))
    effect = _asked(message, asked, Kind.INTERVIEW, now, mailed=asked.email)
    return Folding(msgspec.structs.replace(effect, slot=found), (_scheduled(message, asked, found, now),))


def cancel(effect: Effect | None, message: Received, asked: CancelInterview, now: datetime) -> Folding[Effect]:
    """Free the slot, or leave a tombstone so that a late request stays undone."""
    answer = (_answer(message, InterviewCancelled(**_addressed(asked)), now),)
    if effect is None:
        return Folding(_tombstone(message, asked, now), answer)
    if effect.cancelled or effect.kind is not Kind.INTERVIEW:
        return Folding(None, answer)
    return Folding(_cancelled(effect, now), answer)


def _cancelled(effect: Effect, now: datetime) -> Effect:
    """Whoever may have got the invite gets its cancellation, unless the interview is over; what was not made is not sent.

    Who asked for it to be moved is still to be told that there is nothing to move.
    """
    ahead = effect.slot is not None and effect.slot.starts_at > millis(now)
    invited = bool(effect.message_id) and effect.failure is None and ahead
    return msgspec.structs.replace(
        effect,
        asked_at=millis(now),
        cancelled=True,
        frees=True,
        moving=effect.moving if effect.moving and effect.moving.by else None,
        sequence=effect.sequence + 1,
        post=Post.WANTED if invited else Post.DONE,
        due_at=SLOTS_FIRST,
        tries=0,
    )


def _tombstone(message: Received, asked: CancelInterview, now: datetime) -> Effect:
    return Effect(
        id=message.claim_id,
        claim_id=asked.claim_id,
        kind=Kind.TOMBSTONE,
        command=message.id,
        attempt=asked.attempt,
        asked_at=millis(now),
        cancelled=True,
    )


def notice(effect: Effect | None, message: Received, asked: SendNotice, now: datetime) -> Folding[Effect]:
    """Keep it for the drain; what is already done is answered again, what is under way answers the newest attempt."""
    if effect is None and asked.email is None:
        failed = NoticeFailed(**_addressed(asked), kind=FailureKind.PERMANENT, reason=NO_ADDRESS)
        return Folding(None, (_answer(message, failed, now),))
    if effect is None:
        wanted = _asked(message, asked, Kind.NOTICE, now, mailed=asked.email)
        own = tuple(name for name in asked.supersedes if name.startswith(f"{asked.claim_id}/"))
        return Folding(msgspec.structs.replace(wanted, supersedes=own))
    newest = msgspec.structs.replace(effect, command=message.id, attempt=asked.attempt)
    if effect.post is Post.DONE:
        return Folding(None, (told(newest, now),))
    if (newest.command, newest.attempt) == (effect.command, effect.attempt):
        return Folding(None, verdict=Verdict.IGNORED, reason="already_asked")
    return Folding(newest)


def superseded(effect: Effect | None, name: str, by: Effect) -> Effect | None:
    """Give the notice of this name as one that is never sent, where it is not sent yet; None: it is over already.

    It still has its answer. Of one that was not asked for yet a tombstone stays, which answers when it is.
    """
    if effect is None:
        return Effect(
            id=name,
            partition=by.partition,
            claim_id=by.claim_id,
            kind=Kind.NOTICE,
            command=by.command,
            attempt=by.attempt,
            asked_at=by.asked_at,
            failure=SUPERSEDED,
        )
    if effect.post not in {Post.WANTED, Post.RECORDED}:
        return None
    return msgspec.structs.replace(effect, post=Post.TOLD, due_at=by.asked_at, failure=SUPERSEDED)


def due_again(effect: Effect, now: int) -> Effect:
    """Have it looked at again at once where something is left to do about it, and never where nothing is."""
    return msgspec.structs.replace(effect, due_at=now if effect.unfinished else None)


def _asked(message: Received, asked: Command, kind: Kind, now: datetime, *, mailed: str | None) -> Effect:
    return Effect(
        id=message.claim_id,
        claim_id=asked.claim_id,
        kind=kind,
        command=message.id,
        attempt=asked.attempt,
        asked_at=millis(now),
        asked=message.record.value or b"",
        recipient=mailed or "",
        post=Post.WANTED if mailed else Post.DONE,
        due_at=millis(now) if mailed else None,
    )


# --- the answers ------------------------------------------------------------------------------


def told(effect: Effect, now: datetime) -> Output:
    """Say what became of a notice."""
    head = {"claim_id": effect.claim_id, "answers": effect.id, "attempt": effect.attempt}
    answer: Answer
    if effect.failure is not None:
        answer = NoticeFailed(**head, kind=FailureKind.PERMANENT, reason=effect.failure)
    else:
        answer = NoticeSent(**head, message_id=effect.message_id, sent_at=utc(effect.sent_at or 0))
    made = output(answer, id=name_of(effect.command, answer), source=SOURCE, at=now, causation=effect.command)
    return msgspec.structs.replace(made, traceparent=effect.traceparent)


def unusable(message: Received, now: datetime) -> tuple[Output, ...]:
    """Say that our code failed on this command, where its answer has words for that."""
    asked: Any = message.body
    failures: dict[type[Command], type[InterviewUnavailable | NoticeFailed]] = {
        ScheduleInterview: InterviewUnavailable,
        MoveInterview: InterviewUnavailable,
        SendNotice: NoticeFailed,
    }
    failure = failures.get(type(asked))
    if failure is None:
        return ()
    answer = failure(**_addressed(asked), kind=FailureKind.PERMANENT, reason="internal_error")
    return (_answer(message, answer, now),)


def _scheduled(message: Received, asked: ScheduleInterview, slot: Slot, now: datetime) -> Output:
    answer = InterviewScheduled(
        **_addressed(asked),
        interview_at=utc(slot.starts_at),
        minutes=slot.minutes,
        caseworker_ref=slot.caseworker,
    )
    return _answer(message, answer, now)


def moved(effect: Effect, asked: Command | None) -> InterviewMoved:
    """Say where an interview is now; `asked`: to whom, None: nobody asked."""
    assert effect.slot is not None
    return InterviewMoved(
        claim_id=effect.claim_id,
        answers=asked.effect_id if asked else None,
        attempt=asked.attempt if asked else None,
        interview=effect.id,
        sequence=effect.sequence,
        interview_at=utc(effect.slot.starts_at),
        minutes=effect.slot.minutes,
        caseworker_ref=effect.slot.caseworker,
        moved_by=MovedBy.CLAIMANT if asked else MovedBy.AGENCY,
    )


def _unavailable(message: Received, asked: ScheduleInterview, kind: FailureKind, reason: str, now: datetime) -> Output:
    return _answer(message, InterviewUnavailable(**_addressed(asked), kind=kind, reason=reason), now)


def _addressed(asked: Command) -> dict[str, Any]:
    return {"claim_id": asked.claim_id, "answers": asked.effect_id, "attempt": asked.attempt}


def _answer(message: Received, answer: Answer | InterviewMoved, now: datetime) -> Output:
    return output(answer, id=name_of(message.id, answer), source=SOURCE, at=now, causation=message.id)


def name_of(command: str, answer: Answer | InterviewMoved) -> str:
    """The fact is in the id: a redelivered command may meet a free slot where it met none, or an interview moved meanwhile."""
    fact = BY_MODEL[type(answer)].wire.split(".")[1]
    return f"{command}/{fact}/{answer.sequence}" if isinstance(answer, InterviewMoved) else f"{command}/{fact}"
