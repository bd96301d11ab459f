"""CloudEvents 1.0 in Kafka's binary mode: what is read and written, and how a message is put into a record."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Self

import msgspec
from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2

from claims_shared.messages.catalog import (
    BY_MODEL,
    BY_STREAM,
    BY_WIRE,
    LIFECYCLE,
    dead_letter_topic,
)
from claims_shared.messages.fields import Message

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(slots=True)  # not frozen: that costs 2 us each, and seventeen are made for a claim
class Record:
    """One Kafka record as it arrived; `timestamp` in milliseconds."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int = 0

    @classmethod
    def of(cls, raw: ConsumerRecord) -> Self:
        """Take what the client library hands out."""
        return cls(raw.topic, raw.partition, raw.offset, raw.key, raw.value, raw.headers, raw.timestamp)

    @property
    def shown_key(self) -> str | None:
        """Give the key as it may be told: 100 characters at most, whatever bytes it has; None where there is none."""
        return self.key.decode(errors="replace")[:100] if self.key else None

    @property
    def place(self) -> str:
        """Give topic, partition and offset in one string: unique on this cluster."""
        return f"{self.topic}/{self.partition}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Copy:
    """A record to be sent as it is, to the topic and partition that it names."""

    record: Record

    @property
    def topic(self) -> str:
        """Give the topic that it goes to."""
        return self.record.topic


@dataclass(frozen=True, slots=True)
class Deferred:
    """A record that waits its turn in its topic's deferred stream; it is not read any further now."""

    record: Record

    @property
    def copy(self) -> Copy:
        """Give it as it is, for the deferred stream: same key, bytes, headers and partition."""
        return Copy(replace(self.record, topic=BY_STREAM[self.record.topic].deferred))


@dataclass(slots=True)
class Received:
    """A record that could be read. `aside` is what a service found out about it before deciding (an outside answer)."""

    record: Record
    id: str
    type: str
    source: str
    claim_id: str
    body: Message
    at: datetime
    traceparent: str | None = None
    aside: Any = None


@dataclass(frozen=True, slots=True)
class Undecodable:
    """A record that could not be read, with every reason found, in plain words and without its content."""

    record: Record
    code: str
    reasons: tuple[str, ...]
    id: str | None = None
    attempts: int = 1
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record of a type that this service does not know, on a topic where that is allowed: skipped and counted."""

    record: Record
    type: str


class Output(msgspec.Struct, frozen=True, array_like=True):
    """One message to send: encoded once, kept in an outbox as it is; `at` in milliseconds."""

    topic: str
    type: str
    id: str
    key: str
    body: bytes
    at: int
    source: str
    causation: str | None = None
    traceparent: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be used, kept whole with the reason and who says so."""

    record: Record
    service: str
    code: str
    reasons: tuple[str, ...]
    attempts: int = 1
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """Give the dead-letter topic of this service for the record's topic."""
        return dead_letter_topic(self.record.topic, self.service)


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    """Give the partition of a key as Kafka's own clients compute it (murmur2)."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def millis(instant: datetime) -> int:
    """Give an instant as whole milliseconds since 1970."""
    return round(instant.timestamp() * 1000)


def output(
    message: Message,
    *,
    id: str,  # noqa: A002 - CloudEvents calls it id
    source: str,
    at: datetime,
    causation: str | None = None,
    expedited: bool = False,
    key: str | None = None,
) -> Output:
    """Encode a message for its topic, or for its topic's expedited lane; keyed by its claim unless told."""
    listing = BY_MODEL[type(message)]
    topic = listing.topic.stream(expedited=expedited)
    body = message.__pydantic_serializer__.to_json(message)
    claim: str = message.claim_id if key is None else key  # type: ignore[attr-defined] # every body has one
    # CloudEvents' extension: the life cycle alone is numbered.
    sequence: int | None = message.sequence if listing.topic is LIFECYCLE else None  # type: ignore[attr-defined]
    return Output(topic, listing.wire, id, claim, body, millis(at), source, causation, sequence=sequence)


_SPEC: Final = ("ce_specversion", b"1.0")
_JSON: Final = ("content-type", b"application/json")
_TYPES: Final = {wire: ("ce_type", wire.encode()) for wire in BY_WIRE}


def headers_of(out: Output) -> list[tuple[str, bytes]]:
    """Give the Kafka headers of an output."""
    headers = [
        _SPEC,
        _TYPES[out.type],
        _JSON,
        ("ce_id", out.id.encode()),
        ("ce_source", out.source.encode()),
        _time_header(out.at),
        ("ce_subject", out.key.encode()),
    ]
    if out.sequence is not None:
        headers.append(("ce_sequence", str(out.sequence).encode()))
    if out.causation:
        headers.append(("ce_causationid", out.causation.encode()))
    if out.traceparent:
        headers.append(("traceparent", out.traceparent.encode()))
    return headers


@lru_cache(maxsize=4_096)
def _time_header(at: int) -> tuple[str, bytes]:
    """A batch's messages share their instant."""
    instant = datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return "ce_time", instant.encode()


def letter_headers(letter: DeadLetter) -> list[tuple[str, bytes | None]]:
    """Give the original headers, then why, where and by whom the record was put aside."""
    why = {
        "dlq_code": letter.code,
        "dlq_reasons": "; ".join(letter.reasons),
        "dlq_topic": letter.record.topic,
        "dlq_partition": str(letter.record.partition),
        "dlq_offset": str(letter.record.offset),
        "dlq_service": letter.service,
        "dlq_attempts": str(letter.attempts),
        **letter.extra,
    }
    return [*letter.record.headers, *((name, text.encode()) for name, text in why.items())]
