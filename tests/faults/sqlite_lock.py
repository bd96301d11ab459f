"""A process that holds the write lock of SQLite files, with a change begun in each, until it is killed.

`python -m tests.faults.sqlite_lock FILE…` says `locked` once it holds all of them. To a service it is the store that is away:
nothing can be written for as long as it lives, and what it leaves when it is killed in mid-change must not be seen by anybody.
"""

import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

PATIENCE_S = 60.0
LONGEST_WRITE_S = 1.0
SPILLED_BYTES = 4_000_000
"""More than the page cache that is allowed here: a part of the change is in the log already."""


def hold(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)
    connection.execute("PRAGMA cache_size = 10")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE never_committed (body BLOB)")
    connection.execute("INSERT INTO never_committed VALUES (zeroblob(?))", (SPILLED_BYTES,))
    return connection


def locked(files: Iterable[Path]) -> bool:
    """Whether somebody holds the write lock of one of these for longer than a write takes."""
    for file in files:
        with closing(sqlite3.connect(file, timeout=LONGEST_WRITE_S, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
    return False


def main() -> None:
    held = [hold(path) for path in sys.argv[1:]]
    sys.stdout.write("locked\n")
    sys.stdout.flush()
    while held:
        time.sleep(PATIENCE_S)


if __name__ == "__main__":
    main()
