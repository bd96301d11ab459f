"""CloudEvents 1.0 in Kafka's binary mode: records in, messages out, and back; nothing here raises on what the outside sends."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, Self

import msgspec
from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2
from pydantic import TypeAdapter, ValidationError

from claims_shared.messages.catalog import (
    BY_MODEL,
    BY_STREAM,
    BY_WIRE,
    LIFECYCLE,
    SUBMISSION_LIMIT,
    Topic,
    dead_letter_topic,
)
from claims_shared.messages.fields import CLAIM_ID_PATTERN, Instant, Message

Headers = Sequence[tuple[str, bytes | None]]

_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
_CLAIM_ID: Final = re.compile(CLAIM_ID_PATTERN)
_WIRE_NAME: Final = re.compile(r"[a-z]{1,40}([.-][a-z]{1,40}){1,4}\.v[0-9]{1,3}")
_REQUIRED: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")
_NEEDED: Final = frozenset(_REQUIRED)
_READ: Final = _NEEDED | {"traceparent"}
MAX_ATTRIBUTE: Final = 512
_MAX_REASONS: Final = 20
_TOO_MANY: Final = 500


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


Views = Mapping[type[Message], Callable[[bytes], Any]]
"""How a reader reads only what it needs of a message, at a tenth of the cost. What a view cannot read the model reads."""


def decode(record: Record, views: Views = MappingProxyType({})) -> Received | Undecodable | Unknown:
    """Read one record; what cannot be read comes back with every reason, never as an exception."""
    topic = BY_STREAM[record.topic]
    attributes, reasons = _attributes(record)
    at = _instant(attributes, reasons)
    wire = attributes.get("ce_type", "")
    listing = BY_WIRE.get(wire)
    if not reasons and (listing is None or listing.topic is not topic):
        return _unknown(record, topic, wire, attributes)
    if _too_large(record, topic):
        return _undecodable(record, attributes, "too_large", f"the body is larger than {SUBMISSION_LIMIT} bytes")
    code = "wrong_headers" if reasons else "null_body" if record.value is None else "wrong_key"
    claim_id = _key(record, reasons)
    if record.value is None:
        reasons.append("the body is null")
    if reasons or listing is None or at is None or claim_id is None:
        return _undecodable(record, attributes, code, *reasons)
    return _read(record, listing.model, views.get(listing.model), attributes, at)


def _read(
    record: Record,
    model: type[Message],
    view: Callable[[bytes], Any] | None,
    attributes: dict[str, str],
    at: datetime,
) -> Received | Undecodable:
    claim_id = (record.key or b"").decode()
    try:
        body = _body(record.value or b"", model, view)
    except ValidationError as error:
        return _undecodable(record, attributes, *_what_is_wrong(record, error))
    except (ValueError, ArithmeticError) as error:  # a validator that did not say it in pydantic's way
        return _undecodable(record, attributes, "wrong_field", f"body: {type(error).__name__}")
    if body.claim_id not in (claim_id, None):
        return _undecodable(record, attributes, "wrong_key", "the record's key is not the body's claim_id")
    trace = attributes.get("traceparent")
    return Received(
        record, attributes["ce_id"], attributes["ce_type"], attributes["ce_source"], claim_id, body, at, trace
    )


def _body(value: bytes, model: type[Message], view: Callable[[bytes], Any] | None) -> Any:
    if view is not None:
        with suppress(msgspec.MsgspecError, RecursionError):  # the model says what is wrong
            return view(value)
    return model.model_validate_json(value)


def _undecodable(record: Record, attributes: dict[str, str], code: str, *reasons: str) -> Undecodable:
    return Undecodable(record, code, reasons, attributes.get("ce_id"))


def _what_is_wrong(record: Record, error: ValidationError) -> tuple[str, ...]:
    """Give a code, then every wrong field with the reason; never a value."""
    if error.error_count() > _TOO_MANY:  # putting each into words would hold up everybody else
        return "wrong_field", f"body: {error.error_count()} fields are wrong, too many to name"
    found = error.errors(include_input=False, include_url=False, include_context=False)
    if found[0]["type"] != "json_invalid":
        return "wrong_field", *(f"{_path(each['loc'])}: {each['msg']}"[:300] for each in found[:_MAX_REASONS])
    if not _is_utf8(record.value or b""):
        return "not_utf8", "body: not UTF-8"
    return "not_json", f"body: {found[0]['msg']}"[:300]


def _path(parts: tuple[int | str, ...]) -> str:
    """Name a field; names that the sender made up (keys of a mapping) are content and stay out."""
    return ".".join(str(part) if isinstance(part, int) or part in _FIELDS else "*" for part in parts) or "body"


def _field_names(model: type[Message]) -> set[str]:
    return set(model.model_fields).union(*map(_field_names, model.__subclasses__()))


_FIELDS: Final = _field_names(Message)


def _unknown(record: Record, topic: Topic, wire: str, attributes: dict[str, str]) -> Undecodable | Unknown:
    """Skip unknown types where facts travel; keep them where somebody waits for an answer (a mixed-version upgrade)."""
    if topic.name.endswith(".events.v1"):
        return Unknown(record, wire)
    named = repr(wire) if _WIRE_NAME.fullmatch(wire) else "which is no wire name"
    return _undecodable(record, attributes, "unknown_type", f"ce_type, {named}, is not known on {topic.name}")


def _attributes(record: Record) -> tuple[dict[str, str], list[str]]:
    """Give the headers that we read, as text, and what is wrong with those that must be there; a broken trace harms nobody."""
    try:
        attributes = {name: value.decode() for name, value in record.headers if name in _READ}  # type: ignore[union-attr] # None is caught
    except (AttributeError, UnicodeDecodeError):
        return _faulty(record)
    if attributes.keys() >= _NEEDED and attributes["ce_specversion"] == "1.0" and _fit(attributes.values()):
        return attributes, []
    return _faulty(record)


def _fit(texts: Collection[str]) -> bool:
    """Whether none is empty nor, in any encoding, too long."""
    return all(texts) and max(map(len, texts)) * 4 <= MAX_ATTRIBUTE


def _faulty(record: Record) -> tuple[dict[str, str], list[str]]:
    attributes: dict[str, str] = {}
    unreadable = set()
    for name, value in record.headers:
        if name not in _READ:
            continue
        if text := _text(value):
            attributes[name] = text
        else:
            unreadable.add(name)
    why = f"null, empty, not UTF-8, or longer than {MAX_ATTRIBUTE} bytes"
    absent = [name for name in _REQUIRED if name not in attributes]
    reasons = [f"header {name} is {why if name in unreadable else 'missing'}" for name in absent]
    if attributes.get("ce_specversion", "1.0") != "1.0":
        reasons.append("header ce_specversion must be 1.0")
    return attributes, reasons


def _instant(attributes: dict[str, str], reasons: list[str]) -> datetime | None:
    if "ce_time" not in attributes:
        return None
    try:
        return _read_instant(attributes["ce_time"])
    except ValidationError:
        reasons.append("header ce_time must be an RFC 3339 instant with its offset")
        return None


@lru_cache(maxsize=4_096)
def _read_instant(text: str) -> datetime:
    """A batch's messages share their instants."""
    return _INSTANT.validate_python(text)


def _text(value: bytes | None) -> str | None:
    if value is None or len(value) > MAX_ATTRIBUTE:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _too_large(record: Record, topic: Topic) -> bool:
    """Whether somebody outside sends more than we take; what we send ourselves is checked where it is written."""
    return topic.name.endswith(".submissions.v1") and len(record.value or b"") > SUBMISSION_LIMIT


def _key(record: Record, reasons: list[str]) -> str | None:
    text = _text(record.key)
    if text is None or not _CLAIM_ID.fullmatch(text):
        reasons.append("the record's key must be the claim id: 1 to 64 of letters, digits, dot, underscore, hyphen")
        return None
    return text
