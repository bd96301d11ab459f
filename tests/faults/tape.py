"""Everything that is on the topics, read from the first offset with plain aiokafka and followed as it comes."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer
from tests.invariants.seen import LIFECYCLE, Seen

ENDS = frozenset({"claim.approved.v1", "claim.denied.v1", "claim.withdrawn.v1"})
READ_MS = 50
GLANCE_S = 0.02


class Tape:
    """Records in the order they were read, with what the live run needs to know of them."""

    def __init__(self, bootstrap: str) -> None:
        self.records: list[Seen] = []
        self.ended: dict[str, str] = {}
        self.last_at: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.subscribe(sorted(each for each in await self._consumer.topics() if each.startswith("claims.")))
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._consumer.stop()

    async def until(self, true: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
        """Wait for something to be seen; fail with what is missing."""
        patience = time.monotonic() + seconds
        while not true():
            if self._reading and self._reading.done():
                self._reading.result()
            if time.monotonic() > patience:
                raise AssertionError(f"not seen within {seconds:.0f} s: {what()}")
            await asyncio.sleep(GLANCE_S)

    def open(self, claims: list[str]) -> list[str]:
        return [each for each in claims if each not in self.ended]

    async def _read(self) -> None:
        while True:
            polled = await self._consumer.getmany(timeout_ms=READ_MS)
            for records in polled.values():
                for raw in records:
                    place = (raw.topic, raw.partition, raw.offset)
                    self._take(Seen.of(place, raw.key, raw.value, raw.headers, raw.timestamp))

    def _take(self, seen: Seen) -> None:
        self.records.append(seen)
        self.counts[seen.topic] += 1
        self.last_at[seen.topic] = time.monotonic()
        if seen.topic == LIFECYCLE and seen.kind in ENDS:
            self.ended[seen.claim] = seen.kind
