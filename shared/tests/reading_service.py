"""A service of a test's own on the real broker: the production consumption and engine around a processor that the test gives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from claims_cli import topics
from claims_shared.cluster import notes_of
from claims_shared.documents import Verdict
from claims_shared.engine import Engine
from claims_shared.kafka import Consumption, subscription
from claims_shared.messages.catalog import DESK, group_of
from claims_shared.producing import Producer
from claims_shared.raw_log import RawLog
from claims_shared.settings import KafkaSettings
from claims_shared.wire import Copy, Record, dead_letter_topic

PARTITIONS = 4
BODY = b'{"claim_id": "c1", "reason": "r", "expedited_by": "G", "expedited_at": "2026-11-24T12:00:00Z"}'


class Taking:
    """A processor that remembers what it took; on some ids it raises."""

    def __init__(self, *poison: str) -> None:
        self.poison, self.taken = frozenset(poison), []
        self.changed = asyncio.Event()

    async def process(self, batch, _now, tally):
        if found := [each.id for each in batch if each.id in self.poison]:
            raise KeyError(found[0])
        self.taken += [each.id for each in batch]
        tally.count([(Verdict.APPLIED, "") for _ in batch])
        self.changed.set()
        return []

    def acknowledged(self):
        """Nothing is sent."""

    def forget(self):
        """Nothing is remembered."""

    def held_offsets(self):
        return {}

    async def has(self, *names: str) -> None:
        """Return when these were taken."""
        async with asyncio.timeout(30):
            while not set(names) <= set(self.taken):
                self.changed.clear()
                await self.changed.wait()


class Service:
    """What runs: its name is its group's, so that each test reads for itself."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.name = name
        self.letters = dead_letter_topic(DESK.name, name)
        self.kafka = KafkaSettings(
            bootstrap=bootstrap, session_timeout_ms=6_000, heartbeat_interval_ms=500, produce_seconds=5.0
        )

    async def create(self) -> None:
        await topics.create(self.kafka.bootstrap)
        await topics.create(self.kafka.bootstrap, topics=[replace(DESK, dead_letters=(self.name,))])

    @asynccontextmanager
    async def running(self, processor: Taking) -> AsyncIterator[tuple[Consumption, "asyncio.Task[None]"]]:
        """Run one process of it; what ends it by itself is in the task."""
        producer = Producer(self.kafka, self.name, PARTITIONS)
        connection, consumption = subscription(self.name, self.kafka, (DESK.name,), producer)
        consumption.notes = partial(notes_of, self.kafka, group_of(self.name))
        consumption.by_hand = RawLog(self.name, self.kafka, PARTITIONS)
        engine = Engine(self.name, consumption, {DESK.name: processor}, lambda: datetime.now(UTC))
        await connection.start()
        task = asyncio.create_task(consumption.run(engine))
        try:
            yield consumption, task
        finally:
            await consumption.drain(5)
            with contextlib.suppress(KeyError):
                await task
            await connection.stop()
            await producer.stop()

    async def publish(self, *names: str, partition: int = 0) -> None:
        """Publish messages of these ids to one partition."""
        producer = Producer(self.kafka, self.name, PARTITIONS)
        await producer.produce([Copy(record(name, partition)) for name in names])
        await producer.stop()


def record(name: str, partition: int = 0) -> Record:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": name,
        "ce_source": "s",
        "ce_type": "claim.expedited.v1",
        "ce_time": "2026-11-24T12:00:00Z",
    }
    return Record(DESK.name, partition, 0, b"c1", BODY, [(each, text.encode()) for each, text in headers.items()])
