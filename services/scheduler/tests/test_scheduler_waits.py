"""Waits from the life cycle, and when they fire: rows of events, an instant, and what is then told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from claims_scheduler.waits import instant, micros, waits_of
from claims_shared.messages.lifecycle import ClaimProgressed, EntryKind, Lane, OpenEntry, Phase
from claims_shared.messages.scheduler import DeadlinePassed, HeldTooLong, ReminderDue, RetryDue, WaitKind

START = datetime(2026, 11, 20, 15, 4, 5, 123456, tzinfo=UTC)


def entry(name="evidence/3", **instants):
    return OpenEntry(
        id=f"c1/{name}", kind=EntryKind.EVIDENCE, step="identity", owner="claimant", since=START, **instants
    )


def event(sequence, *entries, claim="c1"):
    return ClaimProgressed(
        claim_id=claim,
        sequence=sequence,
        at=START,
        change="asked",
        phase=Phase.OPEN,
        step="identity",
        portal="portal",
        portal_ref="P-1",
        jurisdiction="UT",
        claim_type="new",
        program="UI",
        lane=Lane.STANDARD,
        lane_reasons=(),
        open=entries,
    )


def after(**span):
    return START + timedelta(**span)


REMIND, DUE = after(days=3), after(days=10)
DAY_S = 86_400

ROWS = [
    ("nothing fires for a claim that waits for nothing", [event(1)], after(days=99), []),
    ("nothing fires before its instant", [event(1, entry(due_at=DUE))], DUE - timedelta(microseconds=1), []),
    ("a deadline fires at its instant", [event(1, entry(due_at=DUE))], DUE, [(DeadlinePassed, DUE)]),
    ("a retry fires at its instant", [event(1, entry(retry_at=DUE))], DUE, [(RetryDue, DUE)]),
    (
        "an alert fires at its instant, whatever else is waited for",
        [event(1, entry(due_at=DUE, limit_at=REMIND))],
        REMIND,
        [(HeldTooLong, REMIND)],
    ),
    (
        "a reminder fires after three days and the deadline not yet",
        [event(1, entry(due_at=DUE, remind_at=REMIND))],
        REMIND,
        [(ReminderDue, REMIND)],
    ),
    (
        "everything that came while nobody looked fires at once",
        [event(1, entry(due_at=DUE, remind_at=REMIND))],
        after(days=11),
        [(DeadlinePassed, DUE), (ReminderDue, REMIND)],
    ),
    (
        "a wait of an entry that a later event no longer opens never fires",
        [event(1, entry(due_at=DUE)), event(2)],
        after(days=99),
        [],
    ),
    (
        "an older event after a newer one is passed over",
        [event(2), event(1, entry(due_at=DUE))],
        after(days=99),
        [],
    ),
    (
        "the same number again changes nothing",
        [event(2, entry(due_at=DUE)), event(2)],
        DUE,
        [(DeadlinePassed, DUE)],
    ),
    (
        "an entry armed anew fires for its new instant only",
        [event(1, entry(retry_at=after(seconds=10))), event(2, entry(retry_at=after(minutes=1)))],
        after(hours=1),
        [(RetryDue, after(minutes=1))],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
async def test_what_fires(desk, post, clock, row):
    _, events, at, expected = row
    clock.at = START
    await desk.hear(*(post.wire(each, f"c1/{each.sequence}") for each in events))
    clock.at = at
    assert [(type(each), each.armed_for) for each in await desk.fire()] == expected


async def test_a_fired_wait_comes_again_with_growing_pauses_until_a_later_number_is_seen(desk, post, clock):
    clock.at = START
    await desk.hear(post.wire(event(4, entry(due_at=DUE)), "c1/4"))
    clock.at = DUE
    fired_after = []
    while clock.at < DUE + timedelta(days=4):
        if await desk.fire():
            fired_after.append((clock.at - DUE).total_seconds())
        clock.advance(seconds=5)
    doubling = [5 * (2**times - 1) for times in range(16)]
    assert fired_after == [*doubling, doubling[-1] + DAY_S, doubling[-1] + 2 * DAY_S]
    assert len({each.id for each in desk.sent}) == 1, "a repeat is the same event"
    await desk.hear(post.wire(event(5), "c1/5"))
    clock.advance(days=1)
    assert await desk.fire() == []


async def test_a_wait_that_came_to_nothing_fires_at_once_when_its_event_is_told_again(desk, post, clock):
    clock.at = START
    await desk.hear(post.wire(event(4, entry(due_at=DUE, remind_at=REMIND)), "c1/4"))
    clock.at = after(days=9)
    assert len(await desk.fire()) == 1, "the reminder"
    await desk.hear(post.wire(event(3), "c1/3"))
    assert await desk.fire() == [], "what is older says nothing"
    clock.advance(seconds=5)
    await desk.fire()
    clock.advance(seconds=5)
    await desk.hear(post.wire(event(4, entry(due_at=DUE, remind_at=REMIND)), "c1/4"))
    assert [each.armed_for for each in await desk.fire()] == [REMIND], "and the deadline is not there yet"
    assert await desk.fire() == [], "once"


async def test_what_fires_names_entry_kind_and_the_exact_instant_it_was_armed_for(desk, post, clock):
    clock.at = START
    await desk.hear(post.wire(event(4, entry(remind_at=REMIND)), "c1/4"))
    clock.at = after(days=4)
    (fired,) = await desk.fire()
    (sent,) = desk.sent
    assert (fired.claim_id, fired.answers, fired.wait, fired.armed_for, fired.step) == (
        "c1",
        "c1/evidence/3",
        WaitKind.REMIND,
        REMIND,
        "identity",
    )
    assert sent.id == "c1/evidence/3/remind/2026-11-23T15:04:05.123456Z"
    assert (sent.source, sent.key, sent.causation) == ("claims.scheduler", "c1", "c1/4")


@pytest.mark.parametrize("skew", [-3600, 0, 3600], ids=["a slow clock", "a true clock", "a fast clock"])
async def test_by_any_clock_the_event_is_the_same(new_desk, post, clock, skew):
    """The reader judges by the instant it was armed for: a skewed scheduler tells it early or late, but tells the same."""
    true = START + timedelta(days=10)
    clock.at = true + timedelta(seconds=skew)
    desk = new_desk()
    await desk.hear(post.wire(event(4, entry(due_at=DUE)), "c1/4"))
    fired = await desk.fire()
    assert bool(fired) == (skew >= 0)
    assert all(each.armed_for == DUE for each in fired)


async def test_memory_stays_small_when_claims_move_on(desk, post):
    for sequence in range(1, 3_001):
        await desk.hear(post.wire(event(sequence, entry(due_at=after(minutes=15))), f"c1/{sequence}"))
    assert len(desk.memory._heap) < 1_100


def test_instants_are_kept_to_the_microsecond():
    for microsecond in (0, 1, 123456, 999999):
        at = START.replace(microsecond=microsecond)
        assert instant(micros(at)) == at


def test_every_instant_of_every_entry_is_a_wait():
    opened = event(1, entry(due_at=DUE, remind_at=REMIND), entry("identity/1", retry_at=after(seconds=10)))
    found: Any = [(wait.entry, wait.kind) for wait in waits_of(opened)]
    assert found == [("c1/evidence/3", "due"), ("c1/evidence/3", "remind"), ("c1/identity/1", "retry")]
