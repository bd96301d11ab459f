"""Lets runs go over a planted bug until a run says that something is wrong."""

import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tests.simulation.bugs.planting import planted
from tests.simulation.run import CLAIMS, run

COLLECT: Final = 10
"""Runs between two collections: where the collector rests otherwise, worlds pile up."""


@dataclass(frozen=True, slots=True)
class Caught:
    """How many seeds it took (None: not caught), the last of them, and what said so."""

    bug: str
    seeds: int | None
    seed: int = 0
    by: tuple[str, ...] = ()
    told: str = ""


class Unsound(Exception):  # noqa: N818 - the finding is about the code as it is
    """A run says that something is wrong, and does so without the planted bug too: it shows nothing about that bug."""


def hunt(sentence: str, seeds: Iterable[int], claims: int = CLAIMS) -> Caught:
    """Run seed after seed, of so many claims each, with one bug planted. Raises Unsound."""
    caught = _hunted(sentence, seeds, claims)
    if caught.seeds and (found := violations(caught.seed, claims)):
        raise Unsound(f"seed {caught.seed}, {claims} claims: the code as it is does so too: {found[0]}")
    return caught


def _hunted(sentence: str, seeds: Iterable[int], claims: int) -> Caught:
    with planted(sentence):
        for number, seed in enumerate(seeds, 1):
            found = violations(seed, claims)
            if found:
                return Caught(sentence, number, seed, rules(found), "\n".join(found[:5]))
            if number % COLLECT == 0:
                gc.collect()
    return Caught(sentence, None)


def violations(seed: int, claims: int) -> Sequence[str]:
    """Give what is wrong; a run that cannot even be judged is wrong too."""
    try:
        return run(seed, claims=claims).violations
    except Exception as error:  # noqa: BLE001 - a planted bug may break anything
        return [f"seed {seed}: the run raises: {error!r}"]


def rules(found: Iterable[str]) -> tuple[str, ...]:
    """Give the names of the invariants, in the order in which they spoke up."""
    return tuple(dict.fromkeys(map(_rule, found)))


def _rule(violation: str) -> str:
    """A violation reads `claim: invariant: what`; what the run itself found has no such form."""
    parts = violation.split(": ", 2)
    return parts[1] if len(parts) == 3 and parts[1][0].isalpha() else "the run itself"
