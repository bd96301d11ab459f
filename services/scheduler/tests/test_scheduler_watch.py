"""The watch over its store: what is written, what is held back, and that a crash at any moment loses no wait."""

from datetime import UTC, datetime, timedelta

import pytest

from claims_scheduler import watch
from claims_scheduler.watch import PAGE_ROWS, Rhythm, Watch
from claims_scheduler.watched import Memory
from claims_shared.messages.catalog import LIFECYCLE
from claims_shared.messages.lifecycle import ClaimProgressed, EntryKind, Lane, OpenEntry, Phase
from claims_shared.ports import StoreUnavailable
from claims_shared.wire import partition_of

START = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)
SOON, LATER = START + timedelta(minutes=5), START + timedelta(days=10)


@pytest.fixture
def told(post):
    """A life-cycle event as it comes off the wire: what the claim waits for, none for nothing."""

    def make(sequence, due_at=None, *, claim="c1", offset=None):
        entry = OpenEntry(
            id=f"{claim}/evidence/1", kind=EntryKind.EVIDENCE, step=None, owner="claimant", since=START, due_at=due_at
        )
        event = ClaimProgressed(
            claim_id=claim,
            sequence=sequence,
            at=START,
            change="asked",
            phase=Phase.OPEN,
            step=None,
            portal="portal",
            portal_ref="P-1",
            jurisdiction="UT",
            claim_type="new",
            program="UI",
            lane=Lane.STANDARD,
            lane_reasons=(),
            open=(entry,) if due_at else (),
        )
        return post.wire(event, f"{claim}/{sequence}", offset)

    return make


def place(claim="c1"):
    return (LIFECYCLE.name, partition_of(claim, 4))


async def test_a_claim_that_finishes_within_seconds_never_touches_the_store(desk, told, clock):
    for sequence in range(1, 9):
        await desk.hear(told(sequence, SOON))
    await desk.hear(told(9))
    clock.advance(seconds=10)
    await desk.watch.flush()
    assert desk.rows.waits == {}
    assert desk.watch.held_offsets() == {}
    assert desk.memory.claims == {}


async def test_what_still_waits_is_written_after_some_seconds_and_the_offset_held_until_then(desk, told, clock):
    await desk.hear(told(1, SOON, offset=41))
    assert desk.watch.held_offsets() == {place(): 41}
    clock.advance(seconds=2)
    await desk.watch.flush()
    assert desk.rows.waits == {}, "too young: it may still move on"
    assert desk.watch.held_offsets() == {place(): 41}
    clock.advance(seconds=2)
    await desk.watch.flush()
    assert desk.rows.waits["c1"].due_at == SOON.timestamp() * 1000
    assert desk.watch.held_offsets() == {}


async def test_the_offset_is_held_at_the_newest_event_of_the_oldest_unwritten_claim(desk, told):
    claims = [f"c{number}" for number in range(40) if place(f"c{number}") == place("c0")][:3]
    await desk.hear(*(told(1, SOON, claim=claim, offset=offset) for offset, claim in enumerate(claims, 10)))
    assert desk.watch.held_offsets() == {place("c0"): 10}
    await desk.hear(told(2, SOON, claim=claims[0], offset=20))
    assert desk.watch.held_offsets() == {place("c0"): 11}, "the newer event carries everything"


async def test_a_crash_before_the_flush_is_healed_by_reading_again(desk, told, clock):
    await desk.hear(told(1, SOON, offset=7))
    held = desk.watch.held_offsets()[place()]
    again = desk.crash()
    await again.hear(told(1, SOON, offset=held))
    clock.at = SOON
    assert [each.armed_for for each in await again.fire()] == [SOON]


async def test_what_an_earlier_owner_stored_of_a_claim_is_cleared_when_all_its_events_come_again_at_once(
    desk, told, clock
):
    first = told(1, LATER)
    await desk.hear(first)
    clock.advance(seconds=5)
    await desk.watch.flush()
    again = desk.crash()
    await again.hear(first, told(2))
    clock.advance(seconds=5)
    await again.watch.flush()
    assert again.rows.waits["c1"].due_at is None
    assert again.memory.claims == {}


