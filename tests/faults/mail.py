"""What reached the citizens: each letter once, by its Message-ID, however often the mail server was handed it."""

import asyncio
import json
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.invariants.seen import Violation

LETTERS_A_CLAIM = 2
"""The invite to the interview and the notice of approval."""
TIMEOUT_S = 180.0
"""The sink parses every mail that it shows, while it answers nobody else."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The mails of a run: `copies` came with a Message-ID that was there before."""

    by_claim: Mapping[str, Sequence[Mapping[str, Any]]]
    copies: int


async def count(sink: str) -> int:
    """Give how many mails came, which costs the sink nothing."""
    stats = await asyncio.to_thread(_get, f"{sink}/stats")
    return int(stats["mails"])


async def received(sink: str, addresses: Mapping[str, str]) -> Letters:
    """Ask the sink for the mails to these addresses (claims by address)."""
    mails = await asyncio.to_thread(_get, f"{sink}/messages?limit=1000000")
    by_claim: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in mails:
        if claim := addresses.get(each["to"][0]):
            by_claim[claim].append(each)
    copies = sum(len(each) - len({mail["message_id"] for mail in each}) for each in by_claim.values())
    return Letters(by_claim, copies)


def missing(letters: Letters, claims: Collection[str]) -> list[str]:
    return [each for each in claims if len(_identities(letters, each)) < LETTERS_A_CLAIM]


def check(letters: Letters, claims: Collection[str], notices: Mapping[str, str]) -> Iterator[Violation]:
    """Each citizen has one invite and one notice; `notices` (claims by Message-ID) are those that were said to be sent."""
    for claim in claims:
        mails = {mail["message_id"]: mail for mail in letters.by_claim.get(claim, ())}
        kinds = Counter("invite" if mail["has_calendar"] else "notice" for mail in mails.values())
        if kinds != {"invite": 1, "notice": 1}:
            subjects = [mail["subject"] for mail in mails.values()]
            yield Violation(claim, "each letter once", f"{dict(kinds)} by Message-ID: {subjects}")
    for identity, claim in notices.items():
        if identity not in _identities(letters, claim):
            yield Violation(claim, "what is said to be sent was sent", f"{identity} is not in the sink")


def _identities(letters: Letters, claim: str) -> set[str]:
    return {each["message_id"] for each in letters.by_claim.get(claim, ())}


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the sink of this test, on loopback
        return json.load(answer)
