"""A token bucket: so much a second, and so much at once after a rest. Pure; the clock is an argument, in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """`rate` a second in the long run; at most `burst` at once."""

    rate: float
    burst: float

    def times(self, share: float) -> "Allowance":
        """Give a part of it; a part lets at least one through at a time."""
        return Allowance(self.rate * share, max(self.burst * share, 1.0))


class Bucket:
    """What is left of an allowance. A clock that is set back refills nothing."""

    __slots__ = ("_at", "_level")

    def __init__(self, allowance: Allowance, now: float) -> None:
        self._level = allowance.burst
        self._at = now

    def take(self, allowance: Allowance, now: float, amount: float = 1.0) -> bool:
        """Take so much, if it is there."""
        self._refill(allowance, now)
        if self._level < amount:
            return False
        self._level -= amount
        return True

    def whole(self, allowance: Allowance, now: float) -> int:
        """Give how many whole ones are there."""
        self._refill(allowance, now)
        return max(int(self._level), 0)

    def owe(self, allowance: Allowance, now: float, amount: float) -> float:
        """Take so much, there or not; give how many seconds it takes until what was owed before is refilled."""
        self._refill(allowance, now)
        missing = max(-self._level, 0.0)
        self._level -= amount
        return missing / allowance.rate

    def _refill(self, allowance: Allowance, now: float) -> None:
        self._level = min(allowance.burst, self._level + max(now - self._at, 0.0) * allowance.rate)
        self._at = now
