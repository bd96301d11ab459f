"""`python -m tests.bench.waits`: a million pending waits: restart, firing at a rate, and an hour's outage beside live work.

The scheduler's own store, memory and clockwork in one process, a real broker; each figure is one JSON line on stdout. What a
claim does when its wait fires is done for it: its next life-cycle event comes, and opens nothing.
"""

import argparse
import asyncio
import random
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import psutil
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.bench.__main__ import figure, quantile, say

from claims_cli.servers import broker
from claims_scheduler.pace import Pace
from claims_scheduler.ticker import Ticker
from claims_scheduler.waits import Seen, Wait, micros
from claims_scheduler.watch import SHAPE, Stored, Watch
from claims_scheduler.watched import Firing, Memory
from claims_shared.documents import Tally
from claims_shared.messages.catalog import LIFECYCLE, SCHEDULER_EVENTS
from claims_shared.messages.scheduler import WaitKind
from claims_shared.ports import Row
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.sqlite import SqliteStore
from claims_shared.wire import Received, Record, partition_of

PARTITIONS: Final = 4
MONTH_S: Final = 30 * 86_400
ROWS: Final = 5_000
LIVE_EVERY_S: Final = 0.05
_encode: Final = msgspec.msgpack.Encoder().encode


def clock() -> datetime:
    return datetime.now(UTC)


