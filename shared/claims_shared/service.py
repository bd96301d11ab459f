"""Runs one service: settings, probes, broker check, the engine under FastStream's lifecycle, drain and exit code."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import uvloop
from aiokafka.errors import KafkaError
from faststream import FastStream
from faststream.kafka import KafkaBroker
from pydantic import ValidationError

from claims_shared import health, telemetry
from claims_shared.backlog import Backlog
from claims_shared.closed import understand_closed_connections
from claims_shared.cluster import Unusable, notes_of, partitions_of
from claims_shared.decoding import Views
from claims_shared.documents import where
from claims_shared.engine import Cycled, Engine, Processor
from claims_shared.kafka import Consumption, subscription
from claims_shared.messages.catalog import TOPICS, group_of, inputs_of
from claims_shared.ports import Shape, Store, StoreUnavailable
from claims_shared.producing import Producer
from claims_shared.raw_log import RawLog
from claims_shared.settings import KafkaSettings, ServiceSettings
from claims_shared.standing import Standing
from claims_shared.stores import open_store
from claims_shared.waiting_line import WaitingLine
from claims_shared.wire import Output, Record, Undecodable

LIVE_SECONDS: Final = 30.0
"""A cycle that has not turned for so long is dead; the longest patient wait inside one is far shorter."""
LEAVE_SECONDS: Final = 25.0
"""After SIGTERM the process is gone by then, whatever hangs."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a service is built from."""

    service: str
    settings: ServiceSettings
    kafka: KafkaSettings
    partitions: int
    writer: str
    producer: Producer
    consumption: Consumption
    clock: Callable[[], datetime]


@dataclass(slots=True)
class Built:
    """A service, built by hand: processors by topic, tasks that run beside the cycle, what to close at the end."""

    processors: Mapping[str, Processor]
    tasks: Sequence[Callable[[], Awaitable[None]]] = ()
    close: Sequence[Callable[[], Awaitable[None]]] = ()
    answer_undecodable: Callable[[Undecodable, datetime], Iterable[Output]] = lambda _undecodable, _now: ()
    on_assigned: Callable[[frozenset[int]], Awaitable[None]] | None = None
    standard_open: Callable[[], bool] = field(default=lambda: True)
    deferred_room: Callable[[int], int] = field(default=lambda _taken: 0)
    defers: Callable[[Record], bool] | None = None
    batch: Callable[[], int] | None = None
    """The most records that may be read at once now, where that is fewer than the setting."""
    urgent: Collection[bytes] | None = None
    """The keys whose answers go ahead of others, as they are now."""
    views: Views = field(default_factory=dict)

    def attach(self, consumption: Consumption) -> None:
        """Let what reads for this service know what was built."""
        consumption.on_assigned = self.on_assigned
        turns = consumption.turns
        turns.standard_open = self.standard_open
        turns.deferred_room = self.deferred_room
        turns.defers = self.defers
        turns.batch = self.batch
        turns.line = WaitingLine(self.urgent) if self.urgent is not None else None
        turns.views = self.views


Build = Callable[[Kit], Awaitable[Built]]


def now() -> datetime:
    """Give the present instant in UTC."""
    return datetime.now(UTC)


def streams_of(service: str) -> tuple[str, ...]:
    """Give every Kafka topic that a service reads, lanes included."""
    return tuple(stream for topic in inputs_of(service) for stream in topic.streams)


def letters_of(service: str) -> tuple[str, ...]:
    """Give the dead-letter topics of what a service reads."""
    return tuple(letter for topic in inputs_of(service) if service in topic.dead_letters for letter in topic.letters)


def written_by(service: str) -> tuple[str, ...]:
    """Give every Kafka topic that a service writes, lanes included: a missing one would stop it at its first answer."""
    return tuple(stream for topic in TOPICS if topic.writer == service for stream in topic.streams)


def run(service: str, build: Build) -> None:
    """Run a service until SIGTERM; exit 0 after a drain, 1 with one clear line where it cannot start or go on."""
    try:
        settings, kafka = ServiceSettings(), KafkaSettings()
    except ValidationError as wrong:
        leave(service, wrong_settings(wrong))
    telemetry.configure_logging(service, json=settings.log_format == "json", level=settings.log_level)
    telemetry.configure_tracing_from_environment(service, settings.trace_ratio)
    uvloop.run(ending(service, _main(service, settings, kafka, build)))


