"""Whose answers go ahead, and how short batches are while they are under way."""

import pytest
from claim_walk import Walk, expedited, failed, submitted, verified

from claims_orchestrator.haste import MANY, Haste

KEY = b"C-1"


@pytest.fixture
def haste():
    return Haste(few=100, all_records=500)


@pytest.mark.parametrize(
    ("story", "urgent"),
    [
        ([submitted()], False),
        ([submitted(hardship="eviction")], True),
        ([submitted(hardship="eviction"), verified], True),
        ([submitted(), expedited], True),
        ([submitted(hardship="eviction"), failed("identity")], False),
        ([submitted(), failed("identity"), expedited], False),
    ],
    ids=["standard", "urgent", "urgent, later", "expedited by a person", "waits for a retry", "expedited, waits"],
)
def test_an_urgent_claim_goes_ahead_while_machines_are_at_work_on_it(haste, story, urgent):
    walk = Walk()
    for said in story:
        haste.moved(walk.claim, walk.through(said).claim)
    assert (KEY in haste.keys, haste.batch()) == (urgent, 100 if urgent else 500)


def test_batches_are_whole_again_where_more_are_urgent_than_one_holds(haste):
    haste.keys |= {f"c{number}".encode() for number in range(MANY)}
    assert haste.batch() == 100
    haste.keys.add(b"one more")
    assert haste.batch() == 500


def test_claims_of_other_partitions_are_somebody_else_s(haste):
    haste.moved(None, Walk().through(submitted(hardship="eviction")).claim)
    keys = haste.keys
    haste.assigned()
    assert (keys, haste.batch()) == (set(), 500)


def test_a_short_batch_is_never_longer_than_any_other():
    haste = Haste(few=100, all_records=7)
    haste.keys.add(KEY)
    assert haste.batch() == 7
