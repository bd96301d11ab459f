"""A shape as an SQLite table: its statements as text and its rows as parameters. Pure; names are checked, values are bound."""

# ruff: noqa: S608 - only names that `shapes.checked` let through are put into a statement

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from claims_shared.ports import FieldKind, Row, Scalar, Shape
from claims_shared.shapes import Cursor, Part

TYPES: dict[FieldKind, str] = {"text": "TEXT", "integer": "INTEGER", "boolean": "INTEGER"}
FIRST = ("id", "version", "writer", "partition", "due_at")


def column(name: str) -> str:
    """The column of a declared field, apart from the store's own columns."""
    return name if name in {"id", "partition"} else f"f_{name}"


def marks(count: int) -> str:
    return ", ".join("?" * count)


@dataclass(frozen=True, slots=True)
class Table:
    """The statements for one shape. The body is the last column: what is asked for is read without its overflow pages."""

    shape: Shape

    @property
    def name(self) -> str:
        return self.shape.name

    @property
    def columns(self) -> tuple[str, ...]:
        return (*FIRST, *map(column, self.shape.fields), "body")

    def create(self) -> str:
        fields = "".join(f", {column(name)} {TYPES[kind]}" for name, kind in self.shape.fields.items())
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} (id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL,"
            f" writer TEXT NOT NULL, partition INTEGER NOT NULL, due_at INTEGER{fields}, body BLOB NOT NULL)"
        )

    def additions(self, existing: Collection[str]) -> Iterator[str]:
        """What an older table lacks: rows written before have nothing in the new columns."""
        for name, kind in self.shape.fields.items():
            if column(name) not in existing:
                yield f"ALTER TABLE {self.name} ADD COLUMN {column(name)} {TYPES[kind]}"

    def indices(self) -> Iterator[str]:
        """Partition stands in each, so that counting never touches a row; without the id, which would cost 40 % more a write."""
        yield (
            f"CREATE INDEX IF NOT EXISTS {self.name}_due ON {self.name} (due_at, partition) WHERE due_at IS NOT NULL"
        )
        for name in self.shape.fields:
            some = f" WHERE {column(name)} IS NOT NULL" if name in self.shape.sparse else ""
            yield f"CREATE INDEX IF NOT EXISTS {self.name}_by_{name} ON {self.name} ({column(name)}, partition){some}"

    def insert(self, count: int) -> str:
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES {self._rows(count)} ON CONFLICT DO NOTHING"

    def replace(self, count: int) -> str:
        """An update, not an upsert: a document that is missing stays missing."""
        sets = ", ".join(f"{name} = new.column{number}" for number, name in enumerate(self.columns[1:], start=2))
        return (
            f"UPDATE {self.name} SET {sets} FROM (VALUES {self._rows(count)}) AS new"
            f" WHERE {self.name}.id = new.column1 AND {self.name}.version = new.column2 - 1"
        )

    def _rows(self, count: int) -> str:
        return ", ".join([f"({marks(len(self.columns))})"] * count)

    def select(self, tail: str) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.name} {tail}"

    def written(self, count: int) -> str:
        return f"SELECT id, version, writer FROM {self.name} WHERE id IN ({marks(count)})"

    def count(self, condition: str) -> str:
        return f"SELECT count(*) FROM {self.name} WHERE {condition}"

    def count_up_to(self, name: str, value: Scalar) -> str:
        there = self.there({name: value})
        return f"SELECT count(*) FROM (SELECT 1 FROM {self.name} WHERE {column(name)} IS ?{there} LIMIT ?)"

    def there(self, where: Mapping[str, Scalar], sort: str = "id") -> str:
        """Say of sparse fields that the rows have them: only then the planner may take their indices."""
        named = [name for name, value in where.items() if value is not None] + [sort]
        return "".join(f" AND {column(name)} IS NOT NULL" for name in dict.fromkeys(named) if name in self.shape.sparse)

    def values(self, row: Row) -> tuple[Scalar | bytes, ...]:
        fields = (row.fields.get(name) for name in self.shape.fields)
        return (row.id, row.version, row.writer, row.partition, row.due_at, *fields, row.body)

    def row(self, record: tuple[Any, ...]) -> Row:
        row_id, version, writer, partition, due_at, *fields, body = record
        named = {
            name: _read(kind, value) for (name, kind), value in zip(self.shape.fields.items(), fields, strict=True)
        }
        return Row(row_id, version, writer, partition, body, due_at, named)


def _read(kind: FieldKind, value: Scalar) -> Scalar:
    return bool(value) if kind == "boolean" and value is not None else value


def equal(where: Mapping[str, Scalar], *, by_index: bool = True) -> str:
    """The filter as a condition; `by_index=False` keeps the planner from starting at it (the unary plus).

    `=` where it can be: only that tells the planner that an index without the nulls will do.
    """
    plus = "" if by_index else "+"
    same = (f"{plus}{column(name)} {'IS' if value is None else '='} ?" for name, value in where.items())
    return " AND ".join(same) or "TRUE"


def bounded(up_to: Collection[str]) -> str:
    """The bounds as conditions behind others; no comparison holds for a null."""
    return "".join(f" AND {column(name)} <= ?" for name in up_to)


def following(part: Part, start: Cursor | None, sort: str) -> tuple[str, tuple[Scalar, ...]]:
    """The condition and the values for one part of what follows a page."""
    name, beyond = column(sort), "<" if start and start.descending else ">"
    if start is None or part == "everything":
        return "TRUE", ()
    if part == "beyond":
        return f"{name} {beyond}= ? AND ({name} {beyond} ? OR id {beyond} ?)", (start.value, start.value, start.id)
    if part == "rest of the nulls":
        return f"{name} IS NULL AND id {beyond} ?", (start.id,)
    return (f"{name} IS NULL" if part == "nulls" else f"{name} IS NOT NULL"), ()
