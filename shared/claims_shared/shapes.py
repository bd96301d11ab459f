"""What every store checks in the same way: rows and filters against their shape, and the tokens that page by key. Pure."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal, TypeAlias

from claims_shared.ports import FieldKind, Page, Row, Scalar, Shape

Part: TypeAlias = Literal["everything", "beyond", "rest of the nulls", "nulls", "values"]

TYPES: dict[FieldKind, type] = {"text": str, "integer": int, "boolean": bool}
NAME = re.compile(r"[a-z][a-z0-9_]*")  # names go into SQL and collection names: checked once, so nothing is ever quoted
TAKEN = frozenset({"id", "partition"})  # what `find` understands beside the declared fields


def checked(shape: Shape) -> Shape:
    """The shape itself; ValueError where a name could not be a column's or would hide one of the store's own."""
    for name in (shape.name, *shape.fields):
        if not NAME.fullmatch(name) or name in TAKEN:
            raise ValueError(
                f"{name!r} in shape {shape.name!r} is no usable name: lower case, digits, _; not id, partition"
            )
    if unknown := shape.sparse - shape.fields.keys():
        raise ValueError(f"shape {shape.name!r} declares no {', '.join(sorted(unknown))} that could be sparse")
    return shape


def fits(value: Scalar, kind: FieldKind) -> bool:
    # True is an int to Python and to SQLite but not to MongoDB: an integer field takes no booleans anywhere.
    return value is None or (isinstance(value, TYPES[kind]) and isinstance(value, bool) == (kind == "boolean"))


def in_order(shape: Shape, rows: Sequence[Row]) -> list[Row]:
    """The rows by id (two writers that lock in one order cannot wait for each other); ValueError for a row that does not fit."""
    if len({row.id for row in rows}) < len(rows):
        raise ValueError(f"a write to {shape.name!r} names an id twice: which one would win?")
    for row in rows:
        _check(shape, row)
    return sorted(rows, key=attrgetter("id"))


def _check(shape: Shape, row: Row) -> None:
    if row.version < 1:
        raise ValueError(f"{shape.name} {row.id}: versions start at 1, this one is {row.version}")
    for name, value in row.fields.items():
        kind = shape.fields.get(name)
        if kind is None or (
            value is not None and type(value) is not TYPES[kind]
        ):  # what is exactly right is quickly seen
            _check_value(shape, name, value)


def _check_value(shape: Shape, name: str, value: Scalar) -> None:
    kind = shape.fields.get(name)
    if kind is None:
        raise ValueError(f"{shape.name!r} declares no field {name!r}, only {', '.join(shape.fields) or 'none'}")
    if not fits(value, kind):
        raise ValueError(f"field {name!r} of {shape.name!r} is {kind}, a {type(value).__name__} does not fit")


def checked_where(shape: Shape, where: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The filter itself; ValueError for what the shape does not declare."""
    for name, value in where.items():
        if name != "partition":
            _check_value(shape, name, value)
        elif not fits(value, "integer") or value is None:
            raise ValueError(f"a partition is a number, not {value!r}")
    return dict(where)


def checked_bounds(shape: Shape, up_to: Mapping[str, int]) -> dict[str, int]:
    """The bounds themselves; ValueError for what is no integer field of the shape."""
    for name, bound in up_to.items():
        if shape.fields.get(name) != "integer" or not fits(bound, "integer"):
            raise ValueError(f"{shape.name!r} cannot be counted up to {bound!r} of {name!r}: that is no integer field")
    return dict(up_to)


def sort_value(row: Row, sort: str) -> Scalar:
    return row.id if sort == "id" else row.fields.get(sort)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the key of its last row. Rows are ordered by (value, id), those without a value first."""

    sort: str
    descending: bool
    value: Scalar
    id: str

    def token(self) -> str:
        key = [self.sort, self.descending, self.value, self.id]
        return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")

    @property
    def parts(self) -> tuple[Part, ...]:
        """What follows this key, in order, as conditions that an index can start from (no comparison holds for a null)."""
        if self.value is None:
            return ("rest of the nulls",) if self.descending else ("rest of the nulls", "values")
        return ("beyond", "nulls") if self.descending else ("beyond",)


def cursor(shape: Shape, sort: str, *, descending: bool, after: str | None) -> Cursor | None:
    """The key to go on from, None for the first page; ValueError for a foreign token or a field that is not declared."""
    if sort != "id" and sort not in shape.fields:
        raise ValueError(f"{shape.name!r} cannot be sorted by {sort!r}, only by id, {', '.join(shape.fields)}")
    if after is None:
        return None
    found = _decoded(after)
    kind: FieldKind = "text" if sort == "id" else shape.fields[sort]
    if (
        (found.sort, found.descending) != (sort, descending)
        or not isinstance(found.id, str)
        or not fits(found.value, kind)
    ):
        raise ValueError("this page token belongs to another listing: start again without one")
    return found


def _decoded(token: str) -> Cursor:
    try:
        key = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        return Cursor(*key)
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError("this is no page token of ours: start again without one") from error


def page(rows: Sequence[Row], limit: int, sort: str, *, descending: bool) -> Page:
    """The page out of up to `limit` + 1 rows: the one too many only tells that there is more."""
    shown = rows[:limit]
    if len(rows) <= limit:
        return Page(shown, None)
    return Page(shown, Cursor(sort, descending, sort_value(shown[-1], sort), shown[-1].id).token())


def checked_limit(limit: int) -> int:
    if limit < 1:
        raise ValueError(f"a page holds at least one row, not {limit}")
    return limit
