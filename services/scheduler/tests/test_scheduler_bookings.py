"""Interviews: one slot a booking, one booking a slot, whatever comes twice, late, at once or in between a crash."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import msgspec
import pytest

from claims_scheduler import commands, shelf
from claims_scheduler.calendar import Rules
from claims_scheduler.effects import Effect
from claims_scheduler.groups import Want
from claims_scheduler.shelf import Taken
from claims_shared.messages.fields import FailureKind
from claims_shared.messages.scheduler import InterviewCancelled, InterviewScheduled, InterviewUnavailable
from claims_shared.ports import StoreUnavailable
from claims_shared.sqlite import SqliteStore
from claims_shared.wire import partition_of

PARTITIONS = 4
MONDAY_NINE = datetime(2026, 11, 23, 16, tzinfo=UTC)


def taken(rows):
    """What the slots' documents say: effect by slot."""
    found = [msgspec.msgpack.decode(row.body, type=Taken) for row in rows.slots.values()]
    return {each.slot.id: each.booking for each in found if each.booking is not None}


def want(claim):
    return Want(f"{claim}/orientation/7", partition_of(claim, PARTITIONS), "UT", "America/Denver", language="en")


def effect_of(rows, claim="c1"):
    return msgspec.msgpack.decode(rows.effects[f"{claim}/orientation/7"].body, type=Effect)


async def test_the_earliest_free_slot_is_booked(desk, post):
    (answer,) = await desk.take(post.schedule())
    assert answer == InterviewScheduled(
        claim_id="c1",
        answers="c1/orientation/7",
        attempt=1,
        interview_at=MONDAY_NINE,
        minutes=30,
        caseworker_ref=answer.caseworker_ref,
    )
    assert answer.caseworker_ref.startswith("UT-")
    assert list(taken(desk.rows).values()) == ["c1/orientation/7"]


async def test_the_answer_names_the_command_in_its_id_and_cause(desk, post):
    sends = await desk.commands.process([post.schedule()], desk.clock(), desk.tally)
    assert [(each.id, each.causation, each.source, each.key) for each in sends] == [
        ("c1/orientation/7/1/interview-scheduled", "c1/orientation/7/1", "claims.scheduler", "c1")
    ]


async def test_asked_again_it_answers_again_and_books_nothing_more(desk, post):
    first = await desk.take(post.schedule())
    (again,) = await desk.take(post.schedule(attempt=2))
    assert again == first[0].model_copy(update={"attempt": 2})
    assert len(taken(desk.rows)) == 1


async def test_asked_twice_in_one_batch_it_is_one_booking(desk, post):
    first, second = await desk.take(post.schedule(), post.schedule(attempt=2))
    assert first.interview_at == second.interview_at
    assert first.caseworker_ref == second.caseworker_ref
    assert len(taken(desk.rows)) == 1


async def test_a_batch_fills_the_earliest_windows_and_no_slot_twice(new_desk, post):
    desk = new_desk(caseworkers=10)
    answers = await desk.take(*(post.schedule(f"c{number}") for number in range(25)))
    assert len({(each.caseworker_ref, each.interview_at) for each in answers}) == 25
    assert sorted(Counter(each.interview_at for each in answers).values()) == [5, 10, 10]


async def test_partitions_begin_at_different_caseworkers(desk, post):
    answers = await desk.take(*(post.schedule(f"c{number}") for number in range(40)))
    assert {int(each.caseworker_ref[3:]) // 50 for each in answers} == {0, 1, 2, 3}


async def test_no_free_slot_may_be_asked_again_later(new_desk, post):
    desk = new_desk(caseworkers=1, rules=Rules(days=3))
    answers = await desk.take(*(post.schedule(f"c{number}") for number in range(17)))
    unavailable = [each for each in answers if isinstance(each, InterviewUnavailable)]
    assert [(each.kind, each.reason) for each in unavailable] == [(FailureKind.NOT_READY, "no_free_slot")]
    assert len(desk.rows.effects) == 16, "a failure is not final: nothing stands for it"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"time_zone": "Asia/Kolkata"}, "no_common_hours"), ({"jurisdiction": "ZZ"}, "unknown_jurisdiction")],
    ids=["no hour suits both sides", "a jurisdiction without an agency"],
)
async def test_what_asking_again_cannot_help_is_said_so(desk, post, changes, reason):
    (answer,) = await desk.take(post.schedule(**changes))
    assert (type(answer), answer.kind, answer.reason) == (InterviewUnavailable, FailureKind.PERMANENT, reason)


async def test_an_unknown_zone_is_booked_in_the_agencys(desk, post):
    (answer,) = await desk.take(post.schedule(time_zone="Mars/Olympus"))
    assert answer.interview_at == MONDAY_NINE


# --- cancelling -----------------------------------------------------------------------------------


