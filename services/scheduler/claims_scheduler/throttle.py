"""Lets the limits of the flow file hold for the mail server: how much at a time, how soon it is tried again."""

from collections.abc import Callable
from typing import Final

from claims_shared.buckets import Allowance, Bucket
from claims_shared.flow import Limits, show

FIRST_PAUSE: Final = 0.5
"""Seconds between two tries while the server is away, until the breaker's failures are reached; they double from there."""
USUAL: Final = Limits(concurrency=2, breaker_failures=1, breaker_seconds=30.0)


class Throttle:
    """What holds now. `share`: which part of all partitions is ours; `connections` is told how many there may be."""

    def __init__(
        self,
        limits: Limits = USUAL,
        *,
        share: Callable[[], float] = lambda: 1.0,
        connections: Callable[[int], None] = lambda _most: None,
    ) -> None:
        self._share = share
        self._connections = connections
        self._bucket = Bucket(Allowance(1, 1), 0)
        self.take(limits)

    def take(self, limits: Limits) -> None:
        """Let these hold; they say everything but the rate, which may be any."""
        assert limits.concurrency is not None
        self._limits = limits
        self._connections(limits.concurrency)
        show("mail", limits)

    def allows(self, wanted: int, now: float) -> int:
        """Give how many mails may be sent now, of so many; `now` in seconds."""
        return wanted if (rate := self._rate()) is None else min(wanted, self._bucket.whole(rate, now))

    def took(self, mails: int, now: float) -> None:
        """Take note of what was sent."""
        if (rate := self._rate()) is not None:
            self._bucket.owe(rate, now, mails)

    def pause(self, misses: int) -> float:
        """Give how many seconds the server is left alone once it was away so many times in a row."""
        failures, most = self._limits.breaker_failures or 1, self._limits.breaker_seconds or FIRST_PAUSE
        return float(min(FIRST_PAUSE * 2 ** min(max(misses - failures, 0), 20), most))

    def _rate(self) -> Allowance | None:
        rate = self._limits.rate
        return None if rate is None else Allowance(rate, max(rate, 1.0)).times(self._share())
