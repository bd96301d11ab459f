"""Reads how citizens reach an agency and how they appeal, from `contacts.yaml`: dated, each with its source. Strict."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from claims_shared.calendars.agencies import AGENCIES

FILE: Final = Path(__file__).with_name("contacts.yaml")
LANGUAGES: Final = ("en", "es")
TRUSTS: Final = frozenset({"agency_page", "relayed"})
ABOUT: Final = frozenset({"from", "to", "reference", "trust"})


class Contact(NamedTuple):
    """What a letter can say about an agency, in one language; what is not known is empty."""

    office: str = ""
    address: tuple[str, ...] = ()
    telephone: tuple[str, ...] = ()
    hours: str = ""
    web: str = ""
    appeal_web: str = ""
    appeal_address: tuple[str, ...] = ()
    appeal_fax: str = ""
    appeal_say: tuple[str, ...] = ()


NOTHING: Final = Contact()
SPOKEN: Final = frozenset({"office", "hours", "appeal_say"})
"""What is said in each language; the rest is the same in all."""


class Fact(NamedTuple):
    """One value of a field, by language, while it held; both days included."""

    since: date
    until: date
    value: Mapping[str, Any]


Facts = Mapping[str, Mapping[str, tuple[Fact, ...]]]
"""By jurisdiction and field, in order of time."""


class ContactsError(Exception):
    """The file is not as it must be; says where and what to write instead."""


@cache
def load_contacts(file: Path = FILE) -> Facts:
    """Read all. Raises ContactsError: a wrong address in a letter costs somebody a right."""
    read = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {jurisdiction: _fields(jurisdiction, fields) for jurisdiction, fields in read.items()}


def contact_of(facts: Facts, jurisdiction: str, language: str, on: date) -> Contact:
    """Give what is known of an agency on a day."""
    held = facts.get(jurisdiction, {})
    found = {name: value for name, known in held.items() if (value := _in_force(known, language, on))}
    return NOTHING._replace(**found)


def _in_force(facts: tuple[Fact, ...], language: str, on: date) -> Any:
    return next((each.value[language] for each in facts if each.since <= on <= each.until), None)


def _fields(jurisdiction: str, fields: Mapping[str, Any]) -> Mapping[str, tuple[Fact, ...]]:
    if jurisdiction not in AGENCIES:
        raise ContactsError(f"{jurisdiction}: no jurisdiction with an agency")
    missing = fields.get("not_known")
    given = {name: values for name, values in fields.items() if name != "not_known"}
    if not isinstance(missing, list) or sorted([*given, *missing]) != sorted(Contact._fields):
        raise ContactsError(
            f"{jurisdiction}: each of {', '.join(Contact._fields)} is given once or listed in not_known"
        )
    return {name: _facts(f"{jurisdiction}.{name}", name, values) for name, values in given.items()}


def _facts(place: str, name: str, values: Any) -> tuple[Fact, ...]:
    if not isinstance(values, list) or not values:
        raise ContactsError(f"{place}: is no list of dated values")
    facts = [_fact(f"{place}[{number}]", name, value) for number, value in enumerate(values)]
    for earlier, later in pairwise(facts):
        if later.since <= earlier.until:
            raise ContactsError(
                f"{place}: {later.since} overlaps the value before it; end each with `to`, order by date"
            )
    return tuple(facts)


def _fact(place: str, name: str, raw: Mapping[str, Any]) -> Fact:
    said = frozenset(LANGUAGES) if name in SPOKEN else frozenset({"value"})
    if raw.keys() - {"to"} != (ABOUT - {"to"}) | said:
        raise ContactsError(f"{place}: needs from, reference, trust and {', '.join(sorted(said))}, and takes to")
    if raw["trust"] not in TRUSTS or not isinstance(raw["reference"], str) or not raw["reference"]:
        raise ContactsError(f"{place}: needs a reference, and a trust among {', '.join(sorted(TRUSTS))}")
    since, until = raw["from"], raw.get("to", date.max)
    if type(since) is not date or type(until) is not date or until < since:
        raise ContactsError(f"{place}: from and to are days, in this order")
    value = {language: raw[language if name in SPOKEN else "value"] for language in LANGUAGES}
    return Fact(since, until, {language: _text(place, name, each) for language, each in value.items()})


def _text(place: str, name: str, value: Any) -> Any:
    """Lists are lists of lines, the others are one line; nothing is empty."""
    lines = value if isinstance(getattr(NOTHING, name), tuple) else [value]
    if not isinstance(lines, list) or not lines or not all(isinstance(each, str) and each.strip() for each in lines):
        raise ContactsError(f"{place}: is not {'a list of texts' if lines is value else 'a text'}")
    return tuple(lines) if lines is value else value
