"""A policy pack in memory: dated values, declared gaps, and the rules they make on a given day. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from claims_shared.law.bracket_table import BracketTable
from claims_shared.law.rules import Rule

DAY = timedelta(days=1)
Entries: TypeAlias = "tuple[Entry, ...]"
Parameters: TypeAlias = Mapping[str, Entries]


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of one parameter, from one day to another (`to` None: until further notice), with its legal reference."""

    since: date
    to: date | None
    value: Decimal | str | BracketTable
    unit: str
    reference: str
    trust: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which parameters are knowingly not known; `what` are paths, each standing for all below it, `*` for everything."""

    since: date
    to: date
    what: tuple[str, ...]
    reason: str

    def covers(self, path: str) -> bool:
        """Say whether the parameter of this path is among those not known."""
        return any(what == "*" or f"{path}.".startswith(f"{what}.") for what in self.what)


@dataclass(frozen=True, slots=True)
class Pack:
    """What one file says. `sections`: section -> rule -> parameter -> entries, oldest first."""

    jurisdiction: str
    name: str
    known_from: date
    known_until: date
    afterwards: str
    programs: frozenset[str]
    claim_types: frozenset[str]
    gaps: tuple[Gap, ...]
    sections: Mapping[str, Mapping[str, Parameters]]
    hash: str

    def parameters(self) -> Iterator[tuple[str, Entries]]:
        """Give every parameter with its path."""
        for section, rules in self.sections.items():
            for rule, parameters in rules.items():
                for name, entries in parameters.items():
                    yield f"{section}.{rule}.{name}", entries

    def rule(self, section: str, name: str, on: date) -> Rule:
        """Give a rule as it stands on a day, with the names of the parameters that have no value then."""
        parameters = self.sections[section][name]
        held = {parameter: entry for parameter, entries in parameters.items() if (entry := at(entries, on))}
        numbers = {parameter: e.value for parameter, e in held.items() if isinstance(e.value, Decimal)}
        words = {parameter: e.value for parameter, e in held.items() if isinstance(e.value, str)}
        tables = {parameter: e.value for parameter, e in held.items() if isinstance(e.value, BracketTable)}
        missing = frozenset(parameter for parameter in parameters if parameter not in held)
        return Rule(name, numbers, words, _citation([entry.reference for entry in held.values()]), missing, tables)

    def changes(self) -> list[date]:
        """Give the days, in order, on which anything in the pack begins or ends; the last is the first not known."""
        days = {self.known_from, self.known_until + DAY}
        for _, entries in self.parameters():
            days |= {entry.since for entry in entries} | {entry.to + DAY for entry in entries if entry.to}
        for gap in self.gaps:
            days |= {gap.since, gap.to + DAY}
        return sorted(day for day in days if day <= self.known_until + DAY)

    def why_not(self, path: str, on: date) -> str:
        """Give the declared reason for which this parameter (or rule) is not known on a day."""
        reasons = (gap.reason for gap in self.gaps if gap.since <= on <= gap.to and gap.covers(path))
        return next(reasons, "no reason is declared")


def at(entries: Entries, on: date) -> Entry | None:
    """Give the entry in force on a day."""
    begun = [entry for entry in entries if entry.since <= on]
    return begun[-1] if begun and (begun[-1].to is None or on <= begun[-1].to) else None


def _citation(references: list[str]) -> str:
    """Name each reference once, and none that another only makes longer."""
    once = list(dict.fromkeys(references))
    return "; ".join(one for one in once if not any(other != one and other.startswith(one) for other in once))
