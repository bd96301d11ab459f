"""One broker for all rows; a topic and a group of its own for each."""

import asyncio
import itertools
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.assignors.range import RangePartitionAssignor

from claims_cli.servers import broker
from claims_cli.servers.broker_process import Broker

SESSION: Final = {"session_timeout_ms": 3_000, "heartbeat_interval_ms": 100, "rebalance_timeout_ms": 5_000}
PATIENCE_S: Final = 10.0
GLANCE_S: Final = 0.02
_names = itertools.count(1)


@dataclass(frozen=True)
class Ground:
    """A topic, a group, and clients that are closed at the end of the test."""

    bootstrap: str
    process: Broker
    topic: str
    group: str
    admin: AIOKafkaAdminClient
    closing: AsyncExitStack

    async def another(self, **configs: str) -> str:
        """Make one more topic, with settings of its own."""
        name = f"{self.topic}.{next(_names)}"
        await self.admin.create_topics([NewTopic(name, 2, 1, topic_configs=configs)])
        return name

    async def filled(self, *values: bytes, partition: int = 0, topic: str | None = None) -> None:
        """Put records into a partition."""
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, acks="all") as producer:
            for value in values:
                await producer.send_and_wait(topic or self.topic, value, partition=partition)

    async def committed(self, partition: int = 0) -> tuple[int, str] | None:
        """Give the group's committed offset and what stands beside it."""
        found = await self.admin.list_consumer_group_offsets(self.group)
        at = found.get(TopicPartition(self.topic, partition))
        return None if at is None or at.offset < 0 else (at.offset, at.metadata)

    async def member(self, *topics: str, listener: Any = None, **settings: Any) -> AIOKafkaConsumer:
        """Start a member of the group as ours are set up."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            group_id=self.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=(RangePartitionAssignor,),
            **{**SESSION, **settings},
        )
        consumer.subscribe(topics or (self.topic,), listener=listener)
        await consumer.start()
        self.closing.push_async_callback(consumer.stop)
        return consumer

    @asynccontextmanager
    async def silent_broker(self) -> AsyncIterator[None]:
        """Stop the broker where it is, every thread of it, and let it go on at the end."""
        self.process.process.send_signal(signal.SIGSTOP)
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not _stands_still(self.process.process.pid):
                    await asyncio.sleep(GLANCE_S)
            yield
        finally:
            self.process.process.send_signal(signal.SIGCONT)

    def here(self, partition: int = 0) -> TopicPartition:
        return TopicPartition(self.topic, partition)


def _stands_still(pid: int) -> bool:
    threads = [(thread / "stat").read_text() for thread in Path(f"/proc/{pid}/task").iterdir()]
    return all(each.rpartition(")")[2].split()[0] == "T" for each in threads)


@pytest.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Broker, AIOKafkaAdminClient]]:
    started = await broker.start(tmp_path_factory.mktemp("contract"))
    admin = AIOKafkaAdminClient(bootstrap_servers=started.bootstrap)
    await admin.start()
    yield started, admin
    await admin.close()
    await broker.stop(started)


@pytest.fixture
async def ground(running: tuple[Broker, AIOKafkaAdminClient]) -> AsyncIterator[Ground]:
    """A topic of two partitions."""
    process, admin = running
    name = f"contract.{next(_names)}"
    await admin.create_topics([NewTopic(name, 2, 1)])
    async with AsyncExitStack() as closing:
        yield Ground(process.bootstrap, process, name, f"{name}.group", admin, closing)


@pytest.fixture
def until() -> Callable[..., Awaitable[Any]]:
    """Wait for something to be so, and give it."""

    async def wait(true: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
        end = time.monotonic() + seconds
        while not (found := true()):
            assert time.monotonic() < end, "it did not come about"
            await asyncio.sleep(GLANCE_S)
        return found

    return wait


@pytest.fixture
def read() -> Callable[..., Awaitable[Sequence[bytes]]]:
    """Poll until so many values have come."""

    async def values(consumer: AIOKafkaConsumer, count: int) -> list[bytes]:
        found: list[bytes] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(found) < count:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    found += [each.value for each in batch]
        return found

    return values
