"""The whole system in one process and virtual time: five services, their stores, the log, the provider and the mail server.

Every choice comes from one seed: two worlds of the same seed write the same records and rows, byte for byte.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any, Final

from tests.invariants.seen import LIFECYCLE, Seen, Stored
from tests.simulation.outside import MailServer, Rows
from tests.simulation.replica import Process, Replica, bury
from tests.simulation.returning import Returning
from tests.simulation.services import FEW, ONE, SHAPES, Defects
from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND, Timeline
from tests.simulation.topics import Group, Topics
from tests.simulation.weather import FLOOD, FULL_CALENDAR, LEAVE, MAIL_BOUNCES, Weather

from claims_identity.memory import MemoryProvider
from claims_shared.buckets import Allowance
from claims_shared.engine import Cycled
from claims_shared.messages.catalog import INTAKE, SCHEDULER_EVENTS
from claims_shared.ports import Row
from claims_shared.service import streams_of
from claims_shared.settings import KafkaSettings
from claims_shared.staff.people import Staff
from claims_shared.wire import Record

MOST_STARTS: Final = 1_000
"""After healing: what our code cannot take is put aside after a few ends each; more is a process that never goes on."""
MOST_RECORDS: Final = 50_000
"""Before and after healing: more than twenty times what all claims of a run need."""
ENDLESS: Final = "records are written without end"
AMPLE: Final = Allowance(1_000, 1_000)
FELT_AS: Final = {
    "applied:waits": "before its claim",
    "ignored:duplicate": "submitted twice",
    "ignored:heard": "submitted twice",
    "refused:claim_id_taken": "submitted twice",
}
"""Which fault it was where the orchestrator gives this reason for what became of a message."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big a world is."""

    replicas: int = 1
    partitions: int = 4
    window: int = 5_000
    skew: int = 0
    batch: int = 500
    quota: Allowance = AMPLE
    beside: int = 8


_KAFKA: Final = cache(lambda batch: KafkaSettings(batch_records=batch))


