"""Follows the claims' life cycle: in memory first, in the store what still waits after some seconds, the offset held between.

A claim that finishes within seconds never touches the store; one that waits for days is written and picked up again in time.
"""

import asyncio
import contextlib
import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from claims_scheduler.pace import Pace
from claims_scheduler.waits import Wait, micros, waits_of
from claims_scheduler.watched import Memory, Watched
from claims_shared.documents import Tally, Verdict
from claims_shared.engine import Clock, Position, backoff
from claims_shared.ports import Row, Shape, Store, StoreUnavailable
from claims_shared.telemetry import log
from claims_shared.wire import Output, Received

SHAPE: Final = Shape("waits")
SECOND: Final = 1_000_000
WRITE_ROWS: Final = 500
PAGE_ROWS: Final = 1_000
STOOD_STILL: Final = 2.0
MISSED: Final = 5 * SECOND
"""What is later than this when it is picked up came due while nobody looked."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the store is seen. `age`: what is younger may still move on unwritten. `horizon`: what is due later stays there.

    All in seconds; `most` is how many stored claims are picked up at once, and again as soon as half of them are done.
    """

    flush: float = 2.0
    age: float = 3.0
    pick_up: float = 60.0
    horizon: float = 600.0
    most: int = 128_000


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """A claim's waits as they are stored: the newest number seen, and everything it opens."""

    sequence: int
    waits: tuple[Wait, ...]
    cause: str


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Stored).decode


