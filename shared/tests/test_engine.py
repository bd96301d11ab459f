"""The cycle over its ports: what cannot be read goes aside, an outage repeats the batch, a batch given up leaves no trace."""

import itertools
from datetime import UTC, datetime

import pytest

from claims_shared.decoding import decode
from claims_shared.documents import Tally, Verdict
from claims_shared.engine import Abandoned, Engine, backoff
from claims_shared.messages.catalog import DESK, IDENTITY_EVENTS, INTAKE
from claims_shared.ports import StoreUnavailable
from claims_shared.wire import Copy, DeadLetter, Deferred, Output, Record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = b'{"claim_id": "c1", "requested_at": "2026-11-24T12:00:00Z"}'
WITHDRAWAL = "claim.withdrawal-requested.v1"
STREAMS = (*INTAKE.streams, IDENTITY_EVENTS.name, DESK.name)


def record(value=BODY, wire=WITHDRAWAL, topic=INTAKE.name, offset=1):
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"m{offset}",
        "ce_source": "s",
        "ce_type": wire,
        "ce_time": "2026-11-24T12:00:00Z",
    }
    return Record(topic, 0, offset, b"c1", value, [(name, text.encode()) for name, text in headers.items()])


def out(name):
    return Output("journal", "noted", name, "c1", b"", 0, "k")


class Memory:
    """The broker: keeps what is produced; may be told to give the next batch up."""

    def __init__(self):
        self.produced, self.breaths = [], []
        self.abandons_at = None

    async def produce(self, sends):
        if self.abandons_at == "produce":
            raise Abandoned("stop")
        self.produced.append([each.id if isinstance(each, Output) else each.code for each in sends])

    async def breathe(self, seconds, why):
        self.breaths.append((seconds, why))
        if self.abandons_at == "breathe":
            raise Abandoned(why)


class Noting:
    """A processor: answers every message with its id; the store is away for the first calls."""

    def __init__(self, away=0, held=None):
        self.batches, self.acknowledgements, self.forgotten = [], 0, 0
        self.away, self.held = away, held or {}

    async def process(self, batch, now, tally):
        assert now == NOW
        self.batches.append([message.id for message in batch])
        tally.count([(Verdict.APPLIED, "") for _ in batch])
        if self.away:
            self.away -= 1
            raise StoreUnavailable("gone")
        return [out(message.id) for message in batch]

    def acknowledged(self):
        self.acknowledgements += 1

    def forget(self):
        self.forgotten += 1

    def held_offsets(self):
        return self.held


def answered(undecodable, _now):
    yield out(f"{undecodable.record.place}/refused")


def engine(log, processor, *, desk=None, answer=answered):
    processors = dict.fromkeys(STREAMS, processor) | ({DESK.name: desk} if desk else {})
    return Engine("orchestrator", log, processors, lambda: NOW, answer)


async def cycle(running, records):
    return await running.take([decode(each) for each in records])


async def test_a_batch_is_processed_produced_and_acknowledged():
    log, processor = Memory(), Noting()
    cycled = await cycle(engine(log, processor), [record(), record(offset=2)])
    assert (processor.batches, log.produced, processor.acknowledgements) == ([["m1", "m2"]], [["m1", "m2"]], 1)
    assert (cycled.records, cycled.sent, cycled.unknown, cycled.tally.verdicts) == (2, 2, 0, {"applied": 2})


async def test_what_cannot_be_read_goes_aside_with_an_answer_and_the_rest_goes_on():
    log, processor = Memory(), Noting()
    cycled = await cycle(
        engine(log, processor), [record(b"{"), record(offset=2), record(wire="claim.unheard-of.v1", offset=3)]
    )
    aside = ["not_json", f"{INTAKE.name}/0/1/refused", "unknown_type", f"{INTAKE.name}/0/3/refused"]
    assert log.produced == [[*aside, "m2"]]
    assert cycled.tally.verdicts == {"dead_lettered": 2, "applied": 1}
    assert cycled.tally.reasons == {"dead_lettered:not_json": 1, "dead_lettered:unknown_type": 1}


async def test_what_must_wait_its_turn_is_handed_on_before_anything_is_committed_and_nobody_reads_it():
    kept = []

    class Keeping(Memory):
        async def produce(self, sends):
            kept.extend(sends)

    late, processor = record(b"not even JSON", offset=7), Noting()
    cycled = await engine(Keeping(), processor).take([Deferred(late), decode(record())])
    copy = next(each for each in kept if isinstance(each, Copy))
    assert copy.topic == INTAKE.deferred
    assert (copy.record.key, copy.record.value, copy.record.headers) == (late.key, late.value, late.headers)
    assert (processor.batches, cycled.tally.verdicts) == ([["m1"]], {"deferred": 1, "applied": 1})


