"""What the production consumer and producer take for aiokafka's clients: the simulated broker, reached over a bad line."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError
from tests.simulation.timeline import SECOND
from tests.simulation.topics import Group, Position, Topics

from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.wire import DeadLetter, Output, Record

if TYPE_CHECKING:
    from tests.simulation.replica import Process


class Client:
    """A member of a group. Its heartbeats end with the process, and rest while it is frozen."""

    def __init__(self, replica: "Process", group: Group, topics: Topics) -> None:
        self._replica = replica
        self._group = group
        self._topics = topics
        self._member = 0
        self._generation = 0
        self._positions: dict[Position, int] = {}
        self._assigned: frozenset[Position] = frozenset()
        self._behind: set[Position] = set()
        self._told: tuple[int, list[Position]] | None = None
        self._waiting: Any = None
        self._rejoining = False
        self._asking = False
        self._called = asyncio.Event()
        self._answered = asyncio.Event()
        self.listener: Any = None

    # --- what production code calls -------------------------------------------------------

    async def getmany(
        self, *places: Position, timeout_ms: int = 0, max_records: int
    ) -> Mapping[TopicPartition, Sequence[Record]]:
        if not self._assigned.issuperset(places):
            raise IllegalStateError("partition is not assigned")
        while self._rejoining:
            await self._wait()
        found = self._take(places, max_records)
        if found or not timeout_ms:
            return found
        await (asyncio.sleep(timeout_ms / 1000) if self._behind_elsewhere(places) else self._wait())
        return {} if self._rejoining else self._take(places, max_records)

    async def commit(self, offsets: Mapping[Position, tuple[int, str]]) -> None:
        await self._replica.at("commit", "before")
        taken = self._group.commit(self._member, self._generation, offsets)
        await self._replica.at("commit", "after")
        if not taken:
            self._replica.refused()
            raise CommitFailedError

    async def notes(self, places: Collection[Position]) -> Mapping[Position, str]:
        """Give what was committed beside the offsets of these partitions."""
        await self._replica.at("notes", "before")
        return {place: self._group.notes.get(place, "") for place in places}

    async def topics(self) -> set[str]:
        return set()

    async def coordinate(self) -> None:
        """Join the group, and again whenever it is called; what the listener raises is only logged, as by aiokafka."""
        while True:
            if self._group.calls(self._member, self._generation):
                await self._rejoin()
            await self._called.wait()
            self._called.clear()

    # --- the group's side -------------------------------------------------------------------

    def summon(self) -> None:
        """Hear, with a heartbeat, that everybody must join again."""
        if not self._replica.loop.frozen and not self._replica.loop.dead:
            self._called.set()

    def assign(self, generation: int, places: list[Position]) -> None:
        if not self._replica.loop.dead:
            self._told = (generation, places)
            self._answered.set()

    def arrived(self, place: Position) -> None:
        """There may be something to read."""
        at = self._positions.get(place)
        if at is not None and at < len(self._topics.records[place]):
            self._behind.add(place)
        if self._waiting is not None:
            self._replica.timeline.after(self._replica.weather.lag(), self._wake)

    def expire(self) -> None:
        """The session ran out without a heartbeat."""
        if self._replica.loop.frozen or self._replica.loop.dead:
            self._group.leave(self._member)

    def leave(self) -> None:
        self._group.leave(self._member)

    def stop_waiting(self) -> None:
        """Let whoever waits for records go on without any."""
        self._wake()

    def thawed(self) -> None:
        """Go on with what we had, as if nothing had been, until the next heartbeat."""
        self._look_where_we_are()
        self._wake()
        self._replica.timeline.after(self._replica.weather.beat(), self._hear)

    def _hear(self) -> None:
        """A heartbeat after a pause says whether the world went on without us."""
        if self._member not in self._group.members or self._generation != self._group.generation:
            self._called.set()
        if self._asking and self._member not in self._group.members:
            self._answered.set()  # there is no share for it

    # --- inside -----------------------------------------------------------------------------

    async def _rejoin(self) -> None:
        self._rejoining = True
        await self._tell(self.listener.on_partitions_revoked, self._assigned)
        while not self._group.join(self._member):
            self._member = self._group.enter(self)
        while not await self._got_it():
            self._group.join(self._member)
        generation, places = self._told or (0, [])
        self._generation = generation
        self._assigned = frozenset(TopicPartition(*place) for place in places)
        self._positions = {place: self._group.committed.get(place, 0) for place in places}
        self._look_where_we_are()
        self._rejoining = self._replica.slept = False
        await self._tell(self.listener.on_partitions_assigned, self._assigned)
        self._replica.loop.touch()
        self._wake()

    def _look_where_we_are(self) -> None:
        records = self._topics.records
        self._behind = {place for place, at in self._positions.items() if at < len(records[place])}

    async def _got_it(self) -> bool:
        """Wait for the assignment of the present generation; False where the group went on meanwhile."""
        self._asking = True
        await self._answered.wait()
        self._answered.clear()
        self._asking = False
        if self._member not in self._group.members:
            self._member = self._group.enter(self)
            return False
        return self._told is not None and self._told[0] == self._group.generation

    async def _tell(self, listener: Any, places: Collection[Position]) -> None:
        try:
            await listener(places)
        except Exception as error:  # noqa: BLE001 - as aiokafka does
            self._replica.weather.felt[f"listener: {type(error).__name__}"] += 1

    def _behind_elsewhere(self, places: Collection[Position]) -> bool:
        """Whether something waits that is not asked for now."""
        return any(place not in places for place in self._behind)

    async def _wait(self) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done() and not self._replica.loop.dead:
            waiting.set_result(None)

    def _take(self, places: Sequence[Position], most: int) -> dict[TopicPartition, Sequence[Record]]:
        """Hand out what is there, partition by partition, in no particular order of theirs."""
        if not self._behind:
            return {}
        records, positions = self._topics.records, self._positions
        behind = [place for place in places if place in self._behind]
        found: dict[TopicPartition, Sequence[Record]] = {}
        room = most
        for place in self._replica.weather.readable(behind):
            at = positions[place]
            part = records[place][at : at + self._replica.weather.portion(room)]
            positions[place] = at + len(part)
            if positions[place] == len(records[place]):
                self._behind.discard(place)
            room -= len(part)
            found[place] = part  # type: ignore[index] # the places that we were given
            self._group.hand(place, part, self._replica)
            if room < 1:
                break
        return found


class Sender(Producer):
    """The production producer, with the simulated broker at its other end."""

    def __init__(self, settings: KafkaSettings, replica: "Process", topics: Topics) -> None:
        super().__init__(settings, replica.name, topics.partitions)
        self._replica = replica
        self._topics = topics

    async def stop(self) -> None:
        """No connection is open."""

    async def _send(self, sends: Sequence[Output | DeadLetter]) -> None:
        replica = self._replica
        grouped = self._grouped(sends)
        places = replica.weather.shuffled(list(grouped))
        await replica.at("produce", "before")
        if replica.weather.hangs():
            given_up = round(replica.world.kafka.produce_seconds * SECOND)
            replica.timeline.after(given_up + replica.weather.late(), self._land_late, grouped, places)
            await replica.loop.create_future()
        for number, place in enumerate(places):
            if number:
                await replica.at("produce", "within")
            self._land(grouped, (place,))
        await replica.at("produce", "after")

    def _land_late(self, grouped: Mapping[Position, Sequence[Any]], places: Sequence[Position]) -> None:
        """What was given up arrives after all, behind what was sent in its stead."""
        self._replica.weather.felt["broker hangs"] += 1
        self._land(grouped, places)

    def _land(self, grouped: Mapping[Position, Sequence[Any]], places: Sequence[Position]) -> None:
        for place in places:
            for key, value, headers in grouped[place]:
                self._topics.append(*place, key, value, headers)
