"""What to do about a batch on which the engine itself fails: leave, twice more, then find the record that fails alone.

Leaving is noted beside the committed offset, in the group's own commit metadata: it outlives the process, goes to whoever
owns the partition next, needs no store and no topic, and is gone by itself once the partition has moved on. Only failures of
our own code are noted; a process that is killed notes nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from claims_shared.documents import where
from claims_shared.engine import QUARANTINED, Abandoned, Cycled, Engine, Position, Read
from claims_shared.telemetry import log
from claims_shared.wire import Deferred, Undecodable, Unknown

Batch: TypeAlias = Sequence[Read]
EXITS: Final = 3


class Suspicion(msgspec.Struct, frozen=True):
    """How often processes left at these offsets of a partition, and what the last one failed on."""

    exits: int
    first: int
    last: int
    error: str


class Suspects:
    """The suspicions on the partitions that this process owns."""

    def __init__(self) -> None:
        self._found: dict[Position, Suspicion] = {}

    def read(self, notes: Mapping[Position, str]) -> None:
        """Learn what earlier processes noted; what is no note of ours says nothing."""
        read = {place: _read(note) for place, note in notes.items()}
        self._found = {place: found for place, found in read.items() if found is not None}

    def note(self, place: Position, offset: int) -> str:
        """Give what is to be committed beside this offset: the suspicion, until the partition is past it."""
        found = self._found.get(place)
        return msgspec.json.encode(found).decode() if found is not None and offset <= found.last else ""

    def exits(self, batch: Batch) -> int:
        """Give how often processes left on records of this batch."""
        met = [self._found[place].exits for place, span in spans(batch).items() if self._meets(place, span)]
        return max(met, default=0)

    def left(self, batch: Batch, error: str) -> None:
        """Count one more exit; what failed before and fails again lies where both batches do."""
        for place, (first, last) in spans(batch).items():
            before = self._found[place] if self._meets(place, (first, last)) else Suspicion(0, first, last, error)
            span = max(first, before.first), min(last, before.last)
            self._found[place] = Suspicion(before.exits + 1, *span, error)

    def _meets(self, place: Position, span: tuple[int, int]) -> bool:
        found = self._found.get(place)
        return found is not None and found.first <= span[1] and span[0] <= found.last


async def take(engine: Engine, batch: Batch, suspects: Suspects) -> Cycled:
    """Take a batch through the engine. What it raises ends the process; `suspects` then says what is to be noted first."""
    try:
        return await engine.take(batch)
    except Abandoned:
        raise
    except Exception as error:
        exits = suspects.exits(batch)
        if exits < EXITS:
            suspects.left(batch, where(error))
            log().error("engine_failed", exits=exits + 1, of=EXITS, at=_shown(batch), error=where(error))
            raise
        log().error("engine_failed_again", exits=exits, at=_shown(batch), error=where(error))
        return await _Bisection(engine).run(batch, error)


class _Bisection:
    """One batch taken in halves, so that only what fails alone is left."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._taken: list[Cycled] = []
        self._failed: list[Undecodable] = []

    async def run(self, batch: Batch, error: Exception) -> Cycled:
        """Put aside what fails alone. Where not one record passes, none of them is to blame: the error is raised."""
        await self._halve(batch, error)
        if self._failed and len(batch) > 1 and not self._taken:
            raise error
        if self._failed:
            self._taken.append(await self._engine.take(self._failed))
        return Cycled.of(self._taken)

    async def _halve(self, failing: Batch, error: Exception) -> None:
        if len(failing) == 1:
            self._failed.append(_quarantined(failing[0], where(error)))
            return
        half = len(failing) // 2
        for part in (failing[:half], failing[half:]):
            try:
                self._taken.append(await self._engine.take(part))
            except Abandoned:
                raise
            except Exception as again:  # noqa: BLE001 - whatever our code did on this part, the others must go on
                await self._halve(part, again)


def spans(batch: Batch) -> dict[Position, tuple[int, int]]:
    """Give the first and the last offset of each partition in a batch."""
    found: dict[Position, tuple[int, int]] = {}
    for each in batch:
        record = each.record
        first, last = found.get((record.topic, record.partition), (record.offset, record.offset))
        found[record.topic, record.partition] = min(first, record.offset), max(last, record.offset)
    return found


def _quarantined(each: Read, error: str) -> Undecodable:
    log().error("quarantined", place=each.record.place, error=error)
    name = None if isinstance(each, Unknown | Deferred) else each.id
    return Undecodable(each.record, QUARANTINED, (error,), name, attempts=EXITS)


def _shown(batch: Batch) -> list[str]:
    return [f"{topic}/{partition}/{first}-{last}" for (topic, partition), (first, last) in spans(batch).items()]


def _read(note: str) -> Suspicion | None:
    try:
        return msgspec.json.decode(note, type=Suspicion)
    except msgspec.DecodeError:
        return None
