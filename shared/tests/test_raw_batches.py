"""Batches read by hand: what the client would read is read the same, what it would not is read or refused, never guessed."""

import struct

import pytest
from hand_made import BROKEN, CODECS, ODD, batch, signed, with_broken_name

from claims_shared.raw_batches import CRC_FROM, HEAD, RawBatch, Unreadable, batch_at, records
from claims_shared.wire import Record

PLACE = ("claims.desk.submissions.v1", 3)


def record(number, **changes):
    plain = {"key": b"c1", "value": b"{}" * 50, "headers": [("ce_id", str(number).encode()), (ODD, None)]}
    return Record(*PLACE, number, **(plain | changes))


RECORDS = [record(7), record(8, key=None), record(9, value=None, headers=[(ODD, b"")])]


def read(raw):
    return records(batch_at(raw, 7), *PLACE)


@pytest.mark.parametrize("codec", CODECS)
def test_what_a_producer_makes_is_read_back(codec):
    found = read(batch(RECORDS, base=7, codec=codec))
    assert [(each.offset, each.key, each.value, each.headers) for each in found] == [
        (each.offset, each.key, each.value, each.headers) for each in RECORDS
    ]
    assert [each.timestamp - found[0].timestamp for each in found] == [0, 1, 2]
    assert {(each.topic, each.partition) for each in found} == {PLACE}


def test_a_header_name_that_is_no_utf8_is_spelt_out():
    found = read(with_broken_name(batch(RECORDS, base=7)))
    assert found[0].headers == [("ce_id", b"7"), (BROKEN.decode(errors="backslashreplace"), None)]
    assert len(found) == 3


def test_the_brokers_clock_counts_where_it_says_so():
    raw = batch(RECORDS, base=7)
    stamped = raw[:21] + struct.pack(">h", 0x08) + raw[23:35] + struct.pack(">q", 42) + raw[43:]
    assert {each.timestamp for each in read(signed(stamped))} == {42}


def test_what_only_a_broker_writes_holds_no_records():
    raw = batch(RECORDS, base=7)
    assert read(signed(raw[:21] + struct.pack(">h", 0x20) + raw[23:])) == []


BAD = {
    "checksum": lambda raw: raw[:80] + bytes([raw[80] ^ 1]) + raw[81:],
    "does not exist": lambda raw: signed(raw[:21] + struct.pack(">h", 7) + raw[23:]),
    "taken apart": lambda raw: signed(raw[:21] + struct.pack(">h", 1) + raw[23:]),
    "format": lambda raw: raw[:16] + b"\x05" + raw[17:],
    "apart: IndexError": lambda raw: signed(raw[:57] + struct.pack(">i", 4) + raw[61:]),
    "ends behind": lambda raw: signed(raw[: HEAD.size] + b"\x7e\x00\x00\x00\xfe\x7f" + raw[HEAD.size + 6 :]),
}


@pytest.mark.parametrize("why", BAD)
def test_what_was_not_written_so_is_refused(why):
    with pytest.raises(Unreadable, match=why):
        read(BAD[why](batch(RECORDS, base=7)))


def test_the_batch_that_holds_an_offset_is_found():
    log = batch(RECORDS, base=4) + batch(RECORDS, base=7) + batch(RECORDS, base=20)
    for offset, first, last in ((4, 4, 6), (6, 4, 6), (7, 7, 9), (10, 20, 22), (22, 20, 22)):
        found = batch_at(log, offset)
        assert (found.first, found.last) == (first, last)
    assert batch_at(log, 23) is None


@pytest.mark.parametrize("fetched", [b"", b"\0" * 60, batch(RECORDS)[:-1], b"\0" * 200])
def test_where_nothing_whole_was_fetched_there_is_no_batch(fetched):
    assert batch_at(fetched, 0) is None


def test_the_checksum_covers_what_follows_it():
    assert HEAD.size - CRC_FROM == 40
    assert isinstance(batch_at(batch(RECORDS), 0), RawBatch)
