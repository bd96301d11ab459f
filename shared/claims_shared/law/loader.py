"""Reads the policy packs from their YAML files and refuses whatever could let a wrong number through."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from claims_shared import strict_yaml
from claims_shared.law.bracket_table import BracketTable
from claims_shared.law.in_force import Packs
from claims_shared.law.pack import DAY, Entries, Entry, Gap, Pack, Parameters
from claims_shared.law.schema import ANY_OF, CHOSEN, OPTIONAL_SECTIONS, SECTIONS, TABLES, TRUSTS, read
from claims_shared.law.table_files import TableFolder
from claims_shared.strict_yaml import FileRefused

FOLDER = Path(__file__).parent / "packs"
HEADER = ("jurisdiction", "name", "known_from", "known_until", "afterwards", "programs", "claim_types", "not_known")
ENTRY = ("from", "to", "value", "unit", "reference", "trust")
GAP = ("from", "to", "what", "reason")
Section = Mapping[str, Parameters]


class PackError(FileRefused):
    """A pack that must not be used."""


def load_packs(folder: Path = FOLDER) -> Packs:
    """Read every pack of a folder; raises PackError at the first thing that is wrong."""
    files = sorted(folder.glob("*.yaml"))
    packs = {file.stem: _pack(file) for file in files}
    return Packs(packs, sha256("".join(pack.hash for pack in packs.values()).encode()).hexdigest())


def _pack(file: Path) -> Pack:
    document, digest = parsed(file)
    return _PackReader(file.name, TableFolder(file.parent / "tables")).pack(document, file.stem, digest)


def parsed(file: Path) -> tuple[Any, str]:
    """Give what a file says and the hash of its bytes; raises PackError where it is no YAML or has a key twice."""
    content = file.read_bytes()
    try:
        return strict_yaml.load(content), sha256(content).hexdigest()
    except yaml.YAMLError as error:
        raise PackError(file.name, "yaml", str(error)) from error


class Reader:
    """Reads dated values from one file; knows its name so that every refusal can say it."""

    trusts = TRUSTS
    reads: Callable[[str, str], Decimal | str] = staticmethod(read)

    def __init__(self, file: str) -> None:
        self.file = file

    def entries(self, raw: Any, key: str, unit: str) -> Entries:
        if not isinstance(raw, list):
            raise self.error(
                key,
                "is no list of dated values; write - {from: ..., value: ..., unit: ..., reference: ..., trust: ...}",
            )
        entries = tuple(self.entry(item, f"{key}[{n}]", unit) for n, item in enumerate(raw))
        for n, (earlier, later) in enumerate(pairwise(entries), start=1):
            if later.since <= earlier.since or (earlier.to and later.since <= earlier.to):
                raise self.error(
                    f"{key}[{n}].from", f"{later.since} overlaps the value before it; order by date and end each first"
                )
        return self.ended(entries)

    def ended(self, entries: Entries) -> Entries:
        """End each value without `to` on the day before the next begins."""
        closed = (
            Entry(e.since, e.to or after.since - DAY, e.value, e.unit, e.reference, e.trust)
            for e, after in pairwise(entries)
        )
        return (*closed, *entries[-1:])

    def entry(self, raw: Any, key: str, unit: str) -> Entry:
        held = self.mapping(raw, key, ENTRY)
        if self.text(held, "unit", key) != unit:
            raise self.error(f"{key}.unit", f"is {held['unit']!r}; this parameter is in {unit!r}")
        if (trust := self.text(held, "trust", key)) not in self.trusts:
            raise self.error(f"{key}.trust", f"{trust!r} is none of {', '.join(sorted(self.trusts))}")
        to = self.day(held, "to", key) if "to" in held else None
        since = self.day(held, "from", key)
        if to and to < since:
            raise self.error(f"{key}.to", f"{to} is before {since}")
        try:
            value = self.value(self.text(held, "value", key), unit)
        except ValueError as error:
            raise self.error(f"{key}.value", str(error)) from error
        return Entry(since, to, value, unit, self.text(held, "reference", key), trust)

    def value(self, text: str, unit: str) -> Decimal | str | BracketTable:
        return self.reads(text, unit)

    def mapping(self, raw: Any, key: str, allowed: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise self.error(key, "is no mapping")
        if unknown := [str(name) for name in raw if name not in allowed]:
            raise self.error(key, f"unknown {', '.join(unknown)}; it may hold {', '.join(allowed)}")
        return raw

    def text(self, held: Mapping[str, Any], name: str, key: str) -> str:
        value = held.get(name)
        if isinstance(value, str) and value.strip():
            return value
        found = (
            "is missing" if value is None else f"is {value!r}, not a quoted string (an unquoted number loses its cents)"
        )
        raise self.error(f"{key}.{name}".lstrip("."), found)

    def texts(self, held: Mapping[str, Any], name: str, key: str) -> list[str]:
        values = held.get(name)
        if isinstance(values, list) and values and all(isinstance(value, str) for value in values):
            return values
        raise self.error(f"{key}.{name}".lstrip("."), "is no list of words")

    def day(self, held: Mapping[str, Any], name: str, key: str) -> date:
        value = held.get(name)
        if type(value) is date:
            return value
        raise self.error(f"{key}.{name}".lstrip("."), f"is {value!r}, not a date as 2026-01-31")

    def error(self, key: str, problem: str) -> PackError:
        return PackError(self.file, key, problem)


class _PackReader(Reader):
    """Reads one policy pack and the tables it names."""

    def __init__(self, file: str, tables: TableFolder) -> None:
        super().__init__(file)
        self.tables = tables

    def value(self, text: str, unit: str) -> Decimal | str | BracketTable:
        return self.tables.read(text) if unit == TABLES else super().value(text, unit)

    def pack(self, document: Any, stem: str, digest: str) -> Pack:
        held = self.mapping(document, "the file", (*HEADER, *SECTIONS))
        if held.get("jurisdiction") != stem:
            raise self.error("jurisdiction", f"is {held.get('jurisdiction')!r}; the file's name says {stem}")
        gaps = tuple(self.gap(gap, f"not_known[{n}]") for n, gap in enumerate(held.get("not_known") or ()))
        since, until = self.day(held, "known_from", ""), self.day(held, "known_until", "")
        never = {
            name for name in SECTIONS for gap in gaps if gap.covers(name) and gap.since <= since and until <= gap.to
        }
        pack = Pack(
            jurisdiction=stem,
            name=self.text(held, "name", ""),
            known_from=since,
            known_until=until,
            afterwards=self.text(held, "afterwards", ""),
            programs=frozenset(self.texts(held, "programs", "")),
            claim_types=frozenset(self.texts(held, "claim_types", "")),
            gaps=gaps,
            sections={
                name: self.section(name, held.get(name), name in never)
                for name in SECTIONS
                if name in held or name not in OPTIONAL_SECTIONS
            },
            hash=self.tables.hashed(digest),
        )
        self.complete(pack)
        return pack

    def gap(self, raw: Any, key: str) -> Gap:
        held = self.mapping(raw, key, GAP)
        what = tuple(self.texts(held, "what", key))
        return Gap(self.day(held, "from", key), self.day(held, "to", key), what, self.text(held, "reason", key))

    def section(self, name: str, raw: Any, never_known: bool) -> Section:
        """Read one section; a rule that every pack needs and this one lacks stands without values: its gap must be declared."""
        held = self.mapping(raw or {}, name, tuple(SECTIONS[name]))
        if name in CHOSEN and len(held) != 1 and (held or not never_known):
            raise self.error(name, f"holds {len(held)} formulas; write exactly one of {', '.join(SECTIONS[name])}")
        if name in ANY_OF and not held:
            raise self.error(name, "holds no test; every claim would pass")
        rules = held if name in CHOSEN | ANY_OF else dict.fromkeys(SECTIONS[name]) | held
        return {rule: self.rule(rules[rule] or {}, f"{name}.{rule}", SECTIONS[name][rule]) for rule in rules}

    def rule(self, raw: Any, key: str, needs: Mapping[str, str]) -> Parameters:
        held = self.mapping(raw, key, tuple(needs))
        return {name: self.entries(held.get(name, []), f"{key}.{name}", unit) for name, unit in needs.items()}

    def complete(self, pack: Pack) -> None:
        """Refuse days on which a parameter has no value and no declared gap, or both."""
        for path, entries in pack.parameters():
            for on in _changes(pack, entries):
                held = any(entry.since <= on and (entry.to is None or on <= entry.to) for entry in entries)
                declared = any(gap.since <= on <= gap.to and gap.covers(path) for gap in pack.gaps)
                if not held and not declared:
                    raise self.error(
                        path, f"has no value on {on}; write one, or declare the gap in not_known with its reason"
                    )
                if held and declared:
                    raise self.error(path, f"has a value on {on}, and not_known says it has none; one of both is wrong")


def _changes(pack: Pack, entries: Entries) -> Iterator[date]:
    """Give every day within the pack's time on which a parameter's knowledge may change."""
    edges = {pack.known_from, *(e.since for e in entries), *(e.to + DAY for e in entries if e.to)}
    edges |= {gap.since for gap in pack.gaps} | {gap.to + DAY for gap in pack.gaps}
    yield from sorted(day for day in edges if pack.known_from <= day <= pack.known_until)
