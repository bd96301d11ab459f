"""A part of the demo: a claim with its submissions, what it must come to, and what people do on the way. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from claims_cli.demo.course import Course
from claims_cli.demo.examples import Example, examples
from claims_cli.demo.expectations import Expected, as_published
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People
from claims_shared.messages.fields import Message

VETERANS = 10
"""Every tenth ordinary claim is a veteran's and asks for the expedited lane."""


@dataclass(frozen=True, slots=True)
class Publish:
    """Something that the citizen sends through the portal."""

    message: Message


@dataclass(frozen=True, slots=True)
class Post:
    """Something that a caseworker does through the API."""

    what: str
    body: Mapping[str, Any]


Deed = Publish | Post


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does once, as soon as `on` gives the open entry it is about."""

    on: Callable[[Course], str | None]
    do: Callable[[str, datetime], Deed]


@dataclass(frozen=True, slots=True)
class Part:
    """One claim. `trouble` is empty for an ordinary one; `bodies` are published in order."""

    claim_id: str
    trouble: str
    bodies: tuple[bytes, ...]
    expected: Expected
    acts: tuple[Act, ...] = ()
    expedited: bool = False
    during_outage: bool = False


def ordinary(run: str, number: int, people: People) -> list[Part]:
    """Give so many claims without any trouble, cycling through the published examples."""
    known = examples()
    return [_ordinary(f"{run}-{place + 1:05}", known[place % len(known)], people, place) for place in range(number)]


def _ordinary(claim_id: str, example: Example, people: People, place: int) -> Part:
    veteran = place % VETERANS == VETERANS - 1
    body = filing(claim_id, example, people.next(), veteran=veteran)
    return Part(claim_id, "", (encoded(body),), as_published(example), expedited=veteran)
