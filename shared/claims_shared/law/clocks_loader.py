"""Reads the statutory clocks from their YAML files and refuses whatever could let a wrong deadline through."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from claims_shared.calendars.agencies import AGENCIES
from claims_shared.law.clock_values import read
from claims_shared.law.in_force import Packs
from claims_shared.law.loader import Reader, load_packs, parsed
from claims_shared.law.pack import DAY, Entries
from claims_shared.law.schema import TRUSTS
from claims_shared.law.statutory import FEDERAL, NEEDS, OPTIONAL, ClockLaw, Rules

FOLDER: Final = Path(__file__).parent / "clocks"
HEADER: Final = ("jurisdiction", "name")


def load_clocks(folder: Path = FOLDER, packs: Packs | None = None) -> ClockLaw:
    """Read every file of a folder; raises PackError at the first thing that is wrong."""
    files = sorted(folder.glob("*.yaml"))
    read_ = {file.stem: parsed(file) for file in files}
    rules = {stem: _ClockReader(f"{stem}.yaml").rules(document, stem) for stem, (document, _) in read_.items()}
    if FEDERAL not in rules:
        raise _ClockReader(f"{FEDERAL}.yaml").error("the file", "is missing: every jurisdiction falls back on it")
    digest = sha256("".join(digest for _, digest in read_.values()).encode()).hexdigest()
    return ClockLaw(rules, packs or load_packs(), digest)


@lru_cache(maxsize=1)
def clock_law() -> ClockLaw:
    """Give the law's clocks as they are shipped, read once."""
    return load_clocks()


class _ClockReader(Reader):
    """Reads one jurisdiction's file; of the federal one nothing may be missing."""

    trusts = TRUSTS | {"policy"}  # policy: no law sets it; the agency, or this system, does

    @staticmethod
    def reads(value: str, unit: str) -> str:
        """Refuse what cannot be read, and keep it as it is written."""
        read(value, unit)
        return value

    def rules(self, document: Any, stem: str) -> Rules:
        held = self.mapping(document, "the file", (*HEADER, *NEEDS))
        if held.get("jurisdiction") != stem:
            raise self.error("jurisdiction", f"is {held.get('jurisdiction')!r}; the file's name says {stem}")
        if stem != FEDERAL and stem not in AGENCIES:
            raise self.error("jurisdiction", f"{stem} has no agency that we know")
        self.text(held, "name", "")
        return {section: self._section(section, held.get(section), stem) for section in NEEDS}

    def _section(self, section: str, raw: Any, stem: str) -> Mapping[str, Mapping[str, Entries]]:
        needs = NEEDS[section]
        held = self.mapping(raw or {}, section, tuple(needs))
        return {name: self._rule(f"{section}.{name}", held.get(name), needs[name], stem) for name in needs}

    def _rule(self, key: str, raw: Any, needs: Mapping[str, str], stem: str) -> Mapping[str, Entries]:
        held = self.mapping(raw or {}, key, tuple(needs))
        missing = [name for name in needs if name not in held and f"{key}.{name}" not in OPTIONAL]
        if stem == FEDERAL and missing:
            raise self.error(f"{key}.{missing[0]}", "is missing: every jurisdiction falls back on it")
        return {name: self._dated(values, f"{key}.{name}", needs[name]) for name, values in held.items()}

    def _dated(self, raw: Any, key: str, unit: str) -> Entries:
        """Refuse a hole between two values, and an end without a next one: another number would silently stand in for it."""
        entries = self.entries(raw, key, unit)
        if not entries:
            raise self.error(key, "has no value; leave it out, or write one")
        for n, (earlier, later) in enumerate(pairwise(entries), start=1):
            if earlier.to is None or later.since != earlier.to + DAY:
                raise self.error(f"{key}[{n}].from", f"{later.since} leaves days without a value after {earlier.to}")
        if entries[-1].to is not None:
            raise self.error(f"{key}[{len(entries) - 1}].to", f"nothing is known after {entries[-1].to}")
        return entries
