"""The batch cycle, the only place where the algorithm lives: decode, process, produce, then note how far we are.

Ports are injected: the simulator runs this very code on a simulated log. A crash between any two steps is safe: offsets are
committed only after everything a batch caused is acknowledged, and a record read twice is recognised.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeAlias

from claims_shared.documents import Tally
from claims_shared.ports import StoreUnavailable
from claims_shared.wire import Copy, DeadLetter, Deferred, Output, Received, Undecodable, Unknown

Position = tuple[str, int]
"""A topic and a partition."""
Clock = Callable[[], datetime]
FIRST_WAIT: Final = 0.1
LONGEST_WAIT: Final = 5.0
"""Seconds between two tries while something that we need is away: they double from the first to the longest."""
Read: TypeAlias = Received | Undecodable | Unknown | Deferred
"""What a record was read as."""
QUARANTINED: Final = "quarantined"
"""The code of a record on which our own code fails; it is counted apart from what its sender did wrong."""


class Abandoned(Exception):  # noqa: N818 - not a defect: the partitions go to somebody else
    """The batch is given up without a trace: nothing is committed, whoever owns the partitions next reads it again."""


class Log(Protocol):
    """What the cycle needs of the broker."""

    async def produce(self, sends: Sequence[Output | DeadLetter | Copy]) -> None:
        """Return when the broker has acknowledged everything; patient while it is away. Raises Abandoned."""

    async def breathe(self, seconds: float, why: str) -> None:
        """Wait without reading on, as a member of the group. Raises Abandoned where the batch must be given up."""


class Processor(Protocol):
    """What a service does with the records of some topics."""

    async def process(self, batch: Sequence[Received], now: datetime, tally: Tally) -> Sequence[Output | DeadLetter]:
        """Give what must be sent. Raises StoreUnavailable: the same batch comes again."""

    def acknowledged(self) -> None:
        """Note that what the last batch gave is sent. Told only to who had a part in the batch that was."""

    def forget(self) -> None:
        """Drop what is only true while nobody else owns these partitions."""

    def held_offsets(self) -> Mapping[Position, int]:
        """Give offsets beyond which nothing may be committed yet."""


@dataclass(frozen=True, slots=True)
class Cycled:
    """What one cycle came to."""

    records: int
    sent: int
    unknown: int
    tally: Tally

    @classmethod
    def of(cls, parts: Iterable["Cycled"]) -> "Cycled":
        """Add up what the parts of one batch came to."""
        records = sent = unknown = 0
        tally = Tally()
        for part in parts:
            records, sent, unknown = records + part.records, sent + part.sent, unknown + part.unknown
            tally.add(part.tally)
        return cls(records, sent, unknown, tally)


class Engine:
    """Runs batches through the processors of one service."""

    def __init__(
        self,
        service: str,
        log: Log,
        processors: Mapping[str, Processor],
        clock: Clock,
        answer_undecodable: Callable[[Undecodable, datetime], Iterable[Output]] = lambda _undecodable, _now: (),
    ) -> None:
        """`processors`: one for every topic that the service reads; several topics may share one."""
        self._service = service
        self._log = log
        self._processors = processors
        self._distinct = list(dict.fromkeys(processors.values()))
        self._clock = clock
        self._answer_undecodable = answer_undecodable

    async def take(self, decoded: Sequence[Read]) -> Cycled:
        """Take one decoded batch to its end. Raises Abandoned; anything else it raises must end the process uncommitted."""
        now = self._clock()
        tally = Tally()
        messages = [each for each in decoded if isinstance(each, Received)]
        parts = self._parts(messages)
        sends: list[Output | DeadLetter | Copy] = list(self._put_aside(decoded, now, tally))
        sends += await self._process(parts, now, tally)
        if sends:
            await self._log.produce(sends)
        for processor in parts:  # another may still hold what a batch gave that was given up before it was sent
            processor.acknowledged()
        unknown = sum(isinstance(each, Unknown) for each in decoded)
        return Cycled(len(decoded), len(sends), unknown, tally)

    def forget(self) -> None:
        """Tell every processor that ownership changed."""
        for processor in self._distinct:
            processor.forget()

    def held_offsets(self) -> Mapping[Position, int]:
        """Give the offsets beyond which nothing may be committed yet."""
        return {place: offset for each in self._distinct for place, offset in each.held_offsets().items()}

    def _put_aside(self, decoded: Sequence[Read], now: datetime, tally: Tally) -> Iterator[Output | DeadLetter | Copy]:
        for each in decoded:
            if isinstance(each, Deferred):
                tally.verdicts["deferred"] += 1
                yield each.copy
            if isinstance(each, Undecodable):
                verdict = QUARANTINED if each.code == QUARANTINED else "dead_lettered"
                tally.verdicts[verdict] += 1
                tally.reasons[f"{verdict}:{each.code}"] += 1
                yield DeadLetter(each.record, self._service, each.code, each.reasons, each.attempts, each.extra)
                yield from self._answer_undecodable(each, now)

    def _parts(self, messages: Sequence[Received]) -> dict[Processor, list[Received]]:
        parts: dict[Processor, list[Received]] = {}
        for message in messages:
            parts.setdefault(self._processors[message.record.topic], []).append(message)
        return parts

    async def _process(
        self, parts: Mapping[Processor, Sequence[Received]], now: datetime, tally: Tally
    ) -> list[Output | DeadLetter]:
        """Repeat the same batch while the store is away, with capped backoff; nothing is skipped."""
        waits = backoff()
        while True:
            attempt = Tally()  # one that ends in the middle counts for nothing: its messages come again
            try:
                sends = [send for each, part in parts.items() for send in await each.process(part, now, attempt)]
            except StoreUnavailable as away:
                await self._log.breathe(next(waits), f"store: {away}")
            else:
                tally.add(attempt)
                return sends


def backoff(first: float = FIRST_WAIT, factor: float = 2.0, cap: float = LONGEST_WAIT) -> Iterator[float]:
    """Give waits in seconds that grow to a cap."""
    wait = first
    while True:
        yield wait
        wait = min(wait * factor, cap)
