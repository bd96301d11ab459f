"""What the engine itself fails on: three exits, each noted; then the batch in halves, and only what fails alone aside."""

# ruff: noqa: ARG002 - the engine gives its ports more than these take

import asyncio
from datetime import UTC, datetime

import pytest

from claims_shared.decoding import decode
from claims_shared.documents import Tally, Verdict
from claims_shared.engine import Abandoned, Cycled, Engine
from claims_shared.messages.catalog import DESK, INTAKE
from claims_shared.quarantine import EXITS, Suspects, spans, take
from claims_shared.wire import DeadLetter, Output, Record

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BODY = b'{"claim_id": "c1", "requested_at": "2026-11-24T12:00:00Z"}'


def message(offset, topic=INTAKE.name, partition=0):
    headers = {
        "ce_specversion": "1.0",
        "ce_id": f"m{offset}",
        "ce_source": "s",
        "ce_type": "claim.withdrawal-requested.v1",
        "ce_time": "2026-11-24T12:00:00Z",
    }
    return decode(
        Record(topic, partition, offset, b"c1", BODY, [(name, text.encode()) for name, text in headers.items()])
    )


def batch(*offsets):
    return [message(offset) for offset in offsets]


class Journal:
    """The broker: keeps what is produced."""

    def __init__(self):
        self.letters, self.answers = [], []

    async def produce(self, sends):
        self.letters += [each for each in sends if isinstance(each, DeadLetter)]
        self.answers += [each.id for each in sends if isinstance(each, Output)]

    async def breathe(self, seconds, why):
        raise AssertionError(why)


class Failing:
    """A processor that raises on batches for which `fails` says so; what it took is remembered."""

    def __init__(self, fails):
        self.fails, self.taken = fails, []

    async def process(self, batch, now, tally):
        names = [each.id for each in batch]
        if self.fails(set(names)):
            raise KeyError(names[0])
        self.taken += names
        tally.count([(Verdict.APPLIED, "") for _ in batch])
        return []

    def acknowledged(self):
        """Nothing is sent."""

    def forget(self):
        """Nothing is remembered."""

    def held_offsets(self):
        return {}


def refused(undecodable, _now):
    yield Output("refusals", "r", f"{undecodable.record.place}/refused", "c1", b"", 0, "s")


def engine(processor, journal):
    return Engine("orchestrator", journal, dict.fromkeys(INTAKE.streams, processor), lambda: NOW, refused)


async def suspected(records, exits=EXITS, fails=lambda _names: True):
    """What is known after so many processes left; each knows only what the one before it noted."""
    suspects, offset = Suspects(), records[0].record.offset
    for number in range(exits):
        with pytest.raises(KeyError):
            await take(engine(Failing(fails), Journal()), records, suspects)
        assert suspects.exits(records) == number + 1
        note = suspects.note((INTAKE.name, 0), offset)
        suspects = Suspects()
        suspects.read({(INTAKE.name, 0): note})
    return suspects


def poisoned(*names):
    return lambda taken: not taken.isdisjoint(names)


async def test_after_three_exits_only_the_record_that_fails_alone_is_put_aside():
    records, processor, journal = batch(*range(1, 12)), Failing(poisoned("m7")), Journal()
    suspects = await suspected(records)
    cycled = await take(engine(processor, journal), records, suspects)
    assert processor.taken == [f"m{n}" for n in range(1, 12) if n != 7]
    (letter,) = journal.letters
    assert (letter.record, letter.code, letter.attempts) == (records[6].record, "quarantined", EXITS)
    assert letter.reasons[0].startswith("KeyError at test_quarantine.py:")
    assert "m7" not in letter.reasons[0]
    assert journal.answers == [f"{records[6].record.place}/refused"]
    assert (cycled.records, cycled.tally.verdicts) == (11, {"applied": 10, "quarantined": 1})


