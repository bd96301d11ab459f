"""The circuit breaker around an outside service: the port, and purgatory behind it."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from prometheus_client import Gauge
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, ExcludeType, OpenedState

OPEN = Gauge(
    "claims_breaker_open", "1 while an outside dependency is not asked, since it failed too often", ["dependency"]
)


class BreakerOpen(Exception):  # noqa: N818 - a state, not a defect
    """The other side failed too often of late: not asked. `seconds` until it may be asked again."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the breaker is open")
        self.seconds = seconds


class Breaker(Protocol):
    """Guards calls: raises BreakerOpen instead of entering, and learns from what leaves."""

    def guard(self) -> AbstractAsyncContextManager[None]:
        """Wrap one call."""


class PurgatoryBreaker:
    """Opens after `threshold` failures in a row; after `ttl` seconds one call goes to see. `counts` says what a failure is."""

    def __init__(self, name: str, counts: Callable[[Exception], bool], *, threshold: int = 5, ttl: float = 5.0) -> None:
        self._name = name
        self._excluded: ExcludeType = [(Exception, lambda error: not counts(error))]
        self._set = (threshold, ttl)
        self._begin()

    def set(self, threshold: int, ttl: float) -> None:
        """Have other limits from now on; a breaker that is changed begins closed."""
        if self._set != (threshold, ttl):
            self._set = (threshold, ttl)
            self._begin()

    def _begin(self) -> None:
        threshold, self._ttl = self._set
        self._factory = AsyncCircuitBreakerFactory(threshold, self._ttl, exclude=self._excluded)
        self._probing = False
        OPEN.labels(self._name).set(0)

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Wrap one call. Half open, exactly one goes through: purgatory alone would let all of them."""
        breaker = await self._factory.get_breaker(self._name)
        if self._probing:
            raise BreakerOpen(0)
        try:
            async with breaker:
                probe = self._probing = breaker.context.state == HALF_OPENED
                try:
                    yield
                finally:
                    self._probing = self._probing and not probe
            OPEN.labels(self._name).set(0)
        except OpenedState as opened:
            opened.__traceback__ = None  # purgatory raises one object again and again: its traceback would grow
            OPEN.labels(self._name).set(1)
            raise BreakerOpen(max(opened.opened_at + self._ttl - time.time(), 0)) from None
