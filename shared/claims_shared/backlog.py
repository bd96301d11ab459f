"""How much waits unread, since when, and how long it will take at the pace of the last minutes: by class, from what is at hand.

Asked of the client and of what was read, beside the cycle; nothing is counted that the cycle does not know anyway.
"""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from prometheus_client import Gauge

from claims_shared.lanes import Class

EVERY_SECONDS: Final = 5.0
SPAN_SECONDS: Final = 300.0
"""The pace is that of so long."""
ANSWER_SECONDS: Final = 10.0
RECORDS: Final = Gauge(
    "claims_backlog_records", "Records that wait unread in this replica's partitions", ["service", "class"]
)
AGE: Final = Gauge("claims_backlog_age_seconds", "Age of the oldest record that waits unread", ["service", "class"])
PACE: Final = Gauge(
    "claims_backlog_read_per_second", "Records read a second over the last minutes", ["service", "class"]
)
DRAIN: Final = Gauge(
    "claims_backlog_drain_seconds",
    "When what waits will be read, at the pace of the last minutes",
    ["service", "class"],
)


class Pace:
    """How fast a count has grown of late. The clock is an argument, in seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, float]] = deque()

    def note(self, now: float, count: float) -> None:
        """Take the count as it is now; one that fell begins anew: it is another's."""
        if self._samples and count < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((now, count))
        while now - self._samples[0][0] > SPAN_SECONDS:
            self._samples.popleft()

    @property
    def per_second(self) -> float:
        """Give the growth a second; 0 before there are two counts."""
        (began, first), (now, last) = self._samples[0], self._samples[-1]
        return (last - first) / (now - began) if now > began else 0.0

    def seconds_for(self, count: float) -> float:
        """Give how long so many take; endless where nothing moves."""
        pace = self.per_second
        return 0.0 if not count else count / pace if pace else float("inf")


@dataclass(slots=True)
class _Waiting:
    """What waits in one class: how many, since when (seconds since 1970) the oldest, how far all positions are together."""

    records: int = 0
    since: float | None = None
    read: int = 0


class Backlog:
    """The backlog of one process. `classes`: what is assigned now, by class; `reached`: when the newest record that was read
    came in, in milliseconds, by place.
    """

    def __init__(
        self,
        service: str,
        consumer: Callable[[], Any],
        classes: Callable[[], Mapping[Class, Sequence[TopicPartition]]],
        reached: Mapping[TopicPartition, int],
    ) -> None:
        self._service = service
        self._consumer = consumer
        self._classes = classes
        self._reached = reached
        self._paces = {each: Pace() for each in Class}
        self._empty: dict[TopicPartition, float] = {}

    async def run(self) -> None:
        """Look again and again; patient while the broker is away, or partitions move."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            with contextlib.suppress(KafkaError, IllegalStateError, TimeoutError, AttributeError):  # no client yet
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self.look(time.time())

    async def look(self, now: float) -> None:
        """Look once."""
        for each, places in self._classes().items():
            if places:
                self._tell(each.name.lower(), await self._waiting(places, now), self._paces[each], now)

    async def _waiting(self, places: Sequence[TopicPartition], now: float) -> _Waiting:
        found, consumer = _Waiting(), self._consumer()
        ends = await consumer.end_offsets(list(places))
        for place in places:
            here = await consumer.position(place)
            found.read += here
            if here >= ends[place]:
                self._empty[place] = now
                continue
            found.records += ends[place] - here
            # What waits came behind what was read last, and after the moment at which nothing waited.
            since = max(self._reached.get(place, 0) / 1000, self._empty.setdefault(place, now))
            found.since = since if found.since is None else min(found.since, since)
        return found

    def _tell(self, name: str, found: _Waiting, pace: Pace, now: float) -> None:
        pace.note(now, found.read)
        RECORDS.labels(self._service, name).set(found.records)
        AGE.labels(self._service, name).set(0 if found.since is None else max(now - found.since, 0))
        PACE.labels(self._service, name).set(pace.per_second)
        DRAIN.labels(self._service, name).set(pace.seconds_for(found.records))