async def test_who_stood_still_writes_nothing_before_it_could_hear_that_others_took_over(desk, told, clock):
    class Frozen(Watch):
        """Stands still in its first pause; in the next it hears that its partitions are somebody else's."""

        async def _pause(self):
            clock.advance(seconds=pauses.pop())
            if not pauses:
                self.forget()
            return 30.0

    pauses = [1, 30]
    watch = Frozen(desk.waits, desk.memory, clock, desk.pace, writer="zombie")
    await desk.hear(told(1, LATER))
    with pytest.raises(IndexError):
        await watch.run()
    assert desk.rows.waits == {}


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_crash_at_the_write_is_healed_by_reading_again_and_fires_the_same(new_desk, told, clock, moment):
    class Crash(Exception):  # noqa: N818 - no error, the end of the process
        pass

    async def crash(call, when):
        if (call, when) == ("write", moment):
            raise Crash

    desk = new_desk(at=crash)
    await desk.hear(told(1, SOON, offset=7))
    held = desk.watch.held_offsets()
    clock.advance(seconds=5)
    with pytest.raises(Crash):
        await desk.watch.flush()
    assert desk.watch.held_offsets() == held
    again = desk.crash()
    await again.hear(told(1, SOON, offset=7))
    await again.watch.pick_up()
    clock.advance(seconds=5)
    await again.watch.flush()
    assert again.watch.held_offsets() == {}
    clock.at = SOON
    assert [each.armed_for for each in await again.fire()] == [SOON]
    assert [each.id for each in again.sent] == ["c1/evidence/1/due/2026-11-20T15:09:05Z"]


async def test_after_a_restart_stored_waits_fire_without_their_events(desk, told, clock):
    await desk.hear(told(1, SOON))
    clock.advance(seconds=5)
    await desk.watch.flush()
    again = desk.crash()
    await again.watch.pick_up()
    clock.at = SOON
    assert [each.armed_for for each in await again.fire()] == [SOON]


async def test_what_is_stored_is_picked_up_once_a_minute_and_at_once_after_the_clock_was_set_back(desk, clock):
    assert desk.watch.must_pick_up()
    await desk.watch.pick_up()
    clock.advance(seconds=59)
    assert not desk.watch.must_pick_up()
    clock.advance(seconds=1)
    assert desk.watch.must_pick_up()
    await desk.watch.pick_up()
    clock.advance(minutes=-5)
    assert desk.watch.must_pick_up()


async def test_where_more_was_missed_than_is_taken_at_once_the_rest_is_taken_when_half_is_done(
    desk, told, clock, monkeypatch
):
    monkeypatch.setattr(watch, "PAGE_ROWS", 4)
    for number in range(5):
        await desk.hear(told(1, SOON, claim=f"c{number}"))
    clock.advance(seconds=5)
    await desk.watch.flush()
    clock.at = SOON + timedelta(hours=1)
    again = desk.crash()
    again.watch._rhythm = Rhythm(most=4)
    await again.watch.pick_up()
    assert (again.memory.behind, again.watch.must_pick_up()) == (4, False)
    again.memory.fired(again.memory.take_due(2**60, 3), 2**60)
    assert (again.memory.behind, again.watch.must_pick_up()) == (1, True)


async def test_a_wait_far_ahead_is_written_dropped_and_picked_up_in_time(desk, told, clock):
    await desk.hear(told(1, LATER))
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.memory.claims == {}
    await desk.watch.pick_up()
    assert desk.memory.claims == {}
    clock.at = LATER - timedelta(minutes=9)
    await desk.watch.pick_up()
    assert await desk.fire() == []
    clock.at = LATER
    assert len(await desk.fire()) == 1


async def test_a_claim_that_no_longer_waits_is_cleared_in_the_store_and_stays_there(desk, told, clock):
    await desk.hear(told(1, LATER))
    clock.advance(seconds=5)
    await desk.watch.flush()
    await desk.hear(told(2))
    assert desk.watch.held_offsets() != {}, "until it is cleared, a crash must read the end again"
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.rows.waits["c1"].due_at is None
    assert desk.watch.held_offsets() == {}
    assert desk.memory.claims == {}


