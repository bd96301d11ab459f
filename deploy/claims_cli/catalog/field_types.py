"""A field's type in words, read from its JSON Schema."""

from collections.abc import Iterable
from typing import Any, Final

from claims_cli.catalog.markdown import code, link
from claims_cli.catalog.schemas import Schema
from claims_shared.messages.fields import CLAIM_ID_PATTERN, HOURS_PATTERN, MONEY_PATTERN

FORMATS: Final = {"date-time": "instant", "date": "date"}
PATTERNS: Final[dict[str, str]] = {MONEY_PATTERN: "money", HOURS_PATTERN: "hours", CLAIM_ID_PATTERN: "claim id"}
NAMED: Final = {"integer": "whole number", "boolean": "true or false", "null": "null"}


def type_of(schema: Schema) -> str:
    """Give the type, with its limits."""
    if "$ref" in schema:
        return link(schema["$ref"].rsplit("/", 1)[1])
    if "anyOf" in schema:
        return _either(list(map(type_of, schema["anyOf"])))
    if schema["type"] == "array":
        return f"list of {type_of(schema['items'])}" + _most(schema.get("maxItems"))
    if schema["type"] == "object":
        return "texts by name"
    if schema["type"] == "string":
        return _text(schema)
    return NAMED[schema["type"]] + _between(schema.get("minimum"), schema.get("maximum"))


def _text(schema: Schema) -> str:
    pattern: str = schema.get("pattern", "")
    known = FORMATS.get(schema.get("format", "")) or PATTERNS.get(pattern)
    if known:
        return known
    length = _between(schema.get("minLength"), schema.get("maxLength"), " characters")
    return "text" + length + (f" matching {code(pattern)}" if pattern else "")


def _either(types: list[str]) -> str:
    return (", or " if "," in types[0] else " or ").join(types)


def _most(most: int | None) -> str:
    return f", at most {most}" if most is not None else ""


def _between(least: Any, most: Any, unit: str = "") -> str:
    if most is None:
        return f", at least {least}{unit}" if least is not None else ""
    return f", {least} to {most}{unit}" if least is not None else f", at most {most}{unit}"


def rows(schema: Schema) -> Iterable[tuple[str, str, str, str]]:
    """Give name, type, whether required, and meaning of every field."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield code(name), type_of(field), "yes" if name in required else "", field["description"]
