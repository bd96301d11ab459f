"""Which interview a claimant may have moved, and what a moved one changes of the claim. Pure."""

from collections.abc import Iterator
from datetime import datetime

from claims_orchestrator import facts, process
from claims_orchestrator.claim import Claim, Effect, Entry
from claims_shared.messages.lifecycle import EntryKind
from claims_shared.messages.scheduler import NoticeKind
from claims_shared.wire import millis


def movable(claim: Claim, rule: process.Move, now: datetime) -> Effect | None:
    """Give the next interview ahead; None where it may not be moved any more, is being moved, or there is none."""
    ahead = [(at, effect) for effect, at in _booked(claim) if at > now]
    if not ahead:
        return None
    at, effect = min(ahead, key=lambda each: each[0])
    moving = any(each.step == process.MOVE and each.of == effect.id for each in claim.open.values())
    return None if moving or at - now < rule.until or effect.moved >= rule.times else effect


def not_before(claim: Claim, effect: Effect, rule: process.Move, wish: datetime | None) -> int:
    """Give the earliest instant that suits the claimant: as they say, else some time after the old appointment."""
    at = facts.interview_at(claim, effect.step)
    assert at is not None, "only what is booked can be moved"
    return millis(wish or at + rule.later)


def booked_by(claim: Claim, interview: str) -> Effect | None:
    """Give the interview of this id, unless it was undone."""
    undone = any(each.kind is EntryKind.UNDO and each.of == interview for each in claim.open.values())
    return None if undone else next((each for each in claim.effects if each.id == interview), None)


def version(claim: Claim, step: str) -> int:
    """Give how often the interview of a step has been moved, as far as is known."""
    return int(facts.result_of(claim, step).get("sequence") or 0)


def wait_of(claim: Claim, step: str) -> Entry | None:
    """Give what waits for the interview of a step."""
    waits = (each for each in claim.open.values() if each.kind is EntryKind.INTERVIEW and each.step == step)
    return next(waits, None)


def reminders_of(claim: Claim, wait: Entry) -> list[Entry]:
    """Give reminders of a wait that are under way: they tell of the old instant."""
    reminder = NoticeKind.INTERVIEW_REMINDER.value
    return [each for each in claim.open.values() if each.notice == reminder and each.of == wait.id]


def _booked(claim: Claim) -> Iterator[tuple[Effect, datetime]]:
    """Give the interviews that have a slot, those apart that were held already."""
    for effect in claim.effects:
        if effect.step == process.FACT_FINDING and wait_of(claim, effect.step) is None:
            continue
        at = facts.interview_at(claim, effect.step) if effect.step in process.INTERVIEWS else None
        if at is not None and booked_by(claim, effect.id) is not None:
            yield effect, at
