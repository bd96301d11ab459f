"""The floor: how fast a claim crosses Kafka when nothing else is done.

Five processes relay each claim through ten records over the same broker, with bare aiokafka loops, no store and no types.
The ratio of our throughput to this one, in the same run, is what our own work costs.
"""

import asyncio
import contextlib
import json
import multiprocessing
import signal
import time
from dataclasses import dataclass
from multiprocessing.synchronize import Event, Semaphore
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

HUB = "hub"
HOPS = {
    HUB: {
        "submitted": ("identity", "verify"),
        "verified": ("eligibility", "determine"),
        "determined": ("benefit", "compute"),
        "computed": ("interview", "schedule"),
        "scheduled": ("ended", "ended"),
    },
    "identity": {"verify": ("answers", "verified")},
    "eligibility": {"determine": ("answers", "determined")},
    "benefit": {"compute": ("answers", "computed")},
    "interview": {"schedule": ("answers", "scheduled")},
}
READS = {HUB: ("intake", "answers"), **{name: (name,) for name in HOPS if name != HUB}}
TOPICS = ("intake", "answers", "ended", *(name for name in HOPS if name != HUB))
BATCH_BYTES = 512 * 1024


@dataclass(frozen=True)
class Setup:
    bootstrap: str
    run: str
    partitions: int

    def topic(self, name: str) -> str:
        return f"floor.{self.run}.{name}"

    def producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            bootstrap_servers=self.bootstrap, acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
        )

    def consumer(self, *names: str, group: str | None = None) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            *map(self.topic, names),
            bootstrap_servers=self.bootstrap,
            group_id=group and f"floor.{self.run}.{group}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )


async def claims_per_second(bootstrap: str, claims: int, partitions: int) -> float:
    """Preload `claims`, release the hub, and time until the last one has ended."""
    setup = Setup(bootstrap, uuid4().hex[:8], partitions)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    topics = [setup.topic(name) for name in TOPICS]
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1) for topic in topics])
        return await _measure(setup, claims)
    finally:
        await admin.delete_topics(topics)
        await admin.close()


async def _measure(setup: Setup, claims: int) -> float:
    spawn = multiprocessing.get_context("spawn")
    joined, go = spawn.Semaphore(0), spawn.Event()
    workers = [spawn.Process(target=_work, args=(setup, name, joined, go), daemon=True) for name in HOPS]
    for worker in workers:
        worker.start()
    try:
        for _ in workers:
            await asyncio.to_thread(joined.acquire)
        await _preload(setup, claims)
        return claims / await _until_ended(setup, claims, go)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            await asyncio.to_thread(worker.join)


async def _preload(setup: Setup, claims: int) -> None:
    async with setup.producer() as producer:
        for first in range(0, claims, 2_000):
            numbers = range(first, min(first + 2_000, claims))
            parts: dict[int, list[tuple[bytes, bytes]]] = {}
            for number in numbers:
                parts.setdefault(number % setup.partitions, []).append(_claim(number))
            await asyncio.gather(
                *[
                    ack
                    for part, records in parts.items()
                    for ack in await _send(producer, setup.topic("intake"), part, records)
                ]
            )


async def _until_ended(setup: Setup, claims: int, go: Event) -> float:
    ended = [TopicPartition(setup.topic("ended"), part) for part in range(setup.partitions)]
    async with setup.consumer() as watcher:
        started = time.monotonic()
        go.set()
        while sum((await watcher.end_offsets(ended)).values()) < claims:
            await asyncio.sleep(0.02)
        return time.monotonic() - started


def _claim(number: int) -> tuple[bytes, bytes]:
    wages = [
        {"quarter": f"2025Q{quarter}", "amount": 812_345 + 97 * each, "employer": f"Employer {each}"}
        for quarter in (1, 2, 3, 4)
        for each in (1, 2, 3)
    ]
    body = {"type": "submitted", "hops": 0, "claim_id": f"{number:08x}", "wages": wages}
    return f"{number:08x}".encode(), json.dumps(body).encode()


async def _send(
    producer: AIOKafkaProducer, topic: str, partition: int, records: list[tuple[bytes, bytes]]
) -> list[Any]:
    acks, batch = [], producer.create_batch()
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None) is None:
            acks.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    acks.append(await producer.send_batch(batch, topic, partition=partition))
    return acks


def _work(setup: Setup, name: str, joined: Semaphore, go: Event) -> None:
    """Run one relay process until it is terminated."""

    async def main() -> None:
        task = asyncio.ensure_future(_relay(setup, name, joined, go))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(main())


async def _relay(setup: Setup, name: str, joined: Semaphore, go: Event) -> None:
    """Read, decode, edit, produce, await the acknowledgements, commit."""
    async with setup.producer() as producer:
        consumer = setup.consumer(*READS[name], group=name)
        if name == HUB:  # the others are in place; it joins when the clock starts
            joined.release()
            await asyncio.to_thread(go.wait)
        await consumer.start()
        while name != HUB and not consumer.assignment():
            await asyncio.sleep(0.01)
        if name != HUB:
            joined.release()
        try:
            while True:
                await _turn(setup, HOPS[name], consumer, producer)
        finally:
            await consumer.stop()


async def _turn(
    setup: Setup, hops: dict[str, tuple[str, str]], consumer: AIOKafkaConsumer, producer: AIOKafkaProducer
) -> None:
    batches = await consumer.getmany(timeout_ms=1000, max_records=500)
    outgoing: dict[tuple[str, int], list[tuple[bytes, bytes]]] = {}
    for place, records in batches.items():
        for record in records:
            message = json.loads(record.value)
            topic, message["type"] = hops[message["type"]]
            message["hops"] += 1
            outgoing.setdefault((topic, place.partition), []).append((record.key, json.dumps(message).encode()))
    acks = [
        ack
        for (topic, part), records in outgoing.items()
        for ack in await _send(producer, setup.topic(topic), part, records)
    ]
    await asyncio.gather(*acks)
    if batches:
        await consumer.commit({place: records[-1].offset + 1 for place, records in batches.items()})
