"""What a service reads next, poll by poll: under any flood of urgent work the oldest standard claim goes in within its bound."""

import asyncio
from collections import Counter

import pytest
from aiokafka import ConsumerRecord, TopicPartition

from claims_shared.kafka import Consumption
from claims_shared.lanes import Class, by_class, class_of
from claims_shared.messages.catalog import IDENTITY_EVENTS, INTAKE
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.waiting_line import WaitingLine

STREAMS = (IDENTITY_EVENTS.name, *INTAKE.streams)
FLOOR = 5


class Broker:
    """The client: topics that always have more, and those of which so many records are left."""

    def __init__(self, endless, left=None):
        self.endless, self.left, self.given = endless, Counter(left or {}), Counter()
        self.keys = {}

    async def getmany(self, *places, timeout_ms, max_records):
        assert timeout_ms >= 0
        found = {}
        for place in places:
            more = max_records - sum(map(len, found.values()))
            count = more if place.topic in self.endless else min(more, self.left[place.topic])
            self.left[place.topic] -= count
            if count:
                found[place] = [self._record(place) for _ in range(count)]
        return found

    def _record(self, place):
        self.given[place.topic] += 1
        key = self.keys.get(self.given[place.topic], b"c")
        times = {"timestamp": 0, "timestamp_type": 0, "checksum": None}
        sizes = {"serialized_key_size": 0, "serialized_value_size": 0}
        return ConsumerRecord(
            place.topic, place.partition, self.given[place.topic], key=key, value=b"{}", headers=(), **times, **sizes
        )


def reading(broker, batch=500, *, is_open=True):
    settings = KafkaSettings(batch_records=batch, standard_floor=FLOOR)
    made = Consumption(settings, Producer(settings, "test", 1), lambda: broker)
    made.turns.classes = by_class((name, TopicPartition(name, 0)) for name in STREAMS)
    made.turns.standard_open = lambda: is_open
    return made


async def taken_in(made, polls):
    """Give which new work was taken in, in order."""
    new = []
    for _ in range(polls):
        new += [class_of(each.record.topic) for each in (await made.turns.poll()).decoded]
    return [each for each in new if each is not Class.ANSWERS]


