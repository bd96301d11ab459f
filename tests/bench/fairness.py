"""`python -m tests.bench.fairness`: what one portal's flood does to another's waits, on a whole system with a real broker.

Two portals file steadily; then the second one files fifty times as much. For the first one's claims: the wait from being
accepted, and from being filed, to the approval, without and with the flood, in turns; each ratio is of 95th percentiles. Then,
with nobody else there: how many records of a flood are handed on in a second, beside how many claims are done. JSON lines.
"""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from tests.bench import load
from tests.bench.__main__ import (
    APPROVED,
    LIFECYCLE,
    figure,
    hold,
    latency,
    partitions_of,
    producer_of,
    quantile,
    say,
    stack,
)

from claims_shared.messages.catalog import INTAKE
from claims_shared.wire import partition_of

ACCEPTED: Final = b"claim.accepted.v1"
PATIENCE_S: Final = 600.0
SETTLE_S: Final = 2.0
SHARE: Final = 0.95


class Story:
    """The life cycle beside whatever else is done: when the broker had each claim's acceptance and approval, in seconds."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(LIFECYCLE, bootstrap_servers=bootstrap, auto_offset_reset="latest")
        self._reading: asyncio.Task[None] | None = None
        self.accepted: dict[bytes, float] = {}
        self.approved: dict[bytes, float] = {}

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        for place in self._consumer.assignment():
            await self._consumer.position(place)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._reading is not None:
            self._reading.cancel()
        await self._consumer.stop()

    async def _read(self) -> None:
        known = {ACCEPTED: self.accepted, APPROVED: self.approved}
        while True:
            for records in (await self._consumer.getmany(timeout_ms=200, max_records=2_000)).values():
                for record in records:
                    if (told := known.get(dict(record.headers)["ce_type"])) is not None:
                        told.setdefault(record.key, record.timestamp / 1000)

    async def until_approved(self, keys: Sequence[bytes]) -> None:
        """Return when all of these are approved; fail where that takes too long."""
        async with asyncio.timeout(PATIENCE_S):
            while any(key not in self.approved for key in keys):
                await asyncio.sleep(0.2)


class Portal:
    """One source, which files its next claims at a rate."""

    def __init__(self, run: str, producer: AIOKafkaProducer, partitions: int) -> None:
        self._run = run
        self._producer = producer
        self._partitions = partitions
        self._next = 0

    async def file(self, rate: float, seconds: float) -> dict[bytes, float]:
        """File; give each claim's planned instant."""
        records = list(self._made(int(rate * seconds)))
        start, planned, acks = time.time() + 0.2, {}, []
        for number, (key, value, headers) in enumerate(records):
            at = start + number / rate
            if (ahead := at - time.time()) > 0:
                await asyncio.sleep(ahead)
            planned[key] = at
            partition = partition_of(key.decode(), self._partitions)
            acks.append(await self._producer.send(INTAKE.name, value, key, partition, headers=headers))
        await asyncio.gather(*acks)
        return planned

    def _made(self, count: int) -> Iterator[Any]:
        first, self._next = self._next, self._next + count
        return (load.record(self._run, number, f"bench.{self._run}") for number in range(first, first + count))


