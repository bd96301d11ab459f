"""What one process remembers of the claims that wait: instants at their very edge, versions, offsets, and how much is kept."""

import msgspec
import pytest

from claims_scheduler import watched
from claims_scheduler.waits import Wait, fires_again_at
from claims_scheduler.watch import Stored
from claims_scheduler.watched import Memory, Watched
from claims_shared.messages.scheduler import WaitKind

LIFE, OTHER = ("claims.lifecycle.events.v1", 0), ("claims.lifecycle.events.v1", 1)


def claim(name="c1", sequence=1, *due, version=0, seen_at=0, place=LIFE, offset=0):
    waits = tuple(Wait(f"{name}/entry/{number}", WaitKind.DUE, at) for number, at in enumerate(due))
    return Watched(
        name,
        sequence,
        waits,
        cause="cause",
        partition=0,
        seen_at=seen_at,
        version=version,
        place=place,
        offset=offset,
    )


def stored(name="c1", sequence=1, *due, version=1):
    return claim(name, sequence, *due, version=version, place=None)


@pytest.fixture
def memory():
    return Memory()


def names(firings):
    return [each.watched.claim for each in firings]


# --- what fires -------------------------------------------------------------------------------------


def test_an_instant_has_come_at_its_very_microsecond(memory):
    memory.learn(claim("c1", 1, 100))
    assert (memory.next_at(), memory.take_due(99, 10)) == (100, [])
    assert names(memory.take_due(100, 10)) == ["c1"]


def test_the_earliest_come_first_and_no_more_than_are_asked_for(memory):
    for name, at in (("c1", 30), ("c2", 10), ("c3", 20)):
        memory.learn(claim(name, 1, at))
    assert memory.next_at() == 10
    assert names(memory.take_due(100, 2)) == ["c2", "c3"]
    assert names(memory.take_due(100, 2)) == ["c1"]
    assert memory.next_at() is None


def test_only_those_of_a_claims_waits_fire_whose_instant_has_come(memory):
    memory.learn(claim("c1", 1, 10, 20, 30))
    (firing,) = memory.take_due(20, 10)
    assert firing.numbers == [0, 1]
    memory.fired([firing], 20)
    assert firing.watched.fired == [1, 1, 0]
    assert memory.next_at() == 30


def test_what_is_put_back_fires_again_and_what_is_gone_does_not(memory):
    memory.learn(claim("c1", 1, 10))
    taken = memory.take_due(10, 10)
    memory.put_back(taken)
    assert names(memory.take_due(10, 10)) == ["c1"]
    memory.learn(claim("c1", 2))
    memory.put_back(taken)
    assert memory.take_due(10, 10) == []


def test_claims_of_one_instant_all_fire(memory):
    for number in range(5):
        memory.learn(claim(f"c{number}", 1, 10))
    assert sorted(names(memory.take_due(10, 10))) == [f"c{number}" for number in range(5)]


def test_told_again_at_its_very_instant_it_fires_again(memory):
    assert memory.learn(claim("c1", 1, 10))
    assert not memory.learn(claim("c1", 1, 10, seen_at=10))
    assert names(memory.take_due(10, 10)) == ["c1"]


@pytest.mark.parametrize(("rested", "again"), [(4_999_999, []), (5_000_000, ["c1"])])
def test_told_again_after_it_has_fired_it_fires_again_but_not_within_moments(memory, rested, again):
    """Two who answer each other at once would go on for ever."""
    memory.learn(claim("c1", 1, 10))
    for at in (10, 5_000_010):
        memory.fired(memory.take_due(at, 10), at)
    now = 5_000_010 + rested
    assert not memory.learn(claim("c1", 1, 10, seen_at=now))
    fired = memory.take_due(now, 10)
    assert names(fired) == again
    assert [firing.watched.fired for firing in fired] == [[2] for _ in again], "and its pauses grow on"


def test_told_again_and_again_before_it_could_fire_it_fires_once(memory):
    memory.learn(claim("c1", 1, 10))
    memory.fired(memory.take_due(10, 10), 10)
    memory.fired(memory.take_due(5_000_010, 10), 5_000_010)
    for at in (11_000_000, 11_000_000, 11_000_001):
        memory.learn(claim("c1", 1, 10, seen_at=at))
    assert names(memory.take_due(11_000_001, 10)) == ["c1"]


