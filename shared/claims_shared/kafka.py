"""Kafka as the engine sees it: FastStream owns declaration and lifecycle; consuming and committing are ours.

The subscriber has no handler on purpose: FastStream builds, starts and stops the consumer, turns.py polls it by class, and this
module takes what was read through the engine and commits explicit offsets under an epoch.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from claims_shared import quarantine
from claims_shared.engine import Abandoned, Cycled, Engine, Position
from claims_shared.lanes import Class
from claims_shared.messages.catalog import group_of
from claims_shared.polled import Polled
from claims_shared.ports import StoreUnavailable
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.standing import ByHand
from claims_shared.telemetry import log
from claims_shared.turns import ANSWER_SECONDS, Turns
from claims_shared.wire import Copy, DeadLetter, Output, Received

COMMIT_SECONDS: Final = 0.2
REBALANCE_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 2.0


def broker(settings: KafkaSettings, client: str) -> KafkaBroker:
    """Declare the broker connection: no topic is ever created by a client."""
    return KafkaBroker(
        settings.bootstrap,
        client_id=client,
        consumer_only=True,
        allow_auto_create_topics=False,
        request_timeout_ms=10_000,
        graceful_timeout=15.0,
        logger=None,
        apply_types=False,
    )


def subscription(
    service: str, settings: KafkaSettings, topics: Sequence[str], producer: Producer
) -> tuple[KafkaBroker, "Consumption"]:
    """Declare what a service reads; whoever starts the broker connection starts the client."""
    connection = broker(settings, group_of(service))
    consumption = Consumption(settings, producer, lambda: subscriber.consumer)
    subscriber = connection.subscriber(
        *topics,
        group_id=group_of(service),
        batch=True,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.heartbeat_interval_ms,
        rebalance_timeout_ms=int(REBALANCE_SECONDS * 1000),
        max_poll_interval_ms=3_600_000,
        partition_assignment_strategy=(RangePartitionAssignor,),
        listener=consumption,
    )
    return connection, consumption


class Consumption(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka ships no types
    """Reads a service's topics by class and takes each batch through the engine, one at a time, under an assignment epoch."""

    def __init__(self, settings: KafkaSettings, producer: Producer, consumer: Callable[[], Any]) -> None:
        """`consumer` gives the client, once it has started."""
        self._settings = settings
        self._producer = producer
        self._consumer = consumer
        self._idle = asyncio.Lock()
        self._committing = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._positions: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._engine: Engine | None = None
        self.turns = Turns(settings, consumer, lambda: self.epoch)
        self.reached: dict[TopicPartition, int] = {}
        """When the newest record that was taken came in, in milliseconds, by place."""
        self.assigned: frozenset[int] = frozenset()
        self.on_assigned: Any = None
        self.epoch = 0
        self.heartbeat = time.monotonic()
        self.away: str | None = None
        self.missing: str | None = None
        self.looks: dict[str, Callable[[], Awaitable[None]]] = {}
        """What else must answer for this process to be ready, by what it is."""
        self.on_cycle: Any = lambda _cycled, _seconds: None
        self.notes: Callable[[Collection[TopicPartition]], Awaitable[Mapping[Position, str]]] = _no_notes
        """Reads what was committed beside the offsets of these partitions."""
        self.by_hand: ByHand | None = None
        self._suspects = quarantine.Suspects()
        self._suspected = 0

    # --- the engine's port -------------------------------------------------------------

    async def produce(self, sends: Sequence[Output | DeadLetter | Copy]) -> None:
        """Send through the one producer."""
        await self._producer.produce(sends)

    async def breathe(self, seconds: float, why: str) -> None:
        """Wait without reading on; give the batch up where a rebalance or a stop waits for us."""
        self.away = why
        log().warning("dependency_away", why=why, wait_seconds=seconds)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end and not self._producer.abandon.is_set():
            self.heartbeat = time.monotonic()
            await asyncio.sleep(min(0.1, seconds))
        if self._producer.abandon.is_set():
            raise Abandoned(why)

    # --- the loop ------------------------------------------------------------------------

    async def run(self, engine: Engine) -> None:
        """Read until stopped. Whatever the engine raises ends this without a commit."""
        self._engine = engine
        parts = (self._read_and_take(engine), self._commit_regularly(), self._look_regularly())
        tasks = [asyncio.create_task(each) for each in parts]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for task in ended:
            task.result()  # also of what runs beside: without its commits a process would look well and never get on

    async def _read_and_take(self, engine: Engine) -> None:
        """Behind a full batch there is more: it is read and decoded while this one waits for the disk and the broker.

        Behind any other batch nothing is read, so that records gather: small batches cost more. Nor behind one that was kept
        short: what comes meanwhile would have to wait for both.
        """
        ahead: asyncio.Task[Polled] | None = None
        try:
            while not self._stopping.is_set():
                self.heartbeat = time.monotonic()
                polled = await (ahead or self.turns.poll())
                whole = polled.room < 1 and polled.most == self._settings.batch_records
                ahead = asyncio.create_task(self.turns.poll()) if whole else None
                if polled.decoded:
                    await self._take(engine, polled)
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def inject(self, messages: Sequence[Received]) -> None:
        """Take messages of our own through the engine, between two batches; they have no offsets to commit."""
        async with self._idle:
            if self._engine is not None and not self._stopping.is_set():
                with contextlib.suppress(Abandoned):
                    await self._engine.take(messages)

    async def drain(self, seconds: float) -> None:
        """Finish the running batch and commit what is done; give the batch up where that takes longer than `seconds`."""
        self._stopping.set()
        try:
            async with asyncio.timeout(seconds), self._idle:
                await self.commit()
        except TimeoutError:
            self._producer.abandon.set()

    @property
    def ready(self) -> bool:
        """Whether this process takes work now: it has joined its group and nothing it needs is away."""
        return self.epoch > 0 and self.away is None and self.missing is None and self._producer.healthy

    @property
    def classes(self) -> Mapping[Class, Sequence[TopicPartition]]:
        """Give what is assigned now, by class."""
        return self.turns.classes

    @property
    def client(self) -> Any:
        """Give the client, once it has started."""
        return self._consumer()

    async def _take(self, engine: Engine, polled: Polled) -> None:
        async with self._idle:
            if polled.epoch != self.epoch:
                return  # read under an assignment that is gone: its next owner starts at the committed offsets
            await self._learn_suspects()
            started = time.perf_counter()
            with contextlib.suppress(Abandoned):
                cycled = await self._cycled(engine, polled)
                self.away = None
                if polled.epoch == self.epoch:
                    self._positions.update(polled.positions)
                    self.reached.update(polled.reached)
                self.on_cycle(cycled, time.perf_counter() - started)

    async def _cycled(self, engine: Engine, polled: Polled) -> Cycled:
        """Take one batch through the engine; where that ends this process, it is noted just before."""
        try:
            return await quarantine.take(engine, polled.decoded, self._suspects)
        except Abandoned:
            raise
        except Exception:
            for (topic, partition), (first, _) in quarantine.spans(polled.decoded).items():
                place = TopicPartition(topic, partition)  # before what failed others may still wait
                self._positions.setdefault(place, min(first, polled.positions[place]))
                self._committed.pop(place, None)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self.commit()
            raise

    async def _learn_suspects(self) -> None:
        """Read, once an assignment, what processes before this one failed on."""
        if self._suspected != self.epoch:
            self._suspected = self.epoch
            places = [place for places in self.classes.values() for place in places]
            self._suspects.read(await self.notes(places))

    # --- offsets and ownership ---------------------------------------------------------------

    async def commit(self) -> None:
        """Commit what is done and not held back. A refused commit is harmless: the records are read and recognised again.

        One at a time, so that partitions are given up behind the last one: the client sends a commit under the assignment
        it has by then, and an offset of an earlier one would be taken, and take the partition back.
        """
        async with self._committing:
            await self._commit()

    async def _commit(self) -> None:
        held = self._engine.held_offsets() if self._engine else {}
        wanted = {
            place: min(offset, held.get((place.topic, place.partition), offset))
            for place, offset in self._positions.items()
        }
        changed = {place: offset for place, offset in wanted.items() if self._committed.get(place) != offset}
        if not changed:
            return
        consumer = self._consumer()
        try:
            notes = {place: self._suspects.note(place, offset) for place, offset in changed.items()}
            await consumer.commit({place: (offset, notes[place]) for place, offset in changed.items()})
            self._committed |= changed
        except (CommitFailedError, IllegalStateError) as refused:
            log().info("commit_refused", error=type(refused).__name__)
        except (KafkaError, AttributeError) as failed:
            log().warning("commit_failed", error=type(failed).__name__)

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            await self.commit()

    async def _look_regularly(self) -> None:
        """Ask whether everything is there: to a service that has nothing to do nothing else would tell."""
        while True:
            self.missing = await self._who_is_missing()
            await self._producer.look()
            if self.missing is None and self.by_hand is not None:
                await self.turns.look(self.by_hand)
            await asyncio.sleep(LOOK_SECONDS)

    async def _who_is_missing(self) -> str | None:
        consumer = self._consumer()
        for what, look in ({"the broker": consumer.topics} | self.looks).items():
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await look()
            except (KafkaError, StoreUnavailable, TimeoutError, OSError):
                return f"{what} does not answer"
        return None

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Let the running batch end and commit it; a batch that cannot end is given up."""
        if not revoked:
            return
        if self.away is not None or not self._producer.healthy:
            self._producer.abandon.set()
        try:
            async with asyncio.timeout(REBALANCE_SECONDS / 2):
                await self._idle.acquire()
        except TimeoutError:
            self._producer.abandon.set()
            await self._idle.acquire()
        try:
            await self.commit()
            self._change_epoch(())
        finally:
            self._idle.release()
            self._producer.abandon.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Start on what is ours now with nothing remembered."""
        self._change_epoch(assigned)
        if self.on_assigned is not None:
            await self.on_assigned(self.assigned)
        log().info("assigned", epoch=self.epoch, partitions=len(assigned))

    def _change_epoch(self, assigned: Collection[TopicPartition]) -> None:
        self.epoch += 1
        self._positions.clear()
        self._committed.clear()
        self.reached.clear()
        self.turns.assigned(assigned)
        self.assigned = frozenset(place.partition for place in assigned)
        if self._engine is not None:
            self._engine.forget()


async def _no_notes(_places: Collection[TopicPartition]) -> Mapping[Position, str]:
    return {}
