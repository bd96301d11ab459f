"""Urgent answers go ahead of others, and nobody's offset passes a record that still waits."""

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from claims_shared.messages.catalog import DESK, IDENTITY_EVENTS
from claims_shared.polled import Polled
from claims_shared.waiting_line import WaitingLine
from claims_shared.wire import Record, Undecodable

HERE, THERE = TopicPartition(IDENTITY_EVENTS.name, 0), TopicPartition(IDENTITY_EVENTS.name, 1)


def raw(place, offset, key):
    sizes = {"serialized_key_size": 0, "serialized_value_size": 0}
    times = {"timestamp": 1_000 + offset, "timestamp_type": 0, "checksum": None}
    return ConsumerRecord(place.topic, place.partition, offset, key=key, value=b"{}", headers=(), **times, **sizes)


def line_of(urgent, **partitions):
    """`here`, `there`: a letter a record, which is its key."""
    made = WaitingLine(urgent)
    for place, keys in ((HERE, partitions.get("here", "")), (THERE, partitions.get("there", ""))):
        if keys:
            made.add(1, {place: [raw(place, offset, key.encode()) for offset, key in enumerate(keys)]})
    return made


def moved(line, room, epoch=1):
    polled = Polled(epoch, room)
    line.move(polled)
    return polled


def keys(polled):
    return b"".join(each.record.key for each in polled.decoded).decode()


def test_what_is_urgent_goes_first_and_the_others_fill_what_is_left():
    line = line_of({b"u"}, here="abcucu")
    first = moved(line, 3)
    assert (keys(first), first.positions) == ("uua", {HERE: 1})
    assert (keys(moved(line, 3)), len(line)) == ("bcc", 0)


def test_the_offset_stays_at_the_first_that_waits_and_passes_the_last_once_all_went():
    line = line_of({b"u"}, here="abu", there="uc")
    first = moved(line, 2)
    assert (keys(first), first.positions) == ("uu", {HERE: 0, THERE: 1})
    assert moved(line, 9).positions == {HERE: 3, THERE: 2}


def test_a_claims_own_records_keep_their_order():
    line = line_of({b"u"}, here="auu")
    polled = moved(line, 1)
    assert [each.record.offset for each in polled.decoded] == [1]
    assert [each.record.offset for each in moved(line, 1).decoded] == [2]


def test_the_desk_goes_ahead():
    line, desk = WaitingLine({b"u"}), TopicPartition(DESK.name, 0)
    line.add(1, {HERE: [raw(HERE, 0, b"a")]})
    line.add(1, {desk: [raw(desk, 7, b"b")]})
    assert keys(moved(line, 1)) == "b"


def test_records_need_not_be_read_before_their_turn_where_nothing_is_urgent():
    urgent = set()
    line = line_of(urgent)
    assert not line.wanted
    urgent.add(b"u")
    assert line.wanted
    line.add(1, {HERE: [raw(HERE, 0, b"a"), raw(HERE, 1, b"b")]})
    urgent.clear()
    assert line.wanted, "what waits must be taken before what is read behind it"
    moved(line, 1)
    moved(line, 1)
    assert not line.wanted


def test_what_was_read_under_another_assignment_is_gone():
    line = line_of({b"u"}, here="ab")
    line.add(2, {THERE: [raw(THERE, 4, b"c")]})
    polled = moved(line, 9)
    assert (keys(polled), polled.positions, polled.epoch) == ("c", {THERE: 5}, 2)
    line.add(2, {THERE: [raw(THERE, 5, b"c")]})
    line.forget()
    assert (keys(moved(line, 9)), len(line)) == ("", 0)


def test_what_was_read_by_hand_waits_like_the_others_up_to_the_offset_behind_it():
    line = line_of({b"u"})
    unreadable = Undecodable(Record(*HERE, 0, None, b"raw", ()), "quarantined", ("why",))
    line.take(1, HERE, [unreadable, Record(*HERE, 3, b"u", b"{}", ())], 8)
    first = moved(line, 1)
    assert (first.decoded[0].record.offset, first.positions) == (3, {HERE: 0})
    assert moved(line, 1).positions == {HERE: 8}


@pytest.mark.parametrize("room", [1, 2, 5])
@given(here=st.text("abuv", max_size=20), there=st.text("abuv", max_size=20))
def test_everything_is_taken_once_and_no_offset_passes_what_waits(here, there, room):
    line = line_of({b"u", b"v"}, here=here, there=there)
    waiting = {(place, offset) for place, keys in ((HERE, here), (THERE, there)) for offset in range(len(keys))}
    while len(line):
        polled = moved(line, room)
        taken = {
            (TopicPartition(each.record.topic, each.record.partition), each.record.offset) for each in polled.decoded
        }
        assert taken <= waiting
        assert taken
        waiting -= taken
        for place, position in polled.positions.items():
            assert all(offset >= position for other, offset in waiting if other == place)
    assert not waiting
