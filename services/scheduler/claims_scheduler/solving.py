"""A batch of bookings that not everybody may hold, placed at the least cost in all. Pure.

Where all of a batch can be held by the same people, the earliest slots in order are such a placing, and nothing is solved.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from claims_scheduler.calendar import day_of
from claims_scheduler.groups import Group, Want
from claims_scheduler.slots import Board, Slot, Window
from claims_shared.staff.assigning import Seat, assign
from claims_shared.staff.people import Caseworker


def differing(board: Board, wants: Sequence[Want]) -> list[list[Want]]:
    """Give the bookings that compete for some people and not for others: each agency's, where its batch has several groups."""
    by_agency: dict[str, list[Want]] = defaultdict(list)
    for want in wants:
        by_agency[want.jurisdiction].append(want)
    groups = (
        {board.groups.of(want).number for want in each if board.groups.of(want).members} for each in by_agency.values()
    )
    return [each for each, found in zip(by_agency.values(), groups, strict=True) if len(found) > 1]


def solve(board: Board, wants: Sequence[Want], now: int) -> Window | Mapping[str, Slot]:
    """Give a slot for each booking that can have one, and take them; a Window must be opened first and asked for again."""
    lanes: dict[tuple[int, str, int], list[Want]] = defaultdict(list)
    for want in wants:
        lanes[board.groups.of(want).number, want.zone, want.not_before].append(want)
    free: dict[str, set[int]] = defaultdict(set)
    jobs = []
    for lane in lanes.values():
        group = board.groups.of(lane[0])
        found = _candidates(board, group, lane[0], len(wants), now)
        if isinstance(found, Window):
            return found
        for start, members in found.items():
            for member in members:
                free[member.ref].add(start)
        if found:
            earliest = day_of(min(found), group.members[0].zone).to_stdlib().toordinal()
            times = frozenset(found)
            jobs += [replace(want.job(), earliest=earliest, times=times) for want in lane]
    slots = {job: _slot(board, place.seat, place.at) for job, place in assign(jobs, _seats(board, free)).items()}
    for slot in slots.values():
        board.take(slot)
    return slots


def _candidates(board: Board, group: Group, want: Want, number: int, now: int) -> Window | dict[int, list[Caseworker]]:
    """Give the earliest free slots, by instant: as many as there are bookings, so that others cannot use them all up."""
    found: dict[int, list[Caseworker]] = {}
    counted: Counter[tuple[str, object]] = Counter()
    total = 0
    for start in board.starts(group, want, now):
        if (window := board.unknown(group, start)) is not None:
            return window
        if members := list(board.free_at(group, start)):
            if not found and not want.not_before:
                board.reached(group, want.zone, start)
            found[start] = members
            for member in members:
                day = (member.ref, day_of(start, member.zone))
                counted[day] += 1
                total += counted[day] <= board.room(member, start)
        if total >= number:
            break
    return found


def _seats(board: Board, free: Mapping[str, set[int]]) -> list[Seat]:
    """Give a seat for each day of each caseworker."""
    days: dict[tuple[str, int], list[int]] = defaultdict(list)
    for ref, starts in free.items():
        zone = board.groups.staff.people[ref].zone
        for start in starts:
            days[ref, day_of(start, zone).to_stdlib().toordinal()].append(start)
    return [
        Seat(
            ref,
            member,
            places=min(board.room(member, starts[0]), len(starts)),
            load=board.load(member, starts[0]),
            day=day,
            times=tuple(sorted(starts)),
        )
        for (ref, day), starts in days.items()
        if (member := board.groups.staff.people[ref])
    ]


def _slot(board: Board, caseworker: str, at: int | None) -> Slot:
    assert at is not None, "every seat has its times"
    return Slot(caseworker, at, board.rules.minutes)
