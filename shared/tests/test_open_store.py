"""A store is opened by its URL, and what is wrong with one is said in a sentence."""

import subprocess
import sys

import pytest

from claims_shared.memory import MemoryStore
from claims_shared.mongo import MongoStore
from claims_shared.ports import Row, Shape
from claims_shared.sqlite import SqliteStore
from claims_shared.stores import open_store

SHAPE = Shape("claims")
ROW = Row("a", 1, "first", 0, b"{}")

WITHOUT_THE_DRIVER = """
import sys
sys.modules["pymongo"] = None  # as where it was never installed
from claims_shared.ports import Shape
from claims_shared.stores import open_store
open_store("sqlite:///nowhere", Shape("claims"))
assert "claims_shared.mongo" not in sys.modules
try:
    open_store("mongodb://ada:secret@localhost", Shape("claims"))
except ModuleNotFoundError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("memory://", MemoryStore),
        ("sqlite:///var/lib/claims", SqliteStore),
        ("mongodb://localhost/claims", MongoStore),
    ],
)
async def test_the_scheme_chooses_the_store(url, kind):
    store = open_store(url, SHAPE)
    assert isinstance(store, kind)
    await store.close()


@pytest.mark.parametrize(
    ("place", "file"),
    [("", "claims.db"), ("/a/b", "a/b/claims.db"), ("/one.db", "one.db"), ("/with%20space", "with space/claims.db")],
)
async def test_sqlite_takes_a_directory_or_a_file(tmp_path, place, file):
    store = open_store(f"sqlite://{tmp_path}{place}", SHAPE)
    await store.write([ROW])
    await store.close()
    assert (tmp_path / file).is_file()


async def test_sqlite_takes_a_relative_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = open_store("sqlite://.claims/store", SHAPE)
    await store.write([ROW])
    await store.close()
    assert (tmp_path / ".claims" / "store" / "claims.db").is_file()


async def test_several_shapes_may_share_one_file(tmp_path):
    url = f"sqlite://{tmp_path}/scheduler.db"
    waits, slots = open_store(url, Shape("waits", {"kind": "text"})), open_store(url, Shape("slots", {"kind": "text"}))
    await waits.write([ROW])
    assert await slots.load(["a"]) == {}
    await waits.close()
    await slots.close()


async def test_opening_touches_nothing(tmp_path):
    store = open_store(f"sqlite://{tmp_path}/new", SHAPE)
    assert list(tmp_path.iterdir()) == []
    await store.close()


async def test_each_memory_store_is_new():
    one, two = open_store("memory://", SHAPE), open_store("memory://", SHAPE)
    await one.write([ROW])
    assert await two.load(["a"]) == {}


@pytest.mark.parametrize("url", ["postgres://localhost", "claims.db", "", "sqlite"])
def test_an_unknown_scheme_names_the_known_ones(url):
    with pytest.raises(ValueError, match="sqlite://, mongodb://"):
        open_store(url, SHAPE)


def test_sqlite_without_a_place_is_refused():
    with pytest.raises(ValueError, match="names no place"):
        open_store("sqlite://", SHAPE)


def test_without_pymongo_sqlite_works_and_mongodb_says_what_to_install():
    ran = subprocess.run([sys.executable, "-c", WITHOUT_THE_DRIVER], check=True, capture_output=True, text=True)
    assert "'pymongo' is not installed" in ran.stdout
    assert "claims-shared[mongo]" in ran.stdout
    assert "secret" not in ran.stdout
