"""Interviews that move: the new slot is held before the old one is given back, whoever dies or is quicker in between."""

import email
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import msgspec
import pytest

from claims_scheduler.effects import Effect
from claims_scheduler.shelf import Taken
from claims_shared.messages.fields import FailureKind
from claims_shared.messages.scheduler import InterviewMoved, InterviewScheduled, InterviewStranded, InterviewUnavailable
from claims_shared.staff.people import ANY, Caseworker, Hours, Leave, staff_of

OFFICE = (*((Hours(time(9), time(17)),),) * 5, (), ())
EVERYTHING = {"skills": frozenset({ANY}), "languages": frozenset({ANY}), "hours": OFFICE}
ANN, BO = (Caseworker(ref, ref, frozenset({"UT"}), "America/Denver", **EVERYTHING) for ref in ("UT-ann", "UT-bo"))
MONDAY = date(2026, 11, 23)
LATER = datetime(2026, 11, 24, 16, tzinfo=UTC)


def taken(rows):
    found = [msgspec.msgpack.decode(row.body, type=Taken) for row in rows.slots.values()]
    return {each.slot.id: each.booking for each in found if each.booking is not None}


def effect_of(rows, claim="c1"):
    return msgspec.msgpack.decode(rows.effects[f"{claim}/orientation/7"].body, type=Effect)


def on_leave(member, first=MONDAY, days=0):
    return replace(member, leave=(Leave(first, first + timedelta(days=days)),))


async def test_the_claimant_gets_another_slot_and_the_old_one_is_free(new_desk, post):
    desk = new_desk()
    (first,) = await desk.take(post.schedule())
    assert await desk.take(post.move(not_before=LATER)) == []
    (moved,) = await desk.turns()
    assert (type(moved), moved.answers, moved.interview) == (InterviewMoved, "c1/move/12", "c1/orientation/7")
    assert (moved.interview_at, moved.sequence, moved.moved_by) == (LATER, 1, "claimant")
    assert moved.interview_at > first.interview_at
    effect = effect_of(desk.rows)
    assert taken(desk.rows) == {effect.slot.id: "c1/orientation/7"}
    assert (effect.moving, effect.next_slot, effect.left) == (None, None, None)


async def test_asked_again_it_answers_again_and_moves_nothing(new_desk, post):
    desk = new_desk()
    await desk.take(post.schedule())
    await desk.take(post.move(not_before=LATER), post.move(not_before=LATER))
    (moved,) = await desk.turns()
    (again,) = await desk.take(post.move(attempt=2))
    assert again == moved.model_copy(update={"attempt": 2})
    assert await desk.turns() == []
    assert effect_of(desk.rows).sequence == 1


async def test_the_booking_asked_again_says_where_it_is_now(new_desk, post):
    desk = new_desk()
    await desk.take(post.schedule(), post.move(not_before=LATER))
    await desk.turns()
    (answer,) = await desk.take(post.schedule(attempt=2))
    assert (type(answer), answer.answers, answer.interview_at) == (InterviewMoved, "c1/orientation/7", LATER)


async def test_where_there_is_no_other_slot_the_old_one_stands(new_desk, post):
    desk = new_desk()
    (first,) = await desk.take(post.schedule())
    await desk.take(post.move(not_before=datetime(2027, 6, 1, tzinfo=UTC)))
    (answer,) = await desk.turns()
    assert (type(answer), answer.kind, answer.reason) == (InterviewUnavailable, FailureKind.PERMANENT, "no_free_slot")
    effect = effect_of(desk.rows)
    assert (effect.slot.caseworker, effect.sequence, effect.due_at is None or effect.moving is None) == (
        first.caseworker_ref,
        0,
        True,
    )
    assert taken(desk.rows) == {effect.slot.id: "c1/orientation/7"}


