"""The simulator's store: the promises of the real ones without IO, clock or randomness, and a place to crash at every call."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal, TypeAlias

from claims_shared.ports import Page, Row, Scalar, Shape
from claims_shared.shapes import (
    Cursor,
    checked,
    checked_bounds,
    checked_limit,
    checked_where,
    cursor,
    in_order,
    page,
    sort_value,
)

Moment: TypeAlias = Literal["before", "within", "after"]
Hook: TypeAlias = Callable[[str, Moment], Awaitable[None]]
Key: TypeAlias = tuple[bool, Scalar, str]


async def undisturbed(_call: str, _moment: Moment) -> None:
    """Nothing happens at any call."""


class MemoryStore:
    """One process's view of `rows`, which outlive it: hand the same mapping to every process that shares the store.

    `at` is awaited before and after the effect of every call, named as in the port, and of `write` also "within", before
    each row but the first: it may hold the call there, or raise (its own crash, or StoreUnavailable): what came before stays.
    """

    def __init__(self, shape: Shape, *, rows: dict[str, Row] | None = None, at: Hook = undisturbed) -> None:
        self._shape = checked(shape)
        self._rows = {} if rows is None else rows
        self._at = at

    async def load(self, ids: Collection[str]) -> dict[str, Row]:
        await self._at("load", "before")
        found = {each: self._shaped(self._rows[each]) for each in sorted(set(ids)) if each in self._rows}
        await self._at("load", "after")
        return found

    async def write(self, rows: Sequence[Row]) -> set[str]:
        ordered = in_order(self._shape, rows)
        losers = set()
        for number, row in enumerate(ordered):
            await self._at("write", "within" if number else "before")
            if not self._wins(row):
                losers.add(row.id)
        await self._at("write", "after")
        return losers

    def _wins(self, row: Row) -> bool:
        stored = self._rows.get(row.id)
        if stored and (stored.version, stored.writer) == (row.version, row.writer):
            return True
        if row.version != (stored.version + 1 if stored else 1):
            return False
        self._rows[row.id] = self._shaped(row)
        return True

    def _shaped(self, row: Row) -> Row:
        """The row with every declared field and a mapping of its own, as a real store would give it back."""
        if not self._shape.fields and not row.fields:
            return row
        return replace(row, fields={name: row.fields.get(name) for name in self._shape.fields})

    async def due(self, partitions: Collection[int], before: int, limit: int) -> Sequence[Row]:
        await self._at("due", "before")
        waiting = [
            (row.due_at, row.id, row) for row in self._of(partitions) if row.due_at is not None and row.due_at <= before
        ]
        found = [self._shaped(row) for _, _, row in sorted(waiting, key=lambda each: each[:2])[: max(limit, 0)]]
        await self._at("due", "after")
        return found

    async def find(
        self,
        where: Mapping[str, Scalar],
        *,
        sort: str = "id",
        descending: bool = False,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        wanted = checked_where(self._shape, where)
        start = cursor(self._shape, sort, descending=descending, after=after)
        more = checked_limit(limit) + 1
        await self._at("find", "before")
        listed = (row for row in self._of(None) if sort not in self._shape.sparse or row.fields.get(sort) is not None)
        keyed = [(_key(sort_value(row, sort), row.id), row) for row in listed if _matches(row, wanted)]
        keyed.sort(key=lambda each: each[0], reverse=descending)
        rows = [row for key, row in keyed if start is None or _beyond(key, start)][:more]
        await self._at("find", "after")
        return page([self._shaped(row) for row in rows], limit, sort, descending=descending)

    async def count(
        self,
        where: Mapping[str, Scalar],
        partitions: Collection[int] | None = None,
        *,
        up_to: Mapping[str, int] = MappingProxyType({}),
    ) -> int:
        wanted, bounds = checked_where(self._shape, where), checked_bounds(self._shape, up_to)
        await self._at("count", "before")
        number = sum(_matches(row, wanted) and _within(row, bounds) for row in self._of(partitions))
        await self._at("count", "after")
        return number

    async def ping(self) -> None:
        await self._at("ping", "before")
        await self._at("ping", "after")

    async def close(self) -> None:
        """Nothing is held."""

    def _of(self, partitions: Collection[int] | None) -> list[Row]:
        return [row for row in self._rows.values() if partitions is None or row.partition in partitions]


def _key(value: Scalar, row_id: str) -> Key:
    # A null before every value, and never compared with one.
    return (value is not None, 0 if value is None else value, row_id)


def _beyond(key: Key, start: Cursor) -> bool:
    last = _key(start.value, start.id)
    return key < last if start.descending else key > last


def _matches(row: Row, wanted: Mapping[str, Scalar]) -> bool:
    return all(
        (row.partition if name == "partition" else row.fields.get(name)) == value for name, value in wanted.items()
    )


def _within(row: Row, bounds: Mapping[str, int]) -> bool:
    values = ((row.fields.get(name), bound) for name, bound in bounds.items())
    return all(isinstance(value, int) and value <= bound for value, bound in values)
