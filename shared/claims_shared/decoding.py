"""Reads records: CloudEvents 1.0 in Kafka's binary mode into messages; nothing here raises on what the outside sends."""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import msgspec
from pydantic import TypeAdapter, ValidationError

from claims_shared.messages.catalog import BY_STREAM, BY_WIRE, SUBMISSION_LIMIT, Topic
from claims_shared.messages.fields import CLAIM_ID_PATTERN, Instant, Message
from claims_shared.wire import Received, Record, Undecodable, Unknown

_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(Instant)
_CLAIM_ID: Final = re.compile(CLAIM_ID_PATTERN)
_WIRE_NAME: Final = re.compile(r"[a-z]{1,40}([.-][a-z]{1,40}){1,4}\.v[0-9]{1,3}")
_REQUIRED: Final = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")
_NEEDED: Final = frozenset(_REQUIRED)
_READ: Final = _NEEDED | {"traceparent"}
MAX_ATTRIBUTE: Final = 512
_MAX_REASONS: Final = 20
_TOO_MANY: Final = 500

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