def row(claim: str, at: int) -> Row:
    """A claim that waits until `at` (microseconds), as the scheduler stores it."""
    wait = Wait(f"{claim}/evidence/1", WaitKind.DUE, at, "identity")
    body = _encode(Stored(1, (wait,), f"{claim}/1"))
    return Row(claim, 1, "bench", partition_of(claim, PARTITIONS), body, due_at=at // 1000)


async def fill(store: SqliteStore, name: str, count: int, instants: Callable[[int], int]) -> float:
    """Store so many waits; give how many a second."""
    began = time.perf_counter()
    for start in range(0, count, ROWS):
        rows = [row(f"{name}-{number}", instants(number)) for number in range(start, min(start + ROWS, count))]
        await store.write(rows)
        if start % 200_000 == 0:
            say(
                f"{name}: {start + len(rows):,} of {count:,} stored, {(start + len(rows)) / (time.perf_counter() - began):,.0f}/s"
            )
    return count / (time.perf_counter() - began)


@dataclass(slots=True)
class Desk:
    """One life of a scheduler: what it watches and fires, and when what was armed for which instant was in its topic."""

    store: SqliteStore
    producer: Producer
    memory: Memory = field(default_factory=Memory)
    late: dict[str, list[float]] = field(default_factory=dict)
    moved_on: list[Received] = field(default_factory=list)
    watch: Watch = field(init=False)
    ticker: Ticker = field(init=False)

    def __post_init__(self) -> None:
        self.watch = Watch(self.store, self.memory, clock, Pace(1_000_000, 500), writer="bench")
        self.ticker = Ticker(self.memory, self.producer.produce, clock)
        fired = self.memory.fired

        def noted(firings: list[Firing], now: int) -> None:
            fired(firings, now)
            for watched, numbers in firings:
                kind = watched.claim.partition("-")[0]
                self.late.setdefault(kind, []).extend(
                    (now - watched.waits[number].armed_for) / 1e6 for number in numbers
                )
                self.moved_on.append(event(watched.claim, watched.sequence + 1))

        self.memory.fired = noted  # type: ignore[method-assign]

    async def follow(self) -> None:
        """Read the next events of the claims whose waits fired."""
        while True:
            batch, self.moved_on = self.moved_on[:500], self.moved_on[500:]
            if batch:
                await self.watch.process(batch, clock(), Tally())
            await asyncio.sleep(0 if len(batch) == 500 else 0.02)

    async def live(self) -> None:
        """A claim that goes on meanwhile: twenty times a second something is due at once."""
        for number in range(10**9):
            now = micros(clock())
            await self.watch.process([event(f"live-{number}", 1, due=now)], clock(), Tally())
            await asyncio.sleep(LIVE_EVERY_S)

    def restart(self) -> None:
        self.watch.assigned(range(PARTITIONS))

    @asynccontextmanager
    async def working(self, *beside: Callable[[], Awaitable[None]]) -> Any:
        tasks = [asyncio.ensure_future(task()) for task in (self.watch.run, self.ticker.run, self.follow, *beside)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until_written(self) -> None:
        """Wait until the store knows that the claims moved on: what comes after starts without them."""
        while self.moved_on or self.memory.held_offsets():
            await asyncio.sleep(0.05)

    async def until_fired(self, kind: str, count: int, patience: float = 600) -> float:
        began = time.perf_counter()
        while len(self.late.get(kind, ())) < count:
            if time.perf_counter() - began > patience:
                raise TimeoutError(f"{len(self.late.get(kind, ()))} of {count} {kind} fired in {patience:.0f} s")
            await asyncio.sleep(0.05)
        return time.perf_counter() - began


def event(claim: str, sequence: int, due: int | None = None) -> Received:
    """A life-cycle event as the scheduler reads it."""
    seen = msgspec.json.decode(
        msgspec.json.encode(
            {
                "claim_id": claim,
                "sequence": sequence,
                "open": [{"id": f"{claim}/x/1", "step": None, "due_at": _text(due)}] if due else [],
            }
        ),
        type=Seen,
    )
    record = Record(LIFECYCLE.name, partition_of(claim, PARTITIONS), sequence, claim.encode(), b"", ())
    return Received(record, f"{claim}/{sequence}", "claim.progressed.v1", "bench", claim, seen, clock(), None)


def _text(at: int) -> str:
    return datetime.fromtimestamp(at / 1e6, UTC).isoformat().replace("+00:00", "Z")


def told(name: str, late: Sequence[float]) -> None:
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        figure(f"{name}_{label}_ms", 1000 * quantile(late, share), "ms")


async def bench(asked: argparse.Namespace, store: SqliteStore, producer: Producer) -> None:
    dice = random.Random(1)  # noqa: S311 - a benchmark's
    month = micros(clock()) + 2 * 3_600_000_000
    figure(
        "waits_stored_per_second",
        await fill(store, "far", asked.pending, lambda _: month + dice.randrange(MONTH_S) * 10**6),
        "1/s",
    )
    start = micros(clock()) + (asked.ahead + asked.due // 20_000) * 10**6
    await fill(store, "due", asked.due, lambda number: start + number * asked.seconds * 10**6 // asked.due)

    desk, began = Desk(store, producer), time.perf_counter()
    desk.restart()
    await desk.watch.pick_up()
    figure("restart_seconds", time.perf_counter() - began, "s")
    cpu = time.process_time()
    async with desk.working():
        say(f"{len(desk.memory.claims):,} in memory; the first is due in {(start - micros(clock())) / 1e6:.0f} s")
        await desk.until_fired("due", asked.due)
        took = micros(clock()) / 1e6 - start / 1e6
        cpu = time.process_time() - cpu
        await desk.until_written()
    figure("fired_per_second", asked.due / took, "1/s")
    told("lateness", desk.late["due"])
    figure("cpu_us_per_wait", cpu / asked.due * 1e6, "us")
    figure("memory_mb", psutil.Process().memory_info().rss / 2**20, "MiB")
    figure("peak_memory_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "MiB")

    hour = micros(clock()) - 3_600_000_000
    await fill(store, "missed", asked.outage, lambda number: hour + number * 3_600_000_000 // asked.outage)
    desk = Desk(store, producer)
    desk.restart()
    async with desk.working(desk.live):
        figure("outage_drained_seconds", await desk.until_fired("missed", asked.outage), "s")
    told("live_lateness_during_drain", desk.late["live"])


async def main(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="claims-waits-") as place:
        started = await broker.start(Path(place))
        admin = AIOKafkaAdminClient(bootstrap_servers=started.bootstrap)
        store = SqliteStore(Path(place) / "waits.sqlite", SHAPE)
        producer = Producer(KafkaSettings(bootstrap=started.bootstrap), "bench", PARTITIONS)
        try:
            await admin.start()
            await admin.create_topics([NewTopic(SCHEDULER_EVENTS.name, PARTITIONS, 1)])
            await bench(asked, store, producer)
        finally:
            await producer.stop()
            await store.close()
            await admin.close()
            await broker.stop(started)


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.waits", description=__doc__)
    parser.add_argument("--pending", type=int, default=1_000_000, help="waits that are due within the month")
    parser.add_argument("--due", type=int, default=100_000, help="waits that fire while it is measured")
    parser.add_argument("--seconds", type=int, default=10, help="within so many seconds")
    parser.add_argument("--ahead", type=int, default=20, help="seconds until the first of them")
    parser.add_argument(
        "--outage", type=int, default=100_000, help="waits that came due in an hour in which nobody looked"
    )
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
