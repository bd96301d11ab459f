"""How many claims machines are at work on, and whether new ones may start: answers to old work always come first."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import Gauge

from claims_shared.engine import backoff
from claims_shared.ports import StoreUnavailable

IN_FLIGHT = Gauge("claims_in_flight", "Claims with a command in flight that is not late, in this replica's partitions")

RECOUNT_SECONDS: Final = 60.0
Count = Callable[[frozenset[int]], Awaitable[int]]


class Window:
    """Counts by difference between recounts from the store; a drift lasts until the next one."""

    def __init__(self, size: int, partitions: int, count: Count) -> None:
        self._size = size
        self._partitions = partitions
        self._count = count
        self.share = size
        self.counted = False
        self._moved = asyncio.Event()
        self.in_flight = 0

    def moved(self, before: bool, after: bool) -> None:
        """Take note of one claim's change."""
        self.in_flight += after - before

    def open(self) -> bool:
        """Whether new standard claims may be taken in: not before it is known what is in flight."""
        return self.counted and self.in_flight < self.share

    async def assigned(self, _partitions: frozenset[int]) -> None:
        """Have it counted soon: the group waits for this to return, and must not wait for a store that is away."""
        self.counted = False
        self._moved.set()

    async def keep_counted(self, owned: Callable[[], frozenset[int]]) -> None:
        """Count at every assignment and once a minute; again and again while the store is away."""
        waits = backoff()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), RECOUNT_SECONDS)
            self._moved.clear()
            try:
                await self.recount(owned())
                waits = backoff()
            except StoreUnavailable:
                self._moved.set()
                await asyncio.sleep(next(waits))

    async def recount(self, assigned: frozenset[int]) -> None:
        """Count anew what is in flight in these partitions, and this replica's share of the whole window."""
        self.share = max(1, self._size * len(assigned) // self._partitions)
        self.in_flight = await self._count(assigned) if assigned else 0
        self.counted = not self._moved.is_set()
        IN_FLIGHT.set(self.in_flight)