async def test_several_that_fail_alone_are_all_put_aside():
    records, processor, journal = batch(*range(1, 9)), Failing(poisoned("m1", "m4", "m8")), Journal()
    await take(engine(processor, journal), records, await suspected(records))
    assert [each.record.offset for each in journal.letters] == [1, 4, 8]
    assert processor.taken == ["m2", "m3", "m5", "m6", "m7"]


async def test_what_fails_only_together_is_taken_apart():
    records, processor, journal = batch(1, 2, 3, 4), Failing(lambda names: {"m1", "m4"} <= names), Journal()
    await take(engine(processor, journal), records, await suspected(records))
    assert (journal.letters, processor.taken) == ([], ["m1", "m2", "m3", "m4"])


async def test_one_record_alone_is_put_aside():
    records, journal = batch(5), Journal()
    await take(engine(Failing(poisoned("m5")), journal), records, await suspected(records))
    assert [each.record.offset for each in journal.letters] == [5]


async def test_where_not_one_record_passes_none_is_to_blame():
    records, journal = batch(1, 2, 3), Journal()
    with pytest.raises(KeyError):
        await take(engine(Failing(lambda _names: True), journal), records, await suspected(records))
    assert journal.letters == []


@pytest.mark.parametrize("exits", [0, 1, 2])
async def test_before_that_whatever_the_engine_raises_ends_the_process(exits):
    records, journal = batch(1, 2), Journal()
    suspects = await suspected(records, exits)
    with pytest.raises(KeyError):
        await take(engine(Failing(poisoned("m1")), journal), records, suspects)
    assert suspects.exits(records) == exits + 1
    assert journal.letters == []


async def test_a_batch_that_is_given_up_is_no_failure():
    class GivenUp(Failing):
        async def process(self, batch, now, tally):
            raise Abandoned("rebalance")

    records = batch(1)
    for suspects in (Suspects(), await suspected(records)):
        known = suspects.exits(records)
        with pytest.raises(Abandoned):
            await take(engine(GivenUp(None), Journal()), records, suspects)
        assert suspects.exits(records) == known


def left(suspects, records):
    suspects.left(records, "KeyError")
    return suspects


def test_what_fails_again_lies_where_both_batches_do():
    suspects = left(left(Suspects(), batch(*range(10, 20))), batch(*range(15, 40)))
    assert suspects.exits(batch(15)) == 2
    assert suspects.exits(batch(10)) == suspects.exits(batch(20)) == 0
    assert left(suspects, batch(50)).exits(batch(50)) == 1


def test_a_note_stands_until_the_partition_is_past_it():
    suspects, place = left(Suspects(), batch(10, 11, 12)), (INTAKE.name, 0)
    assert suspects.note(place, 3) == suspects.note(place, 12) != ""
    assert suspects.note(place, 13) == suspects.note((DESK.name, 0), 10) == ""


def test_notes_of_others_say_nothing():
    suspects = Suspects()
    suspects.read({(INTAKE.name, 0): "", (INTAKE.name, 1): "theirs", (INTAKE.name, 2): '{"exits": "many"}'})
    assert suspects.exits([message(1, partition=each) for each in range(3)]) == 0


def test_each_partition_has_its_span():
    found = spans([message(3), message(5), message(4, partition=1), message(4)])
    assert found == {(INTAKE.name, 0): (3, 5), (INTAKE.name, 1): (4, 4)}


def test_parts_of_a_batch_add_up():
    tally = Tally()
    tally.count([(Verdict.APPLIED, "")])
    assert Cycled.of([Cycled(1, 2, 0, tally), Cycled(2, 0, 1, tally)]) == Cycled(
        3, 2, 1, Tally(tally.verdicts + tally.verdicts)
    )


async def test_cancelling_is_not_a_failure_of_the_record():
    class Slow(Failing):
        async def process(self, batch, now, tally):
            await asyncio.sleep(60)

    records, suspects = batch(1), Suspects()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await take(engine(Slow(None), Journal()), records, suspects)
    assert suspects.exits(records) == 0
