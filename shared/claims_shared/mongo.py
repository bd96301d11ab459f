"""The store for more than one machine: a MongoDB collection per shape, written in unordered bulks of single-document operations.

PyMongo's own asyncio client, because Motor reached its end of life in May 2026. No transaction, pipeline update, array
filter, TTL or upsert: what is used here is what every MongoDB-compatible server keeps to.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, IndexModel, InsertOne, ReplaceOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError

from claims_shared.ports import Page, Row, Scalar, Shape, StoreUnavailable
from claims_shared.shapes import (
    Cursor,
    Part,
    checked,
    checked_bounds,
    checked_limit,
    checked_where,
    cursor,
    in_order,
    page,
)

Document: TypeAlias = dict[str, Any]
Operation: TypeAlias = InsertOne[Document] | ReplaceOne[Document]

TIMEOUT_MS: Final = 5_000
DATABASE: Final = "claims"  # where the URL names none
DUPLICATE_KEY: Final = 11_000
# Single operations that failed on a passing condition: write conflict, primary stepping down, shutdown, time limit.
PASSING: Final = frozenset({50, 91, 112, 189, 262, 10_107, 11_600, 11_602, 13_435, 13_436})


def codes(error: PyMongoError) -> set[int | None]:
    """What the server said, of a bulk also about its single operations."""
    details = error.details if isinstance(error, BulkWriteError) else {}
    said = [*details.get("writeErrors", ()), *details.get("writeConcernErrors", ())]
    return {getattr(error, "code", None), *(each.get("code") for each in said)}


def passes(error: PyMongoError) -> bool:
    """Whether the same call may work later: no connection, no primary, no majority, no time left."""
    if isinstance(error, ConnectionFailure) or error.timeout:
        return True
    if isinstance(error, BulkWriteError) and error.details["writeConcernErrors"]:
        return True
    return error.has_error_label("RetryableWriteError") or not PASSING.isdisjoint(codes(error))


def without_documents(error: PyMongoError) -> PyMongoError:
    """A bulk's error shows the documents that it was to write: people's data, which belongs in no log."""
    if isinstance(error, BulkWriteError):
        return OperationFailure(f"bulk write failed, codes {sorted(filter(None, codes(error)))}", error.code)
    return error


@asynccontextmanager
async def unavailable() -> AsyncIterator[None]:
    try:
        yield
    except PyMongoError as error:
        shown = without_documents(error)
        if passes(error):
            reason = str(shown).partition(" (configured")[0]  # then follows a description of the whole topology
            raise StoreUnavailable(f"MongoDB: {reason}") from shown
        raise shown from None


class MongoStore:
    """Documents of one shape in the collection of its name, in the database that the URL names.

    Every call ends within the URL's `timeoutMS` (default 5 s). Acknowledged means on the disks of a majority.
    """

    def __init__(self, url: str, shape: Shape) -> None:
        self._shape = checked(shape)
        # What is given here would win over the URL.
        limits: dict[str, Any] = {} if "timeoutms=" in url.lower() else {"timeoutMS": TIMEOUT_MS}
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(
            url, w="majority", journal=True, readConcernLevel="majority", appname="claimworks", **limits
        )
        self._rows: AsyncCollection[Document] = self._client.get_default_database(DATABASE)[shape.name]
        self._preparing = asyncio.Lock()
        self._ready = False

    @asynccontextmanager
    async def _collection(self) -> AsyncIterator[AsyncCollection[Document]]:
        async with unavailable():
            if not self._ready:
                await self._prepare()
            yield self._rows

    async def _prepare(self) -> None:
        async with self._preparing:
            if not self._ready:
                await self._rows.create_indexes(indices(self._shape))
                self._ready = True

    async def load(self, ids: Collection[str]) -> dict[str, Row]:
        if not ids:
            return {}
        async with self._collection() as rows:
            found = rows.find({"_id": {"$in": sorted(set(ids))}}).batch_size(
                len(ids) + 1
            )  # one answer, not pages of 101
            return {document["_id"]: self._row(document) async for document in found}

    async def write(self, rows: Sequence[Row]) -> set[str]:
        ordered = in_order(self._shape, rows)
        if not ordered:
            return set()
        async with self._collection() as collection:
            if (doubtful := await self._bulk(collection, ordered)) == []:
                return set()
            ids = {"_id": {"$in": [row.id for row in doubtful]}}
            stored = {each["_id"]: each async for each in collection.find(ids, ["version", "writer"])}
        return {row.id for row in doubtful if not _is(row, stored.get(row.id))}

    async def _bulk(self, collection: AsyncCollection[Document], rows: list[Row]) -> list[Row]:
        """Write and answer the rows that may have lost: a bulk tells which inserts did, of replaces only how many."""
        operations = [self._operation(row) for row in rows]
        counts: Mapping[str, Any]
        try:
            counts = (await collection.bulk_write(operations, ordered=False)).bulk_api_result
        except BulkWriteError as error:
            counts = error.details
            if counts["writeConcernErrors"] or any(each["code"] != DUPLICATE_KEY for each in counts["writeErrors"]):
                raise
        replaces = [row for row in rows if row.version > 1]
        present = [rows[each["index"]] for each in counts["writeErrors"]]
        return present + (replaces if counts["nMatched"] < len(replaces) else [])

    def _operation(self, row: Row) -> Operation:
        document: Document = {
            "_id": row.id,
            "version": row.version,
            "writer": row.writer,
            "partition": row.partition,
            "fields": self._fields(row),
            "body": row.body,
        }
        if row.due_at is not None:
            document["due_at"] = row.due_at
        if row.version == 1:
            return InsertOne(document)
        return ReplaceOne({"_id": row.id, "version": row.version - 1}, document)

    def _fields(self, row: Row) -> Document:
        """The declared fields; of the sparse ones those that the row has."""
        named = {name: row.fields.get(name) for name in self._shape.fields}
        return {name: value for name, value in named.items() if value is not None or name not in self._shape.sparse}

    def _row(self, found: Document) -> Row:
        fields = {name: found["fields"].get(name) for name in self._shape.fields}
        return Row(
            found["_id"],
            found["version"],
            found["writer"],
            found["partition"],
            found["body"],
            found.get("due_at"),
            fields,
        )

    async def due(self, partitions: Collection[int], before: int, limit: int) -> Sequence[Row]:
        if limit < 1:
            return []
        where = {"due_at": {"$lte": before}, "partition": {"$in": sorted(set(partitions))}}
        async with self._collection() as rows:
            found = rows.find(where).sort([("due_at", ASCENDING), ("_id", ASCENDING)]).limit(limit)
            return [self._row(document) async for document in found]

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
        rows: list[Row] = []
        parts: tuple[Part, ...] = start.parts if start else ("everything",)
        for part in parts:
            if len(rows) < more:
                conditions = [_equal(wanted), *self._there(wanted, sort), following(part, start, sort)]
                rows += await self._sorted(conditions, sort, more - len(rows), descending=descending)
        return page(rows, limit, sort, descending=descending)

    def _there(self, where: Mapping[str, Scalar], sort: str = "id") -> list[Document]:
        """Say of sparse fields that the rows have them: only then their indices may be taken."""
        named = [name for name, value in where.items() if value is not None] + [sort]
        return [{_path(name): {"$exists": True}} for name in named if name in self._shape.sparse]

    async def _sorted(self, conditions: list[Document], sort: str, limit: int, *, descending: bool) -> list[Row]:
        direction = DESCENDING if descending else ASCENDING
        order = [(name, direction) for name in dict.fromkeys((_path(sort), "_id"))]
        async with self._collection() as rows:
            found = rows.find({"$and": conditions}).sort(order).limit(limit)
            return [self._row(document) async for document in found]

    async def count(
        self,
        where: Mapping[str, Scalar],
        partitions: Collection[int] | None = None,
        *,
        up_to: Mapping[str, int] = MappingProxyType({}),
    ) -> int:
        conditions = [_equal(checked_where(self._shape, where)), *self._there(where)]
        conditions += [{_path(name): {"$lte": most}} for name, most in checked_bounds(self._shape, up_to).items()]
        if partitions is not None:
            conditions.append({"partition": {"$in": sorted(set(partitions))}})
        async with self._collection() as rows:
            return await rows.count_documents({"$and": conditions})

    async def ping(self) -> None:
        async with unavailable():
            await self._client.admin.command("ping")

    async def close(self) -> None:
        await self._client.close()


def indices(shape: Shape) -> list[IndexModel]:
    """What is due, in order, and each field in the order of its pages, with the partition, so that counting reads no document."""
    due = IndexModel(
        [("due_at", 1), ("_id", 1), ("partition", 1)], partialFilterExpression={"due_at": {"$exists": True}}
    )
    return [due, *(_index(name, sparse=name in shape.sparse) for name in shape.fields)]


def _index(name: str, *, sparse: bool) -> IndexModel:
    some: Document = {"partialFilterExpression": {_path(name): {"$exists": True}}} if sparse else {}
    return IndexModel([(_path(name), 1), ("_id", 1), ("partition", 1)], **some)


def following(part: Part, start: Cursor | None, sort: str) -> Document:
    """The condition for one part of what follows a page."""
    if start is None or part == "everything":
        return {}
    path, beyond = _path(sort), "$lt" if start.descending else "$gt"
    if part == "beyond":
        return {path: {f"{beyond}e": start.value}, "$or": [{path: {beyond: start.value}}, {"_id": {beyond: start.id}}]}
    if part == "rest of the nulls":
        return {path: None, "_id": {beyond: start.id}}
    return {path: None if part == "nulls" else {"$ne": None}}


def _equal(where: Mapping[str, Scalar]) -> Document:
    return {_path(name): value for name, value in where.items()}


def _path(name: str) -> str:
    return {"id": "_id", "partition": "partition"}.get(name, f"fields.{name}")


def _is(row: Row, stored: Document | None) -> bool:
    return stored is not None and (stored["version"], stored["writer"]) == (row.version, row.writer)
