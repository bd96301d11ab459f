"""Whose interviews are whose: skills, languages, conflicts of interest, hours, leave and how many a day."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from claims_scheduler.calendar import Rules
from claims_shared.messages.fields import FailureKind
from claims_shared.messages.scheduler import InterviewKind, InterviewScheduled, InterviewUnavailable
from claims_shared.staff.people import ANY, Caseworker, Hours, Leave, staff_of

MONDAY = date(2026, 11, 23)
OFFICE = (*((Hours(time(9), time(17)),),) * 5, (), ())


def person(ref, **more):
    facts = {"skills": frozenset({ANY}), "languages": frozenset({"en"}), "hours": OFFICE} | more
    return Caseworker(ref, ref, frozenset({"UT"}), "America/Denver", **facts)


def finding(post, claim, *issues, **more):
    facts = {"kind": InterviewKind.FACT_FINDING, "issues": issues, **more}
    return post.schedule(claim, effect=f"{claim}/fact_finding/5", **facts)


async def test_each_goes_to_who_may_hold_it(new_desk, post):
    desk = new_desk(
        staff=staff_of(
            [
                person("UT-quit", skills=frozenset({"fact_finding", "quit"})),
                person("UT-spanish", languages=frozenset({"es"})),
                person(
                    "UT-biased", skills=frozenset({"fact_finding", "discharge"}), conflicts=frozenset({"E-1", "c5"})
                ),
                person("UT-fair", skills=frozenset({"fact_finding", "discharge"})),
            ]
        )
    )
    answers = await desk.take(
        finding(post, "c1", "quit"),
        finding(post, "c2", "discharge", language="es"),
        finding(post, "c3", "discharge", employer="E-1"),
        finding(post, "c4", "discharge", employer="E-2"),
        finding(post, "c5", "discharge"),
    )
    found = {each.claim_id: each.caseworker_ref for each in answers}
    assert (found["c1"], found["c2"], found["c3"], found["c5"]) == ("UT-quit", "UT-spanish", "UT-fair", "UT-fair")
    assert found["c4"] == "UT-biased", "who is needed less takes what everybody may take"


@pytest.mark.parametrize("more", [{"issues": ("filed_late",)}, {"language": "vi"}], ids=["a skill", "a language"])
async def test_what_nobody_can_do_is_said_so_for_good(new_desk, post, more):
    desk = new_desk(staff=staff_of([person("UT-a", skills=frozenset({"fact_finding", "quit"}))]))
    facts = {"kind": InterviewKind.FACT_FINDING, "issues": ("quit",)} | more
    (answer,) = await desk.take(post.schedule(**facts))
    assert (type(answer), answer.kind, answer.reason) == (InterviewUnavailable, FailureKind.PERMANENT, "no_skill")


async def test_leave_and_the_days_number_are_kept(new_desk, post):
    away = person("UT-away", leave=(Leave(MONDAY, date(2026, 11, 25)),))
    desk = new_desk(staff=staff_of([away, person("UT-two", interviews=2)]))
    answers = await desk.take(*(post.schedule(f"c{number}") for number in range(7)))
    days = Counter((each.caseworker_ref, each.interview_at.date()) for each in answers)
    friday = date(2026, 11, 27)
    assert sum(number for (_, day), number in days.items() if day == friday) == 1
    del days[next(key for key in days if key[1] == friday)]
    assert days == {("UT-two", date(2026, 11, day)): 2 for day in (23, 24, 25)}


async def test_after_a_restart_the_days_number_is_still_kept(new_desk, post):
    desk = new_desk(staff=staff_of([person("UT-two", interviews=2)]))
    await desk.take(post.schedule("c1"), post.schedule("c2"))
    (answer,) = await desk.crash(name="two").take(post.schedule("c3"))
    assert answer.interview_at.date() == date(2026, 11, 24)


async def test_hours_are_their_own_in_their_zone(new_desk, post):
    evening = (*((Hours(time(16), time(18)),),) * 5, (Hours(time(9), time(10)),), ())
    desk = new_desk(staff=staff_of([replace(person("UT-far", hours=evening), zone="America/Los_Angeles")]))
    first, second, third = await desk.take(
        *(post.schedule(f"c{number}", time_zone="America/Los_Angeles") for number in range(3))
    )
    assert first.interview_at == datetime(2026, 11, 21, 17, tzinfo=UTC), "a Saturday, where somebody works on it"
    assert second.interview_at == datetime(2026, 11, 21, 17, 30, tzinfo=UTC)
    assert third.interview_at == datetime(2026, 11, 24, 0, tzinfo=UTC)


async def test_who_serves_two_agencies_is_booked_once(new_desk, post):
    both = replace(person("both"), jurisdictions=frozenset({"UT", "CO"}))
    desk = new_desk(staff=staff_of([both]))
    first, second = await desk.take(post.schedule("c1"), post.schedule("c2", jurisdiction="CO"))
    assert isinstance(first, InterviewScheduled)
    assert first.interview_at != second.interview_at
    again = desk.crash(name="two")
    (third,) = await again.take(post.schedule("c3", jurisdiction="CO"))
    assert third.interview_at not in (first.interview_at, second.interview_at)


async def test_a_mixed_batch_uses_the_earliest_days(new_desk, post):
    """Taken one after the other, the three that everybody may hold would use up the only one who can hold the fourth."""
    expert = person("UT-0expert", skills=frozenset({"fact_finding", "quit"}))
    desk = new_desk(
        staff=staff_of([expert, person("UT-1", skills=frozenset({"fact_finding"}))]),
        rules=Rules(minutes=180),
    )
    answers = await desk.take(
        *(finding(post, f"c{number}") for number in range(2)),
        *(finding(post, f"d{number}", "quit") for number in range(2)),
    )
    assert Counter(each.interview_at.date() for each in answers) == {MONDAY: 4}


async def test_where_all_may_do_all_nothing_is_solved(desk, post, monkeypatch):
    def unasked(*_):
        raise AssertionError

    monkeypatch.setattr("claims_scheduler.bookings.solve", unasked)
    answers = await desk.take(
        *(post.schedule(f"c{number}", language=("en", "es", "so")[number % 3]) for number in range(30))
    )
    assert len(answers) == 30


async def test_two_replicas_with_a_mixed_staff_book_no_slot_twice(new_desk, post):
    staff = staff_of([person("UT-q", skills=frozenset({"fact_finding", "quit"})), person("UT-a"), person("UT-b")])
    rows = new_desk().rows
    one, two = (new_desk(rows=rows, staff=staff, name=name) for name in ("one", "two"))
    answers = []
    for number in range(8):
        for desk in (one, two):
            claims = [f"{desk is one}-{number}-{each}" for each in range(3)]
            answers += await desk.take(
                *(finding(post, each, *(["quit"] if each.endswith("1") else [])) for each in claims)
            )
    assert len({(each.caseworker_ref, each.interview_at) for each in answers}) == 48
