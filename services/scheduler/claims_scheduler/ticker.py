"""Fires the waits whose instant has come, in batches, and again until their claim moves on. The clock is injected."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from prometheus_client import Counter

from claims_scheduler.waits import fire, micros
from claims_scheduler.watched import Firing, Memory
from claims_shared.engine import Abandoned, Clock
from claims_shared.wire import Output

BATCH: Final = 500
LONGEST_SLEEP: Final = 0.2
FEW: Final = 10
GATHER: Final = 0.02
"""Where more than a few were due at once the next ones come thick: a batch costs as much as many waits, so they gather."""
FIRED: Final = Counter("claims_waits_fired_total", "Waits that fired, repeats included", ["kind"])

Produce = Callable[[Sequence[Output]], Awaitable[None]]


class Ticker:
    """One loop over the memory of what is due. Waits of partitions that went away are no longer in it."""

    def __init__(self, memory: Memory, produce: Produce, clock: Clock) -> None:
        self._memory = memory
        self._produce = produce
        self._clock = clock

    async def run(self) -> None:
        """Tick at the next instant, or after a fifth of a second: a new event may be due earlier."""
        while True:
            fired = await self.tick()
            await asyncio.sleep(0 if fired == BATCH else max(self._seconds(), GATHER if fired > FEW else 0))

    async def tick(self) -> int:
        """Fire one batch; give how many claims it was."""
        now = self._clock()
        firings = self._memory.take_due(micros(now), BATCH)
        if not firings:
            return 0
        outputs = [
            fire(watched.claim, watched.waits[number], watched.cause, now)
            for watched, numbers in firings
            for number in numbers
        ]
        await self._tell(firings, outputs)
        return len(firings)

    async def _tell(self, firings: list[Firing], outputs: Sequence[Output]) -> None:
        """Only what the broker has acknowledged has fired."""
        try:
            await self._produce(outputs)
        except Abandoned:
            self._memory.put_back(firings)
            return
        self._memory.fired(firings, micros(self._clock()))
        for watched, numbers in firings:
            for number in numbers:
                FIRED.labels(watched.waits[number].kind.value).inc()

    def _seconds(self) -> float:
        next_at = self._memory.next_at()
        if next_at is None:
            return LONGEST_SLEEP
        return min(max((next_at - micros(self._clock())) / 1_000_000, 0), LONGEST_SLEEP)