@pytest.mark.parametrize("case", ["never booked", "cancelled", "over"])
async def test_what_is_not_there_is_not_moved(new_desk, post, clock, case):
    desk = new_desk()
    if case != "never booked":
        await desk.take(post.schedule())
    if case == "cancelled":
        await desk.take(post.cancel())
    if case == "over":
        clock.advance(days=30)
    (answer,) = await desk.take(post.move())
    assert (answer.kind, answer.reason) == (FailureKind.PERMANENT, "over" if case == "over" else "undone")


async def test_cancelled_in_the_middle_of_a_move_it_holds_nothing_and_who_asked_for_the_move_hears_of_it(
    new_desk, post
):
    desk = new_desk()
    await desk.take(post.schedule(), post.move(not_before=LATER))
    await desk.take(post.cancel())
    (answer,) = await desk.turns()
    assert (type(answer), answer.answers, answer.reason) == (InterviewUnavailable, "c1/move/12", "undone")
    assert await desk.turns() == []
    assert taken(desk.rows) == {}
    assert (effect_of(desk.rows).sequence, effect_of(desk.rows).due_at) == (1, None)


@pytest.mark.parametrize("write", range(1, 6))
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_whoever_dies_in_a_move_the_next_one_ends_it(new_desk, post, write, moment):
    desk = new_desk()
    await desk.take(post.schedule(), post.move(not_before=LATER))
    writes = 0

    async def crash(call, when):
        nonlocal writes
        writes += call == "write" and when == moment
        if writes == write:
            writes = 99
            raise KeyboardInterrupt

    dying = desk.crash(at=crash, name="dying")
    with pytest.raises(KeyboardInterrupt):
        await dying.turns()
    again = desk.crash(name="again")
    said = {each.sequence: each for each in (await again.turns())}
    effect = effect_of(again.rows)
    assert taken(again.rows) == {effect.slot.id: "c1/orientation/7"}
    assert (effect.sequence, effect.moving, effect.left) == (1, None, None)
    assert not said or said[1].interview_at == LATER


async def test_who_loses_the_new_slot_to_another_chooses_again(new_desk, post):
    desk = new_desk(caseworkers=1)
    await desk.take(post.schedule(), post.move(not_before=LATER))
    other = new_desk(rows=desk.rows, caseworkers=1, name="other")
    write = desk.slots.write

    async def late(rows):
        desk.slots.write = write
        await other.take(*(post.schedule(f"o{number}") for number in range(17)))
        return await write(rows)

    desk.slots.write = late
    (moved,) = await desk.turns()
    assert moved.interview_at > LATER
    booked = taken(desk.rows)
    assert len(booked) == len(set(booked.values())) == 18


# --- leave ----------------------------------------------------------------------------------------


async def test_who_goes_on_leave_loses_their_interviews_to_others(new_desk, post):
    desk = new_desk(staff=staff_of([ANN]))
    (first,) = await desk.take(post.schedule())
    desk.register.becomes(staff_of([on_leave(ANN), BO]))
    await desk.leaves.look()
    (moved,) = await desk.turns()
    assert (type(moved), moved.answers, moved.moved_by) == (InterviewMoved, None, "agency")
    assert (moved.caseworker_ref, moved.interview_at) == ("UT-bo", first.interview_at)
    assert taken(desk.rows) == {f"UT-bo@{effect_of(desk.rows).slot.starts_at}": "c1/orientation/7"}
    await desk.leaves.look()
    assert await desk.turns() == [], "once is enough"


async def test_who_is_not_replaced_has_it_when_they_are_back(new_desk, post):
    desk = new_desk(staff=staff_of([ANN]))
    await desk.take(post.schedule())
    desk.register.becomes(staff_of([on_leave(ANN, days=3)]))
    await desk.leaves.look()
    (moved,) = await desk.turns()
    assert (moved.caseworker_ref, moved.interview_at.date()) == ("UT-ann", date(2026, 11, 27))


