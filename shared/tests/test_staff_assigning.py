"""The assignment of jobs: held to trying everything on small cases, in whatever order they come."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.staff.assigning import LEFT_OUT, LOAD_COST, Job, Seat, able, assign, cost, urgency
from claims_shared.staff.people import ANY, Caseworker, default_staff

MONDAY = date(2026, 11, 23).toordinal()


def caseworker(ref, *, skills=(ANY,), languages=("en",), conflicts=(), units=("adjudication",), jurisdictions=("UT",)):
    return Caseworker(
        ref,
        ref,
        frozenset(jurisdictions),
        "America/Denver",
        units=frozenset(units),
        skills=frozenset(skills),
        languages=frozenset(languages),
        conflicts=frozenset(conflicts),
    )


def price(jobs, seats, places):
    """What an assignment costs in all, from its definition."""
    by_id = {seat.id: seat for seat in seats}
    total = sum(LEFT_OUT * urgency(job) for job in jobs if job.id not in places)
    total += sum(cost(job, by_id[places[job.id].seat]) for job in jobs if job.id in places)
    for seat, number in Counter(place.seat for place in places.values()).items():
        total += sum(LOAD_COST * (by_id[seat].load + further) for further in range(number))
    return total


def least(jobs, seats):
    """Try everything: each job in each seat, at each instant, or nowhere."""
    choices = [[None, *((seat, at) for seat in seats for at in seat.times or (None,))] for _ in jobs]
    return min(_tried(jobs, chosen) for chosen in product(*choices))


def _tried(jobs, chosen):
    taken, total, loads = set(), 0, Counter()
    for job, choice in zip(jobs, chosen, strict=True):
        if choice is None:
            total += LEFT_OUT * urgency(job)
            continue
        seat, at = choice
        suits = at is None or job.times is None or at in job.times
        if not suits or not able(seat.caseworker, job) or (at is not None and (seat.id, at) in taken):
            return float("inf")
        if loads[seat.id] == seat.places or (seat.times is not None and at is None):
            return float("inf")
        taken.add((seat.id, at))
        total += cost(job, seat) + LOAD_COST * (seat.load + loads[seat.id])
        loads[seat.id] += 1
    return total


_SUBSETS = st.frozensets(st.sampled_from(["quit", "discharge"]), max_size=2)
_LEFT = st.sampled_from([None, timedelta(hours=5), timedelta(days=2), timedelta(days=30)])
_WHO = st.builds(
    caseworker,
    st.sampled_from(["a", "b", "c"]),
    skills=st.sampled_from([(ANY,), ("quit",), ("discharge", "quit")]),
    languages=st.sampled_from([("en",), ("en", "es")]),
    conflicts=st.sampled_from([(), ("E-1",)]),
)


@st.composite
def _seats(draw, *, timed):
    seats = []
    for number in range(draw(st.integers(1, 3))):
        day = MONDAY + draw(st.integers(0, 2))
        times = tuple(day * 10 + each for each in range(draw(st.integers(0, 2)))) if timed else None
        who, places, load = draw(_WHO), draw(st.integers(0, 2)), draw(st.integers(0, 2))
        seats.append(Seat(f"s{number}", who, places, load, day, times))
    return seats


@st.composite
def _jobs(draw, *, timed):
    jobs = []
    for number in range(draw(st.integers(1, 4))):
        start = MONDAY + draw(st.integers(0, 1))
        suits = [None, frozenset({MONDAY * 10, (MONDAY + 1) * 10 + 1})]
        times = draw(st.sampled_from(suits)) if timed else None
        concerns = draw(st.sampled_from([frozenset(), frozenset({"E-1"}), frozenset({"E-2"})]))
        language = draw(st.sampled_from(["en", "es", None]))
        jobs.append(
            Job(f"j{number}", "UT", "adjudication", draw(_SUBSETS), language, concerns, draw(_LEFT), start, times)
        )
    return jobs


@pytest.mark.parametrize("timed", [False, True], ids=["desks", "days with instants"])
def test_nothing_is_cheaper_than_what_it_gives(timed):
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(_jobs(timed=timed), _seats(timed=timed))
    def holds(jobs, seats):
        places = assign(jobs, seats)
        by_id, by_seat = {job.id: job for job in jobs}, {seat.id: seat for seat in seats}
        assert len(set(places.values())) == len(places) or not timed, "no instant is given twice"
        for job, place in places.items():
            assert able(by_seat[place.seat].caseworker, by_id[job])
            assert place.at is None or place.at in by_seat[place.seat].times
            assert place.at is None or by_id[job].times is None or place.at in by_id[job].times
        assert price(jobs, seats, places) == least(jobs, seats)
        assert assign(jobs[::-1], seats[::-1]) == places, "the order in which they come says nothing"

    holds()


def test_work_is_spread():
    seats = [Seat(f"{each}", caseworker(f"{each}"), 10, load=each) for each in range(3)]
    jobs = [Job(f"j{each}", "UT", "adjudication") for each in range(6)]
    assert Counter(place.seat for place in assign(jobs, seats).values()) == {"0": 3, "1": 2, "2": 1}


def test_who_has_little_time_left_is_placed_first():
    seats = [Seat("s", caseworker("a"), 1)]
    jobs = [Job("a-later", "UT", left=timedelta(days=20)), Job("z-soon", "UT", left=timedelta(hours=3))]
    assert list(assign(jobs, seats)) == ["z-soon"]


def test_the_earliest_times_of_a_day_are_given_and_the_urgent_come_first():
    seats = [Seat("s", caseworker("a"), 9, day=MONDAY, times=(30, 10, 20, 40))]
    jobs = [Job("b", "UT"), Job("c", "UT", left=timedelta(hours=1)), Job("a", "UT", times=frozenset({10, 40}))]
    assert {job: place.at for job, place in assign(jobs, seats).items()} == {"a": 10, "b": 30, "c": 20}


def test_what_nobody_may_take_is_left_out():
    seats = [Seat("s", caseworker("a", skills=("quit",), conflicts=("E-1",)), 9)]
    jobs = [
        Job("skill", "UT", skills=frozenset({"discharge"})),
        Job("tongue", "UT", language="es"),
        Job("employer", "UT", concerns=frozenset({"E-1"})),
        Job("agency", "NY"),
        Job("unit", "UT", unit="appeals"),
        Job("fits", "UT", unit="adjudication", skills=frozenset({"quit"}), language="en"),
    ]
    assert list(assign(jobs, seats)) == ["fits"]


def test_nothing_to_do_is_nothing():
    assert assign([], [Seat("s", caseworker("a"), 1)]) == {}
    assert assign([Job("j", "UT")], []) == {}


def test_the_default_staff_can_do_everything():
    everybody = default_staff(number=2)
    assert able(everybody.people["UT-0001"], Job("j", "UT", "appeals", frozenset({"quit"}), "vi", frozenset({"E-1"})))
