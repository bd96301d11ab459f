"""Waits that nobody watches any more: found by their instants, told again under the same number, seldom and for ever."""

from datetime import timedelta

from claim_walk import CLAIM, IGNORED, Walk, due, evidence_needed, passing, resumed, submitted, verified, withdrawal
from prometheus_client import REGISTRY

from claims_orchestrator.claim import Claim
from claims_orchestrator.orphans import overdue_at
from claims_orchestrator.overdue import said_of
from claims_orchestrator.process import STEPS, Clocks
from claims_orchestrator.store import SHAPE, ClaimDecider
from claims_orchestrator.window import Window
from claims_shared.documents import Documents, Tally
from claims_shared.memory import MemoryStore
from claims_shared.ports import Row
from claims_shared.wire import millis

AFTER = Clocks().overdue_after // timedelta(milliseconds=1)
LATE = STEPS["identity"].late_after + Clocks().overdue_after


def overdue(walk):
    return said_of(Row(CLAIM, 1, "w", 0, b"", fields={"phase": "open"}), walk.now)


def test_an_instant_is_overdue_after_five_minutes():
    assert Clocks().overdue_after == timedelta(minutes=5)


def test_the_earliest_instant_that_is_held_counts_and_no_instant_is_never_overdue():
    walk = Walk().through(submitted(), evidence_needed)
    (entry,) = [each for each in walk.claim.open.values() if each.kind == "evidence"]
    assert entry.remind[0] < entry.due
    (notice,) = [each for each in walk.claim.open.values() if each.kind == "notice"]
    assert overdue_at(walk.claim, AFTER) == min(entry.remind[0], notice.due) + AFTER
    assert overdue_at(Claim(id="C-2"), AFTER) is None


def test_the_newest_event_is_told_again_under_its_own_number_and_the_claim_stays_as_it_is():
    walk = Walk().through(submitted())
    told, before = walk.outputs[0], walk.claim
    walk.now += LATE
    walk.take(overdue)
    assert [(out.id, out.body, out.sequence) for out in walk.decision.messages] == [(told.id, told.body, 1)]
    assert (walk.decision.code, walk.claim.number, walk.claim.open) == ("orphan", 1, before.open)


def test_it_is_told_again_only_after_a_while_and_the_wait_counts_when_it_fires():
    walk = Walk().through(submitted())
    late = due("identity")(walk)
    walk.now += LATE
    walk.through(overdue, overdue)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "not_overdue")
    walk.now += Clocks().overdue_after
    walk.take(overdue)
    assert walk.decision.code == "orphan"
    walk.take(late)
    assert walk.sent == ["claim.progressed", "identity.verify"]


def test_it_is_told_ever_more_seldom_in_the_end_once_a_day_until_the_claim_moves_on():
    walk = Walk().through(submitted())
    late = due("identity")(walk)
    walk.now += LATE
    pauses = []
    for _ in range(12):
        walk.take(overdue)
        assert walk.decision.code == "orphan"
        pauses.append((walk.claim.look_again - millis(walk.now)) / 60_000)
        walk.now += timedelta(minutes=pauses[-1])
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440, 1440]
    walk.take(late)
    assert (walk.claim.look_again, walk.claim.looked) == (None, 0)


def test_before_its_time_and_after_it_has_fired_nothing_is_overdue():
    walk = Walk().through(submitted(), passing(minutes=16), overdue)
    assert walk.decision.code == "not_overdue"
    walk.through(due("identity"), overdue)
    assert walk.decision.code == "not_overdue"


def test_what_fires_for_a_parked_claim_waits_for_the_engineer():
    walk = Walk().through(submitted())
    walk.fail_on(verified)
    assert overdue_at(walk.claim, AFTER) is None
    walk.now += LATE
    walk.take(overdue)
    assert walk.decision.code == "not_overdue"
    walk.take(resumed("skip"))
    assert overdue_at(walk.claim, AFTER) is not None


async def test_the_store_finds_what_is_overdue_and_what_never_came_and_nothing_else():
    store, walk = MemoryStore(SHAPE), Walk()

    async def nobody(_assigned):
        return 0

    decider = ClaimDecider(Clocks(), Window(10, 4, nobody))
    documents = Documents(decider, store, writer="w", partitions=4)
    sends = []

    async def take(*said):
        sends.extend(await documents.process(said, walk.now, Tally()))
        documents.acknowledged()

    waiting = withdrawal(walk.through(submitted()))
    await take(submitted()(walk))
    waiting.claim_id, waiting.record.key = "C-9", b"C-9"
    await take(waiting)
    assert await store.due(range(4), millis(walk.now + LATE - timedelta(seconds=1)), 10) == []
    found = REGISTRY.get_sample_value("claims_orphans_found_total")
    for hours, expected in ((1, [CLAIM]), (24, [CLAIM, "C-9"])):
        walk.now += timedelta(hours=hours)
        rows = await store.due(range(4), millis(walk.now), 10)
        assert sorted(row.id for row in rows) == expected
        await take(*(said_of(row, walk.now) for row in rows))
    assert [out.id for out in sends if getattr(out, "sequence", None)] == [f"{CLAIM}/1"] * 3
    assert REGISTRY.get_sample_value("claims_orphans_found_total") == found + 2
