"""Our records are CloudEvents: the reference library reads what we write, and we read what it writes, in Kafka's binary mode."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cloudevents.core.bindings import kafka
from cloudevents.core.v1.event import CloudEvent

from claims_cli.catalog import samples
from claims_shared.decoding import decode
from claims_shared.wire import Received, Record, headers_of, output

SAMPLES = samples.newest(Path(__file__).parents[2])


def sent(sample):
    """Write a sample's message anew, as a service does."""
    message = decode(sample.record)
    return output(
        message.body, id=message.id, source=message.source, at=message.at, causation="cause-1", key=sample.key
    )


@pytest.mark.parametrize("wire", SAMPLES)
def test_the_library_reads_what_we_write(wire):
    sample = SAMPLES[wire]
    out = sent(sample)
    event = kafka.from_binary_event(kafka.KafkaMessage(dict(headers_of(out)), out.key.encode(), out.body))
    assert event.get_specversion() == "1.0"
    assert (event.get_id(), event.get_source(), event.get_type()) == (out.id, out.source, wire)
    assert event.get_subject() == sample.key
    assert event.get_time() == datetime.fromtimestamp(out.at / 1000, UTC)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_extension("causationid") == "cause-1"
    assert event.get_data() == sample.body


@pytest.mark.parametrize("wire", SAMPLES)
def test_we_read_what_the_library_writes(wire):
    sample = SAMPLES[wire]
    event = CloudEvent(
        {
            "id": sample.headers["ce_id"],
            "source": sample.headers["ce_source"],
            "type": wire,
            "time": datetime.fromisoformat(sample.headers["ce_time"]),
            "datacontenttype": "application/json",
            "subject": sample.key,
        },
        dict(sample.body),
    )
    message = kafka.to_binary_event(event, key_mapper=lambda event: event.get_subject())
    record = Record(sample.record.topic, 0, 0, message.key.encode(), message.value, list(message.headers.items()))
    found, ours = decode(record), decode(sample.record)
    assert isinstance(found, Received)
    assert (found.body, found.id, found.source, found.at) == (ours.body, ours.id, ours.source, ours.at)


def test_an_event_of_a_portal_that_says_the_least_the_library_allows_and_the_time():
    sample = SAMPLES["claim.withdrawal-requested.v1"]
    event = CloudEvent({"source": "/portal", "type": sample.wire, "time": datetime.now(UTC)}, dict(sample.body))
    message = kafka.to_binary_event(event, key_mapper=lambda _: sample.key)
    record = Record(sample.record.topic, 0, 0, message.key.encode(), message.value, list(message.headers.items()))
    assert isinstance(decode(record), Received)


def test_what_goes_through_both_comes_back_the_same():
    out = sent(SAMPLES["claim.approved.v1"])
    event = kafka.from_binary_event(kafka.KafkaMessage(dict(headers_of(out)), None, out.body))
    again = kafka.to_binary_event(event)
    assert {name: value for name, value in again.headers.items() if name != "ce_time"} == {
        name: value for name, value in headers_of(out) if name != "ce_time"
    }
