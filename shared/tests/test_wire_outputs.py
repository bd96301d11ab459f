"""What we send: partitions as Kafka's own clients compute them, headers that are read back, dead letters that keep everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from aiokafka.partitioner import murmur2

from claims_cli.catalog import samples
from claims_shared.decoding import decode
from claims_shared.messages.catalog import TOPICS
from claims_shared.wire import DeadLetter, Received, Record, headers_of, letter_headers, millis, output, partition_of

SAMPLES = samples.newest(Path(__file__).parents[2])
GOOD = SAMPLES["claim.submitted.v1"]
NOON = datetime(2026, 9, 14, 12, 0, 0, 123_000, tzinfo=UTC)

JAVA = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}
"""The vectors of the Java client's own test (`UtilsTest.testMurmur2`)."""


@pytest.mark.parametrize("key", JAVA)
def test_a_key_hashes_as_in_the_java_client(key):
    assert murmur2(key.encode()) & 0xFFFFFFFF == JAVA[key] & 0xFFFFFFFF
    assert partition_of(key, 48) == (JAVA[key] & 0x7FFFFFFF) % 48


def test_keys_beyond_ascii_hash_their_utf8():
    assert partition_of("Díaz", 4) == (murmur2("Díaz".encode()) & 0x7FFFFFFF) % 4


def sent(wire=GOOD.wire, **changes):
    message = decode(SAMPLES[wire].record)
    return output(message.body, **({"id": "one", "source": "claims.test", "at": NOON} | changes))


def as_record(out):
    return Record(out.topic, 0, 0, out.key.encode(), out.body, headers_of(out), out.at)


@pytest.mark.parametrize("wire", SAMPLES)
def test_what_is_sent_is_read_back(wire):
    out = sent(wire, causation="cause-1", key=SAMPLES[wire].key)
    found = decode(as_record(out))
    assert isinstance(found, Received)
    assert found.body == decode(SAMPLES[wire].record).body
    assert (found.id, found.source, found.type, found.at) == ("one", "claims.test", wire, NOON)


def test_an_output_goes_to_its_topic_keyed_by_its_claim():
    out = sent()
    assert (out.topic, out.key, out.type) == ("claims.intake.submissions.v1", GOOD.key, "claim.submitted.v1")


def test_the_expedited_lane_is_a_topic_of_its_own_where_there_is_one():
    assert sent("identity.verify.v1", expedited=True).topic == "claims.identity.commands.expedited.v1"
    assert sent("identity.verified.v1", expedited=True).topic == "claims.identity.events.v1"


def test_a_trace_travels():
    out = sent()
    traced = msgspec.structs.replace(out, traceparent=GOOD.headers["traceparent"])
    assert decode(as_record(traced)).traceparent == GOOD.headers["traceparent"]
    assert "traceparent" not in dict(headers_of(out))


@pytest.mark.parametrize("instant", [NOON, NOON.replace(microsecond=0), datetime(1969, 12, 31, tzinfo=UTC), NOON.max])
def test_an_instant_on_the_wire_has_three_decimals_and_a_z(instant):
    at = instant if instant.tzinfo else instant.replace(tzinfo=UTC) - timedelta(days=1)
    text = dict(headers_of(sent(at=at)))["ce_time"].decode()
    assert text.endswith("Z")
    assert len(text) == len("2026-09-14T12:00:00.123Z")
    assert abs(millis(datetime.fromisoformat(text)) - millis(at)) == 0


def letter(**changes):
    record = replace(GOOD.record, partition=3, offset=41, **changes)
    return DeadLetter(record, "orchestrator", "wrong_field", ("a: missing", "b: wrong"), 2, {"dlq_hint": "look"})


def test_a_dead_letter_keeps_the_headers_and_says_why_where_and_who():
    headers = letter_headers(letter())
    assert headers[: len(GOOD.headers)] == GOOD.record.headers
    assert dict(headers[len(GOOD.headers) :]) == {
        "dlq_code": b"wrong_field",
        "dlq_reasons": b"a: missing; b: wrong",
        "dlq_topic": b"claims.intake.submissions.v1",
        "dlq_partition": b"3",
        "dlq_offset": b"41",
        "dlq_service": b"orchestrator",
        "dlq_attempts": b"2",
        "dlq_hint": b"look",
    }


def test_a_dead_letter_keeps_headers_that_cannot_be_read():
    odd = [("ce_id", None), ("ce_id", b"\xff"), ("", b"")]
    assert letter_headers(letter(headers=odd))[:3] == odd


def test_every_dead_letter_topic_is_in_the_catalogue():
    for topic in TOPICS:
        for service in topic.dead_letters:
            for stream in topic.streams:
                made = DeadLetter(Record(stream, 0, 0, None, None, ()), service, "wrong_key", ())
                assert made.topic in topic.letters