def test_told_again_before_its_instant_it_waits_on(memory):
    memory.learn(claim("c1", 1, 10))
    assert not memory.learn(claim("c1", 1, 10, seen_at=9))
    assert names(memory.take_due(10, 10)) == ["c1"], "once"


def test_an_older_number_does_not_make_a_newer_one_fire_again(memory):
    memory.learn(claim("c1", 2, 10))
    for at in (10, 5_000_010):
        memory.fired(memory.take_due(at, 10), at)
    assert not memory.learn(claim("c1", 1, 10, seen_at=11_000_000))
    assert memory.take_due(11_000_000, 10) == []


@pytest.mark.parametrize(("fired", "seconds"), [(1, 5), (2, 10), (15, 5 << 14), (16, 86_400), (17, 86_400)])
def test_the_pauses_double_up_to_a_day(fired, seconds):
    assert fires_again_at(fired, 7) == 7 + seconds * 1_000_000


# --- what is stored ---------------------------------------------------------------------------------


def test_the_next_event_keeps_the_version_that_was_seen(memory):
    memory.learn(claim("c1", 1, 10, version=3))
    memory.learn(claim("c1", 2, 10, version=None))
    assert memory.claims["c1"].version == 3


def test_where_nobody_looked_the_next_events_own_version_stands(memory):
    memory.learn(claim("c1", 1, 10, version=None))
    memory.learn(claim("c1", 2, 10, version=0))
    assert memory.claims["c1"].version == 0


@pytest.mark.parametrize(("sequence", "newest"), [(1, 2), (2, 2), (3, 3)])
def test_the_higher_number_counts_and_the_stored_version_is_learnt(memory, sequence, newest):
    first = claim("c1", 2, 10, version=None)
    memory.learn(first)
    memory.adopt(stored("c1", sequence, 20, version=7))
    known = memory.claims["c1"]
    assert (known.sequence, known.version) == (newest, 7)
    assert (known is first) == (newest == 2), "of equal ones the event that was read is kept: its offset is held"


def test_what_is_stored_without_a_version_is_of_none(memory):
    memory.learn(claim("c1", 2, 10, version=None))
    memory.adopt(stored("c1", 1, version=None))
    assert memory.claims["c1"].version == 0


def test_the_oldest_unwritten_offset_of_each_partition_is_held_until_it_is_written(memory):
    first = claim("c1", 1, 10, offset=4)
    for each in (first, claim("c2", 1, 10, offset=6), claim("c3", 1, 10, place=OTHER, offset=5)):
        memory.learn(each)
    assert memory.held_offsets() == {LIFE: 4, OTHER: 5}
    memory.written(first, 1, far=100)
    assert memory.held_offsets() == {LIFE: 6, OTHER: 5}


def test_a_claim_that_ended_unwritten_holds_nothing_and_one_that_may_be_stored_does(memory):
    memory.learn(claim("c1", 1, offset=4))
    assert memory.held_offsets() == {}
    memory.learn(claim("c2", 1, version=None, offset=5))
    memory.learn(claim("c3", 1, version=2, offset=6))
    assert memory.held_offsets() == {LIFE: 5}
    assert [each.claim for each in memory.ripe(0, 10)] == ["c2", "c3"]


def test_ripe_is_what_was_seen_by_then_the_oldest_first_and_no_more_than_asked_for(memory):
    for number in range(4):
        memory.learn(claim(f"c{number}", 1, 10, seen_at=number))
    memory.learn(claim("d", 1, 10, seen_at=1, place=OTHER))
    assert [each.claim for each in memory.ripe(1, 10)] == ["c0", "c1", "d"]
    assert [each.claim for each in memory.ripe(9, 2)] == ["c0", "c1"]


@pytest.mark.parametrize(("far", "kept"), [(9, False), (10, True)])
def test_what_is_written_is_remembered_if_it_is_due_by_then(memory, far, kept):
    known = claim("c1", 1, 10)
    memory.learn(known)
    memory.written(known, 1, far)
    assert ("c1" in memory.claims) == kept


def test_claims_that_ended_are_forgotten_once_they_were_seen_long_enough_ago(memory):
    for number in range(3):
        memory.learn(claim(f"c{number}", 1, seen_at=number))
    memory.drop_ended(1)
    assert set(memory.claims) == {"c2"}, "those of the very instant too"