async def ending(service: str, work: Awaitable[int]) -> None:
    """End the process with what `work` gives, from inside the loop.

    Tearing the loop down would wait for client libraries that do not mind being cancelled (PyMongo's monitors: ten seconds).
    """
    understand_closed_connections()
    try:
        code = await work
    except (Unusable, StoreUnavailable, KafkaError, OSError) as trouble:
        leave(service, str(trouble))
    except ValidationError as wrong:
        leave(service, wrong_settings(wrong))
    else:
        _leave_now(code)


async def store_of(kit: Kit, shape: Shape) -> Store:
    """Open a service's store, without which it is not ready. Raises as `answering_store` does."""
    store = await answering_store(kit.settings.store_url, shape)
    kit.consumption.looks[f"the store of {shape.name}"] = store.ping
    return store


async def answering_store(url: str, shape: Shape) -> Store:
    """Open a store and see that it answers. Raises Unusable or StoreUnavailable with one clear line."""
    try:
        store = open_store(url, shape)
    except (ValueError, ModuleNotFoundError) as wrong:
        raise Unusable(f"setting CLAIMS_STORE_URL (or MONGODB_URI): {wrong}") from None
    await store.ping()
    return store


def leave(service: str, why: str) -> None:
    """Say one line and end with 1."""
    sys.stderr.write(f"claims.{service} cannot start: {why}\n")
    sys.stderr.flush()
    _leave_now(1)


def wrong_settings(wrong: ValidationError) -> str:
    """Say which variable is wrong and why; never its value, which may be a secret."""
    found = wrong.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"setting {_variable(each['loc'])}: {each['msg']}" for each in found)


def _variable(place: Sequence[int | str]) -> str:
    """Give the variable's name: settings without an alias take theirs from the prefix."""
    name = ".".join(map(str, place))
    return name if name.isupper() else f"CLAIMS_{name.upper()}"


def _leave_now(code: int) -> None:
    """End at once: client libraries leave threads and futures behind that may hang on a dead broker."""
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(code)


