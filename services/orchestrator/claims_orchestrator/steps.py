"""How many claims stand at each step, how many leave it a minute, and when it will be empty at that pace.

Counted by difference as claims move, and anew from an index with the window's recount: no claim is looked at for it.
"""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import Gauge

from claims_orchestrator.claim import Claim
from claims_orchestrator.process import STEPS
from claims_shared.backlog import Pace

CLAIMS: Final = Gauge("claims_at_step", "Claims that stand at a step, in this replica's partitions", ["step"])
LEAVING: Final = Gauge(
    "claims_leaving_step_per_second", "Claims that left a step a second over the last minutes", ["step"]
)
DRAIN: Final = Gauge(
    "claims_step_drain_seconds", "When a step will be empty, at the pace of the last minutes", ["step"]
)

Count = Callable[[str, frozenset[int]], Awaitable[int]]


class Steps:
    """Counts of one replica."""

    def __init__(self, count: Count, clock: Callable[[], float] = time.monotonic) -> None:
        """`count`: asks the store how many claims stand at a step. `clock`: seconds."""
        self._count = count
        self._clock = clock
        self._standing: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._paces = {step: Pace() for step in STEPS}

    def moved(self, before: Claim | None, after: Claim) -> None:
        """Take note of one claim's change."""
        was = before.step if before is not None else None
        if was == after.step:
            return
        if was is not None:
            self._standing[was] -= 1
            self._left[was] += 1
        if after.step is not None:
            self._standing[after.step] += 1

    async def recount(self, assigned: frozenset[int]) -> None:
        """Count anew what stands where in these partitions, and say it."""
        for step in STEPS:
            self._standing[step] = await self._count(step, assigned) if assigned else 0
        self.tell()

    def tell(self) -> None:
        """Say in the metrics how it stands."""
        for step, pace in self._paces.items():
            pace.note(self._clock(), self._left[step])
            standing = max(self._standing[step], 0)
            CLAIMS.labels(step).set(standing)
            LEAVING.labels(step).set(pace.per_second)
            DRAIN.labels(step).set(pace.seconds_for(standing))
