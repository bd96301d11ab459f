"""How many claims machines are at work on, and whether new ones may start: answers to old work always come first."""

from collections.abc import Awaitable, Callable

from prometheus_client import Gauge

IN_FLIGHT = Gauge("claims_in_flight", "Claims with a command in flight that is not late, in this replica's partitions")

Count = Callable[[frozenset[int]], Awaitable[int]]


class Window:
    """Counts by difference between recounts from the store; a drift lasts until the next one."""

    def __init__(self, size: int, partitions: int, count: Count) -> None:
        self._size = size
        self._partitions = partitions
        self._count = count
        self._share = size
        self.in_flight = 0

    def moved(self, before: bool, after: bool) -> None:
        """Take note of one claim's change."""
        self.in_flight += after - before

    def open(self) -> bool:
        """Whether new standard claims may be taken in."""
        return self.in_flight < self._share

    async def recount(self, assigned: frozenset[int]) -> None:
        """Count anew what is in flight in these partitions, and this replica's share of the whole window."""
        self._share = max(1, self._size * len(assigned) // self._partitions)
        self.in_flight = await self._count(assigned) if assigned else 0
        IN_FLIGHT.set(self.in_flight)
