"""Carries out the moves of interviews, a step at a time, each written before the next: who takes over goes on from there."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from prometheus_client import Counter

from claims_scheduler import moving
from claims_scheduler.bookings import Bookings
from claims_scheduler.effects import Effect
from claims_scheduler.groups import Want
from claims_scheduler.wanting import want_of, why_not
from claims_shared.messages.scheduler import ScheduleInterview
from claims_shared.wire import Output, millis

MOVES: Final = Counter(
    "claims_interviews_moved_total", "Moves of interviews, by who wanted them and what came of it", ["by", "fate"]
)

Write = Callable[[Sequence[Effect]], Awaitable[list[Effect]]]
"""Writes effects by compare-and-set and gives those that won, as they are now."""


class Moves:
    """The stages of a move, each one call a batch."""

    def __init__(
        self, bookings: Bookings, produce: Callable[[Sequence[Output]], Awaitable[None]], partitions: int
    ) -> None:
        self._bookings = bookings
        self._produce = produce
        self._partitions = partitions

    async def carry(self, due: Sequence[Effect], write: Write, now: datetime) -> list[Effect]:
        """Take moves as far as they get; give those that are over, and what was due beside them."""
        await self._refuse([(each, moving.NO_INTERVIEW) for each in due if each.moving and each.cancelled], write, now)
        others = [each for each in due if each.moving is None]
        moves = [each for each in due if each.moving is not None and not each.cancelled]
        if not moves:
            return others
        ready = [each for each in moves if each.moving is not None and each.moving.done]
        chosen = [each for each in moves if each.next_slot is not None]
        chosen += await self._choose(
            [each for each in moves if each.next_slot is None and each not in ready], write, now
        )
        ready += await self._take(chosen, write, now)
        over = await self._tell(ready, write, now)
        return others + over

    async def _choose(self, moves: Sequence[Effect], write: Write, now: datetime) -> list[Effect]:
        """Find another slot for each and write which; who has none keeps what they have, and it is said."""
        found, without = [], []
        for each in moves:
            want = self._want(each)
            slot = await self._bookings.choose(want, now) if want is not None and _ahead(each, now) else None
            if slot is not None:
                found.append(moving.chosen(each, slot))
            else:
                reason = why_not(self._bookings.groups, want, millis(now)) if _ahead(each, now) else moving.OVER
                without.append((each, reason))
        await self._refuse(without, write, now)
        return await write(found)

    async def _take(self, chosen: Sequence[Effect], write: Write, now: datetime) -> list[Effect]:
        """Take the slots that were written; who lost one chooses again in the next turn."""
        wanted = {each.id: (want, each.next_slot) for each in chosen if (want := self._want(each)) and each.next_slot}
        lost = await self._bookings.take(wanted, now) if wanted else set()
        await write([moving.lost(each) for each in chosen if each.id in lost])
        return await write([moving.settled(each, now) for each in chosen if each.id not in lost])

    async def _tell(self, ready: Sequence[Effect], write: Write, now: datetime) -> list[Effect]:
        """Give the old slots back, say where the interviews are now, and only then note that both is done."""
        if not ready:
            return []
        await self._bookings.free([(each.id, each.left) for each in ready if each.left is not None])
        await self._produce([moving.told(each, now) for each in ready])
        for each in ready:
            MOVES.labels(_by(each), "moved").inc()
        return await write([moving.over(each, now) for each in ready])

    async def _refuse(self, without: Sequence[tuple[Effect, str]], write: Write, now: datetime) -> None:
        if without:
            await self._produce([moving.refused(each, reason, now) for each, reason in without])
            for each, _ in without:
                MOVES.labels(_by(each), "refused").inc()
            await write([moving.over(each, now) for each, _ in without])

    def _want(self, effect: Effect) -> Want | None:
        """Say what the interview needs; another instant than the one at which the claimant cannot come."""
        asked = ScheduleInterview.model_validate_json(effect.asked)
        not_before = effect.moving.not_before if effect.moving else 0
        return want_of(asked, effect.id, self._partitions, not_before)


def _ahead(effect: Effect, now: datetime) -> bool:
    return effect.slot is not None and effect.slot.starts_at > millis(now)


def _by(effect: Effect) -> str:
    return "claimant" if effect.moving and effect.moving.by else "leave"
