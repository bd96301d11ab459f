"""CloudEvents 1.0 in Kafka's binary mode: records in, messages out, and back; nothing here raises on what the outside sends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from aiokafka.partitioner import murmur2
from pydantic import TypeAdapter, ValidationError

from claims_shared.messages.catalog import BY_MODEL, BY_STREAM, BY_WIRE, SUBMISSION_LIMIT, Topic, dead_letter_topic
from claims_shared.messages.fields import CLAIM_ID_PATTERN, Instant, Message

Headers = Sequence[tuple[str, bytes | None]]

_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
_CLAIM_ID: Final = re.compile(CLAIM_ID_PATTERN)
_REQUIRED: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")
_MAX_ATTRIBUTE: Final = 512
_MAX_REASONS: Final = 20


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record as it arrived; `timestamp` in milliseconds."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp: int = 0

    @property
    def place(self) -> str:
        """Give topic, partition and offset in one string: unique on this cluster."""
        return f"{self.topic}/{self.partition}/{self.offset}"


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
    topic = listing.topic.expedited if expedited and listing.topic.lanes else listing.topic.name
    body = message.__pydantic_serializer__.to_json(message)
    claim: str = message.claim_id if key is None else key  # type: ignore[attr-defined] # every body has one
    return Output(topic, listing.wire, id, claim, body, millis(at), source, causation)


_SPEC: Final = ("ce_specversion", b"1.0")
_JSON: Final = ("content-type", b"application/json")
_TYPES: Final = {wire: ("ce_type", wire.encode()) for wire in BY_WIRE}


def headers_of(out: Output) -> list[tuple[str, bytes]]:
    """Give the Kafka headers of an output."""
    instant = datetime.fromtimestamp(out.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    headers = [
        _SPEC,
        _TYPES[out.type],
        _JSON,
        ("ce_id", out.id.encode()),
        ("ce_source", out.source.encode()),
        ("ce_time", instant.encode()),
        ("ce_subject", out.key.encode()),
    ]
    if out.causation:
        headers.append(("ce_causationid", out.causation.encode()))
    if out.traceparent:
        headers.append(("traceparent", out.traceparent.encode()))
    return headers


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


def decode(record: Record) -> Received | Undecodable | Unknown:
    """Read one record; what cannot be read comes back with every reason, never as an exception."""
    topic = BY_STREAM[record.topic]
    attributes, reasons = _attributes(record)
    wire = attributes.get("ce_type", "")
    listing = BY_WIRE.get(wire)
    if not reasons and (listing is None or listing.topic is not topic):
        return _unknown(record, topic, wire, attributes)
    claim_id, key_reasons = _key(record)
    reasons += key_reasons
    if record.value is None:
        reasons.append("the body is null")
    elif len(record.value) > SUBMISSION_LIMIT and not topic.name.endswith(".commands.v1"):
        return Undecodable(
            record, "too_large", (f"the body is larger than {SUBMISSION_LIMIT} bytes",), attributes.get("ce_id")
        )
    if reasons or listing is None or record.value is None:
        return Undecodable(record, _code(record, attributes), tuple(reasons), attributes.get("ce_id"))
    return _read(record, listing.model, attributes, claim_id)


def _read(record: Record, model: type[Message], attributes: dict[str, str], claim_id: str) -> Received | Undecodable:
    try:
        at = _INSTANT.validate_python(attributes["ce_time"])
        body = model.model_validate_json(record.value or b"")
    except ValidationError as error:
        code = "not_json" if error.errors(include_input=False)[0]["type"] == "json_invalid" else "wrong_field"
        return Undecodable(record, code, _sentences(error), attributes["ce_id"])
    except ValueError as error:  # surrogates and the like, where pydantic hands the codec's own error through
        return Undecodable(record, "not_json", (type(error).__name__,), attributes["ce_id"])
    if body.claim_id not in (claim_id, None):  # type: ignore[attr-defined]
        reason = "the record's key is not the body's claim_id"
        return Undecodable(record, "wrong_key", (reason,), attributes["ce_id"])
    trace = attributes.get("traceparent")
    return Received(
        record, attributes["ce_id"], attributes["ce_type"], attributes["ce_source"], claim_id, body, at, trace
    )


def _sentences(error: ValidationError) -> tuple[str, ...]:
    """Say which field is wrong and why, without its value."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return tuple(
        f"{'.'.join(str(part) for part in each['loc']) or 'body'}: {each['msg']}"[:300] for each in found[:_MAX_REASONS]
    )


def _unknown(record: Record, topic: Topic, wire: str, attributes: dict[str, str]) -> Undecodable | Unknown:
    """Skip unknown types where facts travel; keep them where somebody waits for an answer (a mixed-version upgrade)."""
    if topic.name.endswith(".events.v1"):
        return Unknown(record, wire)
    reason = f"ce_type {wire[:100]!r} is not known on {topic.name}"
    return Undecodable(record, "unknown_type", (reason,), attributes.get("ce_id"))


def _attributes(record: Record) -> tuple[dict[str, str], list[str]]:
    """Give the headers that we read, as text, and what is wrong with them."""
    attributes: dict[str, str] = {}
    reasons = []
    for name, value in record.headers:
        if not (name.startswith("ce_") or name == "traceparent"):
            continue
        text = _text(value)
        if text is None:
            reasons.append(f"header {name[:40]!r} is null, not UTF-8, or longer than {_MAX_ATTRIBUTE} bytes")
        else:
            attributes[name] = text
    reasons += [f"header {name} is missing" for name in _REQUIRED if not attributes.get(name)]
    if attributes.get("ce_specversion", "1.0") != "1.0":
        reasons.append("ce_specversion must be 1.0")
    return attributes, reasons


def _text(value: bytes | None) -> str | None:
    if value is None or len(value) > _MAX_ATTRIBUTE:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _key(record: Record) -> tuple[str, list[str]]:
    text = _text(record.key)
    if text is None or not _CLAIM_ID.match(text):
        return "", ["the record's key must be the claim id: 1 to 64 of letters, digits, dot, underscore, hyphen"]
    return text, []


def _code(record: Record, attributes: dict[str, str]) -> str:
    if any(name not in attributes for name in _REQUIRED):
        return "wrong_headers"
    return "null_body" if record.value is None else "wrong_key"
