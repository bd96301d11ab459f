"""The weeks' money of one claim: double entry in whole cents, so that every cent of an award is somewhere, and once. Pure.

Each transfer moves cents from one account to another and has an id that is composed, never random: what comes again finds its
id and moves nothing. The accounts of a claim always sum to zero: `award` holds, below zero, what was ever granted.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec


class Account(StrEnum):
    """Where the cents of an award can be.

    `award`: where they come from. `available`: not used yet. `held`: claimed, and somebody must decide first. `authorised`: to
    be paid, for good. `reversed`: authorised once, and taken back by a correction; they do not become available again by
    themselves: whether they do is for a person.
    """

    AWARD = "award"
    AVAILABLE = "available"
    HELD = "held"
    AUTHORISED = "authorised"
    REVERSED = "reversed"


class Transfer(msgspec.Struct, frozen=True, array_like=True):
    """So many cents, more than none, from one account to another; `at` in milliseconds."""

    id: str
    at: int
    source: Account
    target: Account
    cents: int


class Refused(Exception):  # noqa: N818 - a defect of ours, which parks the claim: money is never moved by guess
    """A transfer that the accounts do not allow."""


Balances = Mapping[Account, int]
SOURCES_BELOW_ZERO: Final = frozenset({Account.AWARD})
"""Only what was granted may be owed."""


def balances(transfers: Iterable[Transfer]) -> Balances:
    """Give what is in every account, in cents."""
    held = dict.fromkeys(Account, 0)
    for each in transfers:
        held[each.source] -= each.cents
        held[each.target] += each.cents
    return held


def post(transfers: tuple[Transfer, ...], *new: Transfer) -> tuple[Transfer, ...]:
    """Give the ledger with these transfers behind it; one whose id is there already moves nothing.

    Raises Refused where cents are moved that are not there, or where an id stands for another transfer.
    """
    posted, held = {each.id: each for each in transfers}, dict(balances(transfers))
    for each in new:
        if (before := posted.get(each.id)) is not None:
            if (before.source, before.target, before.cents) != (each.source, each.target, each.cents):
                raise Refused(f"{each.id} was {before.cents} cents from {before.source} to {before.target}")
            continue
        if each.cents <= 0 or each.source is each.target:
            raise Refused(f"{each.id} moves nothing: {each.cents} cents from {each.source} to {each.target}")
        if each.source not in SOURCES_BELOW_ZERO and held[each.source] < each.cents:
            raise Refused(f"{each.id} moves {each.cents} cents of the {held[each.source]} that are {each.source}")
        held[each.source] -= each.cents
        held[each.target] += each.cents
        posted[each.id] = each
    return tuple(posted.values())
