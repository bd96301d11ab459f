"""The scheduler has lost everything that it knew of a claim; the orchestrator notices, and the wait fires all the same."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from claims_cli.catalog import samples
from claims_orchestrator.claim import Claim
from claims_orchestrator.overdue import said_of
from claims_orchestrator.process import STEPS, Clocks
from claims_orchestrator.store import SHAPE, ClaimDecider
from claims_orchestrator.window import Window
from claims_scheduler.pace import Pace
from claims_scheduler.ticker import Ticker
from claims_scheduler.watch import SHAPE as WAITS
from claims_scheduler.watch import Watch
from claims_scheduler.watched import Memory
from claims_shared.decoding import decode
from claims_shared.documents import Documents, Tally
from claims_shared.memory import MemoryStore
from claims_shared.messages.catalog import LIFECYCLE
from claims_shared.wire import Record, headers_of, millis

SUBMITTED = samples.newest(Path(__file__).parents[1])["claim.submitted.v1"]
LATE = STEPS["identity"].late_after
AFTER = Clocks().overdue_after


class Clock:
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


class Scheduler:
    """One scheduler that knows nothing yet; what fires is kept."""

    def __init__(self, clock):
        memory, self.fired = Memory(), []
        self.watch = Watch(MemoryStore(WAITS), memory, clock, Pace(1_000), writer="s")
        self.ticker, self.clock = Ticker(memory, self.produce, clock), clock

    async def produce(self, outputs):
        self.fired += outputs

    async def hears(self, outputs):
        told = [received(out) for out in outputs if out.topic == LIFECYCLE.name]
        await self.watch.process(told, self.clock(), Tally())


class Orchestrator:
    """One orchestrator over a store in memory."""

    def __init__(self, clock):
        async def nobody(_assigned):
            return 0

        self.store, self.clock = MemoryStore(SHAPE), clock
        decider = ClaimDecider(Clocks(), Window(10, 4, nobody))
        self.documents = Documents(decider, self.store, writer="o", partitions=4)

    async def take(self, *messages):
        sends = await self.documents.process(messages, self.clock(), Tally())
        self.documents.acknowledged()
        return sends

    async def look(self):
        rows = await self.store.due(range(4), millis(self.clock()), 10)
        return await self.take(*(said_of(row, self.clock()) for row in rows))


def received(out):
    return decode(Record(out.topic, 0, 0, out.key.encode(), out.body, headers_of(out)))


async def test_a_lost_wait_is_found_after_its_instant_and_fires():
    clock = Clock()
    orchestrator, scheduler = Orchestrator(clock), Scheduler(clock)
    await scheduler.hears(await orchestrator.take(decode(SUBMITTED.record)))
    scheduler = Scheduler(clock)
    clock.now += LATE + AFTER - timedelta(seconds=1)
    assert (await scheduler.ticker.tick(), await orchestrator.look()) == (0, [])
    clock.now += timedelta(seconds=2)
    told = await orchestrator.look()
    assert [json.loads(out.body)["sequence"] for out in told] == [1]
    await scheduler.hears(told)
    assert await scheduler.ticker.tick() == 1
    asked = await orchestrator.take(*map(received, scheduler.fired))
    assert [out.type for out in asked] == ["claim.progressed.v1", "identity.verify.v1"]
    assert await orchestrator.look() == [], "the entry has a new instant, and a live wait"
    row = (await orchestrator.store.load([SUBMITTED.key]))[SUBMITTED.key]
    opened = msgspec.msgpack.decode(row.body, type=Claim).open.values()
    (entry,) = [each for each in opened if each.clock is None]
    assert entry.attempt == 2
