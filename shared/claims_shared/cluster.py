"""What must be true of the broker before a process starts: it answers, every topic is there, all have one partition count."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from claims_shared.engine import Position
from claims_shared.settings import KafkaSettings
from claims_shared.telemetry import log

NOTES_SECONDS: Final = 5.0


class Unusable(Exception):  # noqa: N818 - what the operator reads is its sentence
    """Something outside is not as this process needs it to start; says what to do."""


async def partitions_of(settings: KafkaSettings, topics: Collection[str]) -> int:
    """Check that the broker is there and every topic exists; give their common partition count. Raises Unusable."""
    try:
        async with _admin(settings, settings.start_seconds) as admin:
            described = await admin.describe_topics(list(topics))
    except (KafkaError, TimeoutError, OSError, ValueError) as away:  # ValueError: no host:port at all
        raise Unusable(
            f"no Kafka broker at {settings.bootstrap} ({type(away).__name__}); start one or set KAFKA_BOOTSTRAP_SERVERS"
        ) from away
    return _common_count(described)


async def notes_of(settings: KafkaSettings, group: str, places: Collection[TopicPartition]) -> dict[Position, str]:
    """Give what a group committed beside its offsets; nothing where the broker does not answer: no start waits for it."""
    try:
        async with _admin(settings, NOTES_SECONDS) as admin:
            found = await admin.list_consumer_group_offsets(group, partitions=list(places))
    except (KafkaError, TimeoutError, OSError) as away:
        log().warning("notes_not_read", group=group, error=type(away).__name__)
        return {}
    return {(place.topic, place.partition): committed.metadata for place, committed in found.items()}


@contextlib.asynccontextmanager
async def _admin(settings: KafkaSettings, seconds: float) -> AsyncIterator[AIOKafkaAdminClient]:
    """Give a client for some questions, all of which are answered within so many seconds."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap, request_timeout_ms=5_000)
    try:
        async with asyncio.timeout(seconds):
            await admin.start()
            yield admin
    finally:
        with contextlib.suppress(Exception):
            await admin.close()


def _common_count(described: Sequence[Mapping[str, Any]]) -> int:
    missing = sorted(each["topic"] for each in described if each["error_code"])
    if missing:
        raise Unusable(f"topics are missing: {', '.join(missing)}; create them with `claims topics`")
    counts = {len(each["partitions"]) for each in described}
    if len(counts) != 1:
        raise Unusable(
            f"topics differ in their partition counts ({sorted(counts)}); all claim topics must have the same"
        )
    return counts.pop()