class Watch:
    """The processor of the life-cycle stream, and the task that writes and picks up beside it."""

    def __init__(
        self, store: Store, memory: Memory, clock: Clock, pace: Pace, *, writer: str, rhythm: Rhythm | None = None
    ) -> None:
        self._store = store
        self._memory = memory
        self._clock = clock
        self._pace = pace
        self._writer = writer
        self._rhythm = rhythm or Rhythm()
        self._writes = itertools.count(1)
        self._owned: frozenset[int] = frozenset()
        self._epoch = 0
        self._more = False
        self._picked_up_at: int | None = None
        self._moved = asyncio.Event()

    # --- the processor --------------------------------------------------------------------------

    async def process(self, batch: Sequence[Received], now: datetime, tally: Tally) -> Sequence[Output]:
        """Learn; nothing is answered."""
        self._pace.took(len(batch), now)
        seen_at = micros(now)
        fresh = seen_at - round(self._rhythm.age * SECOND)
        for message in batch:
            known = self._memory.learn(_seen(message, seen_at, fresh))
            tally.verdicts[Verdict.APPLIED if known else Verdict.IGNORED] += 1
            if not known:
                tally.reasons["ignored:old_sequence"] += 1
        return ()

    def acknowledged(self) -> None:
        """Nothing was sent."""

    def forget(self) -> None:
        """Drop the memory: others own the claims, or we own others."""
        self._epoch += 1
        self._more = False
        self._owned = frozenset()
        self._memory.clear()

    def held_offsets(self) -> Mapping[Position, int]:
        """Hold the offset at the oldest event that is not written: a crash reads from there again."""
        return self._memory.held_offsets()

    def assigned(self, partitions: Collection[int]) -> None:
        """Take over the stored waits of these partitions; the task picks them up at once."""
        self._owned = frozenset(partitions)
        self._moved.set()

    # --- the task -------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write and pick up until cancelled; patient while the store is away."""
        waits = backoff()
        while True:
            try:
                if self._moved.is_set() or self.must_pick_up():
                    self._moved.clear()
                    await self.pick_up()
                await self.flush()
                waits = backoff()
            except StoreUnavailable as away:
                self._picked_up_at = None
                log().warning("waits_store_away", why=str(away))
                await asyncio.sleep(next(waits))
            if await self._pause() > self._rhythm.flush + STOOD_STILL:
                await (
                    self._pause()
                )  # our partitions may be somebody else's since: what we know is written only after we heard

    def must_pick_up(self) -> bool:
        """Whether it is time to: at intervals, at once where the clock was set back, and where more was missed than was taken."""
        if self._more and self._memory.behind < self._rhythm.most // 2:
            return True
        since = None if self._picked_up_at is None else micros(self._clock()) - self._picked_up_at
        return since is None or not 0 <= since < self._rhythm.pick_up * SECOND

    async def _pause(self) -> float:
        """Give how many seconds it took: far more than it should where the whole process stood still."""
        before = micros(self._clock())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._moved.wait(), self._rhythm.flush)
        return (micros(self._clock()) - before) / SECOND

    async def flush(self) -> None:
        """Write what has been waiting long enough, in bulks; what moves on meanwhile stays unwritten and its offset held."""
        before = micros(self._clock()) - round(self._rhythm.age * SECOND)
        self._memory.drop_ended(before)
        while ripe := self._memory.ripe(before, WRITE_ROWS):
            lost = await self._write(ripe, self._epoch)
            if lost or len(ripe) < WRITE_ROWS:
                return

    async def pick_up(self) -> None:
        """Take from the store what is due soon. The pages have no token, so the next one is simply larger."""
        if not self._owned:
            return
        self._picked_up_at = micros(self._clock())
        epoch, limit = self._epoch, PAGE_ROWS
        before = self._far() // 1000
        rows = await self._store.due(self._owned, before, limit)
        while len(rows) == limit and limit < self._rhythm.most:
            limit = min(limit * 4, self._rhythm.most)
            rows = await self._store.due(self._owned, before, limit)
        if epoch != self._epoch:
            return
        self._more = len(rows) >= self._rhythm.most
        missed = micros(self._clock()) - MISSED
        for start in range(0, len(rows), PAGE_ROWS):
            for row in rows[start : start + PAGE_ROWS]:
                self._memory.adopt(_stored(row), missed)
            await asyncio.sleep(0)  # what is due now goes on meanwhile
            if epoch != self._epoch:
                return

    async def _write(self, ripe: Sequence[Watched], epoch: int) -> bool:
        """Write one bulk by compare-and-set; True where somebody else's write was met: the next flush looks again."""
        await self._look_up([each for each in ripe if each.version is None], epoch)
        if epoch != self._epoch:
            return True
        current = [each for each in ripe if self._memory.claims.get(each.claim) is each]
        writing = {each.claim: each for each in current if each.waits or each.version}
        losers = await self._store.write([self._row(each) for each in writing.values()]) if writing else set()
        if epoch == self._epoch:
            self._settle(current, losers)
        return bool(losers) or epoch != self._epoch

    async def _look_up(self, unknown: Sequence[Watched], epoch: int) -> None:
        """Learn what is stored of claims that were not met since we own them; a higher number there wins."""
        if not unknown:
            return
        rows = await self._store.load([each.claim for each in unknown])
        if epoch != self._epoch:
            return
        for each in unknown:
            row = rows.get(each.claim)
            if row is None:
                each.version = 0
            else:
                self._compare(each, _stored(row))

    def _compare(self, seen: Watched, stored: Watched) -> None:
        self._memory.adopt(stored)
        if stored.sequence == seen.sequence:  # read again after a crash: it is written already
            self._memory.written(seen, stored.version or 0, self._far())

    def _settle(self, written: Sequence[Watched], losers: Collection[str]) -> None:
        far = self._far()
        for each in written:
            if each.claim in losers:
                each.version = None
            else:
                stored = bool(each.waits or each.version)
                self._memory.written(each, (each.version or 0) + stored, far)

    def _far(self) -> int:
        return micros(self._clock()) + round(self._rhythm.horizon * SECOND)

    def _row(self, watched: Watched) -> Row:
        return Row(
            id=watched.claim,
            version=(watched.version or 0) + 1,
            writer=f"{self._writer}/{next(self._writes)}",
            partition=watched.partition,
            body=_encode(Stored(watched.sequence, watched.waits, watched.cause)),
            due_at=min(wait.armed_for for wait in watched.waits) // 1000 if watched.waits else None,
        )


def _seen(message: Received, seen_at: int, fresh: int) -> Watched:
    """Take an event. Of a first one later than `fresh` nothing is stored: who had it before us would not have written it yet.

    Of an older one an earlier owner may have stored a wait, which must be cleared even where the claim has ended meanwhile.
    """
    event: Any = message.body
    record = message.record
    return Watched(
        event.claim_id,
        event.sequence,
        waits_of(event),
        cause=message.id,
        partition=record.partition,
        seen_at=seen_at,
        version=0 if event.sequence == 1 and micros(message.at) > fresh else None,
        place=(record.topic, record.partition),
        offset=record.offset,
    )


def _stored(row: Row) -> Watched:
    stored = _decode(row.body)
    return Watched(
        row.id,
        stored.sequence,
        stored.waits,
        cause=stored.cause,
        partition=row.partition,
        seen_at=0,
        version=row.version,
    )