async def test_a_cancelled_slot_is_booked_by_the_next(new_desk, post):
    desk = new_desk(caseworkers=1)
    (first,) = await desk.take(post.schedule())
    assert [type(each) for each in await desk.take(post.cancel())] == [InterviewCancelled]
    await desk.drain.turn(10)
    assert taken(desk.rows) == {}
    (second,) = await desk.take(post.schedule("c2"))
    assert second.interview_at == first.interview_at
    assert list(taken(desk.rows).values()) == ["c2/orientation/7"]


async def test_a_cancel_asked_again_answers_again(desk, post):
    await desk.take(post.schedule())
    first, second = await desk.take(post.cancel(), post.cancel(attempt=2))
    third = (await desk.take(post.cancel(attempt=3)))[0]
    assert [(type(each), each.answers, each.attempt) for each in (first, second, third)] == [
        (InterviewCancelled, "c1/undo-orientation/9", attempt) for attempt in (1, 2, 3)
    ]


async def test_undone_before_it_was_asked_it_stays_undone(desk, post):
    (cancelled,) = await desk.take(post.cancel())
    assert isinstance(cancelled, InterviewCancelled)
    (answer,) = await desk.take(post.schedule())
    assert (type(answer), answer.kind, answer.reason) == (InterviewUnavailable, FailureKind.PERMANENT, "undone")
    assert taken(desk.rows) == {}


async def test_undone_and_asked_in_one_batch_holds_no_slot(desk, post):
    answers = await desk.take(post.cancel(), post.schedule())
    assert [type(each) for each in answers] == [InterviewCancelled, InterviewUnavailable]
    assert taken(desk.rows) == {}


async def test_asked_and_undone_in_one_batch_holds_no_slot(desk, post):
    answers = await desk.take(post.schedule(), post.cancel())
    assert [type(each) for each in answers] == [InterviewScheduled, InterviewCancelled]
    await desk.drain.turn(10)
    assert taken(desk.rows) == {}


async def test_a_booking_asked_again_after_its_cancel_stays_undone(desk, post):
    await desk.take(post.schedule())
    await desk.take(post.cancel())
    (answer,) = await desk.take(post.schedule(attempt=2))
    assert (answer.kind, answer.reason) == (FailureKind.PERMANENT, "undone")


async def test_a_crash_before_the_slot_is_freed_frees_it_afterwards(desk, post):
    await desk.take(post.schedule())
    await desk.take(post.cancel())
    again = desk.crash()
    await again.drain.turn(10)
    assert taken(again.rows) == {}
    assert again.rows.effects["c1/orientation/7"].due_at is None


# --- crashes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [1, 2], ids=["after the slot", "after the booking"])
async def test_a_crash_between_the_two_writes_leaves_one_booking_and_one_slot(new_desk, post, write):
    writes = 0

    async def crash(call, moment):
        nonlocal writes
        writes += (call, moment) == ("write", "after")
        if writes == write:
            writes = 99
            raise KeyboardInterrupt

    desk = new_desk(at=crash)
    with pytest.raises(KeyboardInterrupt):
        await desk.take(post.schedule())
    again = desk.crash(name="two")
    (answer,) = await again.take(post.schedule())
    assert isinstance(answer, InterviewScheduled)
    assert taken(again.rows) == {effect_of(again.rows).slot.id: "c1/orientation/7"}


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_store_that_goes_away_during_the_write_leaves_one_slot(new_desk, post, moment):
    """What a failed call has written is not known; the same batch comes again to the same process."""
    failing = 1

    async def away(call, when):
        nonlocal failing
        if (call, when) == ("write", moment) and failing:
            failing -= 1
            raise StoreUnavailable("gone")

    desk = new_desk(at=away)
    batch = [post.schedule(f"c{number}") for number in range(30)]
    with pytest.raises(StoreUnavailable):
        await desk.take(*batch)
    answers = await desk.take(*batch)
    assert len({(each.caseworker_ref, each.interview_at) for each in answers}) == 30
    assert len(taken(desk.rows)) == 30


async def test_a_slot_that_a_zombie_took_for_somebody_elses_booking_is_freed(new_desk, post):
    """The old owner writes its slot after the new one has booked: the booking names another slot, so this one is free."""
    rows = new_desk().rows
    old, new = new_desk(rows=rows, name="old"), new_desk(rows=rows, name="new", caseworkers=199)
    message = post.schedule()
    original = old.slots.write

    async def late(slots):
        await new.take(message)
        return await original(slots)

    old.slots.write = late
    (answer,) = await old.take(message)
    assert isinstance(answer, InterviewScheduled)
    assert taken(rows) == {effect_of(rows).slot.id: "c1/orientation/7"}


