"""What it means to an interview that it is to be moved: the claimant's wish, a caseworker's leave, and each step of it. Pure.

The new slot is held before the old one is given back. The document says first what is being taken (`next_slot`), then that it
is its slot now; whoever takes over in between goes on from there, and neither slot is ever held by nobody's booking.
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from claims_scheduler.effects import SLOTS_FIRST, Effect, Kind, Moving, Post, due_again, moved, name_of
from claims_scheduler.slots import Slot
from claims_scheduler.waits import SOURCE
from claims_shared.documents import Folding, Verdict
from claims_shared.messages.fields import FailureKind, utc
from claims_shared.messages.scheduler import InterviewMoved, InterviewStranded, InterviewUnavailable, MoveInterview
from claims_shared.wire import Output, Received, millis, output

NO_INTERVIEW: Final = "undone"
OVER: Final = "over"
_with: Final = msgspec.structs.replace


def move(effect: Effect | None, message: Received, asked: MoveInterview, now: datetime) -> Folding[Effect]:
    """Note the claimant's wish for the drain; one that was fulfilled is answered with where the interview is now."""
    if effect is None or effect.slot is None or effect.cancelled or effect.kind is not Kind.INTERVIEW:
        return Folding(None, (_refusal(asked, message.id, NO_INTERVIEW, now),))
    if asked.effect_id in effect.moves and not (effect.moving and effect.moving.by == asked.effect_id):
        return Folding(None, (_named(moved(effect, asked), message.id, now),))
    if effect.moving is not None and effect.moving.by != asked.effect_id:
        return Folding(None, verdict=Verdict.IGNORED, reason="moving")  # it is asked again once that is over
    if effect.moving is not None and effect.moving.attempt >= asked.attempt:
        return Folding(None, verdict=Verdict.IGNORED, reason="already_asked")
    if effect.moving is None and effect.slot.starts_at <= millis(now):
        return Folding(None, (_refusal(asked, message.id, OVER, now),))
    done = effect.moving is not None and effect.moving.done
    not_before = millis(asked.not_before) if asked.not_before else 0
    wish = Moving(asked.effect_id, message.id, asked.attempt, not_before, done)
    return Folding(_with(effect, moving=wish, due_at=SLOTS_FIRST))


def displaced(effect: Effect, now: int) -> Effect | None:
    """Give the interview of a caseworker who is away then, to be moved; None: it is over, or is being moved already."""
    if effect.slot is None or effect.cancelled or effect.moving is not None or effect.slot.starts_at <= now:
        return None
    return _with(effect, moving=Moving("", effect.command, effect.attempt), due_at=SLOTS_FIRST)


def chosen(effect: Effect, slot: Slot) -> Effect:
    """Say which slot is being taken."""
    return _with(effect, next_slot=slot)


def lost(effect: Effect) -> Effect:
    """Another one has the slot: choose again."""
    return _with(effect, next_slot=None)


def settled(effect: Effect, now: datetime) -> Effect:
    """The new slot is held: the booking names it, and the invite's next version is wanted."""
    assert effect.moving is not None
    assert effect.next_slot is not None
    by = effect.moving.by
    return _with(
        effect,
        slot=effect.next_slot,
        left=effect.slot,
        was_at=effect.slot.starts_at if effect.slot else None,
        next_slot=None,
        kept=None,
        moving=_with(effect.moving, done=True),
        moves=(*effect.moves, by) if by else effect.moves,
        sequence=effect.sequence + 1,
        asked_at=millis(now),
        post=Post.WANTED if effect.recipient and effect.failure is None else Post.DONE,
        tries=0,
        mail=b"",
    )


def over(effect: Effect, now: datetime) -> Effect:
    """Everything about the move is told and given back, or it cannot be made; the mail is next."""
    stays = effect.slot if effect.moving and not effect.moving.done and not effect.moving.by else effect.kept
    return due_again(_with(effect, moving=None, next_slot=None, left=None, kept=stays), millis(now))


def told(effect: Effect, now: datetime) -> Output:
    """Say that the interview was moved: to who asked, or to whom it may concern."""
    moving = effect.moving
    assert moving is not None
    if moving.by:
        return _named(moved(effect, _asker(effect, moving)), moving.command, now)
    return _by_itself(moved(effect, None), effect, f"moved/{effect.sequence}", now)


def refused(effect: Effect, reason: str, now: datetime) -> Output:
    """Say that there is no other slot. What a leave has left without anybody is told of once for each slot and reason."""
    moving = effect.moving
    assert moving is not None
    assert effect.slot is not None
    if moving.by:
        return _refusal(_asker(effect, moving), moving.command, reason, now)
    stranded = InterviewStranded(
        claim_id=effect.claim_id,
        interview=effect.id,
        interview_at=utc(effect.slot.starts_at),
        caseworker_ref=effect.slot.caseworker,
        reason=reason,
    )
    return _by_itself(stranded, effect, f"stranded/{effect.slot.id}/{reason}", now)


def _by_itself(message: InterviewMoved | InterviewStranded, effect: Effect, what: str, now: datetime) -> Output:
    return output(message, id=f"{effect.id}/{what}", source=SOURCE, at=now, causation=effect.command)


def _asker(effect: Effect, moving: Moving) -> MoveInterview:
    return MoveInterview(claim_id=effect.claim_id, effect_id=moving.by, attempt=moving.attempt, moves=effect.id)


def _refusal(asked: MoveInterview, command: str, reason: str, now: datetime) -> Output:
    """The old appointment stands: asking again is for a person to decide."""
    head: dict[str, Any] = {"claim_id": asked.claim_id, "answers": asked.effect_id, "attempt": asked.attempt}
    failed = InterviewUnavailable(**head, kind=FailureKind.PERMANENT, reason=reason)
    return _named(failed, command, now)


def _named(message: InterviewMoved | InterviewUnavailable, command: str, now: datetime) -> Output:
    return output(message, id=name_of(command, message), source=SOURCE, at=now, causation=command)
