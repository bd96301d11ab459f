"""Which faults a run injects and when, from its seed. Pure."""

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.faults.stack import SERVICES

SPACING_S: Mapping[str, float] = {
    "kill": 4.0,
    "pause": 12.0,
    "broker": 30.0,
    "store": 30.0,
    "link": 6.0,
    "storm": 15.0,
    "roll": 40.0,
}
"""Kinds of faults, and how far apart two of one kind are: less would leave no time in which anything moves."""
FULL_SHARES: Mapping[str, float] = {"link": 1 / 5, "storm": 1 / 15, "roll": 1 / 100}
"""The full plan's other faults, as shares of its kills; links only where there are proxies."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent, how many faults of each kind. `patience`: seconds from the last one until everything is settled."""

    claims: int
    rate: float
    faults: Mapping[str, int] = field(default_factory=dict)
    patience: float = 120.0
    seed: int = 1
    spacing: float = 1.0
    """Shorter runs stretch or press the distances."""

    @property
    def seconds(self) -> float:
        """How long claims are sent: as long as there are faults to come."""
        needed = [count * SPACING_S[kind] * self.spacing for kind, count in self.faults.items()]
        return max([self.claims / self.rate, *needed])

    @property
    def pace(self) -> float:
        """Claims a second."""
        return self.claims / self.seconds

    def instants(self, kind: str) -> list[float]:
        """Give when the faults of one kind come: one in each equal part of the time, never at its very end."""
        count = self.faults.get(kind, 0)
        dice = random.Random(f"{self.seed}/{kind}")  # noqa: S311 - the same seed, the same run
        return [(number + 0.8 * dice.random()) * self.seconds / count for number in range(count)]

    def rest(self, kind: str) -> float:
        """Give the seconds for which there is none of a kind after one that was over late."""
        return SPACING_S[kind] * self.spacing / 3

    def victims(self, kind: str) -> Iterator[str]:
        """Give services for ever, all of them equally often, in an order of their own for each kind of fault."""
        dice = random.Random(f"{self.seed}/{kind}/victims")  # noqa: S311 - the same
        return itertools.chain.from_iterable(dice.sample(SERVICES, len(SERVICES)) for _ in itertools.count())
