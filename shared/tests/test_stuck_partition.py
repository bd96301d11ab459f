"""A record that the client library cannot decode: who else was read meanwhile loses nothing, and it is got past."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaConnectionError, KafkaError
from hand_made import ODD, batch, produce, with_broken_name
from reading_service import Service, Taking, record

from claims_shared.messages.catalog import DESK
from claims_shared.raw_batches import RawBatch
from claims_shared.standing import SILENT_ASKS, SILENT_SECONDS, CarefulReader
from claims_shared.wire import Undecodable

A, B, C = (TopicPartition(DESK.name, number) for number in range(3))


class Client:
    """As aiokafka does: a call that raises has counted as read what it had in hand, also of other partitions."""

    def __init__(self, broken=None, away=None, ends=None):
        self.broken, self.away = broken or {}, away
        self.ends = ends or {A: 10, B: 10, C: 10}
        self.at = dict.fromkeys((A, B, C), 0)

    async def getmany(self, *places, timeout_ms=0, max_records=500):
        await asyncio.sleep(timeout_ms / 1000)
        if self.away:
            raise self.away
        found = {}
        for place in places or (A, B, C):
            while self.at[place] < self.ends[place] and sum(map(len, found.values())) < max_records:
                if self.at[place] == self.broken.get(place):
                    raise CorruptRecordException
                found.setdefault(place, []).append(SimpleNamespace(offset=self.at[place]))
                self.at[place] += 1
        return found

    async def committed(self, place):
        return {A: 2}.get(place)

    async def position(self, place):
        return self.at[place]

    async def end_offsets(self, places):
        return {place: self.ends[place] for place in places}

    async def seek_to_beginning(self, place):
        self.at[place] = 0

    def seek(self, place, offset):
        self.at[place] = offset


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


class Reading:
    """A reader over a client, with everything that it handed out."""

    def __init__(self, client):
        self.client, self.clock, self.said = client, Clock(), []
        self.reader = CarefulReader(lambda: client, self.clock)
        self.reader.changed = lambda standing: self.said.append([each.named for each in standing])
        self.taken = {A: [], B: [], C: []}

    async def read(self, times=1, places=(A, B, C), limit=500):
        for _ in range(times):
            await self.reader.read(places, limit, 0, self.take)

    def take(self, found):
        for place, records in found.items():
            self.taken[place] += [each.offset for each in records]


async def test_nobody_loses_what_the_client_had_in_hand_when_it_raised():
    reading = Reading(Client(broken={C: 7}))
    reading.client.at[A] = 2  # where the group begins
    await reading.read(3)
    assert reading.taken == {A: list(range(2, 10)), B: list(range(10)), C: list(range(7))}
    (standing,) = reading.reader.standing
    assert standing.named == f"{DESK.name}/2/7 cannot be read (CorruptRecordException)"
    assert reading.said == [[standing.named]]


async def test_what_was_handed_out_is_not_handed_out_again():
    reading = Reading(Client(broken={B: 5}, ends={A: 4, B: 4, C: 4}))
    await reading.read()
    reading.client.ends = {A: 8, B: 8, C: 8}
    await reading.read(3)
    assert reading.taken == {A: list(range(8)), B: list(range(5)), C: list(range(8))}


async def test_the_others_are_read_together_again_once_it_is_known_who_stands():
    reading = Reading(Client(broken={B: 0}))
    await reading.read(2)
    reading.clock.now += 10
    await reading.read()
    assert not reading.reader._now.apart
    reading.client.ends = {A: 30, B: 30, C: 30}
    await reading.read()
    assert (len(reading.taken[A]), reading.taken[B], len(reading.taken[C])) == (28, [], 30)


async def test_what_is_no_matter_of_a_record_is_raised():
    for error in (KafkaConnectionError(), KafkaError("the fetcher is gone")):
        with pytest.raises(KafkaError):
            await Reading(Client(away=error)).read()


async def test_a_partition_that_is_asked_in_vain_stands_still_too():
    reading = Reading(Client())
    reading.client.getmany = nothing
    for asks, seconds in ((0, 0), (SILENT_ASKS, 0), (0, SILENT_SECONDS)):
        await reading.read(asks)
        reading.clock.now += seconds
        assert not reading.reader.standing
        await reading.reader.look([(A, B, C)])
    assert [each.place for each in reading.reader.standing] == [A, B, C]
    assert "gives nothing" in reading.said[-1][0]


async def test_who_has_read_everything_or_is_not_asked_does_not_stand():
    reading = Reading(Client(ends={A: 0, B: 0, C: 0}))
    for _ in range(4):
        reading.clock.now += SILENT_SECONDS
        await reading.read(SILENT_ASKS)
        await reading.reader.look([(A, B, C), ()])
    reading.client.ends = {A: 5, B: 5, C: 5}
    for _ in range(4):
        reading.clock.now += SILENT_SECONDS
        await reading.reader.look([(A, B, C)])
    assert not reading.reader.standing


async def nothing(*_places, **_options):
    return {}


class ByHand:
    def __init__(self, content, last, *, skipped=False):
        self.content, self.last, self.may = content, last, skipped

    async def batch(self, _place, offset):
        return None if self.content is None else RawBatch(offset - 1, self.last, self.content)

    async def skipped(self, place, first, last):
        return self.may and (place, first, last) == (A, 3, self.last)


async def standing_at_three():
    reading = Reading(Client(broken={A: 3}))
    await reading.read(2, places=(A,))
    assert reading.taken[A] == [2]
    return reading


async def test_what_can_be_read_by_hand_is_taken_from_there_on():
    reading = await standing_at_three()
    await reading.reader.help(ByHand(batch([record("m2"), record("m3"), record("m4")], base=2), 4))
    ((place, found, behind),) = reading.reader.helped([A])
    assert (place, [each.offset for each in found], behind, reading.client.at[A]) == (A, [3, 4], 5, 5)
    assert (list(reading.reader.standing), reading.said[-1]) == ([], [])


@pytest.mark.parametrize(("content", "last", "says"), [(b"\0" * 80, 6, "format"), (None, 3, "no whole batch")])
async def test_what_cannot_is_put_aside_only_where_an_operator_says_so(content, last, says):
    reading = await standing_at_three()
    await reading.reader.help(ByHand(content, last))
    assert list(reading.reader.helped([A])) == []
    await reading.reader.help(ByHand(content, last, skipped=True))
    ((_, (aside,), behind),) = reading.reader.helped([A])
    assert isinstance(aside, Undecodable)
    assert (aside.record.place, aside.record.value, aside.code, behind) == (
        f"{A.topic}/0/3",
        content,
        "quarantined",
        last + 1,
    )
    assert says in aside.reasons[0]
    assert aside.extra == {"dlq_raw": "batch" if content else "none"}


async def test_while_the_broker_is_away_it_stands():
    class Away(ByHand):
        async def batch(self, _place, _offset):
            raise KafkaConnectionError

    reading = await standing_at_three()
    await reading.reader.help(Away(None, 3))
    assert (len(reading.reader.standing), list(reading.reader.helped([A]))) == (1, [])


async def test_with_another_assignment_everything_is_forgotten():
    reading = await standing_at_three()
    reading.reader.forget()
    assert (list(reading.reader.standing), reading.said[-1]) == ([], [])


async def test_on_a_real_broker_a_broken_header_name_is_got_past_and_nobody_loses_anything(kafka):
    service, processor = Service(kafka, "broken-name"), Taking()
    await service.create()
    await service.publish("before", partition=2)
    odd = [record(name, 2) for name in ("odd-1", "odd-2", "odd-3")]
    odd[1].headers.append((ODD, b"x"))
    raw = with_broken_name(batch(odd))
    assert await produce(kafka, DESK.name, 2, raw) >= 1
    await service.publish("after", partition=2)
    await service.publish(*(f"other-{number}" for number in range(50)), partition=1)
    async with service.running(processor) as (consumption, _):
        await processor.has("before", "odd-1", "odd-2", "odd-3", "after", *(f"other-{number}" for number in range(50)))
        assert not consumption.turns.reader.standing
    mine = [name for name in processor.taken if name in {"before", "after"} or name.startswith("odd")]
    assert mine == ["before", "odd-1", "odd-2", "odd-3", "after"]
