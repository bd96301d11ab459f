"""Lets runs go over a planted bug until a run says that something is wrong."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.simulation.bugs.planting import planted
from tests.simulation.run import run


@dataclass(frozen=True, slots=True)
class Caught:
    """How many seeds it took (None: not caught), the first that showed it, and what said so."""

    bug: str
    seeds: int | None
    seed: int = 0
    by: tuple[str, ...] = ()
    told: str = ""


def hunt(sentence: str, seeds: Iterable[int]) -> Caught:
    """Run seed after seed with one bug planted."""
    with planted(sentence):
        for number, seed in enumerate(seeds, 1):
            found = run(seed).violations
            if found:
                return Caught(sentence, number, seed, _rules(found), "\n".join(found[:5]))
    return Caught(sentence, None)


def _rules(violations: Iterable[str]) -> tuple[str, ...]:
    """Give the names of the invariants, in the order in which they spoke up."""
    return tuple(dict.fromkeys(map(_rule, violations)))


def _rule(violation: str) -> str:
    """A violation reads `claim: invariant: what`; what the run itself found has no such form."""
    parts = violation.split(": ", 2)
    return parts[1] if len(parts) == 3 else "the run itself"