async def waits(
    story: Story, steady: Portal, other: Portal, asked: argparse.Namespace, rate: float
) -> tuple[list[float], list[float]]:
    """Let the other portal file at this rate; give the steady one's waits, from acceptance and from filing."""
    flood = asyncio.create_task(other.file(rate, asked.seconds))
    planned = await steady.file(asked.rate, asked.seconds)
    await story.until_approved(list(planned))
    filed = await flood
    say(
        f"  {sum(key in story.approved for key in filed):,} of the other portal's {len(filed):,} claims are done by then"
    )
    await story.until_approved(list(filed))
    await asyncio.sleep(SETTLE_S)
    settled = list(planned)[len(planned) // 10 :]  # the first tenth meets what was there before
    return (
        [story.approved[key] - story.accepted[key] for key in settled],
        [story.approved[key] - planned[key] for key in settled],
    )


async def relayed(running: dict[str, Any], story: Story, producer: AIOKafkaProducer, count: int) -> None:
    """Say how fast a flood is handed on, beside how fast its claims are done where nobody else is there."""
    partitions = await partitions_of(running["kafka"])
    places = [TopicPartition(INTAKE.deferred, number) for number in range(partitions)]
    reader = AIOKafkaConsumer(bootstrap_servers=running["kafka"])
    await reader.start()
    try:
        before = sum((await reader.end_offsets(places)).values())
        hold(running["services"]["orchestrator"], signal.SIGSTOP)
        await load.preload(producer, "relayed", count, partitions)
        hold(running["services"]["orchestrator"], signal.SIGCONT)
        started = now = time.time()
        moved, there = started, 0
        while now - moved < SETTLE_S:
            await asyncio.sleep(0.05)
            found, now = sum((await reader.end_offsets(places)).values()) - before, time.time()
            moved, there = (now, found) if found > there else (moved, there)
    finally:
        await reader.stop()
    keys = [load.record("relayed", number)[0] for number in range(count)]
    await story.until_approved(keys)
    done = count / (max(story.approved[key] for key in keys) - started)
    figure("handed_on", there, "records")
    figure("handed_on_per_second", there / (moved - started), "records/s")
    figure("done_per_second", done, "claims/s")
    figure("handed_on_to_done", there / (moved - started) / done, "ratio")


async def bench(asked: argparse.Namespace) -> None:
    with stack(asked, ()) as (running, _):
        say("warming up")
        await latency(running, "warm-up", 20, asked.warm_up)
        partitions = await partitions_of(running["kafka"])
        async with producer_of(running["kafka"]) as producer, Story(running["kafka"]) as story:
            steady, noisy = (Portal(run, producer, partitions) for run in ("steady", "noisy"))
            calm: tuple[list[float], list[float]] = ([], [])
            flooded: tuple[list[float], list[float]] = ([], [])
            for turn in range(asked.rounds):
                for kept, rate in ((calm, asked.rate), (flooded, asked.rate * asked.times)):
                    say(f"round {turn + 1}/{asked.rounds}: {asked.rate:g}/s beside {rate:g}/s")
                    accepted, filed = await waits(story, steady, noisy, asked, rate)
                    kept[0].extend(accepted)
                    kept[1].extend(filed)
            for name, without, beside in zip(("accepted", "filed"), calm, flooded, strict=True):
                figure(f"{name}_to_approved_p95_ms_without", 1000 * quantile(without, SHARE), "ms")
                figure(f"{name}_to_approved_p95_ms_with_flood", 1000 * quantile(beside, SHARE), "ms")
                figure(f"{name}_to_approved_p95_ratio", quantile(beside, SHARE) / quantile(without, SHARE), "ratio")
            if asked.relayed:
                say(f"a flood of {asked.relayed:,} alone")
                await relayed(running, story, producer, asked.relayed)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fairness", description=__doc__)
    parser.add_argument("--rate", type=float, default=20, help="claims a second of the steady portal")
    parser.add_argument(
        "--times", type=float, default=50, help="how many times as much the other one files in its flood"
    )
    parser.add_argument("--seconds", type=float, default=15, help="how long each part lasts")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--relayed", type=int, default=10_000, help="records of the flood that is alone; 0 leaves it out"
    )
    parser.add_argument("--warm-up", type=float, default=10, help="seconds")
    parser.add_argument("--store", choices=("sqlite", "mongo"), default="sqlite")
    parser.add_argument("--env", action="append", default=[], metavar="KEY=VALUE", help="passed on to the services")
    parser.add_argument("--replicas", type=int, default=1, help="processes of each service")
    parser.add_argument("--keep", action="store_true", help="keep the data directory")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(asyncio.run(bench(options())))
