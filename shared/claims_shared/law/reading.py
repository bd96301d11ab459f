"""The packs as people read them: a page of what is in force on a day, what changed between two days, an overview. Pure.

Nothing here knows the name of a section, rule or unit: what a pack holds is shown, in the order of the law. A day outside the
time that a pack speaks about has no values, also where a value has no end of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from claims_shared.law import words
from claims_shared.law.in_force import Packs
from claims_shared.law.pack import DAY, Entries, Entry, Gap, Pack, at
from claims_shared.law.rules import Unknown
from claims_shared.law.schema import TRUST


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter on a day; without an entry it is not known, and `why_not` says why."""

    path: str
    entry: Entry | None
    why_not: str = ""

    @property
    def name(self) -> str:
        """Give the parameter's own name."""
        return self.path.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Told:
    """One rule on a day: in words, and its values in the order of the pack."""

    path: str
    sentence: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One section on a day."""

    name: str
    rules: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One parameter that is not the same on two days; None: not known then. `why_not` says why it is not known afterwards."""

    path: str
    before: Entry | None
    after: Entry | None
    why_not: str = ""

    @property
    def kind(self) -> str:
        """Say how it changed: `changed`, `restated` (the same value from another source), `became_known`, `became_unknown`."""
        if self.before is None or self.after is None:
            return "became_known" if self.before is None else "became_unknown"
        return "restated" if self.before.value == self.after.value else "changed"


@dataclass(frozen=True, slots=True)
class Next:
    """The first day after another on which anything changes."""

    on: date
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A jurisdiction's law on one day; no sections where the pack does not speak about it.

    `undecided`: why no claim of that day is decided, None where claims are. `next`: None where nothing later is known.
    """

    pack: Pack
    on: date
    undecided: str | None
    sections: tuple[Section, ...]
    gaps: tuple[Gap, ...]
    next: Next | None


@dataclass(frozen=True, slots=True)
class Summary:
    """A pack in a line: how many parameters it has, how many of the day's values each class of trust stands behind."""

    pack: Pack
    undecided: str | None
    parameters: int
    by_trust: Mapping[str, int]
    gaps: tuple[Gap, ...]


def page(packs: Packs, jurisdiction: str, on: date) -> Page | Unknown:
    """Give the page of a jurisdiction for a day; Unknown where there is no pack."""
    pack = packs.pack(jurisdiction)
    if isinstance(pack, Unknown):
        return pack
    return Page(pack, on, _undecided(packs, pack, on), _sections(pack, on), gaps(pack, on), following(pack, on))


def summary(packs: Packs, jurisdiction: str, on: date) -> Summary | Unknown:
    """Give the line of a jurisdiction for a day; Unknown where there is no pack."""
    pack = packs.pack(jurisdiction)
    if isinstance(pack, Unknown):
        return pack
    held = [held_on(pack, entries, on) for _, entries in pack.parameters()]
    counts = Counter(entry.trust for entry in held if entry)
    by_trust = {trust: counts[trust] for trust in TRUST if counts[trust]}
    return Summary(pack, _undecided(packs, pack, on), len(held), by_trust, gaps(pack, on))


def changes(pack: Pack, before: date, after: date) -> tuple[Change, ...]:
    """Give what is not the same on the two days, in the order of the law; what came and went between them is not seen."""
    return tuple(_changes(pack, before, after))


def following(pack: Pack, on: date) -> Next | None:
    """Give the next change after a day; None where the pack knows of none, which is so after all that it knows."""
    later = ((day, changes(pack, on, day)) for day in pack.changes() if day > on)
    return next((Next(day, found) for day, found in later if found), None)


def held_on(pack: Pack, entries: Entries, on: date) -> Entry | None:
    """Give the entry in force on a day that the pack speaks about."""
    return at(entries, on) if speaks(pack, on) else None


def gaps(pack: Pack, on: date) -> tuple[Gap, ...]:
    """Give what is declared as not known on a day; a day outside the pack's time needs no declaration."""
    return tuple(gap for gap in pack.gaps if speaks(pack, on) and gap.since <= on <= gap.to)


def speaks(pack: Pack, on: date) -> bool:
    """Say whether the pack speaks about a day."""
    return pack.known_from <= on <= pack.known_until


def newest(packs: Packs, pack: Pack) -> date:
    """Give the newest day on which claims are decided; where there is none, the last that the pack speaks about."""
    spans = decided(packs, pack)
    return spans[-1][1] if spans else pack.known_until


def decided(packs: Packs, pack: Pack) -> tuple[tuple[date, date], ...]:
    """Give the first and last days of the times in which claims are decided."""
    spans: list[tuple[date, date]] = []
    for start, end in pairwise(pack.changes()):
        if isinstance(packs.in_force(pack.jurisdiction, start), Unknown):
            continue
        joined = spans and spans[-1][1] + DAY == start
        first = spans.pop()[0] if joined else start
        spans.append((first, end - DAY))
    return tuple(spans)


def weakest(values: Iterable[Entry]) -> str | None:
    """Name the weakest trust among these; None where there is no value."""
    return max((entry.trust for entry in values), key=TRUST.index, default=None)


def _sections(pack: Pack, on: date) -> tuple[Section, ...]:
    if not speaks(pack, on):
        return ()
    return tuple(
        Section(name, tuple(_told(pack, f"{name}.{rule}", parameters, on) for rule, parameters in rules.items()))
        for name, rules in pack.sections.items()
    )


def _told(pack: Pack, path: str, parameters: Mapping[str, Entries], on: date) -> Told:
    values = tuple(_value(pack, f"{path}.{name}", entries, on) for name, entries in parameters.items())
    held = {value.name: words.shown(value.entry.value, value.entry.unit) for value in values if value.entry}
    return Told(path, words.sentence(path, held), values)


def _value(pack: Pack, path: str, entries: Entries, on: date) -> Value:
    entry = held_on(pack, entries, on)
    return Value(path, entry, "" if entry else _why_not(pack, path, on))


def _changes(pack: Pack, before: date, after: date) -> Iterator[Change]:
    for path, entries in pack.parameters():
        was, is_ = held_on(pack, entries, before), held_on(pack, entries, after)
        if _said(was) != _said(is_):
            yield Change(path, was, is_, "" if is_ else _why_not(pack, path, after))


def _said(entry: Entry | None) -> tuple[object, ...] | None:
    """Give what a value says, without its days."""
    return None if entry is None else (entry.value, entry.unit, entry.reference, entry.trust)


def _undecided(packs: Packs, pack: Pack, on: date) -> str | None:
    law = packs.in_force(pack.jurisdiction, on)
    return law.detail if isinstance(law, Unknown) else None


def _why_not(pack: Pack, path: str, on: date) -> str:
    if on < pack.known_from:
        return f"The pack knows nothing before {pack.known_from}."
    return pack.afterwards if on > pack.known_until else pack.why_not(path, on)
