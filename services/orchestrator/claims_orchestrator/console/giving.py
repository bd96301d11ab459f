"""Which caseworker gets which open referral: the staff and the page's rules put to the optimizer. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from claims_orchestrator.console.task_lists import Task
from claims_orchestrator.facts import facts_of, result_of
from claims_orchestrator.process import ELIGIBILITY, FACT_FINDING
from claims_orchestrator.referrals import SUPERVISORS
from claims_orchestrator.tasks import concerns, due_of, on_leave, supervisors, unit_of
from claims_shared.staff.assigning import Job, Seat, assign
from claims_shared.staff.people import Caseworker, Staff
from claims_shared.wire import millis


def candidates(tasks: Sequence[Task], staff: Staff, now: datetime, without: str | None = None) -> list[Caseworker]:
    """Give who is there today and works for one of these claims' agencies."""
    places = {task.claim.jurisdiction for task in tasks}
    return [each for each in staff if each.ref != without and any(map(each.serves, places)) and not on_leave(each, now)]


def given(
    tasks: Sequence[Task], workers: Sequence[Caseworker], staff: Staff, loads: Mapping[str, int], now: datetime
) -> dict[str, str]:
    """Give whom each referral goes to, by its entry; what nobody may have, or has room for, is left out.

    `loads`: how many referrals each has already. What is overdue goes first, to its supervisors where it has any.
    """
    busy = dict(loads)
    found: dict[str, str] = {}
    for part, fit in _parts(tasks, workers, staff):
        jobs = [_job(task, fit, now, supervised=task.entry.owner == SUPERVISORS) for task in part]
        seats = [
            Seat(each.ref, each, places=room, load=busy.get(each.ref, 0))
            for each in fit
            if (room := each.tasks - busy.get(each.ref, 0)) > 0
        ]
        for task, place in assign(jobs, seats).items():
            found[task] = place.seat
            busy[place.seat] = busy.get(place.seat, 0) + 1
    return found


def _parts(
    tasks: Sequence[Task], workers: Sequence[Caseworker], staff: Staff
) -> Iterator[tuple[list[Task], Sequence[Caseworker]]]:
    """Split by who may have them: what is overdue by queue and agency, for its supervisors; then all the rest together."""
    overdue: dict[tuple[str, str], list[Task]] = defaultdict(list)
    rest: list[Task] = []
    for task in tasks:
        if task.entry.owner == SUPERVISORS:
            overdue[unit_of(task.entry), task.claim.jurisdiction].append(task)
        else:
            rest.append(task)
    for (unit, place), part in sorted(overdue.items()):
        above = supervisors(staff, unit, place)
        yield part, [each for each in workers if (each.ref in above if above else unit in each.units)]
    yield rest, workers


def _job(task: Task, fit: Sequence[Caseworker], now: datetime, *, supervised: bool) -> Job:
    """What a referral asks of a caseworker. A language or a skill that nobody has who could take it is not asked for."""
    claim, entry = task
    there = [each for each in fit if each.serves(claim.jurisdiction)]
    language, skills = facts_of(claim.facts).claimant.language, _skills(task)
    return Job(
        entry.id,
        claim.jurisdiction,
        unit=None if supervised else unit_of(entry),
        skills=skills if any(each.knows(skills) for each in there) else frozenset(),
        language=language if any(each.speaks(language) for each in there) else None,
        concerns=concerns(claim),
        left=timedelta(milliseconds=due_of(entry) - millis(now)),
    )


def _skills(task: Task) -> frozenset[str]:
    """Who adjudicates knows the issues."""
    if task.entry.step != FACT_FINDING:
        return frozenset()
    return frozenset(issue["code"] for issue in result_of(task.claim, ELIGIBILITY).get("issues", ()))
