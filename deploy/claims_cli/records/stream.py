"""Reads a topic as an outsider does: no group, from the start or from now on, until the end or for ever."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from claims_cli.errors import ClaimsError
from claims_cli.records import partitions
from claims_cli.records.masking import without_numbers
from claims_shared.settings import KafkaSettings
from claims_shared.wire import partition_of

POLL_MS = 200
START_S = 30.0


@dataclass(frozen=True, slots=True)
class Event:
    """One record as people and scripts see it; `body` is the JSON, or None where it is none."""

    topic: str
    partition: int
    offset: int
    key: str
    type: str
    headers: dict[str, str]
    body: Any

    @property
    def claim_id(self) -> str:
        return self.key

    def as_json(self) -> str:
        """Give the record as one line; submissions carry people's numbers, which no terminal shall show."""
        shown = {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "key": self.key,
            "headers": self.headers,
            "body": without_numbers(self.body),
        }
        return json.dumps(shown, ensure_ascii=False)


class Stream:
    """A reading position on some topics."""

    def __init__(self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
        self._consumer = consumer
        self._places = places

    async def poll(self, timeout_ms: int = POLL_MS) -> list[Event]:
        """Give what is there, waiting up to `timeout_ms` for the first record."""
        found = await self._consumer.getmany(*self._places, timeout_ms=timeout_ms)
        return [event(each) for batch in found.values() for each in batch]

    async def to_the_end(self) -> AsyncIterator[Event]:
        """Give everything up to what is the end now."""
        async for each in self.records_to_the_end():
            yield event(each)

    async def records_to_the_end(self) -> AsyncIterator[ConsumerRecord]:
        """Give the records themselves up to what is the end now."""
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._places)
        while any([await self._consumer.position(place) < end for place, end in ends.items()]):
            found = await self._consumer.getmany(*self._places, timeout_ms=POLL_MS)
            for each in (each for batch in found.values() for each in batch):
                if each.offset < ends[TopicPartition(each.topic, each.partition)]:
                    yield each

    def begin(self, offsets: Mapping[tuple[str, int], int]) -> None:
        """Read only these partitions, from these offsets on."""
        self._places = [TopicPartition(*place) for place in offsets]
        for place, offset in offsets.items():
            self._consumer.seek(TopicPartition(*place), offset)

    async def for_ever(self) -> AsyncIterator[Event]:
        """Give everything that comes."""
        while True:
            for each in await self.poll():
                yield each


@asynccontextmanager
async def reading(
    bootstrap: str, topics: Collection[str], *, from_start: bool, claim_id: str | None = None
) -> AsyncIterator[Stream]:
    """Open a stream over these topics, or over one claim's partition of each; raises ClaimsError where it cannot be."""
    among = await partitions.count(KafkaSettings(bootstrap=bootstrap), topics)
    # Without a group, and with topics from the beginning, the consumer takes every partition.
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        async with asyncio.timeout(START_S):
            await consumer.start()
            only = None if claim_id is None else partition_of(claim_id, among)
            places = [place for place in sorted(consumer.assignment()) if only in (None, place.partition)]
            await (consumer.seek_to_beginning(*places) if from_start else _seek_to_now(consumer, places))
        yield Stream(consumer, places)
    except (KafkaError, TimeoutError, OSError) as away:
        raise ClaimsError(f"the broker at {bootstrap} cannot be read: {type(away).__name__}") from away
    finally:
        await consumer.stop()


async def _seek_to_now(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
    """Fix the end as it is now: a lazy seek would lose what comes until the first poll."""
    for place, end in (await consumer.end_offsets(places)).items():
        consumer.seek(place, end)


def event(record: ConsumerRecord) -> Event:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return Event(
        record.topic,
        record.partition,
        record.offset,
        (record.key or b"").decode(errors="replace"),
        headers.get("ce_type", ""),
        headers,
        _body(record.value),
    )


def _body(value: bytes | None) -> Any:
    try:
        return json.loads(value or b"null")
    except (ValueError, RecursionError):
        return None