async def test_where_nobody_is_left_it_is_said_once(new_desk, post, clock):
    desk = new_desk(staff=staff_of([ANN]))
    (first,) = await desk.take(post.schedule())
    desk.register.becomes(staff_of([on_leave(ANN, days=90)]))
    await desk.leaves.look()
    (stranded,) = await desk.turns()
    assert (type(stranded), stranded.interview_at, stranded.reason) == (
        InterviewStranded,
        first.interview_at,
        "no_free_slot",
    )
    clock.advance(hours=1)
    await desk.leaves.look()
    assert await desk.turns() == []
    desk.register.becomes(staff_of([on_leave(ANN, days=90), BO]))
    await desk.leaves.look()
    (moved,) = await desk.turns()
    assert moved.caseworker_ref == "UT-bo", "a new colleague takes it"


@pytest.mark.parametrize("change", ["gone", "hours"])
async def test_who_is_gone_or_works_other_hours_is_as_on_leave(new_desk, post, change):
    desk = new_desk(staff=staff_of([ANN]))
    await desk.take(post.schedule())
    others = [] if change == "gone" else [replace(ANN, hours=((),) * 7)]
    desk.register.becomes(staff_of([*others, BO]))
    await desk.leaves.look()
    (moved,) = await desk.turns()
    assert moved.caseworker_ref == "UT-bo"


async def test_a_leave_that_was_entered_while_nobody_ran_is_found_at_the_start(new_desk, post):
    desk = new_desk(staff=staff_of([ANN]))
    await desk.take(post.schedule())
    again = desk.crash(staff=staff_of([on_leave(ANN), BO]), name="again")
    await again.leaves.look()
    (moved,) = await again.turns()
    assert moved.caseworker_ref == "UT-bo"


async def test_other_days_and_the_past_are_left_alone(new_desk, post, clock):
    desk = new_desk(staff=staff_of([ANN]))
    await desk.take(post.schedule())
    desk.register.becomes(staff_of([on_leave(ANN, first=date(2026, 11, 24), days=9), BO]))
    await desk.leaves.look()
    assert await desk.turns() == []
    clock.advance(days=5)
    desk.register.becomes(staff_of([on_leave(ANN, days=9), BO]))
    await desk.leaves.look()
    assert await desk.turns() == []


# --- what citizens read -----------------------------------------------------------------------------


def invites_of(mailbox):
    """Read the invites as another implementation does."""
    for _, content in mailbox.taken:
        for part in email.message_from_bytes(content).walk():
            if part.get_content_type() == "text/calendar":
                calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
                (event,) = calendar.walk("VEVENT")
                yield str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), event.decoded("DTSTART")


async def test_the_update_and_the_cancellation_are_newer_versions_of_the_same_invite(new_desk, post, mailbox):
    desk = new_desk(mail_port=mailbox.port)
    (first,) = await desk.take(post.schedule())
    await desk.turns()
    await desk.take(post.move(not_before=LATER))
    await desk.turns()
    await desk.take(post.cancel())
    await desk.turns()
    uid = "c1/orientation/7"
    assert list(invites_of(mailbox)) == [
        ("REQUEST", uid, 0, first.interview_at),
        ("REQUEST", uid, 1, LATER),
        ("CANCEL", uid, 2, LATER),
    ]
    subjects = [str(email.message_from_bytes(content)["Subject"]) for _, content in mailbox.taken]
    assert [subject.partition(" telephone interview")[0] for subject in subjects][:2] == ["Your", "Changed: your"]
    assert b"The old one no longer counts." in mailbox.taken[1][1]
    ids = [email.message_from_bytes(content)["Message-ID"] for _, content in mailbox.taken]
    assert len(set(ids)) == 3


async def test_an_invite_that_was_not_sent_yet_is_sent_with_the_new_slot_only(new_desk, post, mailbox):
    desk = new_desk(mail_port=mailbox.port)
    (first,) = await desk.take(post.schedule(), post.move(not_before=LATER))
    assert isinstance(first, InterviewScheduled)
    await desk.turns()
    assert [(sequence, at) for _, _, sequence, at in invites_of(mailbox)] == [(1, LATER)]
