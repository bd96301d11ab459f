"""Records belong to the assignment under which the client handed them out, not to the one under which the poll began."""

from aiokafka import TopicPartition

from claims_shared.kafka import MAX_RECORDS, _Polled

HERE, THERE = TopicPartition("t", 0), TopicPartition("t", 1)


def test_what_comes_after_a_rebalance_is_the_new_assignments():
    polled = _Polled(epoch=1)
    polled.add(3, {HERE: ["first of the new assignment"]})
    assert (polled.epoch, polled.records) == (3, {HERE: ["first of the new assignment"]})


def test_what_came_before_a_rebalance_is_read_again_by_its_owner():
    polled = _Polled(epoch=1)
    polled.add(1, {HERE: ["old"]})
    polled.add(3, {THERE: ["new"]})
    assert polled.records == {THERE: ["new"]}


def test_under_one_assignment_a_poll_fills_up():
    polled = _Polled(epoch=1)
    polled.add(1, {HERE: ["a", "b"]})
    polled.add(1, {THERE: ["c"]})
    assert polled.room == MAX_RECORDS - 3
