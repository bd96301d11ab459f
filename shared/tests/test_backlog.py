"""What waits unread: how much, since when, and how long it takes at the pace of the last minutes."""

import pytest
from aiokafka import TopicPartition
from prometheus_client import REGISTRY

from claims_shared.backlog import SPAN_SECONDS, Backlog, Pace
from claims_shared.lanes import by_class
from claims_shared.messages.catalog import INTAKE

HERE, THERE = TopicPartition(INTAKE.name, 0), TopicPartition(INTAKE.name, 1)


class Client:
    def __init__(self):
        self.ends, self.here = {HERE: 0, THERE: 0}, {HERE: 0, THERE: 0}

    async def end_offsets(self, places):
        return {place: self.ends[place] for place in places}

    async def position(self, place):
        return self.here[place]


@pytest.fixture
def told():
    client, reached = Client(), {}
    classes = by_class((place.topic, place) for place in (HERE, THERE))
    made = Backlog("test", lambda: client, lambda: classes, reached)

    async def look(now):
        await made.look(now)
        labels = {"service": "test", "class": "standard"}
        names = ("records", "age_seconds", "read_per_second", "drain_seconds")
        return [REGISTRY.get_sample_value(f"claims_backlog_{name}", labels) for name in names]

    return client, reached, look


async def test_nothing_waits(told):
    _, _, look = told
    assert await look(100.0) == [0, 0, 0, 0]


async def test_the_oldest_is_as_old_as_what_was_read_before_it(told):
    client, reached, look = told
    await look(90.0)
    client.ends[HERE], client.here[HERE], reached[HERE] = 500, 100, 95_000
    client.ends[THERE], client.here[THERE], reached[THERE] = 50, 0, 99_000
    assert await look(100.0) == [450, 5, 10, 45]


async def test_what_comes_after_a_long_rest_is_new_and_not_as_old_as_the_rest(told):
    client, reached, look = told
    client.ends[HERE] = client.here[HERE] = 7
    reached[HERE] = 1_000
    await look(5_000.0)
    client.ends[HERE] = 8
    assert (await look(5_005.0))[1] == 5


async def test_where_nothing_moves_it_is_never_done(told):
    client, _, look = told
    client.ends[HERE] = 10
    await look(0.0)
    assert await look(60.0) == [10, 60, 0, float("inf")]


def test_a_pace_is_that_of_the_last_minutes_and_another_s_count_begins_anew():
    pace = Pace()
    pace.note(0, 0)
    pace.note(SPAN_SECONDS, 1_000_000)
    pace.note(2 * SPAN_SECONDS, 1_000_300)
    assert pace.per_second == pytest.approx(300 / SPAN_SECONDS)
    pace.note(2 * SPAN_SECONDS + 1, 5)
    assert pace.per_second == 0
