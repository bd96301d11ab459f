"""Jobs and seats as a network, and the flow of least cost through it. Pure; the numbers are whole, so that nothing is rounded.

From each kind of job flows its number: to the parts of seats that suit it, from a part to its seat, from a seat to the end over
one arc for each further job, each dearer than the last; or straight to the end, which is dearest of all.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from ortools.graph.python import min_cost_flow

from claims_shared.staff.assigning import LEFT_OUT, LOAD_COST, Job, Seat, able, cost, urgency

Numbers = np.ndarray[Any, np.dtype[np.int64]]
_WHOLE: Final = np.int64


class _Part(NamedTuple):
    """Those free times of a seat that are in the same patterns of suiting times."""

    seat: int
    room: int
    patterns: frozenset[int] | None


def cheapest(kinds: Sequence[Job], numbers: Sequence[int], seats: Sequence[Seat]) -> Iterator[tuple[int, int, int]]:
    """Give how many jobs of which kind go to which seat; `kinds`: one job of each, `numbers`: how many there are of it."""
    patterns = list(dict.fromkeys(each.times for each in kinds if each.times is not None))
    parts = [part for number, seat in enumerate(seats) for part in _parts(number, seat, patterns)]
    kind, part, price = _suiting(kinds, patterns, seats, parts)
    supply, owner = np.array(numbers, dtype=_WHOLE), np.array([each.seat for each in parts], dtype=_WHOLE)
    total = int(supply.sum())
    parts_at, seats_at = len(kinds), len(kinds) + len(parts)
    end = seats_at + len(seats)
    flow = min_cost_flow.SimpleMinCostFlow()
    add = flow.add_arcs_with_capacity_and_unit_cost
    asked = add(kind, parts_at + part, supply[kind], price)
    rooms = np.array([each.room for each in parts], dtype=_WHOLE)
    add(parts_at + np.arange(len(parts)), seats_at + owner, rooms, np.zeros(len(parts), dtype=_WHOLE))
    seat, load = _loads(seats, total)
    add(seats_at + seat, np.full(len(seat), end), np.ones(len(seat), dtype=_WHOLE), load)
    dearest = np.array([LEFT_OUT * urgency(each) for each in kinds], dtype=_WHOLE)
    add(np.arange(len(kinds)), np.full(len(kinds), end), supply, dearest)
    for number, each in enumerate(numbers):
        flow.set_node_supply(number, each)
    flow.set_node_supply(end, -total)
    status = flow.solve()
    assert status == flow.OPTIMAL, f"every job may be left out, and yet: {status}"
    found = np.asarray(flow.flows(asked))
    for each in found.nonzero()[0].tolist():
        yield int(kind[each]), int(owner[part[each]]), int(found[each])


def _parts(number: int, seat: Seat, patterns: Sequence[frozenset[int]]) -> Iterator[_Part]:
    if seat.times is None:
        yield _Part(number, seat.places, None)
        return
    split: dict[frozenset[int], int] = defaultdict(int)
    for at in seat.times:
        split[frozenset(each for each, pattern in enumerate(patterns) if at in pattern)] += 1
    for suits in sorted(split, key=sorted):
        yield _Part(number, split[suits], suits)


def _suiting(
    kinds: Sequence[Job], patterns: Sequence[frozenset[int]], seats: Sequence[Seat], parts: Sequence[_Part]
) -> tuple[Numbers, Numbers, Numbers]:
    """Give the arcs from kinds to parts, and their prices. Who can do the same, and the same day, are looked at once."""
    numbered = {pattern: number for number, pattern in enumerate(patterns)}
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        seat = seats[part.seat]
        who = seat.caseworker
        abilities = (who.jurisdictions, who.units, who.skills, who.languages, who.conflicts)
        groups[abilities, seat.day, part.patterns].append(number)
    who_can: dict[object, list[int]] = {}
    rows: list[tuple[int, list[int], int]] = []
    for key, members in groups.items():
        can = key[0]
        part = parts[members[0]]
        seat = seats[part.seat]
        if can not in who_can:
            who_can[can] = [number for number, job in enumerate(kinds) if able(seat.caseworker, job)]
        for number in who_can[can]:
            times = kinds[number].times
            if part.patterns is None or times is None or numbered[times] in part.patterns:
                rows.append((number, members, cost(kinds[number], seat)))
    sizes = [len(members) for _, members, _ in rows]
    return (
        np.repeat(np.array([kind for kind, _, _ in rows], dtype=_WHOLE), sizes),
        np.array([number for _, members, _ in rows for number in members], dtype=_WHOLE),
        np.repeat(np.array([price for _, _, price in rows], dtype=_WHOLE), sizes),
    )


def _loads(seats: Sequence[Seat], total: int) -> tuple[Numbers, Numbers]:
    """Give an arc for each further job of each seat, with its price."""
    rooms = [max(0, min(seat.places, total if seat.times is None else len(seat.times), total)) for seat in seats]
    which = np.repeat(np.arange(len(seats), dtype=_WHOLE), rooms)
    further = np.concatenate([np.arange(room, dtype=_WHOLE) for room in rooms])
    loads = np.repeat(np.array([seat.load for seat in seats], dtype=_WHOLE), rooms)
    return which, (loads + further) * LOAD_COST