class World:
    """A system with nobody in it. `classes`: what may go wrong."""

    def __init__(
        self,
        seed: int = 0,
        now: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC),
        size: Size = Size(),
        classes: Collection[str] = (),
        claims: int = 1,
    ) -> None:
        self.random = Random(seed)  # noqa: S311 - a simulation's
        self.timeline = Timeline(now)
        self.weather = Weather(self.random, self.timeline, classes, claims)
        self.topics = Topics(self.timeline, size.partitions)
        self.groups = {
            service: Group(self.timeline, self.topics, streams_of(service), self.weather.beat) for service in SHAPES
        }
        self.rows = {
            shape.name: Rows(shape.name, self.topics, self._noting(service, shape.name))
            for service, shapes in SHAPES.items()
            for shape in shapes
        }
        self.provider, self.returning = MemoryProvider(), Returning(self, seed)
        self.mails = MailServer(self.returning.took)
        self.window, self.kafka = size.window, _KAFKA(size.batch)
        self.quota, self.beside = size.quota, size.beside
        self.broken = Defects()
        self.staff = ONE if FULL_CALENDAR in classes else FEW
        self.defects: list[str] = []
        self.stopped: set[str] = set()
        self._said_at: dict[bytes | None, bytes] = {}
        self.topics.written += (self._feel, self.weather.written)
        self.replicas = [Replica(self, service, number) for service in SHAPES for number in range(1, size.replicas + 1)]
        for replica in self.replicas:
            replica.skew = self.random.randint(-size.skew, size.skew)
        self.weather.injected["clock skew"] += size.skew > 0
        for name in (FULL_CALENDAR, FLOOD):
            self.weather.injected[name] += name in classes

    # --- time --------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.timeline.clock()

    def run(self, micros: int) -> bool:
        """Let time pass; False where nothing is left to happen."""
        return self.timeline.run(self.timeline.now + micros)

    def live(self, micros: int) -> str:
        """Let time pass in which things go wrong. Gives what is wrong where that would not end."""
        end = self.timeline.now + micros
        while self.timeline.now < end and self.run(min(MINUTE, end - self.timeline.now)):
            if len(self.topics.order) > MOST_RECORDS:
                return ENDLESS
        return ""

    def settle(self) -> None:
        """Let everything happen that happens at once: who naps looks within ten seconds."""
        self.run(15 * SECOND)

    def until_quiet(self, limit: int = 400 * DAY) -> str:
        """Let everything happen that still will. Gives what is wrong where that does not end, or was not all."""
        end, starts, written = self.timeline.now + limit, self._starts(), len(self.topics.order)
        while self.timeline.run(self.timeline.now + HOUR):
            if self.timeline.now >= end:
                return f"it does not come to rest within {limit // DAY} days"
            if self._starts() - starts > MOST_STARTS:
                return "processes end and are started again without end"
            if len(self.topics.order) - written > MOST_RECORDS:
                return ENDLESS
        trace = self.trace
        for _ in range(max(len(replica.process.consumption.assigned) for replica in self.replicas)):
            # some look at one partition a time
            for replica in self.replicas:
                replica.process.loop.rouse()
            self.timeline.run(self.timeline.now + HOUR)
        return "" if self.trace == trace else "somebody found work only because he looked without a reason"

    def _starts(self) -> int:
        return sum(replica.started for replica in self.replicas)

    def heal(self) -> None:
        """Nothing is broken from now on: the dead are restarted, the frozen wake, clocks are right."""
        self.weather.clear_up()
        self.broken.repaired = True
        for replica in self.replicas:
            replica.skew = 0
            replica.process.wake()
        for group in self.groups.values():
            for place in group.places:
                group.arrived(place)
        self.touch(None)

    def publish(self, topic: str, key: str, body: bytes, **headers: str) -> None:
        """Publish as somebody outside would."""
        self.topics.publish(topic, key.encode(), body, [(name, value.encode()) for name, value in headers.items()])

    # --- what happens to processes --------------------------------------------------------------------

    def staffed(self, staff: Staff) -> None:
        """Let the agency enter who works and who is away."""
        self.staff = staff
        self.touch("scheduler")

    def touch(self, service: str | None) -> None:
        for replica in self.replicas:
            if service in (None, replica.service) and not replica.process.loop.dead:
                replica.process.loop.touch()

    def stall(self) -> None:
        """Let some partition be late."""
        group = self.groups[self.random.choice(list(self.groups))]
        place = self.random.choice(group.places)
        self.timeline.at(self.weather.stall(place), group.arrived, place)

    def cycled(self, process: Process, cycled: Cycled) -> None:
        """Learn what a batch came to."""
        for reason, count in cycled.tally.reasons.items():
            if (name := FELT_AS.get(reason)) is not None:
                self.weather.felt[name] += count
        if cycled.tally.lost:
            self.weather.felt["lost writes"] += cycled.tally.lost
            if process.slept:
                self.weather.felt["freeze"] += 1

    def _feel(self, record: Record) -> None:
        """See in what is written that a fault had an effect."""
        if record.topic == INTAKE.deferred:
            self.weather.felt[FLOOD] += 1
        elif ".dlq." in record.topic:
            self.weather.felt["malformed"] += record.key is None or record.key.startswith(b"x")
            self.weather.felt["poison"] += (record.key or b"").startswith(b"p")
        elif record.topic == SCHEDULER_EVENTS.name:
            self.weather.felt[FULL_CALENDAR] += b'"no_free_slot"' in (record.value or b"")
            self.weather.felt[MAIL_BOUNCES] += dict(record.headers)["ce_type"] == b"scheduler.notice-bounced.v1"
            self.weather.felt[LEAVE] += b'"moved_by":"agency"' in (record.value or b"")
        elif record.topic == LIFECYCLE:
            headers = dict(record.headers)
            self.weather.felt["defect"] += headers["ce_type"] == b"claim.parked.v1"
            at = headers["ce_time"] or b""
            self.weather.felt["clock skew"] += at < self._said_at.get(record.key, b"")
            self._said_at[record.key] = at

    def _noting(self, service: str, shape: str) -> Any:
        both = shape == "claims" and "another partitioner" in self.weather.classes

        def written(before: Row | None, row: Row) -> None:
            place = _place(row)
            if before is not None and _place(before) != place:
                self.weather.felt["another partitioner" if both else "rebalance"] += 1
                self.weather.felt["restart"] += before.writer.partition("/")[0] in self.stopped
            for replica in self.replicas:
                if replica.place == place or (replica.service == service and row.due_at is not None):
                    replica.process.loop.touch()

        return written

    def end(self) -> None:
        """Let go of everything."""
        for replica in self.replicas:
            bury(replica.process.loop)

    # --- what is in it at the end ------------------------------------------------------------------------

    @property
    def trace(self) -> str:
        return self.topics.trace.hexdigest()

    def told(self, topic: str) -> list[Record]:
        """Give a topic's records in the order in which they were written."""
        return [record for record in self.topics.order if record.topic == topic]

    def history(self) -> list[Seen]:
        return [
            Seen.of((each.topic, each.partition, each.offset), each.key, each.value, each.headers, each.timestamp)
            for each in self.topics.order
        ]

    def documents(self) -> dict[str, dict[str, Stored]]:
        return {
            name: {row.id: Stored(row.id, row.version, row.partition, row.body, row.due_at) for row in rows.values()}
            for name, rows in self.rows.items()
        }

    def lag(self) -> dict[str, dict[tuple[str, int], int]]:
        return {service: behind for service, group in self.groups.items() if (behind := group.lag())}


def _place(row: Row) -> str:
    """Give the replica that wrote a row."""
    return row.writer.partition(".")[0]
