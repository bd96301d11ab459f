"""What the stores hold, read with plain drivers: the SQLite files, or the collections of the database."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from tests.invariants.seen import Documents, Stored

DATABASE = "claims"
SHAPES = ("claims", "identity", "persons", "effects", "slots", "waits")
COLUMNS = "id, version, partition, body, due_at"


async def read(url: str, *shapes: str) -> Documents:
    """Read every document of these shapes (all) behind the URL that the services were given."""
    wanted = shapes or SHAPES
    if url.startswith("sqlite://"):
        return await asyncio.to_thread(_files, Path(url.removeprefix("sqlite://")), wanted)
    return await _database(url, wanted)


async def waiting(url: str, claims: Sequence[str]) -> list[str]:
    """Give those for which the scheduler's store still holds a wait."""
    waits = (await read(url, "waits"))["waits"]
    return [f"{each} is waited for" for each in claims if each in waits and waits[each].data[1]]


def _files(folder: Path, shapes: Sequence[str]) -> Documents:
    return {each: _file(folder / f"{each}.db", each) for each in shapes}


def _file(path: Path, shape: str) -> Mapping[str, Stored]:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM {shape}")  # noqa: S608 - one of the names above
        return {row[0]: Stored(*row) for row in rows}


async def _database(url: str, shapes: Sequence[str]) -> Documents:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url)
    try:
        database = client[DATABASE]
        return {each: {row["_id"]: _stored(row) async for row in database[each].find()} for each in shapes}
    finally:
        await client.close()


def _stored(row: Mapping[str, Any]) -> Stored:
    return Stored(row["_id"], row["version"], row["partition"], row["body"], row.get("due_at"))