async def test_an_old_event_read_again_never_overwrites_a_newer_one_that_is_stored(desk, told, clock):
    await desk.hear(told(6, LATER))
    clock.advance(seconds=5)
    await desk.watch.flush()
    again = desk.crash()
    await again.hear(told(5, SOON))
    clock.advance(seconds=5)
    await again.watch.flush()
    clock.at = SOON + timedelta(hours=1)
    assert await again.fire() == []
    assert again.rows.waits["c1"].due_at == LATER.timestamp() * 1000


async def test_a_zombie_that_writes_late_cannot_hide_what_the_next_owner_knows(desk, told, clock, new_desk):
    next_owner = new_desk(rows=desk.rows, name="two")
    await desk.hear(told(3, SOON))
    clock.advance(seconds=5)
    await next_owner.hear(told(3, SOON), told(4, LATER))
    clock.advance(seconds=5)
    await next_owner.watch.flush()
    await desk.watch.flush()
    assert desk.rows.waits["c1"].due_at == LATER.timestamp() * 1000


async def test_an_event_that_comes_during_the_write_is_not_taken_for_written(told, clock, new_desk):
    late = []

    async def meanwhile(call, moment):
        if (call, moment) == ("write", "after") and late:
            await desk.hear(late.pop())

    desk = new_desk(at=meanwhile)
    await desk.hear(told(1, SOON, offset=1))
    late.append(told(2, offset=2))
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.watch.held_offsets() == {place(): 2}, "it ended, but now something is stored that must be cleared"
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.rows.waits["c1"].due_at is None
    clock.at = SOON
    assert await desk.fire() == []


async def test_an_event_that_comes_while_an_older_one_is_written_over_what_is_stored_is_written_too(
    told, clock, new_desk
):
    late = []

    async def meanwhile(call, moment):
        if (call, moment) == ("write", "after") and late:
            await desk.hear(late.pop())

    desk = new_desk(at=meanwhile)
    await desk.hear(told(1, SOON, offset=1))
    clock.advance(seconds=5)
    await desk.watch.flush()
    await desk.hear(told(2, SOON + timedelta(hours=1), offset=2))
    late.append(told(3, LATER, offset=3))
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.watch.held_offsets() == {place(): 3}, "a crash now must read it again"
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.rows.waits["c1"].due_at == LATER.timestamp() * 1000


async def test_nothing_is_remembered_when_the_partitions_go(desk, told, clock):
    await desk.hear(told(1, SOON))
    desk.watch.forget()
    clock.at = SOON
    assert await desk.fire() == []
    assert desk.watch.held_offsets() == {}


async def test_a_write_that_ends_after_the_partitions_went_leaves_no_trace(told, clock, new_desk):
    async def revoked(call, moment):
        if (call, moment) == ("write", "after"):
            desk.watch.forget()

    desk = new_desk(at=revoked)
    await desk.hear(told(1, SOON))
    clock.advance(seconds=5)
    await desk.watch.flush()
    assert desk.memory.claims == {}


async def test_more_than_a_page_that_is_due_soon_is_picked_up(desk, told, clock):
    number = PAGE_ROWS + 5
    await desk.hear(*(told(1, SOON, claim=f"c{each}") for each in range(number)))
    clock.advance(seconds=5)
    await desk.watch.flush()
    again = desk.crash()
    await again.watch.pick_up()
    clock.at = SOON
    fired = 0
    while some := await again.fire():
        fired += len(some)
    assert fired == number


async def test_a_store_that_is_away_holds_the_offset(told, clock, new_desk):
    async def away(call, moment):
        if (call, moment) == ("write", "before"):
            raise StoreUnavailable("gone")

    desk = new_desk(at=away)
    await desk.hear(told(1, SOON, offset=3))
    clock.advance(seconds=5)
    with pytest.raises(StoreUnavailable):
        await desk.watch.flush()
    assert desk.watch.held_offsets() == {place(): 3}
    clock.at = SOON
    assert len(await desk.fire()) == 1, "what is in memory fires in time"


def test_an_empty_memory_has_nothing_due():
    assert Memory().next_at() is None
