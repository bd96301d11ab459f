"""The assignment of interviews: 2,000 over 100 caseworkers, beside who takes the first that fits, in the same run.

`python -m tests.bench.assignment` prints one JSON line. Asserts nothing about time.
"""

import json
import random
from collections import Counter
from datetime import date, timedelta
from time import perf_counter

from claims_shared.staff.assigning import LEFT_OUT, LOAD_COST, Job, Place, Seat, able, assign, cost, urgency
from claims_shared.staff.people import Caseworker

MONDAY = date(2026, 11, 23).toordinal()
ISSUES = ("quit", "discharge", "labor_dispute", "not_able_and_available", "filed_late")
SLOTS, INTERVIEWS, CASEWORKERS, DAYS = 16, 2_000, 100, 5


def staff(rng: random.Random) -> list[Caseworker]:
    """Give caseworkers who differ: some issues each, a third speaks Spanish, every tenth has an employer to keep away from."""
    return [
        Caseworker(
            f"UT-{number:04d}",
            f"{number}",
            frozenset({"UT"}),
            "America/Denver",
            skills=frozenset({"fact_finding", *rng.sample(ISSUES, rng.randint(1, 4))}),
            languages=frozenset({"en", "es"} if rng.random() < 1 / 3 else {"en"}),
            conflicts=frozenset({f"E-{rng.randint(1, 20)}"} if rng.random() < 1 / 10 else ()),
        )
        for number in range(CASEWORKERS)
    ]


def seats_of(people: list[Caseworker], rng: random.Random) -> list[Seat]:
    """Give a week of each, partly taken."""
    found = []
    for who in people:
        for day in range(MONDAY, MONDAY + DAYS):
            free = tuple(day * SLOTS + each for each in range(SLOTS) if rng.random() < 0.8)
            load = SLOTS - len(free)
            found.append(Seat(f"{who.ref}@{day}", who, max(0, 8 - load), load, day, free))
    return found


def jobs_of(rng: random.Random) -> list[Job]:
    """Give interviews of all urgencies; citizens of other zones have fewer hours."""
    zones = [
        None,
        frozenset(day * SLOTS + each for day in range(MONDAY, MONDAY + DAYS) for each in range(2, SLOTS)),
        frozenset(day * SLOTS + each for day in range(MONDAY, MONDAY + DAYS) for each in range(SLOTS - 4)),
    ]
    return [
        Job(
            f"c{number}",
            "UT",
            skills=frozenset({"fact_finding", *rng.sample(ISSUES, rng.choice((1, 1, 1, 2)))}),
            language=rng.choice(("en", "en", "en", "es")),
            concerns=frozenset({f"c{number}", f"E-{rng.randint(1, 200)}"}),
            left=timedelta(days=rng.choice((1, 3, 5, 10, 21))),
            earliest=MONDAY + rng.choice((0, 0, 0, 1, 2)),
            times=rng.choice(zones),
        )
        for number in range(INTERVIEWS)
    ]


def first_that_fits(jobs: list[Job], seats: list[Seat]) -> dict[str, Place]:
    """Give each in turn, the urgent first, the cheapest seat that is left."""
    free = {seat.id: set(seat.times or ()) for seat in seats}
    taken: Counter[str] = Counter()
    found = {}
    for job in sorted(jobs, key=lambda job: (job.left or timedelta.max, job.id)):
        open_seats = [
            (cost(job, seat) + LOAD_COST * (seat.load + taken[seat.id]), seat.id, min(times))
            for seat in seats
            if taken[seat.id] < seat.places and able(seat.caseworker, job)
            if (times := free[seat.id] if job.times is None else free[seat.id] & job.times)
        ]
        if open_seats:
            _, name, at = min(open_seats)
            taken[name] += 1
            free[name].discard(at)
            found[job.id] = Place(name, at)
    return found


def price(jobs: list[Job], seats: list[Seat], places: dict[str, Place]) -> int:
    """Give what an assignment costs in all."""
    by_id, loads = {seat.id: seat for seat in seats}, Counter(place.seat for place in places.values())
    waiting = sum(cost(job, by_id[places[job.id].seat]) for job in jobs if job.id in places)
    spread = sum(LOAD_COST * (by_id[seat].load + each) for seat, number in loads.items() for each in range(number))
    return waiting + spread + sum(LEFT_OUT * urgency(job) for job in jobs if job.id not in places)


def main() -> None:
    """Measure and print."""
    rng = random.Random(7)  # noqa: S311 - the same data in each run
    seats, jobs = seats_of(staff(rng), rng), jobs_of(rng)
    assign(jobs[:10], seats[:10])  # its libraries are loaded now
    runs = {}
    for name, way in (("assign", assign), ("first_that_fits", first_that_fits)):
        started = perf_counter()
        places = way(jobs, seats)
        runs[name] = (perf_counter() - started, price(jobs, seats, places), len(places))
    ours, greedy = runs["assign"], runs["first_that_fits"]
    figures = {
        "bench": "assignment",
        "interviews": INTERVIEWS,
        "caseworkers": CASEWORKERS,
        "seconds": round(ours[0], 3),
        "placed": ours[2],
        "placed_by_first_that_fits": greedy[2],
        "cost_ratio_to_first_that_fits": round(ours[1] / greedy[1], 3),
        "time_ratio_to_first_that_fits": round(ours[0] / greedy[0], 3),
    }
    print(json.dumps(figures))  # noqa: T201 - what it is for


if __name__ == "__main__":
    main()
