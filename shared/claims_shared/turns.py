"""Which records a service reads next, poll by poll: urgent work, answers, new work by class, and what waits for its turn.

A backlog of new work never delays the answers to old, urgent claims go ahead of both, and standard ones keep their floor.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from claims_shared.decoding import Views
from claims_shared.lanes import NEW, Class, Floor, by_class, class_of
from claims_shared.polled import Polled
from claims_shared.settings import KafkaSettings
from claims_shared.standing import ByHand, CarefulReader
from claims_shared.waiting_line import WaitingLine
from claims_shared.wire import Record

IDLE_MS: Final = 100
ANSWER_SECONDS: Final = 10.0
URGENT_FIRST: Final = 20
"""One in so many of a batch is for urgent work before any answer: few enough that what comes of it does not pile up."""
AHEAD: Final = 2_000
"""So many answers are looked through for urgent ones."""


class Turns:
    """Reads the places of one assignment by class. `consumer` gives the client, `epoch` the assignment as it is now."""

    def __init__(self, settings: KafkaSettings, consumer: Callable[[], Any], epoch: Callable[[], int]) -> None:
        self._settings = settings
        self._epoch = epoch
        self.reader = CarefulReader(consumer)
        self.classes: dict[Class, list[TopicPartition]] = by_class(())
        self._floor = Floor(settings.standard_floor)
        self._taken = 0
        self.standard_open: Callable[[], bool] = lambda: True
        self.deferred_room: Callable[[int], int] = lambda _taken: 0
        """How many deferred records may be read now, where so many of other new work were taken since it was asked last."""
        self.defers: Callable[[Record], bool] | None = None
        """Whether a record of new work must wait its turn in the deferred stream."""
        self.batch: Callable[[], int] | None = None
        """The most records that may be read at once now."""
        self.line: WaitingLine | None = None
        """Lets urgent answers go ahead of others."""
        self.views: Views = {}

    def assigned(self, places: Iterable[TopicPartition]) -> None:
        """Start on these places with nothing remembered."""
        self.reader.forget()
        if self.line is not None:
            self.line.forget()
        self.classes = by_class((place.topic, place) for place in sorted(places))

    async def poll(self) -> Polled:
        """A few urgent ones, answers, then new work by class; waits only where nothing is there."""
        most = self._settings.batch_records if self.batch is None else min(self.batch(), self._settings.batch_records)
        classes, polled = self.classes, Polled(self._epoch(), most, self.views, self.defers)
        await self._get_first(polled)
        await self._get_answers(polled)
        standard_open = self.standard_open()
        await self._get_new(polled, standard_open=standard_open)
        if polled.decoded:
            return polled
        waiting = [
            place
            for each, places in classes.items()
            if each < Class.STANDARD or (each is Class.STANDARD and standard_open)
            for place in places
        ]
        if not waiting:
            await asyncio.sleep(IDLE_MS / 1000)
        await self._get(polled, waiting, most, IDLE_MS)
        self._taken += sum(class_of(each.record.topic) in NEW for each in polled.decoded) - polled.deferred
        return polled

    async def _get_first(self, polled: Polled) -> None:
        """A few urgent records, and what the floor earns by them: answers may leave room for neither."""
        urgent = await self._get(polled, self.classes[Class.EXPEDITED], polled.most // URGENT_FIRST)
        if urgent:
            standard = await self._get(polled, self.classes[Class.STANDARD], self._floor.earned(urgent))
            self._took(urgent, standard)

    async def _get_answers(self, polled: Polled) -> None:
        """Where something is urgent more are read than taken, and what is urgent among them goes ahead."""
        places, line = self.classes[Class.ANSWERS], self.line
        if line is None or not line.wanted:
            await self._get(polled, places, polled.room)
            return
        if places and len(line) < AHEAD:
            await self._read(line, places, AHEAD - len(line))
        line.move(polled)

    async def _get_new(self, polled: Polled, *, standard_open: bool) -> None:
        """Expedited first; standard keeps its floor, also where it is closed since urgent claims have filled the window.

        What is deferred comes last, as far as there is room for it beside the others.
        """
        classes, floor = self.classes, self._floor
        urgent = await self._get(polled, classes[Class.EXPEDITED], polled.room - floor.kept(polled.room))
        limit = polled.room if standard_open else min(polled.room, floor.earned(urgent))
        standard = await self._get(polled, classes[Class.STANDARD], limit)
        self._took(urgent, standard)
        if classes[Class.DEFERRED]:
            taken, self._taken = self._taken, 0
            await self._get(polled, classes[Class.DEFERRED], min(polled.room, self.deferred_room(taken)))

    def _took(self, urgent: int, standard: int) -> None:
        self._floor.took(urgent, standard)
        self._taken += urgent + standard

    async def _get(self, polled: Polled, places: Sequence[TopicPartition], limit: int, timeout_ms: int = 0) -> int:
        """Read from these places; give how much work came of it."""
        if not places or limit < 1:
            return 0
        before = polled.work
        await self._read(polled, places, limit, timeout_ms)
        return max(polled.work - before, 0)

    async def _read(
        self, into: Polled | WaitingLine, places: Sequence[TopicPartition], limit: int, timeout_ms: int = 0
    ) -> None:
        with contextlib.suppress(IllegalStateError):  # the assignment changed under us
            # Nothing runs before they are added: this is the epoch that they were handed out under.
            await self.reader.read(places, limit, timeout_ms, lambda found: into.add(self._epoch(), found))
            for place, found, behind in self.reader.helped(places):
                into.take(self._epoch(), place, found, behind)

    async def look(self, by_hand: ByHand) -> None:
        """Find partitions that give nothing, and help those on which the client fails."""
        shut = set() if self.standard_open() else {Class.STANDARD}
        read = [places for each, places in self.classes.items() if each not in shut]
        with contextlib.suppress(KafkaError, TimeoutError):  # the broker went away, or the assignment
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.reader.look(read)
        await self.reader.help(by_hand)
