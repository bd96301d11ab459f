"""The embedded store for one machine: one SQLite file, shared by the processes of a service, one transaction a batch.

Two threads with a connection each do the work, so that the event loop never waits and a read never waits for a write.
The interpreter's lock decides the speed: `RETURNING` and `executemany` give it up at each row and get it back up to 5 ms
later while the loop is busy (measured: 4.8 ms a row instead of 0.08). So a write is one statement for all rows, which
tells how many won; only where some lost, the same transaction asks which. A process whose loop may be busy for long sets
`sys.setswitchinterval(0.0005)`: at the default a loop of short callbacks can starve these threads for seconds (measured).
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar

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
from claims_shared.sqlite_table import Table, bounded, equal, following, marks

T = TypeVar("T")

CHUNK: Final = 500  # rows in one statement, where the library's limit on parameters allows it
CHECKPOINT_PAGES: Final = 16_000  # 64 MB: pages written several times are copied once
CACHE_KIB: Final = 32_768
STATEMENTS: Final = 8  # a kept statement also keeps the 500 bodies that were bound to it
RARE: Final = 2_000  # up to so many matches are sorted; of more, the sort's index is walked until a page is full
PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)


@contextmanager
def unavailable(path: Path) -> Iterator[None]:
    """What may work later becomes StoreUnavailable; a wrong statement or a broken file stays what it is."""
    try:
        yield
    except sqlite3.Error as error:
        # The extended code's lowest byte is the kind of failure.
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in PASSING:
            raise StoreUnavailable(f"SQLite file {path}: {error}") from error
        raise


class Worker:
    """One thread that owns one connection, opened at its first job and tried again by the next job if that fails."""

    def __init__(self, path: Path, role: str, opening: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._opening = opening
        self._thread = ThreadPoolExecutor(1, f"sqlite-{path.stem}-{role}")
        self._connection: sqlite3.Connection | None = None

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, job)

    def _do(self, job: Callable[[sqlite3.Connection], T]) -> T:
        with unavailable(self._path):
            if self._connection is None:
                self._connection = self._opening()
            return job(self._connection)

    def close(self) -> None:
        self._thread.shutdown()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SqliteStore:
    """Documents of one shape in one file; a lock that is held longer than `timeout` seconds makes the store unavailable."""

    def __init__(self, path: Path, shape: Shape, *, timeout: float = 5.0) -> None:
        self._path = path
        self._shape = checked(shape)
        self._table = Table(shape)
        self._timeout = timeout
        self._writer = Worker(path, "write", self._open_writer)
        self._reader = Worker(path, "read", self._open_reader)
        self._ready = False

    def _connect(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=self._timeout,
            isolation_level=None,  # transactions are begun by hand
            cached_statements=STATEMENTS,
            check_same_thread=False,  # closed from the thread that ends the other one
        )

    def _open_writer(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = self._connect("rwc")
        try:
            _use_wal(connection, time.monotonic() + self._timeout)
            _configure(connection)
            with transaction(connection):
                self._create(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute(self._table.create())
        existing = [record[1] for record in connection.execute(f"PRAGMA table_info({self._table.name})")]
        for statement in (*self._table.additions(existing), *self._table.indices()):
            connection.execute(statement)

    def _open_reader(self) -> sqlite3.Connection:
        return self._connect("ro")

    async def _read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if not self._ready:
            await self._writer.run(
                lambda _: None
            )  # a reading process may be the first: the schema is made by whoever comes
            self._ready = True
        return await self._reader.run(job)

    async def load(self, ids: Collection[str]) -> dict[str, Row]:
        wanted = sorted(set(ids))
        return await self._read(lambda connection: {row.id: row for row in self._load(connection, wanted)})

    def _load(self, connection: sqlite3.Connection, ids: list[str]) -> Iterator[Row]:
        for chunk in chunks(ids, CHUNK):
            yield from self._select(connection, f"WHERE id IN ({marks(len(chunk))})", chunk)

    def _select(self, connection: sqlite3.Connection, tail: str, values: Sequence[Scalar]) -> Iterator[Row]:
        return map(self._table.row, connection.execute(self._table.select(tail), values))

    async def write(self, rows: Sequence[Row]) -> set[str]:
        ordered = in_order(self._shape, rows)
        return await self._writer.run(lambda connection: self._write(connection, ordered)) if ordered else set()

    def _write(self, connection: sqlite3.Connection, rows: list[Row]) -> set[str]:
        inserts = [row for row in rows if row.version == 1]
        replaces = [row for row in rows if row.version > 1]
        with transaction(connection):
            return {
                *self._apply(connection, self._table.insert, inserts),
                *self._apply(connection, self._table.replace, replaces),
            }

    def _apply(self, connection: sqlite3.Connection, statement: Callable[[int], str], rows: list[Row]) -> Iterator[str]:
        limit = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(self._table.columns)
        for chunk in chunks(rows, min(CHUNK, limit)):
            values = [value for row in chunk for value in self._table.values(row)]
            if connection.execute(statement(len(chunk)), values).rowcount < len(chunk):
                yield from self._losers(connection, chunk)

    def _losers(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> Iterator[str]:
        stored = connection.execute(self._table.written(len(rows)), [row.id for row in rows])
        found = {row_id: written for row_id, *written in stored}
        return (row.id for row in rows if found.get(row.id) != [row.version, row.writer])

    async def due(self, partitions: Collection[int], before: int, limit: int) -> Sequence[Row]:
        chosen = sorted(set(partitions))
        tail = f"WHERE due_at <= ? AND partition IN ({marks(len(chosen))}) ORDER BY due_at, id LIMIT ?"
        values = [before, *chosen, max(limit, 0)]
        return await self._read(lambda connection: list(self._select(connection, tail, values)))

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
        rows = await self._read(
            lambda connection: self._find(connection, wanted, sort, start, more, descending=descending)
        )
        return page(rows, limit, sort, descending=descending)

    def _find(
        self,
        connection: sqlite3.Connection,
        where: dict[str, Scalar],
        sort: str,
        start: Cursor | None,
        more: int,
        *,
        descending: bool,
    ) -> list[Row]:
        matching = equal(where, by_index=sort in where or self._rare(connection, where)) + self._table.there(
            where, sort
        )
        direction = "DESC" if descending else "ASC"
        parts: tuple[Part, ...] = start.parts if start else ("everything",)
        rows: list[Row] = []
        for part in parts:
            condition, values = following(part, start, sort)
            name = "id" if sort == "id" else f"f_{sort}"
            tail = f"WHERE {matching} AND {condition} ORDER BY {name} {direction}, id {direction} LIMIT ?"
            rows += self._select(connection, tail, [*where.values(), *values, more - len(rows)])
        return rows

    def _rare(self, connection: sqlite3.Connection, where: dict[str, Scalar]) -> bool:
        """Whether one of the filters leaves few rows: the planner knows no numbers and would sort 70,000 (0.4 s) for a page."""
        names = where.keys() & self._shape.fields.keys()
        return any(
            connection.execute(self._table.count_up_to(name, where[name]), (where[name], RARE)).fetchone()[0] < RARE
            for name in names
        )

    async def count(
        self,
        where: Mapping[str, Scalar],
        partitions: Collection[int] | None = None,
        *,
        up_to: Mapping[str, int] = MappingProxyType({}),
    ) -> int:
        wanted, bounds = checked_where(self._shape, where), checked_bounds(self._shape, up_to)
        chosen = sorted(set(partitions or ()))
        among = "TRUE" if partitions is None else f"partition IN ({marks(len(chosen))})"
        statement = self._table.count(f"{equal(wanted)}{self._table.there(wanted)} AND {among}{bounded(bounds)}")
        values = [*wanted.values(), *chosen, *bounds.values()]
        return await self._read(lambda connection: int(connection.execute(statement, values).fetchone()[0]))

    async def ping(self) -> None:
        await self._read(lambda connection: connection.execute(self._table.select("LIMIT 1")).fetchone())

    async def close(self) -> None:
        await asyncio.to_thread(self._reader.close)
        await asyncio.to_thread(self._writer.close)


def _use_wal(connection: sqlite3.Connection, deadline: float) -> None:
    """Switch a new file to the write-ahead log; of several processes that do so at once SQLite refuses all but one unwaited."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)  # in the store's own thread; the file tells nobody when it is free
        else:
            return


def _configure(connection: sqlite3.Connection) -> None:
    for pragma in (
        "synchronous = FULL",  # an acknowledged write survives a power cut
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"cache_size = -{CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; the write lock is taken first, so that nothing read inside can be outdated when it is written."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