class _Running:
    """One run: the engine's task and those beside it, under FastStream's lifecycle."""

    def __init__(self, kit: Kit, connection: KafkaBroker) -> None:
        self.kit = kit
        self.built: Built | None = None
        self.failed: BaseException | None = None
        self.app = FastStream(connection, logger=None)
        self.app.after_startup(self.begin)
        self.app.on_shutdown(self.end)
        self._tasks: list[asyncio.Task[Any]] = []
        self._engine_task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start the cycle and what runs beside it; whatever fails ends the process uncommitted."""
        built, kit = self.built, self.kit
        assert built is not None
        engine = Engine(kit.service, kit.consumption, built.processors, kit.clock, built.answer_undecodable)
        gc.freeze()
        gc.set_threshold(100_000, 50, 1000)  # 10-15 % at 20,000 cached claims
        sys.setswitchinterval(0.0005)  # the store's threads starve beside a busy loop at the default of 5 ms
        self._engine_task = self._watch(kit.consumption.run(engine))
        consumption = kit.consumption
        waiting = Backlog(kit.service, lambda: consumption.client, lambda: consumption.classes, consumption.reached)
        self._tasks = [self._watch(task()) for task in (*built.tasks, waiting.run)]

    async def end(self) -> None:
        """Drain: the running batch ends, is sent and committed; then everything else stops, and only then are stores closed."""
        threading.Thread(target=_force_exit, daemon=True).start()
        await self.kit.consumption.drain(self.kit.settings.drain_seconds)
        tasks = list(self._tasks)
        if self._engine_task is not None:
            await asyncio.wait([self._engine_task], timeout=self.kit.settings.drain_seconds)
            tasks.append(self._engine_task)  # it may still wait for a store that is away
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.kit.producer.stop()
        for close in self.built.close if self.built else ():
            with contextlib.suppress(Exception):
                await close()

    def _watch(self, coroutine: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.ensure_future(coroutine)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or task.exception() is None:
            return
        self.failed = task.exception()
        telemetry.log().error("service_failed", error=where(task.exception() or RuntimeError()), exc_info=self.failed)
        self.app.exit()


def _force_exit() -> None:
    time.sleep(LEAVE_SECONDS)
    os._exit(1)


async def _main(service: str, settings: ServiceSettings, kafka: KafkaSettings, build: Build) -> int:
    starting: dict[str, Any] = {"why": "starting"}
    probes = health.Probes(lambda: _dead(starting), lambda: _not_ready(starting), lambda: _remark(starting))
    port = health.serve(settings.health_port, probes)
    telemetry.READY.labels(service).set_function(lambda: float(_not_ready(starting) is None))
    partitions = await partitions_of(kafka, [*streams_of(service), *letters_of(service), *written_by(service)])
    client = f"claims.{service}"
    producer = Producer(kafka, client, partitions)
    connection, consumption = subscription(service, kafka, streams_of(service), producer)
    writer = f"{settings.instance or service}-{uuid.uuid4().hex[:12]}"
    kit = Kit(service, settings, kafka, partitions, writer, producer, consumption, now)
    running = _Running(kit, connection)
    running.built = await build(kit)
    running.built.attach(consumption)
    consumption.on_cycle = _recorder(service)
    consumption.notes = partial(notes_of, kafka, group_of(service))
    consumption.by_hand = RawLog(service, kafka, partitions)
    consumption.turns.reader.changed = partial(_standing, service)
    starting |= {"consumption": consumption, "why": None}
    telemetry.log().info("starting", health_port=port, partitions=partitions, kafka=kafka.bootstrap)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.app.exit)
    await running.app.run()
    telemetry.log().info("stopped", failed=type(running.failed).__name__ if running.failed else None)
    return 1 if running.failed else 0


def _dead(state: Mapping[str, Any]) -> str | None:
    consumption: Consumption | None = state.get("consumption")
    if consumption is None or time.monotonic() - consumption.heartbeat < LIVE_SECONDS:
        return None
    return f"the cycle has not turned for {time.monotonic() - consumption.heartbeat:.0f} s"


def _not_ready(state: Mapping[str, Any]) -> str | None:
    consumption: Consumption | None = state.get("consumption")
    if consumption is None:
        return "starting"
    if consumption.ready:
        return None
    return consumption.away or consumption.missing or "waiting for the broker"


def _remark(state: Mapping[str, Any]) -> str | None:
    """Name what stands still. The process takes work all the same: a mended version must be able to take its place."""
    consumption: Consumption | None = state.get("consumption")
    standing = list(consumption.turns.reader.standing) if consumption else []
    return "; ".join(each.named for each in standing) or None


def _standing(service: str, standing: Collection[Standing]) -> None:
    """Show in the metrics what stands still now."""
    for gauge in (telemetry.STUCK_OFFSET, telemetry.STUCK_SINCE):
        gauge.clear()
    for each in standing:
        where_it_is = (service, each.place.topic, str(each.place.partition), each.error)
        telemetry.STUCK_OFFSET.labels(*where_it_is).set(each.offset)
        telemetry.STUCK_SINCE.labels(*where_it_is).set(each.since)


def _recorder(service: str) -> Callable[[Cycled, float], None]:
    """Count and log once a batch."""
    seconds = telemetry.BATCH_SECONDS.labels(service)
    records = telemetry.BATCH_RECORDS.labels(service)
    sent = telemetry.SENT.labels(service)
    lost = telemetry.LOST_WRITES.labels(service)

    def record(cycled: Cycled, took: float) -> None:
        seconds.observe(took)
        records.observe(cycled.records)
        sent.inc(cycled.sent)
        lost.inc(cycled.tally.lost)
        for verdict, number in cycled.tally.verdicts.items():
            telemetry.MESSAGES.labels(service, verdict).inc(number)
        for reason, number in cycled.tally.reasons.items():
            telemetry.REASONS.labels(service, reason).inc(number)
        if cycled.unknown:
            telemetry.MESSAGES.labels(service, "unknown_type").inc(cycled.unknown)
        telemetry.log().info(
            "batch",
            records=cycled.records,
            sent=cycled.sent,
            ms=round(took * 1000, 1),
            lost=cycled.tally.lost,
            **cycled.tally.verdicts,
            reasons=dict(cycled.tally.reasons) or None,
        )

    return record
