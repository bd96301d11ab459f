"""Who takes which job: the cheapest assignment of all at once, as a flow of least cost. Pure: no clock, no IO.

Hard: agency, queue, skills, language, conflicts of interest, places. What is weighed: days that somebody waits longer than they
must, dearer the less time is left; and one more job for who has many. What cannot be placed is left out, the urgent last.

Jobs that need the same are one node, and so are the free times of a day that suit the same jobs: a batch of thousands is some
hundred nodes. Everything is sorted first, so that the same jobs and seats give the same answer in whatever order they come.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Final, NamedTuple

from claims_shared.staff.people import Caseworker

DAY_COST: Final = 100
"""What a day's waiting costs who has all the time in the world."""
LOAD_COST: Final = 10
"""What the second job of a seat costs; the third costs twice as much, and so on."""
MOST_DAYS: Final = 366
"""More days cost no more."""
LEFT_OUT: Final = 10_000_000
"""More than any place costs."""
URGENCY: Final = ((timedelta(days=1), 8), (timedelta(days=3), 4), (timedelta(days=7), 2))
"""With so little time left, a day and being left out cost so many times as much."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something for a caseworker. `concerns`: the employers and the claim that it is about; `left`: time until it must be done.

    `earliest`: the first day (as `date.toordinal` counts) that it could have, None: no day is too late; `times`: the instants
    that suit it, None: any.
    """

    id: str
    jurisdiction: str
    unit: str | None = None
    skills: frozenset[str] = frozenset()
    language: str | None = None
    concerns: frozenset[str] = frozenset()
    left: timedelta | None = None
    earliest: int | None = None
    times: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """Where jobs can be put: a caseworker, or one day of one. `places`: how many more; `load`: how many there are already.

    `times`: free instants, each for one job; None: jobs have no instant. `day`: as `date.toordinal` counts.
    """

    id: str
    caseworker: Caseworker
    places: int
    load: int = 0
    day: int = 0
    times: tuple[int, ...] | None = None


class Place(NamedTuple):
    """Where a job was put; `at`: the instant, where seats have any."""

    seat: str
    at: int | None


def able(caseworker: Caseworker, job: Job) -> bool:
    """Whether this caseworker may take the job at all."""
    return (
        caseworker.serves(job.jurisdiction)
        and (job.unit is None or job.unit in caseworker.units)
        and caseworker.knows(job.skills)
        and (job.language is None or caseworker.speaks(job.language))
        and not job.concerns & caseworker.conflicts
    )


def urgency(job: Job) -> int:
    """Give how many times as much its waiting costs."""
    if job.left is None:
        return 1
    return next((weight for within, weight in URGENCY if job.left <= within), 1)


def cost(job: Job, seat: Seat) -> int:
    """Give what it costs to put a job into a seat, the seat's load apart."""
    days = 0 if job.earliest is None else max(0, min(seat.day - job.earliest, MOST_DAYS))
    return days * DAY_COST * urgency(job)


def assign(jobs: Sequence[Job], seats: Sequence[Seat]) -> dict[str, Place]:
    """Give a place to as many jobs as can have one, by the job's id, at the least cost in all."""
    if not jobs or not seats:
        return {}
    from claims_shared.staff.flows import cheapest  # noqa: PLC0415 - numbers and graphs: tens of megabytes, for who assigns

    ordered = sorted(seats, key=lambda seat: (seat.day, seat.load, seat.id))
    kinds = _kinds(jobs, ordered)
    heads = [each[0] for each in kinds]
    given: dict[int, list[Job]] = defaultdict(list)
    for kind, seat, number in cheapest(heads, [len(each) for each in kinds], ordered):
        given[seat] += kinds[kind][:number]
        del kinds[kind][:number]
    return {job: place for seat, taken in given.items() for job, place in _places(ordered[seat], taken)}


def _kinds(jobs: Sequence[Job], seats: Sequence[Seat]) -> list[list[Job]]:
    """Put together the jobs that need the same, the most urgent first. A conflict that nobody has tells none apart."""
    feared = frozenset[str]().union(*(seat.caseworker.conflicts for seat in seats))
    kinds: dict[tuple[object, ...], list[Job]] = defaultdict(list)
    for job in sorted(jobs, key=_by_urgency):
        needs = (job.jurisdiction, job.unit, job.skills, job.language, job.concerns & feared)
        kinds[*needs, job.earliest, urgency(job), job.times].append(job)
    return list(kinds.values())


def _by_urgency(job: Job) -> tuple[bool, timedelta, str]:
    return job.left is None, job.left or timedelta(), job.id


def _places(seat: Seat, jobs: Sequence[Job]) -> Iterator[tuple[str, Place]]:
    """Give the jobs of one seat its earliest times that will do."""
    ordered = sorted(jobs, key=_by_urgency)
    if seat.times is None:
        yield from ((job.id, Place(seat.id, None)) for job in ordered)
        return
    held: dict[str, int] = {}
    for at in sorted(seat.times):
        if len(held) < len(ordered):
            _fill(at, ordered, held, set())
    for job, later in combinations(ordered, 2):
        at, other = held[job.id], held[later.id]
        if other < at and _suits(job, other) and _suits(later, at):
            held[job.id], held[later.id] = other, at
    yield from ((job, Place(seat.id, at)) for job, at in held.items())


def _suits(job: Job, at: int) -> bool:
    return job.times is None or at in job.times


def _fill(at: int, jobs: Sequence[Job], held: dict[str, int], tried: set[str]) -> bool:
    """Put a job at this time as well, moving others where that helps: so the earliest times are used (an augmenting path)."""
    for job in jobs:
        if job.id in tried or not _suits(job, at):
            continue
        tried.add(job.id)
        if job.id not in held or _fill(held[job.id], jobs, held, tried):
            held[job.id] = at
            return True
    return False
