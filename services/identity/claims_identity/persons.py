"""The registry of persons: who holds an SSN. Documents by keyed digest, changed by compare-and-set, a whole batch at once.

A claim is registered *before* its own document is written. A crash between the two is safe: the command comes again, finds
itself registered, and is compared with the same earlier claims, so that it gets the same verdict. Where the check fails then,
the document learns whose it was, and undoing finds what was registered.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from claims_identity.crossmatch import Crossing, Registration, crossmatch
from claims_shared.ports import Row, Shape, Store, StoreUnavailable

PERSONS: Final = Shape("persons")
TRIES: Final = 20
"""Whoever loses a compare-and-set lost to somebody who went on; so often in a row, the store is in trouble."""
MOST_HELD: Final = 200
"""Claims kept for one SSN. One filed more often is in conflict with all of these, kept or not."""
MOST_UNDONE: Final = 64


@dataclass(frozen=True, slots=True)
class Register:
    """Let a claim hold this person's token."""

    person: str
    registration: Registration


@dataclass(frozen=True, slots=True)
class Release:
    """Let go of what this effect took, if it took anything, and keep it from taking it later."""

    person: str
    effect_id: str


Entry: TypeAlias = Register | Release


class Person(msgspec.Struct, frozen=True):
    """Who holds one SSN, in the order of registration, and the effects that were undone."""

    claims: tuple[Registration, ...] = ()
    undone: tuple[str, ...] = ()


class Persons:
    """The registry over a store. `writer` names this process in every write."""

    def __init__(self, store: Store, writer: str) -> None:
        self._store = store
        self._writer = writer
        self._writes = itertools.count(1)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Person).decode

    async def record(self, entries: Sequence[Entry]) -> list[tuple[Crossing, ...]]:
        """Register and release in order, one load and one write for all; give each entry's crossings.

        Doing it again changes nothing and gives the same crossings. Raises StoreUnavailable.
        """
        found: list[tuple[Crossing, ...]] = [()] * len(entries)
        pending: dict[str, list[int]] = {}
        for number, entry in enumerate(entries):
            pending.setdefault(entry.person, []).append(number)
        for _ in range(TRIES):
            if not pending:
                return found
            losers = await self._round(entries, pending, found)
            pending = {person: numbers for person, numbers in pending.items() if person in losers}
        raise StoreUnavailable(f"{len(pending)} persons could not be registered in {TRIES} tries: others kept winning")

    async def _round(
        self, entries: Sequence[Entry], pending: dict[str, list[int]], found: list[tuple[Crossing, ...]]
    ) -> set[str]:
        """Fold the pending persons on what is stored now and write once; give those who lost."""
        stored = await self._store.load(pending.keys())
        writer = f"{self._writer}/persons/{next(self._writes)}"
        rows = []
        for person, numbers in pending.items():
            row = stored.get(person)
            before = after = self._decode(row.body) if row else Person()
            for number in numbers:
                after, found[number] = apply(after, entries[number])
            if after is not before:
                rows.append(Row(person, row.version + 1 if row else 1, writer, 0, self._encode(after)))
        return await self._store.write(rows) if rows else set()


def apply(person: Person, entry: Entry) -> tuple[Person, tuple[Crossing, ...]]:
    """Give the person after one entry, the very same where nothing changes, and the claim's crossings. Pure."""
    if isinstance(entry, Release):
        return _released(person, entry.effect_id), ()
    return _registered(person, entry.registration)


def _registered(person: Person, mine: Registration) -> tuple[Person, tuple[Crossing, ...]]:
    if mine.effect_id in person.undone:
        return person, ()  # its claim's document says so too, and answers accordingly
    effects = [other.effect_id for other in person.claims]
    if mine.effect_id in effects:
        return person, crossmatch(mine, person.claims[: effects.index(mine.effect_id)])
    crossings = crossmatch(mine, person.claims)
    if len(person.claims) >= MOST_HELD:
        return person, crossings
    return msgspec.structs.replace(person, claims=(*person.claims, mine)), crossings


def _released(person: Person, effect_id: str) -> Person:
    if effect_id in person.undone:
        return person
    held = tuple(other for other in person.claims if other.effect_id != effect_id)
    return Person(held, (*person.undone, effect_id)[-MOST_UNDONE:])
