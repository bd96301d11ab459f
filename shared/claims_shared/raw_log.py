"""What helps past a record that the client library cannot decode: the log's own bytes, and what operators said about it."""

import asyncio
import contextlib
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest

from claims_shared.decoding import decode
from claims_shared.messages.catalog import OPERATIONS
from claims_shared.messages.operations import RecordSkipped
from claims_shared.raw_batches import RawBatch, batch_at
from claims_shared.settings import KafkaSettings
from claims_shared.wire import Received, Record, partition_of

SECONDS: Final = 10.0
MOST_BYTES: Final = 4 * 1024 * 1024
"""More than the largest batch that a broker takes."""


class RawLog:
    """Reads beside the group, without any state of its own; used only where a partition stands still."""

    def __init__(self, service: str, settings: KafkaSettings, partitions: int) -> None:
        self._service = service
        self._settings = settings
        self._partitions = partitions

    async def batch(self, place: TopicPartition, offset: int) -> RawBatch | None:
        """Fetch the batch at an offset as it lies in the log. Raises KafkaError or TimeoutError."""
        client = AIOKafkaClient(bootstrap_servers=self._settings.bootstrap, request_timeout_ms=int(SECONDS * 1000))
        try:
            async with asyncio.timeout(SECONDS):
                await client.bootstrap()
                await client.add_topic(place.topic)
                node = client.cluster.leader_for_partition(place)
                asked = [(place.topic, [(place.partition, offset, MOST_BYTES)])]
                answer: Any = await client.send(node, FetchRequest(500, 1, MOST_BYTES, 0, asked))
        finally:
            await client.close()
        ((_, (partition,)),) = answer.topics
        return batch_at(bytes(partition[-1] or b""), offset)

    async def skipped(self, place: TopicPartition, first: int, last: int) -> bool:
        """Whether a person said that this service may pass over a record of these offsets."""
        said = TopicPartition(OPERATIONS.name, partition_of(self._service, self._partitions))
        reader = AIOKafkaConsumer(bootstrap_servers=self._settings.bootstrap, auto_offset_reset="earliest")
        reader.assign([said])
        async with asyncio.timeout(SECONDS), _started(reader):
            end = (await reader.end_offsets([said]))[said]
            while await reader.position(said) < end:
                for batch in (await reader.getmany(timeout_ms=200)).values():
                    if any(self._is_meant(decode(Record.of(each)), place, first, last) for each in batch):
                        return True
        return False

    def _is_meant(self, decoded: object, place: TopicPartition, first: int, last: int) -> bool:
        said = decoded.body if isinstance(decoded, Received) else None
        return (
            isinstance(said, RecordSkipped)
            and (said.service, said.topic, said.partition) == (self._service, place.topic, place.partition)
            and first <= said.offset <= last
        )


@contextlib.asynccontextmanager
async def _started(reader: Any) -> Any:
    try:
        await reader.start()
        yield reader
    finally:
        await reader.stop()
