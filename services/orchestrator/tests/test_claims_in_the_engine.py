"""The orchestrator's decider under the real fold: what the store sees, what goes aside, what a crash must not lose."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from claim_walk import CLAIM, START, Walk, evidence_needed, failed, submitted, verified, withdrawal

from claims_orchestrator import queues
from claims_orchestrator.claim import Claim
from claims_orchestrator.overdue import expired
from claims_orchestrator.process import Clocks
from claims_orchestrator.store import SHAPE, ClaimDecider, answer_undecodable
from claims_orchestrator.window import Window
from claims_shared.decoding import decode
from claims_shared.documents import Documents, Tally
from claims_shared.engine import Engine
from claims_shared.memory import MemoryStore
from claims_shared.messages.catalog import IDENTITY_EVENTS, INTAKE, REFUSALS
from claims_shared.ports import StoreUnavailable
from claims_shared.wire import DeadLetter, Output, Record, millis


async def nobody(_assigned):
    return 0


class Desk:
    """One orchestrator: the walk's claim is what its store holds."""

    def __init__(self, rows=None, topic=None):
        self.rows, self.topic = rows if rows is not None else {}, topic if topic is not None else []
        self.store = MemoryStore(SHAPE, rows=self.rows)
        self.window = Window(10, 4, nobody)
        self.decider = ClaimDecider(Clocks(), self.window)
        self.documents = Documents(self.decider, self.store, writer="w", partitions=4)
        self.walk = Walk()

    async def write(self, *said):
        """Without producing."""
        sends = []
        for each in said:
            message = each if not callable(each) else each(self.walk)
            sends += await self.documents.process([message], self.walk.now, Tally())
            self.walk.claim = self.claim
        return sends

    async def take(self, *said):
        self.topic += await self.write(*said)
        self.documents.acknowledged()

    @property
    def claim(self):
        return msgspec.msgpack.decode(self.rows[CLAIM].body, type=Claim) if self.rows else None


async def test_the_store_sees_what_lists_filter_by():
    desk = Desk()
    await desk.take(submitted())
    assert desk.rows[CLAIM].fields == {
        "phase": "open",
        "step": "identity",
        "owner": "identity",
        "in_flight": True,
        "too_long": False,
        "clock": None,
        "updated_at": millis(START),
        **dict.fromkeys(queues.FIELDS),
    }
    await desk.take(evidence_needed)
    assert (desk.rows[CLAIM].fields["owner"], desk.rows[CLAIM].fields["in_flight"]) == ("claimant", False)


async def test_the_window_counts_claims_in_machines_hands():
    desk = Desk()
    await desk.take(submitted())
    assert desk.window.in_flight == 1
    await desk.take(failed("identity"))
    assert desk.window.in_flight == 0


async def test_a_full_window_closes_and_a_replica_has_its_share():
    window = Window(8, 4, nobody)
    await window.recount(frozenset({0, 1}))
    for _ in range(4):
        assert window.open()
        window.moved(before=False, after=True)
    assert not window.open()
    await window.recount(frozenset())
    assert window.open()


async def test_nothing_new_is_taken_in_before_a_store_that_is_away_has_told_what_is_in_flight():
    answers = iter([StoreUnavailable("away"), 3])

    async def count(_owned):
        answer = next(answers)
        if isinstance(answer, StoreUnavailable):
            raise answer
        return answer

    window = Window(8, 4, count)
    await window.assigned(frozenset({0, 1}))
    assert not window.open()
    counting = asyncio.create_task(window.keep_counted(lambda: frozenset({0, 1})))
    async with asyncio.timeout(5):
        while not window.open():
            await asyncio.sleep(0)
    counting.cancel()
    assert window.in_flight == 3


async def test_a_redelivered_submission_after_a_crash_sends_what_it_caused():
    first = Desk()
    message = submitted()(first.walk)
    await first.write(message)
    second = Desk(first.rows)
    await second.take(message)
    assert [out.id for out in second.topic] == [f"{CLAIM}/1", f"{CLAIM}/identity/1/1"]
    assert second.claim.version == 1


async def test_what_waited_in_vain_is_given_back_even_if_we_crash_while_we_do_it():
    """The wait's end is our own message: nobody redelivers it."""
    first = Desk()
    await first.take(withdrawal)
    later = START + timedelta(days=1)
    first.walk.now = later
    await first.write(expired(CLAIM, later))
    second = Desk(first.rows)
    for _ in range(4):
        due = await second.store.due(range(4), millis(second.walk.now), 10)
        await second.take(*(expired(row.id, second.walk.now) for row in due))
        second.walk.now = later = later + timedelta(minutes=6)
    letter, refusal = second.topic
    assert isinstance(letter, DeadLetter)
    assert (letter.code, refusal.topic) == ("claim_never_came", REFUSALS.name)
    assert (second.claim.inbox, second.claim.outbox, second.claim.awaited_until) == ((), (), None)


async def test_a_refused_submission_goes_aside_and_its_sender_hears_why():
    desk = Desk()
    await desk.take(submitted(), verified, submitted(portal_ref="UT-2"))
    letter, refusal = desk.topic[-2:]
    assert letter.code == "claim_id_taken"
    assert refusal.topic == REFUSALS.name
    assert b"900-12-3456" not in refusal.body


@pytest.mark.parametrize(("topic", "answered"), [(INTAKE.name, True), (IDENTITY_EVENTS.name, False)])
async def test_what_cannot_be_read_is_answered_where_somebody_outside_sent_it(topic, answered):
    produced = []

    class Log:
        async def produce(self, sends):
            produced.extend(sends)

    desk = Desk()
    engine = Engine("orchestrator", Log(), {topic: desk.documents}, lambda: START, answer_undecodable)
    await engine.take([decode(Record(topic, 2, 7, CLAIM.encode(), b'{"ssn": "900-12-3456"', [("ce_id", b"m1")]))])
    assert isinstance(produced[0], DeadLetter)
    assert [out.id for out in produced[1:] if isinstance(out, Output)] == [f"{topic}/2/7/refused"] * answered
    assert all(b"900-12-3456" not in out.body for out in produced[1:])
