"""Opens the store that a URL names; a driver is imported only where its store is asked for."""

# ruff: noqa: PLC0415 - a service on SQLite must not need, nor load, MongoDB's driver

from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from claims_shared.ports import Shape, Store

FILES: Final = frozenset({".db", ".sqlite", ".sqlite3"})


def open_store(url: str, shape: Shape) -> Store:
    """The store of `shape` at `url`; nothing is opened or connected before its first call.

    `sqlite:///dir` is a file per shape in /dir (`sqlite://dir`: relative), `sqlite:///dir/one.db` that file;
    `mongodb://host/database`, `mongodb+srv://…`; `memory://` is a new and empty one each time.
    """
    scheme, separator, rest = url.partition("://")
    opener = OPENERS.get(scheme)
    if opener is None or not separator:
        raise ValueError(
            f"no store is known by {scheme if separator else '(no scheme)'!r}: claims would have nowhere to live."
            f" Use one of {', '.join(f'{name}://' for name in OPENERS)}"
        )
    return opener(url, rest, shape)


def _sqlite(_url: str, rest: str, shape: Shape) -> Store:
    from claims_shared.sqlite import SqliteStore

    path = Path(unquote(rest))
    if not rest:
        raise ValueError("sqlite:// names no place: give it a directory or a file, as in sqlite:///var/lib/claims")
    return SqliteStore(path if path.suffix in FILES else path / f"{shape.name}.db", shape)


def _mongo(url: str, _rest: str, shape: Shape) -> Store:
    try:
        from claims_shared.mongo import MongoStore
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"a mongodb:// store needs PyMongo, and {error.name!r} is not installed here:"
            " install claims-shared[mongo], or use a sqlite:// store on one machine"
        ) from error
    return MongoStore(url, shape)


def _memory(_url: str, _rest: str, shape: Shape) -> Store:
    from claims_shared.memory import MemoryStore

    return MemoryStore(shape)


OPENERS: Final[dict[str, Callable[[str, str, Shape], Store]]] = {
    "sqlite": _sqlite,
    "mongodb": _mongo,
    "mongodb+srv": _mongo,
    "memory": _memory,
}