def test_the_stored_form_stays_readable():
    kept = Stored(
        3, (Wait("c1/evidence/2", WaitKind.REMIND, 100, "identity"), Wait("c1/x/1", WaitKind.DUE, 5)), "cause"
    )
    written = msgspec.msgpack.encode(kept)
    assert msgspec.msgpack.decode(written) == [
        3,
        [["c1/evidence/2", "remind", 100, "identity"], ["c1/x/1", "due", 5, None]],
        "cause",
    ]


# --- what came due while nobody looked ---------------------------------------------------------------


@pytest.fixture
def both(memory):
    """Four that were missed, due at 1 to 4, and four that come due now, at 11 to 14."""
    for number in range(1, 5):
        memory.adopt(stored(f"missed-{number}", 1, number), missed_before=10)
        memory.learn(claim(f"live-{number}", 1, 10 + number))
    return memory


def test_half_of_the_room_is_theirs_and_the_rest_goes_on(both):
    assert names(both.take_due(20, 4)) == ["live-1", "live-2", "missed-1", "missed-2"]
    assert names(both.take_due(20, 3)) == ["live-3", "live-4", "missed-3"], "of an odd one the others have more"


def test_of_a_larger_room_half_is_theirs_too(both):
    assert names(both.take_due(20, 6)) == [*(f"live-{n}" for n in (1, 2, 3)), *(f"missed-{n}" for n in (1, 2, 3))]


def test_what_the_others_leave_they_take(both):
    assert names(both.take_due(11, 4)) == ["live-1", "missed-1", "missed-2", "missed-3"]


def test_without_any_the_others_have_the_whole_room(both):
    both.take_due(0, 4)
    assert both.behind == 4
    for firing in both.take_due(10, 8):
        both.fired([firing], 100)
    assert (both.behind, names(both.take_due(20, 4))) == (0, ["live-1", "live-2", "live-3", "live-4"])


def test_fired_they_are_as_all_others_are(both):
    both.fired(both.take_due(10, 4), 100)
    assert both.behind == 0
    assert len(both.take_due(10**9, 99)) == 8


@pytest.mark.parametrize(("due", "behind"), [(9, 1), (10, 0), (11, 0)])
def test_what_was_due_before_that_instant_was_missed(memory, due, behind):
    memory.adopt(stored("c1", 1, due), missed_before=10)
    assert memory.behind == behind


def test_the_next_instant_is_the_earlier_of_both(both):
    assert both.next_at() == 1
    both.take_due(10, 4)
    assert both.next_at() == 11


def test_put_back_they_are_still_behind(both):
    both.put_back(both.take_due(10, 2))
    assert both.behind == 4


def test_swept_each_stays_where_it_was(both, monkeypatch):
    monkeypatch.setattr(watched, "SWEEP_FROM", -8)
    both.learn(claim("live-5", 1, 15))
    assert (len(both._heap), both.behind) == (5, 4)
    assert (both._heap[0][0], both._behind[0][0]) == (11, 1)


def test_both_heaps_count_when_they_are_swept(memory, monkeypatch):
    monkeypatch.setattr(watched, "SWEEP_FROM", 0)
    memory.adopt(stored("missed", 1, 1), missed_before=10)
    for _ in range(3):
        memory.put_back(memory.take_due(10, 1))
        memory._push(memory.claims["missed"])
    assert memory.behind == 2, "no more than twice the claims"
    memory.learn(claim("live", 1, 20))
    assert (memory.behind, len(memory._heap)) == (2, 1)


def test_forgotten_they_are_too(both):
    both.clear()
    assert (both.behind, both.next_at()) == (0, None)


# --- how much is kept ---------------------------------------------------------------------------------


def test_stale_entries_are_swept_when_they_outnumber_the_claims_and_not_before(memory, monkeypatch):
    monkeypatch.setattr(watched, "SWEEP_FROM", 4)
    for sequence in range(1, 7):
        memory.learn(claim("c1", sequence, 10 + sequence))
    assert len(memory._heap) == 6
    memory.learn(claim("c1", 7, 17))
    assert len(memory._heap) == 1, "four and twice the claims"
    assert memory.next_at() == 17
