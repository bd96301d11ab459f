"""All five services' production code in one process: a log in memory, stores in memory, a clock that only we move.

No broker, no thread, no real time: what a story needs is published, then everything runs until nothing is left to read.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from claims_benefits.compute import compute
from claims_eligibility.determine import determine
from claims_identity.claim import IDENTITY
from claims_identity.decider import Identity
from claims_identity.memory import MemoryProvider
from claims_identity.persons import PERSONS, Persons
from claims_identity.tokens import Tokens
from claims_orchestrator.process import Clocks
from claims_orchestrator.store import SHAPE as CLAIMS
from claims_orchestrator.store import ClaimDecider, answer_undecodable
from claims_orchestrator.window import Window
from claims_scheduler.bookings import SHAPE as SLOTS
from claims_scheduler.bookings import Bookings
from claims_scheduler.calendar import Rules
from claims_scheduler.commands import SHAPE as EFFECTS
from claims_scheduler.commands import Commands, EffectDecider
from claims_scheduler.pace import Pace
from claims_scheduler.slots import Board
from claims_scheduler.ticker import Ticker
from claims_scheduler.watch import SHAPE as WAITS
from claims_scheduler.watch import Watch
from claims_scheduler.watched import Memory
from claims_shared.answering import Answering, internal_error
from claims_shared.documents import Documents
from claims_shared.engine import Engine, Processor
from claims_shared.law.loader import load_packs
from claims_shared.memory import MemoryStore
from claims_shared.messages.benefits import BenefitCheckFailed
from claims_shared.messages.catalog import LIFECYCLE, SCHEDULER_COMMANDS
from claims_shared.messages.eligibility import EligibilityCheckFailed
from claims_shared.service import streams_of
from claims_shared.wire import DeadLetter, Output, Record, headers_of, letter_headers, partition_of

PARTITIONS = 4
BATCH = 500


@dataclass
class Topics:
    """The log: records by topic, in the order of their acknowledgement."""

    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))

    def append(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]]
    ) -> None:
        partition = partition_of((key or b"").decode(errors="replace"), PARTITIONS)
        self.records[topic].append(Record(topic, partition, len(self.records[topic]), key, value, headers))


class Process:
    """One service: its engine, and how far it has read."""

    def __init__(self, service: str, world: "World", processors: dict[str, Processor]) -> None:
        undecodable = {"answer_undecodable": answer_undecodable} if service == "orchestrator" else {}
        self.topics = world.topics
        self.engine = Engine(service, self, processors, lambda: world.now, **undecodable)
        self.read: dict[str, int] = dict.fromkeys(processors, 0)

    async def produce(self, sends: Sequence[Output | DeadLetter]) -> None:
        for each in sends:
            if isinstance(each, Output):
                self.topics.append(each.topic, each.key.encode(), each.body, headers_of(each))
            else:
                self.topics.append(each.topic, each.record.key, each.record.value, letter_headers(each))

    async def breathe(self, seconds: float, why: str) -> None:
        raise AssertionError(f"nothing is ever away here: {why} ({seconds} s)")

    async def turn(self) -> int:
        """Read one batch of everything that is there."""
        batch = [record for topic, at in self.read.items() for record in self.topics.records[topic][at : at + BATCH]]
        for record in batch:
            self.read[record.topic] += 1
        if batch:
            await self.engine.cycle(batch)
        return len(batch)


class World:
    """Five services around one log."""

    def __init__(self, now: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC), clocks: Clocks | None = None) -> None:
        self.now = now
        self.topics = Topics()
        self.provider = MemoryProvider()
        self.claims: dict[str, object] = {}
        self._packs = load_packs()
        scheduler, self._ticker = self._scheduler()
        self.processes = [
            self._orchestrator(clocks or Clocks()),
            self._identity(),
            self._answering("eligibility", partial(determine, packs=self._packs), EligibilityCheckFailed),
            self._answering("benefits", partial(compute, packs=self._packs), BenefitCheckFailed),
            scheduler,
        ]

    async def settle(self) -> None:
        """Let everybody read until nothing is left, waits that are due included."""
        while any([await process.turn() for process in self.processes]) or await self._ticker.tick():
            pass

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, then let everybody act on it."""
        self.now += span
        await self.settle()

    def publish(self, topic: str, key: str, body: bytes, **headers: str) -> None:
        """Publish as somebody outside would."""
        self.topics.append(topic, key.encode(), body, [(name, value.encode()) for name, value in headers.items()])

    def _orchestrator(self, clocks: Clocks) -> Process:
        async def nobody(_assigned: frozenset[int]) -> int:
            return 0

        store = MemoryStore(CLAIMS, rows=self.claims)
        decider = ClaimDecider(clocks, Window(5_000, PARTITIONS, nobody))
        return self._process("orchestrator", Documents(decider, store, writer="o", partitions=PARTITIONS))

    def _identity(self) -> Process:
        persons = Persons(MemoryStore(PERSONS), "i")
        decider = Identity(self.provider, persons, Tokens(b"k" * 32))
        return self._process("identity", Documents(decider, MemoryStore(IDENTITY), writer="i", partitions=PARTITIONS))

    def _answering(self, service: str, answer: object, failure: type) -> Process:
        decider = Answering(service, answer, internal_error(failure))
        return self._process(service, Documents(decider, None, writer=service, partitions=PARTITIONS))

    def _scheduler(self) -> tuple[Process, Ticker]:
        rules, effects, pace, memory = Rules(), MemoryStore(EFFECTS), Pace(1_000), Memory()
        booker = Bookings(MemoryStore(SLOTS), effects, Board(rules, PARTITIONS), writer="s", partitions=PARTITIONS)
        decider = EffectDecider(booker, rules, lambda: self.now, PARTITIONS)
        commands = Commands(Documents(decider, effects, writer="s", partitions=PARTITIONS, cache=0), booker, pace)
        watch = Watch(MemoryStore(WAITS), memory, lambda: self.now, pace, writer="s")
        process = Process(
            "scheduler", self, dict.fromkeys(SCHEDULER_COMMANDS.streams, commands) | {LIFECYCLE.name: watch}
        )
        return process, Ticker(memory, process.produce, lambda: self.now)

    def _process(self, service: str, documents: Documents) -> Process:
        return Process(service, self, dict.fromkeys(streams_of(service), documents))
