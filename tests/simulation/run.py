"""One run: a seed, a world with people in it, a time of faults and a time of healing; then it is judged."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from tests.invariants.check import check
from tests.simulation.caseworkers import JUDGED
from tests.simulation.outside import mails_again
from tests.simulation.people import People
from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND
from tests.simulation.weather import APART, CHANCE, CLASSES, FLOOD, STANDING, STRIKES
from tests.simulation.world import Size, World

from claims_shared.buckets import Allowance

CLAIMS: Final = 15
REPLICAS: Final = 2
PARTITIONS: Final = 4
FIRST_DAY: Final = datetime(2026, 3, 2, 6, tzinfo=UTC)
"""Runs begin in the 250 days from here on: both clock changes and most holidays are among them."""
TIGHT: Final[Mapping[str, Any]] = {"quota": Allowance(1 / 600, 2), "beside": 2}
"""In a flood: a claim each ten minutes is within the quota, and two deferred ones at a time are worked on."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is, besides its seed. `only`: these faults; without, the seed chooses."""

    claims: int = CLAIMS
    only: frozenset[str] | None = None


@dataclass(slots=True)
class Result:
    """What came of a run."""

    seed: int
    options: Options
    classes: tuple[str, ...]
    trace: str
    records: int
    injected: Counter[str] = field(default_factory=Counter)
    felt: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    story: str = ""

    @property
    def test(self) -> str:
        """Give the line of code that does this run again."""
        more = "".join(f", {name}={value!r}" for name, value in _unusual(self.options).items())
        return f"assert not run({self.seed}{more}).violations"


def _unusual(options: Options) -> dict[str, object]:
    usual = Options()
    values = {"claims": options.claims, "only": options.only}
    return {name: value for name, value in values.items() if value != getattr(usual, name)}


def run(seed: int, *, claims: int = CLAIMS, only: frozenset[str] | None = None) -> Result:
    """Simulate and judge one run."""
    options = Options(claims, only)
    random = Random(seed)  # noqa: S311 - a simulation's
    classes = drawn(seed, random) if only is None else [name for name in CLASSES if name in only]
    world = World(
        random.getrandbits(64),
        FIRST_DAY + timedelta(minutes=random.randrange(250 * 24 * 60)),
        Size(
            REPLICAS,
            PARTITIONS,
            window=random.choice((3, 5_000)),
            batch=random.choice((4, 500)),
            skew=random.choice((SECOND, 5 * MINUTE)) if "clock skew" in classes else 0,
            **(TIGHT if FLOOD in classes else {}),
        ),
        classes,
        claims,
    )
    try:
        return _judged(world, seed, options, random)
    finally:
        world.end()


def drawn(seed: int, random: Random) -> list[str]:
    """Draw the faults of a run; the newest classes apart, as for the seeds on record."""
    classes = [name for name in (*STRIKES, *STANDING) if random.random() < CHANCE]
    return classes + [name for name in APART if Random(f"{seed}: {name}").random() < CHANCE]  # noqa: S311 - as above


def _judged(world: World, seed: int, options: Options, random: Random) -> Result:
    hands = Random(f"{seed}: tasks")  # noqa: S311 - a simulation's
    appellants = Random(f"{seed}: appeals")  # noqa: S311 - as above
    people = People(world, options.claims, hands, appellants)
    endless = world.live(round(HOUR * (20 * DAY / HOUR) ** random.random()))
    world.heal()
    healed = world.timeline.millis()
    people.calm_down()
    unrest = world.until_quiet()
    world.weather.felt["mail reply lost"] += mails_again(world.mails.received)
    findings = check(
        world.history(),
        world.documents(),
        world.mails.received,
        expected=people.expected,
        now=world.timeline.millis(),
        healed=healed,
        returned=world.returning.returned,
        away=people.away,
        staff=JUDGED,
    )
    violations = [str(each) for each in findings.violations] + world.defects
    violations += [each for each in (endless, unrest) if each]
    violations += [f"{service} is behind: {behind}" for service, behind in world.lag().items()]
    return Result(
        seed,
        options,
        tuple(sorted(world.weather.classes)),
        world.trace,
        len(world.topics.order),
        world.weather.injected,
        world.weather.felt,
        Counter(findings.ends.values()),
        violations,
        str(findings) if findings.violations else "",
    )
