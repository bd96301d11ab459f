"""Lets the limits of the flow file hold for the provider: this replica's share of the rate, the places, the breaker."""

from claims_identity.breaker import PurgatoryBreaker
from claims_identity.provider import HttpProvider
from claims_shared.flow import Limits, show
from claims_shared.service import Kit


class Throttle:
    """What holds now. Commands beyond the rate stay in their topic: no more are read at once than may be asked in a second."""

    def __init__(self, kit: Kit, provider: HttpProvider, breaker: PurgatoryBreaker) -> None:
        self._kit = kit
        self._provider = provider
        self._breaker = breaker
        self._limits = Limits()

    def take(self, limits: Limits) -> None:
        """Let these hold; they say everything but the rate, which may be any."""
        assert limits.concurrency is not None
        assert limits.breaker_failures is not None
        assert limits.breaker_seconds is not None
        self._limits = limits
        self._breaker.set(limits.breaker_failures, limits.breaker_seconds)
        self._provider.limit(limits.concurrency, self._rate())
        show("identity", limits)

    def batch(self) -> int:
        """Give how many commands may be read at once; the share moves with the partitions, so it is set here anew."""
        rate = self._rate()
        if rate is None:
            return self._kit.kafka.batch_records
        assert self._limits.concurrency is not None
        self._provider.limit(self._limits.concurrency, rate)
        return max(int(rate), 1)

    def _rate(self) -> float | None:
        if self._limits.rate is None:
            return None
        return self._limits.rate * max(len(self._kit.consumption.assigned), 1) / self._kit.partitions