async def test_a_batch_given_up_hands_nothing_on():
    log = Memory()
    log.abandons_at = "produce"
    with pytest.raises(Abandoned):
        await engine(log, Noting()).take([Deferred(record())])
    assert log.produced == []


async def test_an_unknown_event_is_skipped_and_counted():
    log, processor = Memory(), Noting()
    cycled = await cycle(engine(log, processor), [record(wire="identity.unheard-of.v1", topic=IDENTITY_EVENTS.name)])
    assert (cycled.unknown, log.produced, processor.batches) == (1, [], [])


async def test_a_dead_letter_is_the_record_as_it_came():
    kept = []

    class Keeping(Memory):
        async def produce(self, sends):
            kept.extend(sends)

    broken = record(b"\xff")
    await cycle(engine(Keeping(), Noting()), [broken])
    letter = next(each for each in kept if isinstance(each, DeadLetter))
    assert letter.record is broken
    assert letter.topic == f"{INTAKE.name}.dlq.claims.orchestrator"


async def test_while_the_store_is_away_the_same_batch_comes_again_and_counts_once():
    log, processor = Memory(), Noting(away=3)
    cycled = await cycle(engine(log, processor), [record()])
    assert processor.batches == [["m1"]] * 4
    assert log.breaths == [(0.1, "store: gone"), (0.2, "store: gone"), (0.4, "store: gone")]
    assert (log.produced, cycled.tally.verdicts) == ([["m1"]], {"applied": 1})


@pytest.mark.parametrize(("point", "away"), [("breathe", 1), ("produce", 0)])
async def test_a_batch_that_is_given_up_acknowledges_nothing(point, away):
    log, processor = Memory(), Noting(away=away)
    log.abandons_at = point
    with pytest.raises(Abandoned):
        await cycle(engine(log, processor), [record()])
    assert (processor.acknowledgements, log.produced) == (0, [])


async def test_what_was_given_up_is_not_acknowledged_with_the_next_batch_that_holds_nothing_of_its_kind():
    """It is unsent: acknowledged, nobody would send it when its records come again."""
    log, processor = Memory(), Noting()
    log.abandons_at = "produce"
    running = engine(log, processor)
    with pytest.raises(Abandoned):
        await cycle(running, [record()])
    log.abandons_at = None
    await cycle(running, [record(b"{", offset=2)])
    assert (len(log.produced), processor.acknowledgements) == (1, 0)
    await cycle(running, [record()])
    assert (log.produced[1:], processor.acknowledgements) == ([["m1"]], 1)


async def test_what_the_engine_cannot_explain_ends_the_cycle_uncommitted():
    class Failing(Noting):
        async def process(self, *_batch):
            raise KeyError

    log, processor = Memory(), Failing()
    with pytest.raises(KeyError):
        await cycle(engine(log, processor), [record()])
    assert (processor.acknowledgements, log.produced) == (0, [])


async def test_each_topic_has_its_processor_and_each_processor_is_told_once():
    submissions, desk = Noting(held={("a", 0): 5}), Noting(held={("b", 1): 7})
    running = engine(Memory(), submissions, desk=desk)
    held = b'{"claim_id": "c1", "reason": "r", "expedited_by": "G", "expedited_at": "2026-11-24T12:00:00Z"}'
    await cycle(
        running, [record(), record(held, "claim.expedited.v1", DESK.name, 2), record(topic=INTAKE.expedited, offset=3)]
    )
    assert (submissions.batches, desk.batches) == ([["m1", "m3"]], [["m2"]])
    running.forget()
    assert [(each.acknowledgements, each.forgotten) for each in (submissions, desk)] == [(1, 1), (1, 1)]
    assert running.held_offsets() == {("a", 0): 5, ("b", 1): 7}


async def test_an_empty_batch_sends_nothing():
    log = Memory()
    cycled = await cycle(engine(log, Noting()), [])
    assert (cycled.records, cycled.sent, log.produced) == (0, 0, [])


def test_waits_grow_to_a_cap():
    assert list(itertools.islice(backoff(), 8)) == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_tallies_add_up():
    total = Tally()
    for _ in range(2):
        part = Tally(lost=1)
        part.count([(Verdict.IGNORED, "heard"), (Verdict.APPLIED, "")])
        total.add(part)
    assert (total.verdicts, total.reasons, total.lost) == ({"ignored": 2, "applied": 2}, {"ignored:heard": 2}, 2)