async def test_a_slot_left_by_a_zombie_that_died_is_freed_by_the_next_owner(new_desk, post):
    rows = new_desk().rows
    old, new = new_desk(rows=rows, name="old"), new_desk(rows=rows, name="new", caseworkers=199)
    await new.take(post.schedule())
    await old.bookings.book([want("c1")], old.clock())
    assert len(taken(rows)) == 2
    await new_desk(rows=rows, name="third").take(post.schedule("c1", effect="c1/fact_finding/9"))
    assert len(taken(rows)) == 2
    assert Counter(taken(rows).values()) == {"c1/orientation/7": 1, "c1/fact_finding/9": 1}


async def test_a_slot_that_a_zombie_took_after_the_owner_looked_is_freed_within_minutes(new_desk, post, clock):
    rows = new_desk().rows
    old, new = new_desk(rows=rows, name="old"), new_desk(rows=rows, name="new", caseworkers=199)
    for _ in range(PARTITIONS):
        await new.drain.turn(10)
    await new.take(post.schedule())
    await old.bookings.book([want("c1")], old.clock())
    await new.drain.turn(10)
    assert len(taken(rows)) == 2, "it is not looked for all the time"
    clock.advance(minutes=10)
    for _ in range(PARTITIONS):
        await new.drain.turn(10)
    assert taken(rows) == {effect_of(rows).slot.id: "c1/orientation/7"}


async def test_a_slot_that_a_zombie_took_again_after_it_was_given_back_is_freed(new_desk, post, clock):
    rows = new_desk().rows
    old, new = new_desk(rows=rows, name="old"), new_desk(rows=rows, name="new")
    await new.take(post.schedule())
    await new.take(post.cancel())
    await new.drain.turn(10)
    await old.bookings.book([want("c1")], old.clock())
    assert taken(rows) == {effect_of(rows).slot.id: "c1/orientation/7"}, "the very slot that it had"
    clock.advance(minutes=10)
    for _ in range(PARTITIONS):
        await new.drain.turn(10)
    assert taken(rows) == {}


async def test_a_partition_that_was_just_compared_is_not_compared_again(desk, post):
    compared, find = [], desk.slots.find

    async def noted(where, **more):
        compared.extend(where[name] for name in where if name == "partition")
        return await find(where, **more)

    desk.slots.find = noted
    await desk.take(post.schedule())
    for _ in range(2 * PARTITIONS):
        await desk.drain.turn(10)
    assert sorted(compared) == list(range(PARTITIONS))


# --- two replicas on one file -------------------------------------------------------------------------


async def test_two_replicas_that_race_for_the_same_slots_book_none_twice(new_desk, post, tmp_path):
    """Few caseworkers and claims of every partition on both: far more collisions than two real replicas have."""
    rules = Rules(days=30)

    def replica(name):
        slots = SqliteStore(tmp_path / "slots.db", shelf.SHAPE)
        effects = SqliteStore(tmp_path / "effects.db", commands.SHAPE)
        return new_desk(name=name, slots=slots, effects=effects, rules=rules, caseworkers=5)

    async def work(desk, claims):
        answers = []
        for start in range(0, len(claims), 20):
            answers += await desk.take(*(post.schedule(claim) for claim in claims[start : start + 20]))
        return answers

    one, two = replica("one"), replica("two")
    halves = [f"a{number}" for number in range(120)], [f"b{number}" for number in range(120)]
    both = await asyncio.gather(work(one, halves[0]), work(two, halves[1]))
    answers = [*both[0], *both[1]]
    assert all(isinstance(each, InterviewScheduled) for each in answers)
    assert len({(each.caseworker_ref, each.interview_at) for each in answers}) == 240
    instants = {each.interview_at for each in answers}
    assert len(instants) <= 240 / 5 + 2, "the earliest slots are used, a lost race costs no slot"
    for store in (one.slots, one.effects, two.slots, two.effects):
        await store.close()


async def test_after_a_restart_full_windows_are_not_searched_slot_by_slot(new_desk, post):
    desk = new_desk(caseworkers=10)
    await desk.take(*(post.schedule(f"c{number}") for number in range(165)))
    calls = Counter()

    async def count(call, moment):
        calls[call] += moment == "before"

    again = desk.crash(at=count)
    (answer,) = await again.take(post.schedule("late"))
    assert answer.interview_at == datetime(2026, 11, 24, 16, tzinfo=UTC)
    assert calls["write"] == 2
    assert calls["count"] == 17


async def test_what_our_code_cannot_take_is_put_aside_and_answered(desk, post):
    message = post.schedule()
    decider = desk.commands._documents._decider
    folding = decider.park(None, message, "ValueError: odd", desk.clock())
    assert [each.code for each in folding.letters] == ["failed"]
    assert [each.type for each in folding.outputs] == ["scheduler.interview-unavailable.v1"]
    assert decider.park(None, post.cancel(), "ValueError: odd", desk.clock()).outputs == ()
