"""Records belong to the assignment under which the client handed them out, not to the one under which the poll began."""

from aiokafka import ConsumerRecord, TopicPartition

from claims_shared.messages.catalog import LIFECYCLE
from claims_shared.polled import Polled

HERE, THERE = TopicPartition(LIFECYCLE.name, 0), TopicPartition(LIFECYCLE.name, 1)


def records(place: TopicPartition, *offsets: int) -> dict[TopicPartition, list[ConsumerRecord]]:
    times = {
        "timestamp": 0,
        "timestamp_type": 0,
        "checksum": None,
        "serialized_key_size": 0,
        "serialized_value_size": 0,
    }
    return {
        place: [
            ConsumerRecord(place.topic, place.partition, offset, key=b"c", value=b"{}", headers=(), **times)
            for offset in offsets
        ]
    }


def read(polled: Polled) -> list[tuple[int, int]]:
    return [(each.record.partition, each.record.offset) for each in polled.decoded]


def test_what_comes_after_a_rebalance_is_the_new_assignments():
    polled = Polled(epoch=1, most=5)
    polled.add(3, records(HERE, 7))
    assert (polled.epoch, read(polled), polled.positions) == (3, [(0, 7)], {HERE: 8})


def test_what_came_before_a_rebalance_is_read_again_by_its_owner():
    polled = Polled(epoch=1, most=5)
    polled.add(1, records(HERE, 7))
    polled.add(3, records(THERE, 2))
    assert (read(polled), polled.positions) == ([(1, 2)], {THERE: 3})


def test_what_waits_its_turn_is_no_work_and_is_passed_all_the_same():
    polled = Polled(epoch=1, most=5, defers=lambda record: record.offset != 1)
    polled.add(1, records(HERE, 0, 1, 2))
    assert (polled.work, polled.room, polled.positions) == (1, 2, {HERE: 3})
    polled.add(2, records(THERE, 1))
    assert (polled.work, polled.deferred) == (1, 0)


def test_under_one_assignment_a_poll_fills_up():
    polled = Polled(epoch=1, most=5)
    polled.add(1, records(HERE, 0, 1))
    polled.add(1, records(THERE, 5))
    assert polled.room == 2
    assert polled.positions == {HERE: 2, THERE: 6}
