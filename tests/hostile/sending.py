"""Puts batches on the broker as they are: no client library checks, packs or counts anything on the way."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.protocol.produce import ProduceRequest

TIMEOUT_MS = 30_000
NOBODY, LATEST = -1, -1


@dataclass(frozen=True, slots=True)
class Taken:
    """Where the broker put a batch, or why it did not take it (the error's name)."""

    offset: int
    refusal: str | None = None


class Socket:
    """A connection to the broker of one node."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client

    async def put(self, topic: str, partition: int, batch: bytes) -> Taken:
        """Send one batch and give the broker's answer to it."""
        await self._client.ready(self._node(topic, partition))
        request = ProduceRequest(
            transactional_id=None, required_acks=-1, timeout=TIMEOUT_MS, topics=[(topic, [(partition, batch)])]
        )
        answer = await self._client.send(self._node(topic, partition), request)
        ((_, (answered,)),) = answer.topics
        _, code, offset = answered[:3]
        return Taken(offset, for_code(code).__name__ if code else None)

    async def ends(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Give the next offset of each of these partitions, which have one leader."""
        by_topic: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for place in places:
            by_topic[place.topic].append((place.partition, LATEST))
        node = self._node(*next(iter(places)))
        answer = await self._client.send(node, OffsetRequest(NOBODY, 0, list(by_topic.items())))
        return {TopicPartition(topic, each[0]): each[3] for topic, found in answer.topics for each in found}

    def _node(self, topic: str, partition: int) -> int:
        found: int = next(
            each.leader for each in self._client.cluster._partitions[topic].values() if each.partition == partition
        )
        return found


@asynccontextmanager
async def connected(bootstrap: str, *topics: str) -> AsyncIterator[Socket]:
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=TIMEOUT_MS)
    await client.bootstrap()
    try:
        await client.set_topics(topics)
        yield Socket(client)
    finally:
        await client.close()