@pytest.mark.parametrize("is_open", [True, False], ids=["open", "closed: urgent claims fill the window"])
@pytest.mark.parametrize("batch", [500, 7, 3, 1])
async def test_under_a_flood_of_urgent_claims_every_fifth_that_goes_in_is_standard(batch, is_open):
    broker = Broker({INTAKE.expedited}, {INTAKE.name: 10_000})
    new = await taken_in(reading(broker, batch, is_open=is_open), 4_000 // batch)
    before = [number for number, each in enumerate(new) if each is Class.STANDARD]
    assert before[0] < batch + FLOOR, "the oldest standard claim waits for one batch"
    for size in (100, len(new)):
        assert new[:size].count(Class.STANDARD) >= size // FLOOR - batch


@pytest.mark.parametrize("others", [499, 497, 100])
async def test_so_it_is_where_answers_leave_hardly_any_room(others):
    class Busy(Broker):
        async def getmany(self, *places, timeout_ms, max_records):
            if places[0].topic == IDENTITY_EVENTS.name:
                self.left[IDENTITY_EVENTS.name] = others
            return await super().getmany(*places, timeout_ms=timeout_ms, max_records=max_records)

    broker = Busy({INTAKE.expedited}, {INTAKE.name: 10_000})
    new = await taken_in(reading(broker), 100)
    assert new.count(Class.STANDARD) * FLOOR >= len(new) - FLOOR


async def test_urgent_work_goes_in_however_many_answers_wait():
    broker = Broker({IDENTITY_EVENTS.name, INTAKE.name}, {INTAKE.expedited: 30})
    new = Counter(await taken_in(reading(broker), 2))
    assert new == {Class.EXPEDITED: 30, Class.STANDARD: 7}, "and what the floor earns by it"


async def test_urgent_answers_go_ahead_of_those_that_wait_and_none_is_left_out():
    broker, urgent = Broker(set(), {IDENTITY_EVENTS.name: 25}), {b"urgent"}
    broker.keys = {18: b"urgent", 21: b"urgent"}
    made = reading(broker, batch=10)
    made.turns.line = WaitingLine(urgent)
    place = TopicPartition(IDENTITY_EVENTS.name, 0)
    first = await made.turns.poll()
    assert [each.record.offset for each in first.decoded] == [18, 21, *range(1, 9)]
    assert first.positions == {place: 9}
    urgent.clear()
    broker.left[IDENTITY_EVENTS.name] = 5
    then = [each.record.offset for _ in range(3) for each in (await made.turns.poll()).decoded]
    assert then == [each for each in range(9, 26) if each not in {18, 21}] + list(range(26, 31))


async def test_answers_are_not_read_before_their_turn_where_nothing_is_urgent():
    broker = Broker(set(), {IDENTITY_EVENTS.name: 25})
    made = reading(broker, batch=10)
    made.turns.line = WaitingLine(set())
    await made.turns.poll()
    assert (broker.left[IDENTITY_EVENTS.name], len(made.turns.line)) == (15, 0)


async def test_where_the_engine_fails_nothing_is_committed_past_what_waits():
    broker = Broker(set(), {IDENTITY_EVENTS.name: 25})
    broker.keys = {18: b"urgent"}
    made = reading(broker, batch=1)
    made.turns.line = WaitingLine({b"urgent"})

    class Failing:
        async def take(self, _batch):
            raise ValueError("a defect")

    committed = []
    made._commit = lambda: committed.append(dict(made._positions)) or asyncio.sleep(0)
    polled = await made.turns.poll()
    with pytest.raises(ValueError, match="a defect"):
        await made._cycled(Failing(), polled)
    assert committed == [{TopicPartition(IDENTITY_EVENTS.name, 0): 1}]


async def test_a_closed_window_takes_nothing_standard_where_nothing_urgent_comes():
    broker = Broker({IDENTITY_EVENTS.name}, {INTAKE.name: 10})
    assert await taken_in(reading(broker, is_open=False), 10) == []
    quiet = Broker(set(), {INTAKE.name: 10})
    assert await taken_in(reading(quiet, is_open=False), 2) == []


async def test_what_nobody_urgent_takes_is_standard_s_and_the_other_way_round():
    assert await taken_in(reading(Broker({INTAKE.name})), 2) == [Class.STANDARD] * 1_000
    urgent = await taken_in(reading(Broker({INTAKE.expedited})), 2)
    assert (set(urgent), len(urgent) >= 800) == ({Class.EXPEDITED}, True)


async def test_deferred_work_is_told_how_much_other_new_work_there_was_and_answers_are_none():
    told = []
    broker = Broker(set(), {INTAKE.name: 3})
    made = reading(broker)
    made.turns.deferred_room = lambda taken: told.append(taken) or 0
    await made.turns.poll()
    broker.left[IDENTITY_EVENTS.name] = 50
    await made.turns.poll()
    await made.turns.poll()
    assert told == [3, 0, 0]


async def test_deferred_work_comes_last_and_no_more_than_there_is_room_for():
    broker = Broker({INTAKE.deferred}, {INTAKE.name: 2, INTAKE.expedited: 1})
    made = reading(broker)
    made.turns.deferred_room = lambda _taken: 4
    assert await taken_in(made, 1) == [Class.EXPEDITED, *[Class.STANDARD] * 2, *[Class.DEFERRED] * 4]


async def test_what_is_beyond_a_quota_is_passed_and_no_floor_counts_it():
    broker = Broker({INTAKE.expedited}, {INTAKE.name: 10_000})
    made = reading(broker, batch=10)
    made.turns.defers = lambda record: record.topic == INTAKE.name and record.offset % 10 != 0
    new = await taken_in(made, 200)
    assert new.count(Class.EXPEDITED) >= 1_000
