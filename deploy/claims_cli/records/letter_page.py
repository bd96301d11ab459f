"""Dead letters on the terminal: causes in a table, single letters in a list, one letter whole; and the same for scripts."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from aiokafka import ConsumerRecord
from rich.console import Group as Parts
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from claims_cli.records import masking
from claims_cli.records.letters import Fate, Group, Letter, Of, apart
from claims_shared.wire import Headers

Fates = Mapping[Of, Fate]
LONGEST_BODY = 8_000


def groups_as_json(groups: Iterable[Group]) -> list[dict[str, Any]]:
    return [
        {
            "topic": each.topic,
            "service": each.service,
            "code": each.code,
            "count": len(each.letters),
            "oldest": each.oldest.at.isoformat(),
            "newest": each.newest.at.isoformat(),
            "example": str(each.newest.of.place),
            "reasons": masking.text(each.newest.reasons),
        }
        for each in groups
    ]


def groups_as_table(groups: Iterable[Group]) -> Table:
    shown = _table("topic", "service", "cause", "count", "oldest", "newest", "example", "which says")
    for each in groups:
        said = (each.topic, each.service, each.code, str(len(each.letters)), _at(each.oldest.at), _at(each.newest.at))
        example = (str(each.newest.of.place), masking.text(each.newest.reasons)[:120])
        shown.add_row(*map(Text, (*said, *example)))
    return shown


def letter_as_json(letter: Letter, fates: Fates) -> dict[str, Any]:
    return {
        "place": str(letter.of.place),
        "letter": str(letter.place),
        "service": letter.of.service,
        "code": letter.code,
        "reasons": masking.text(letter.reasons),
        "key": _masked(letter.key),
        "type": masking.text(letter.type),
        "id": masking.text(letter.id),
        "at": letter.at.isoformat(),
        "attempts": letter.attempts,
        "redriven_before": letter.redriven,
        "fate": fates.get(letter.of, "open"),
        "raw": letter.raw,
    }


def letters_as_table(letters: Iterable[Letter], fates: Fates) -> Table:
    shown = _table("place", "service", "cause", "claim", "type", "at", "fate")
    for each in letters:
        said = (str(each.of.place), each.of.service, each.code, _masked(each.key) or "", masking.text(each.type))
        shown.add_row(*map(Text, (*said, _at(each.at), fates.get(each.of, "open"))))
    return shown


def whole_as_json(letter: Letter, record: ConsumerRecord, fates: Fates) -> dict[str, Any]:
    own, added = apart(record.headers)
    return letter_as_json(letter, fates) | {
        "headers": _headers(own),
        "added": _headers(added),
        "bytes": len(record.value or b""),
        "body": masking.body(record.value),
    }


def whole_as_page(letter: Letter, record: ConsumerRecord, fates: Fates) -> Parts:
    told = whole_as_json(letter, record, fates)
    facts = ("letter", "service", "code", "reasons", "key", "type", "id", "at", "attempts", "redriven_before", "fate")
    shown: list[RenderableType] = [Text(told["place"], "bold")]
    shown += [Text(f"{name.replace('_', ' '):16} {told[name]}") for name in facts]
    for title in ("headers", "added"):
        shown.append(Text(f"\n{title}", "bold"))
        shown += [Text(f"  {name} = {value}") for name, value in told[title]]
    shown.append(Text(f"\nbody ({told['bytes']} bytes)", "bold"))
    written = told["body"] if isinstance(told["body"], str) else json.dumps(told["body"], indent=2)
    return Parts(*shown, Text(written[:LONGEST_BODY]))


def _headers(headers: Headers) -> list[tuple[str, str | None]]:
    return [(masking.text(name), None if value is None else _masked_bytes(value)) for name, value in headers]


def _masked_bytes(value: bytes) -> str:
    return masking.text(value.decode(errors="replace"))


def _masked(text: str | None) -> str | None:
    return None if text is None else masking.text(text)


def _at(instant: datetime) -> str:
    return f"{instant.astimezone():%d %b %H:%M:%S}"


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="dim")
