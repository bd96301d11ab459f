"""The narrow seams of the engine: what a store must promise. Adapters stand beside; one contract suite holds them all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, TypeAlias

Scalar: TypeAlias = str | int | bool | None
FieldKind: TypeAlias = Literal["text", "integer", "boolean"]


@dataclass(frozen=True, slots=True)
class Shape:
    """What one kind of document looks like to a store: its name and the fields kept beside the body, all of them indexed.

    Names are lower case letters, digits and _; `id` and `partition` are taken. Fields may be added later: they are None in
    rows that were written before. Each costs 2-4 us a write: declare what is filtered, sorted or counted by.

    `sparse`: those of them that most rows lack. Such a row is not in the field's index and costs next to nothing; a listing
    sorted by the field leaves it out.
    """

    name: str
    fields: Mapping[str, FieldKind] = field(default_factory=dict)
    sparse: frozenset[str] = frozenset()


@dataclass(slots=True)  # not frozen: that costs 2 us each, and six are made for a claim
class Row:
    """One stored document: an encoded body with the few values a store needs to see.

    `version` starts at 1 and grows by one with every write. `writer` is a token unique to each write attempt.
    `due_at` is an instant in UTC milliseconds, or None where nothing is due.
    """

    id: str
    version: int
    writer: str
    partition: int
    body: bytes
    due_at: int | None = None
    fields: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A window of `find`: rows ordered by (sort, id); `next_after` continues it and is None at the end."""

    rows: Sequence[Row]
    next_after: str | None


class StoreUnavailable(Exception):  # noqa: N818 - a condition that passes, not a defect
    """The store did not answer in time or refused the connection: the same call may work later."""


class Store(Protocol):
    """Documents under compare-and-set. Every method raises StoreUnavailable where the store is away."""

    async def load(self, ids: Collection[str]) -> dict[str, Row]:
        """The rows that exist, by id, as of the last acknowledged write (majority)."""

    async def write(self, rows: Sequence[Row]) -> set[str]:
        """Durably write all rows that win and answer the ids that lost.

        Version 1 is an insert and loses where the id exists. Version n replaces version n-1 and loses where anything
        else, or nothing, is stored. Ids are unique within one call. Rows are written in order of id.

        A call that fails may have written some of its rows. A row that is stored with its own version and `writer` has
        won, so the same call may be repeated, or its rows be loaded and compared. A loser may, rarely, have won and been
        overtaken before it was told: load it before folding again. Raises ValueError, and writes nothing, where a row
        does not fit the shape or an id comes twice.
        """

    async def due(self, partitions: Collection[int], before: int, limit: int) -> Sequence[Row]:
        """Up to `limit` rows of these partitions with `due_at` <= `before` (UTC milliseconds), earliest first."""

    async def find(
        self,
        where: Mapping[str, Scalar],
        *,
        sort: str = "id",
        descending: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Rows whose declared fields (or `partition`) equal `where`, ordered by `sort` (a declared field or `id`), paged by key.

        Rows with an equal sort value are ordered by id, those without one come first (a sparse field leaves them out);
        `descending` turns all of it round.
        Raises ValueError on a field that the shape does not declare or an `after` that is not one of its own tokens.
        """

    async def count(
        self,
        where: Mapping[str, Scalar],
        partitions: Collection[int] | None = None,
        *,
        up_to: Mapping[str, int] = MappingProxyType({}),
    ) -> int:
        """How many rows equal `where` (as in `find`), of these partitions only where given.

        `up_to`: integer fields that a row must have, and at most so much of.
        """

    async def ping(self) -> None:
        """Return when the store answers; raise StoreUnavailable otherwise."""

    async def close(self) -> None:
        """Give back connections and files; safe to call twice."""
