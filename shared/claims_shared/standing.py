"""Reading past what the client library cannot decode: noticed at once, the others read on, by hand where that helps.

aiokafka raises out of a call for several partitions, with what it had in hand for the others already counted as read; and
again at the same offset for ever. So the position behind what was really handed out is kept here, and a partition that
raises is read alone, record by record, up to the one that cannot be decoded. There it stands. What a batch's own bytes give
is then taken by hand; where they give nothing, an operator says that it may be skipped (`claims skip`).
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, CorruptRecordException, KafkaError, UnsupportedCodecError

from claims_shared.engine import QUARANTINED
from claims_shared.raw_batches import RawBatch, Unreadable, records
from claims_shared.telemetry import log
from claims_shared.wire import Record, Undecodable

APART_SECONDS: Final = 5.0
SILENT_SECONDS: Final = 20.0
SILENT_ASKS: Final = 40
RAW: Final = "dlq_raw"

Found = Mapping[TopicPartition, list[ConsumerRecord]]
Clock = Callable[[], float]


class ByHand(Protocol):
    """What helps where the client does not; may raise KafkaError or TimeoutError."""

    async def batch(self, place: TopicPartition, offset: int) -> RawBatch | None:
        """Give the bytes at an offset."""

    async def skipped(self, place: TopicPartition, first: int, last: int) -> bool:
        """Whether an operator said that these offsets may be passed over."""


@dataclass(slots=True)
class Standing:
    """A partition that stands still at an offset; `helped`: what was read by hand, and the offset behind it."""

    place: TopicPartition
    offset: int
    error: str
    since: float
    helped: tuple[list[Record | Undecodable], int] | None = None

    @property
    def named(self) -> str:
        """Say where and why in a line."""
        return f"{self.place.topic}/{self.place.partition}/{self.offset} cannot be read ({self.error})"


@dataclass(slots=True)
class _Still:
    """Where a partition was when it was first found behind and unmoved."""

    position: int
    since: float
    asks: int


@dataclass(slots=True)
class _Assignment:
    """What is true of one assignment: positions behind what was handed out, who is read alone, who stands."""

    handed: dict[TopicPartition, int] = field(default_factory=dict)
    apart: dict[TopicPartition, float] = field(default_factory=dict)
    standing: dict[TopicPartition, Standing] = field(default_factory=dict)
    still: dict[TopicPartition, _Still] = field(default_factory=dict)
    asks: dict[TopicPartition, int] = field(default_factory=dict)


class CarefulReader:
    """Polls the client. `changed` is told whenever a partition begins or ceases to stand still."""

    def __init__(self, consumer: Callable[[], Any], clock: Clock = time.time) -> None:
        self._consumer = consumer
        self._clock = clock
        self._now = _Assignment()
        self.changed: Callable[[Collection[Standing]], None] = lambda _standing: None

    @property
    def standing(self) -> Collection[Standing]:
        """Give what stands still."""
        return self._now.standing.values()

    def forget(self) -> None:
        """Start anew: other partitions are ours."""
        stood = bool(self._now.standing)
        self._now = _Assignment()
        if stood:
            self.changed(())

    async def read(
        self, places: Sequence[TopicPartition], limit: int, timeout_ms: int, take: Callable[[Found], None]
    ) -> None:
        """Poll these places once; `take` is called before anything else can run. Raises what is no matter of one record."""
        now = self._now
        now.asks[places[0]] = now.asks.get(places[0], 0) + 1
        together = places
        if now.apart or now.standing:
            together = [place for place in places if place not in now.apart and place not in now.standing]
        if together:
            await self._together(together, limit, timeout_ms, take)
        else:  # none at all would mean all to the client
            await asyncio.sleep(timeout_ms / 1000)
        for place in [place for place in places if place in now.apart]:
            await self._alone(place, limit, take)

    def helped(
        self, places: Collection[TopicPartition]
    ) -> Iterator[tuple[TopicPartition, list[Record | Undecodable], int]]:
        """Give what was read by hand of these places, with the offset behind it; the client goes on from there."""
        for each in [each for each in self.standing if each.helped is not None and each.place in places]:
            found, behind = each.helped or ([], each.offset)
            self._consumer().seek(each.place, behind)
            self._now.handed[each.place] = behind
            del self._now.standing[each.place]
            self.changed(self.standing)
            log().warning("partition_moves_again", topic=each.place.topic, partition=each.place.partition, at=behind)
            yield each.place, found, behind

    # --- the client ---------------------------------------------------------------------------

    async def _together(
        self, places: Sequence[TopicPartition], limit: int, timeout_ms: int, take: Callable[[Found], None]
    ) -> None:
        try:
            found = await self._consumer().getmany(*places, timeout_ms=timeout_ms, max_records=limit)
        except Exception as error:
            if not _is_about_a_record(error):
                raise
            await self._go_back(places)
        else:
            self._hand_out(found, take)

    def _hand_out(self, found: Found, take: Callable[[Found], None]) -> None:
        handed = self._now.handed
        for place, batch in found.items():
            handed[place] = batch[-1].offset + 1
        take(found)

    async def _go_back(self, places: Sequence[TopicPartition]) -> None:
        """Return to what was handed out; from here on these are read alone, until it is known which one is to blame."""
        now, consumer = self._now, self._consumer()
        now.apart |= dict.fromkeys(places, self._clock() + APART_SECONDS)
        for place in places:
            here = now.handed.get(place)
            if here is None:
                here = await consumer.committed(place)
            if here is None:
                await consumer.seek_to_beginning(place)
            else:
                consumer.seek(place, here)

    async def _alone(self, place: TopicPartition, limit: int, take: Callable[[Found], None]) -> None:
        """Read one record at a time: when the client raises, what came before is handed out and nothing is lost."""
        now, consumer = self._now, self._consumer()
        for _ in range(limit):
            try:
                found = await consumer.getmany(place, timeout_ms=0, max_records=1)
            except Exception as error:
                if not _is_about_a_record(error):
                    raise
                self._stands(now, place, await consumer.position(place), _said(error))
                return
            if not found:
                break
            self._hand_out(found, take)
        if now.apart.get(place, 0) < self._clock():
            now.apart.pop(place, None)

    def _stands(self, now: _Assignment, place: TopicPartition, offset: int, error: str) -> None:
        now.apart.pop(place, None)
        now.standing[place] = Standing(place, offset, error, self._clock())
        log().error("partition_stands_still", topic=place.topic, partition=place.partition, at=offset, error=error)
        self.changed(self.standing)

    # --- beside the loop ------------------------------------------------------------------------

    async def look(self, places: Sequence[Sequence[TopicPartition]]) -> None:
        """Find partitions that are asked again and again, have more, and give nothing; `places` as they are read."""
        now = self._now
        every = [place for group in places for place in group if place not in now.standing]
        ends = await self._consumer().end_offsets(every) if every else {}
        for group in places:
            asks = now.asks.get(group[0], 0) if group else 0
            for place in group:
                if place in ends and now is self._now:
                    await self._look_at(now, place, ends[place], asks)

    async def _look_at(self, now: _Assignment, place: TopicPartition, end: int, asks: int) -> None:
        here, clock = await self._consumer().position(place), self._clock()
        still = now.still.get(place)
        if here >= end or still is None or still.position != here:
            now.still[place] = _Still(here, clock, asks)
        elif clock - still.since >= SILENT_SECONDS and asks - still.asks >= SILENT_ASKS:
            self._stands(now, place, here, "the client gives nothing")

    async def help(self, by_hand: ByHand) -> None:
        """Read by hand what the client cannot, or put aside what an operator lets us skip; patient while the broker is away."""
        for each in [each for each in self.standing if each.helped is None]:
            try:
                each.helped = await _by_hand(each, by_hand)
            except (KafkaError, TimeoutError, OSError) as away:
                log().warning("not_read_by_hand", at=each.named, error=type(away).__name__)


async def _by_hand(each: Standing, by_hand: ByHand) -> tuple[list[Record | Undecodable], int] | None:
    batch = await by_hand.batch(each.place, each.offset)
    try:
        if batch is None:
            raise Unreadable("there is no whole batch at this offset")  # noqa: TRY301 - one way for all that is unreadable
        found = records(batch, *each.place)
    except Unreadable as why:
        first, last = each.offset, batch.last if batch else each.offset
        return (_put_aside(each, batch, str(why)), last + 1) if await by_hand.skipped(each.place, first, last) else None
    log().warning("read_by_hand", at=each.named, records=len(found))
    return [record for record in found if record.offset >= each.offset], batch.last + 1


def _put_aside(each: Standing, batch: RawBatch | None, why: str) -> list[Record | Undecodable]:
    """Keep the batch's bytes where they can be had, else only where it lay."""
    topic, partition = each.place
    record = Record(topic, partition, each.offset, None, batch.content if batch else None, ())
    span = f"offsets {each.offset} to {batch.last}" if batch else f"offset {each.offset}"
    return [Undecodable(record, QUARANTINED, (f"{span}: {why}",), extra={RAW: "batch" if batch else "none"})]


def _is_about_a_record(error: Exception) -> bool:
    """Whether it is a record's bytes that the client cannot take, and not the broker or the group that failed."""
    if isinstance(error, (CorruptRecordException, UnsupportedCodecError)):
        return True
    return not isinstance(error, (KafkaError, ConsumerStoppedError))


def _said(error: Exception) -> str:
    """Name the error without its text: a decoder's quotes the bytes."""
    return type(error).__name__
