"""Many runs on several cores: what was simulated, what went wrong and was felt, and what was found."""

import gc
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Self

import structlog
from tests.simulation.run import Result, run
from tests.simulation.weather import CLASSES

LEAST_FELT: Final = 0.3
"""A class of faults that is felt in fewer of the runs which inject it proves nothing."""
ENOUGH: Final = 20
"""In fewer runs than this a share says nothing."""
SLICE: Final = 10
"""Seeds that one process takes: then its memory goes with it, and nobody need look for what was let go of in it."""


@dataclass(slots=True)
class Soak:
    """The sum over many runs."""

    runs: int = 0
    claims: int = 0
    records: int = 0
    seconds: float = 0.0
    """Of processor time, over all processes."""
    injected: Counter[str] = field(default_factory=Counter)
    felt: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        """Count one run."""
        self.runs += 1
        self.claims += result.options.claims
        self.records += result.records
        self.ends.update(result.ends)
        for name in (each for each in CLASSES if result.injected[each]):
            self.injected[name] += 1
            self.felt[name] += result.felt[name] > 0
        if result.violations:
            self.wrong.append(result)

    def join(self, other: Self) -> None:
        """Add what another process did."""
        self.runs += other.runs
        self.claims += other.claims
        self.records += other.records
        self.seconds += other.seconds
        self.injected += other.injected
        self.felt += other.felt
        self.ends += other.ends
        self.wrong += other.wrong

    @property
    def unfelt(self) -> list[str]:
        """Give the classes that were injected often and not felt often enough."""
        often = [name for name, runs in self.injected.items() if runs >= ENOUGH]
        return sorted(name for name in often if self.felt[name] < LEAST_FELT * self.injected[name])

    @property
    def failed(self) -> bool:
        return bool(self.wrong or self.unfelt)

    def record(self) -> dict[str, Any]:
        """Give what is kept of the runs. `cpu_seconds`: over all cores."""
        return {
            "runs": self.runs,
            "claims": self.claims,
            "records": self.records,
            "cpu_seconds": round(self.seconds),
            "ends": dict(self.ends.most_common()),
            "injected": dict(sorted(self.injected.items())),
            "felt": dict(sorted(self.felt.items())),
            "wrong": [f"seed {each.seed}: {violation}" for each in self.wrong for violation in each.violations],
        }

    def __str__(self) -> str:
        return "\n".join((*self._lines(), *map(told, self.wrong[:20])))

    def _lines(self) -> Iterator[str]:
        speed = self.claims / self.seconds if self.seconds else 0
        yield f"{self.runs} runs, {self.claims} claims, {self.records} records, {len(self.wrong)} runs with violations"
        yield f"{speed:.0f} claims simulated per second and core"
        yield "ends: " + ", ".join(f"{end} {count}" for end, count in self.ends.most_common())
        yield f"{'fault':24} {'injected':>9} {'felt':>9}   runs"
        for name in sorted(self.injected):
            note = "   NOT FELT ENOUGH" if name in self.unfelt else ""
            yield f"{name:24} {self.injected[name]:>9} {self.felt[name]:>9}{note}"


def told(result: Result) -> str:
    """Give a run that failed: its options, what is wrong, the story of a claim, and the test that it becomes."""
    lines = [f"seed {result.seed}: {', '.join(result.classes)}"]
    lines += [f"  {each}" for each in result.violations[:20]]
    return "\n".join([*lines, result.story, f"  as a test: {result.test}"])


def quiet() -> None:
    """Production code says nothing here: millions of lines would be most of the work."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def soak(seeds: Iterable[int], claims: int, only: frozenset[str] | None = None, *, twice: bool = False) -> Soak:
    """Run seed after seed in this process; `twice`: each two times, which must write the same."""
    sum_of = Soak()
    began = time.process_time()
    for seed in seeds:
        result = run(seed, claims=claims, only=only)
        if twice and (again := run(seed, claims=claims, only=only)).trace != result.trace:
            result.violations.append(f"the same seed wrote something else: {result.trace} and {again.trace}")
        sum_of.add(result)
    sum_of.seconds = time.process_time() - began
    return sum_of


def _slice(asked: tuple[range, int, frozenset[str] | None, bool]) -> Soak:
    seeds, claims, only, twice = asked
    return soak(seeds, claims, only, twice=twice)


def prepare() -> None:
    """Nothing is collected: a world is full of circles, and the process ends before it holds too many of them."""
    quiet()
    gc.freeze()
    gc.disable()


def on_cores(
    seeds: range, claims: int, processes: int, only: frozenset[str] | None = None, *, twice: bool = False
) -> Iterator[Soak]:
    """Run slices of seeds in several processes; give each slice's sum as it is done."""
    slices = [(seeds[start : start + SLICE], claims, only, twice) for start in range(0, len(seeds), SLICE)]
    context = multiprocessing.get_context("fork")
    with context.Pool(processes, prepare, maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_slice, slices)
