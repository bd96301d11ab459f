"""Carries the scheduler's commands through the engine: a document per effect, slots found before the fold, which is pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from claims_scheduler import effects, moving
from claims_scheduler.bookings import Bookings
from claims_scheduler.effects import Effect
from claims_scheduler.groups import Want
from claims_scheduler.pace import Pace
from claims_scheduler.slots import Slot
from claims_scheduler.wanting import want_of, why_not
from claims_shared.documents import Documents, Folding, Tally, Verdict
from claims_shared.engine import Clock, Position
from claims_shared.messages.scheduler import CancelInterview, MoveInterview, ScheduleInterview, SendNotice
from claims_shared.ports import Scalar, Shape
from claims_shared.wire import DeadLetter, Output, Received, millis

SERVICE: Final = "scheduler"
SHAPE: Final = Shape("effects")

_FOLDS: Final[dict[type, Any]] = {
    ScheduleInterview: effects.schedule,
    CancelInterview: effects.cancel,
    MoveInterview: moving.move,
    SendNotice: effects.notice,
}


class EffectDecider:
    """The decisions of `effects`, and the search for slots that they need."""

    document = Effect
    keeps_outbox = False

    def __init__(self, bookings: Bookings, clock: Clock, partitions: int) -> None:
        self._bookings = bookings
        self._clock = clock
        self._partitions = partitions

    def creates(self, message: Received) -> bool:
        """A notice is nearly always new; a booking is looked up, so that no second slot is taken for it."""
        return isinstance(message.body, SendNotice)

    async def prepare(self, messages: Sequence[Received], documents: Mapping[str, Effect]) -> None:
        """Find a slot for every booking that has none."""
        now = self._clock()
        wanting = [message for message in messages if isinstance(message.body, ScheduleInterview)]
        for message in wanting:
            if (known := documents.get(message.claim_id)) is not None:
                self._bookings.settled(known.id, known.slot)
        unbooked = [message for message in wanting if message.claim_id not in documents]
        wants = {message.claim_id: want for message in unbooked if (want := self._want(message)) is not None}
        found = await self._bookings.book(list(wants.values()), now) if wants else {}
        for message in unbooked:
            message.aside = self._aside(wants.get(message.claim_id), found.get(message.claim_id), now)

    def fold(self, document: Effect | None, message: Received, now: datetime) -> Folding[Effect]:
        """Decide what a command means to its effect."""
        folding: Folding[Effect] = _FOLDS[type(message.body)](document, message, message.body, now)
        return folding

    def park(self, document: Effect | None, message: Received, error: str, now: datetime) -> Folding[Effect]:
        """Put the command aside and say so: nobody waits for an answer that never comes."""
        _ = document
        letter = DeadLetter(message.record, SERVICE, "failed", (error,))
        return Folding(None, effects.unusable(message, now), Verdict.PARKED, error.partition(":")[0], letters=(letter,))

    def fields(self, document: Effect) -> Mapping[str, Scalar]:
        """Nothing stands beside the document but the instant at which the drain looks at it."""
        _ = document
        return {}

    def due_at(self, document: Effect) -> int | None:
        """Give the instant at which the drain has something to do."""
        return document.due_at

    def installed(self, before: Effect | None, after: Effect) -> None:
        """The booking is written: what was taken for it and not used is to be freed."""
        _ = before
        self._bookings.settled(after.id, after.slot)

    def _want(self, message: Received) -> Want | None:
        asked: Any = message.body
        return want_of(asked, message.claim_id, self._partitions)

    def _aside(self, want: Want | None, slot: Slot | None, now: datetime) -> Slot | str:
        return slot if slot is not None else why_not(self._bookings.groups, want, millis(now))


class Commands:
    """The processor of the command topics: each command meets its effect's document.

    Nothing is cached from batch to batch: an effect is asked for once, and the drain writes the same documents.
    """

    def __init__(self, documents: Documents[Effect], bookings: Bookings, pace: Pace) -> None:
        """`documents` without a cache."""
        self._documents = documents
        self._bookings = bookings
        self._pace = pace

    async def process(self, batch: Sequence[Received], now: datetime, tally: Tally) -> Sequence[Output | DeadLetter]:
        """Take a batch of commands."""
        self._pace.took(len(batch), now)
        keyed = [replace(message, claim_id=key_of(message)) for message in batch]
        sends = await self._documents.process(keyed, now, tally)
        await self._bookings.free_spare()
        return sends

    def acknowledged(self) -> None:
        """Note that the last batch's answers are in their topic."""
        self._documents.acknowledged()

    def forget(self) -> None:
        """Drop what another process may change from now on."""
        self._documents.forget()
        self._bookings.forget()

    def held_offsets(self) -> Mapping[Position, int]:
        """Nothing is held: what a batch did is written."""
        return {}


def key_of(message: Received) -> str:
    """Give the id of the effect that a command is about; it begins with the claim, so that it lies in its partition."""
    asked: Any = message.body
    effect: str = _ABOUT.get(type(asked), _itself)(asked)
    return effect if effect.startswith(f"{asked.claim_id}/") else f"{asked.claim_id}/{effect}"


def _itself(asked: Any) -> str:
    return str(asked.effect_id)


_ABOUT: Final[dict[type, Callable[[Any], str]]] = {
    CancelInterview: lambda asked: asked.undoes,
    MoveInterview: lambda asked: asked.moves,
}
"""Commands about an effect that another one asked for."""
