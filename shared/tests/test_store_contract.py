"""What every store promises: one suite for the simulator's, the embedded one and MongoDB."""

import asyncio
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from contextlib import closing
from itertools import pairwise

import pytest

from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_shared.memory import MemoryStore
from claims_shared.mongo import MongoStore
from claims_shared.ports import Row, Shape, StoreUnavailable
from claims_shared.sqlite import SqliteStore
from claims_shared.stores import open_store

SHAPE = Shape("claims", {"phase": "text", "changed": "integer", "late": "boolean"})

ADA = "01JD0000000000000000000ADA"
BEN = "01JD0000000000000000000BEN"
CLEO = "01JD000000000000000000CLEO"

# Moves the version of one document forward, as one of several processes that all want to; tells how often it won.
CONTENDER = """
import asyncio, os, sys
from claims_shared.ports import Row, Shape
from claims_shared.stores import open_store

async def contend(url, row_id, until):
    store, won, me = open_store(url, Shape("claims", {"phase": "text", "changed": "integer", "late": "boolean"})), 0, os.getpid()
    version = 0
    while version < until:
        found = await store.load([row_id])
        version = found[row_id].version if found else 0
        if version < until:
            won += not await store.write([Row(row_id, version + 1, f"{me}-{version}", 0, b"x")])
    print(won, flush=True)
    os._exit(0)  # as a killed process leaves its store: open

asyncio.run(contend(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def row(row_id, version=1, *, writer="first", partition=0, body=b"{}", due_at=None, **fields):
    return Row(row_id, version, writer, partition, body, due_at, {name: fields.get(name) for name in SHAPE.fields})


class InMemory:
    def __init__(self):
        self._rows = defaultdict(dict)

    def open(self, shape=SHAPE):
        return MemoryStore(shape, rows=self._rows[shape.name])


class At:
    """Stores behind a URL, opened by any process."""

    def __init__(self, url):
        self.url = url

    def open(self, shape=SHAPE):
        return open_store(self.url, shape)


def why_not_in_docker():
    if os.environ.get("MONGODB_URI"):
        return "MONGODB_URI names the MongoDB to test with"
    if not (docker := shutil.which("docker")):
        return "there is no docker command"
    asked = subprocess.run([docker, "version"], check=False, capture_output=True, text=True, timeout=20)
    return asked.stderr.strip() if asked.returncode else ""


NO_DOCKER = why_not_in_docker()
PERSISTENT = ("sqlite", "mongo") if NO_DOCKER else ("sqlite", "mongo", "mongo_in_docker")


@pytest.fixture(params=["memory", *PERSISTENT])
def place(request, tmp_path):
    """Where stores live: opened twice, they are two processes' views of the same documents."""
    return InMemory() if request.param == "memory" else persistent_place(request, tmp_path)


@pytest.fixture(params=PERSISTENT)
def persistent(request, tmp_path):
    return persistent_place(request, tmp_path)


def persistent_place(request, tmp_path):
    return At(f"sqlite://{tmp_path}" if request.param == "sqlite" else request.getfixturevalue(request.param)())


@pytest.fixture
async def store(place):
    opened = place.open()
    yield opened
    await opened.close()


@pytest.fixture
async def other(place):
    opened = place.open()
    yield opened
    await opened.close()


# --- documents and their versions ---


@pytest.mark.skipif(bool(NO_DOCKER), reason=f"this suite was not run against a real MongoDB in Docker: {NO_DOCKER}")
async def test_docker_adds_a_real_mongodb_to_this_suite(mongo_in_docker):
    store = open_store(mongo_in_docker(), SHAPE)
    await store.ping()
    await store.close()


async def test_what_was_written_is_loaded_as_it_was(store):
    ada = row(ADA, partition=3, body=b"all of it", due_at=1_790_000_000_000, phase="open", changed=-7, late=False)
    ben = row(BEN, phase=None, late=True)
    assert await store.write([ben, ada]) == set()
    assert await store.load([BEN, "nobody", ADA]) == {ADA: ada, BEN: ben}


async def test_booleans_come_back_as_booleans(store):
    await store.write([row(ADA, late=True), row(BEN, late=False), row(CLEO)])
    found = await store.load([ADA, BEN, CLEO])
    assert [found[each].fields["late"] for each in (ADA, BEN, CLEO)] == [True, False, None]
    assert found[ADA].fields["late"] is True


async def test_fields_left_out_are_empty(store):
    await store.write([Row(ADA, 1, "first", 0, b"{}", None, {"phase": "open"})])
    assert (await store.load([ADA]))[ADA] == row(ADA, phase="open")


async def test_nothing_asked_is_nothing_done(store):
    assert await store.load([]) == {}
    assert await store.write([]) == set()
    assert await store.due([], 10, 10) == []
    assert await store.due([0], 10, 0) == []


async def test_another_process_sees_what_was_acknowledged(store, other):
    await store.write([row(ADA)])
    assert await other.load([ADA]) == {ADA: row(ADA)}


async def test_what_the_caller_does_to_its_row_afterwards_changes_nothing(store):
    fields = {"phase": "open", "changed": None, "late": None}
    await store.write([Row(ADA, 1, "first", 0, b"{}", None, fields)])
    fields["phase"] = "changed"
    assert (await store.load([ADA]))[ADA].fields["phase"] == "open"


async def test_an_insert_wins_once(store, other):
    assert await store.write([row(ADA, writer="first")]) == set()
    assert await other.write([row(ADA, writer="second", body=b"other")]) == {ADA}
    assert (await store.load([ADA]))[ADA] == row(ADA, writer="first")


async def test_an_insert_loses_to_a_later_version_too(store):
    await store.write([row(ADA)])
    await store.write([row(ADA, 2, writer="second")])
    assert await store.write([row(ADA, 1, writer="third")]) == {ADA}


async def test_a_replace_takes_every_part_of_the_row(store):
    await store.write([row(ADA, partition=1, body=b"old", due_at=5, phase="open", changed=1, late=True)])
    new = row(ADA, 2, writer="second", partition=2, body=b"new", phase="denied")
    assert await store.write([new]) == set()
    assert await store.load([ADA]) == {ADA: new}
    assert await store.due([1, 2], 10, 10) == []


@pytest.mark.parametrize("version", [1, 2, 4, 9])
async def test_a_version_that_does_not_follow_loses(store, version):
    await store.write([row(ADA)])
    await store.write([row(ADA, 2, writer="second")])
    assert await store.write([row(ADA, version, writer="third")]) == {ADA}
    assert (await store.load([ADA]))[ADA] == row(ADA, 2, writer="second")


async def test_a_replace_of_nothing_loses_and_creates_nothing(store):
    assert await store.write([row(ADA, 2), row(BEN, 7)]) == {ADA, BEN}
    assert await store.load([ADA, BEN]) == {}
    assert await store.count({}) == 0


async def test_losers_do_not_keep_the_others_of_a_batch_from_winning(store):
    await store.write([row("a"), row("b"), row("c")])
    await store.write([row("b", 2, writer="second")])
    batch = [row("c", 2, writer="x"), row("a", 2, writer="x"), row("b", 2, writer="x"), row("new", writer="x")]
    refused = [row("gone", 2, writer="x")]
    assert await store.write([*batch, *refused]) == {"b", "gone"}
    found = await store.load(["a", "b", "c", "new", "gone"])
    assert {name: (each.version, each.writer) for name, each in found.items()} == {
        "a": (2, "x"),
        "b": (2, "second"),
        "c": (2, "x"),
        "new": (1, "x"),
    }


async def test_an_insert_that_loses_does_not_make_the_batchs_replaces_doubtful(store):
    await store.write([row("a"), row("b")])
    assert await store.write([row("a", writer="x"), row("b", 2, writer="x"), row("c", writer="x")]) == {"a"}


async def test_a_write_in_doubt_may_be_repeated_with_its_own_token(store):
    """Its rows are known by writer and version, so that a repeat tells the truth about the first attempt."""
    await store.write([row("a")])
    attempt = [row("a", 2, writer="attempt"), row("b", writer="attempt")]
    assert await store.write(attempt) == set()
    assert await store.write(attempt) == set()
    assert await store.write([row("a", 2, writer="another"), row("b", writer="another")]) == {"a", "b"}
    found = await store.load(["a", "b"])
    assert {each.writer for each in found.values()} == {"attempt"}


async def test_of_many_tasks_exactly_one_wins_each_version(store, other):
    await store.write([row(ADA)])
    wins = []

    async def contend(view, name):
        version = 1
        while version < 12:
            version = (await view.load([ADA]))[ADA].version + 1
            if not await view.write([row(ADA, version, writer=f"{name}-{version}")]):
                wins.append(version)

    await asyncio.gather(*(contend(view, f"{name}") for name, view in enumerate([store, other] * 3)))
    assert sorted(wins) == list(range(2, max(wins) + 1))
    assert (await store.load([ADA]))[ADA].version == max(wins)


async def test_overlapping_batches_share_out_their_rows(store, other):
    ids = [f"claim-{number:03}" for number in range(60)]
    views = [store, other, store, other]
    batches = [[row(each, writer=f"batch {number}") for each in ids[number * 10 :]] for number in range(4)]
    lost = await asyncio.gather(*(view.write(batch) for view, batch in zip(views, batches, strict=True)))
    won = [{each.id for each in batch} - losers for batch, losers in zip(batches, lost, strict=True)]
    assert sum(map(len, won)) == len(ids)
    found = await store.load(ids)
    assert all(found[each].writer == f"batch {number}" for number, mine in enumerate(won) for each in mine)


async def test_of_several_processes_exactly_one_wins_each_version(persistent):
    command = [sys.executable, "-c", CONTENDER, persistent.url, ADA, "60"]
    processes = [await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE) for _ in range(2)]
    said = [(await process.communicate())[0] for process in processes]
    assert sum(map(int, said)) == 60
    store = persistent.open()
    assert (await store.load([ADA]))[ADA].version == 60
    await store.close()


async def test_a_batch_larger_than_one_statement(store):
    count = 501
    body = os.urandom(3_000)
    rows = [row(f"claim-{number:04}", body=body, due_at=number, phase="open") for number in range(count)]
    assert await store.write(rows) == set()
    later = [row(each.id, 2, writer="second", body=body[::-1], phase="open") for each in rows]
    await store.write([later[7]])
    assert await store.write([*later[:-1], row(later[-1].id, 3, writer="second")]) == {later[-1].id}
    found = await store.load([each.id for each in rows])
    assert [found[each.id].version for each in rows] == [2] * (count - 1) + [1]
    assert found[later[0].id].body == later[0].body


@pytest.mark.parametrize("body", [b"", bytes(range(256)), b"\x00" * 9, b"\xff\xfe{", os.urandom(1_000_000)], ids=len)
async def test_bodies_are_any_bytes(store, body):
    await store.write([row(ADA, body=body)])
    assert (await store.load([ADA]))[ADA].body == body


async def test_texts_are_any_text(store):
    await store.write([row("claim.1-a_B", writer="o'Neill;--", phase='"open" żółć 你好')])
    found = await store.find({"phase": '"open" żółć 你好'})
    assert [each.writer for each in found.rows] == ["o'Neill;--"]


# --- what is due ---


async def test_what_is_due_comes_earliest_first(store):
    await store.write(
        [
            row("later", due_at=30),
            row("first", due_at=10),
            row("never"),
            row("on time", due_at=20, partition=1),
            row("too late", due_at=31),
            row("elsewhere", due_at=5, partition=2),
        ]
    )
    assert [each.id for each in await store.due([0, 1], 30, 10)] == ["first", "on time", "later"]
    assert [each.id for each in await store.due([0, 1], 30, 2)] == ["first", "on time"]
    assert [each.id for each in await store.due([2], 30, 10)] == ["elsewhere"]
    assert await store.due([3], 30, 10) == []


async def test_what_was_put_off_is_due_later(store):
    await store.write([row(ADA, due_at=10), row(BEN, due_at=20)])
    await store.write([row(ADA, 2, due_at=30)])
    assert [each.id for each in await store.due([0], 25, 10)] == [BEN]
    assert [each.id for each in await store.due([0], 30, 10)] == [BEN, ADA]


# --- listings ---

PEOPLE = [
    row("a", phase="open", changed=5, late=True),
    row("b", phase="open", changed=3, partition=1),
    row("c", phase="denied", changed=5, late=False),
    row("d", phase="open", changed=None, late=False),
    row("e", phase=None, changed=5, partition=1),
    row("f", phase="approved", changed=None, late=True),
    row("g", phase="open", changed=-1, late=False),
]


def names(rows):
    return "".join(each.id for each in rows)


async def pages(store, where, **how):
    """All pages, each as the names on it."""
    found = await store.find(where, **how)
    result = [names(found.rows)]
    while found.next_after:
        found = await store.find(where, after=found.next_after, **how)
        result.append(names(found.rows))
    return result


@pytest.mark.parametrize(
    ("where", "sort", "expected"),
    [
        ({}, "id", "abcdefg"),
        ({"phase": "open"}, "id", "abdg"),
        ({"phase": None}, "id", "e"),
        ({"late": False}, "id", "cdg"),
        ({"partition": 1}, "id", "be"),
        ({"phase": "open", "partition": 0}, "id", "adg"),
        ({"phase": "unheard of"}, "id", ""),
        ({}, "changed", "dfgbace"),
        ({}, "phase", "efcabdg"),
        ({}, "late", "becdgaf"),
        ({"phase": "open"}, "changed", "dgba"),
        ({"changed": 5}, "changed", "ace"),
        ({"changed": None}, "changed", "df"),
    ],
)
@pytest.mark.parametrize("descending", [False, True])
async def test_listings_are_filtered_sorted_and_cut_into_pages(filled, where, sort, expected, descending):
    ordered = expected[::-1] if descending else expected
    for limit in (1, 2, 3, 7, 50):
        cut = [ordered[at : at + limit] for at in range(0, len(ordered), limit)] or [""]
        assert await pages(filled, where, sort=sort, descending=descending, limit=limit) == cut


@pytest.fixture(scope="session", params=["memory", *PERSISTENT])
def place_to_fill(request, tmp_path_factory):
    return InMemory() if request.param == "memory" else persistent_place(request, tmp_path_factory.mktemp("filled"))


@pytest.fixture(scope="session")
async def filled(place_to_fill):
    store = place_to_fill.open()
    await store.write(PEOPLE)
    yield store
    await store.close()


async def test_a_listing_in_progress_neither_repeats_nor_skips_when_rows_arrive(store):
    await store.write([row(f"claim-{number:02}", changed=number) for number in range(0, 20, 2)])
    seen = []
    page = await store.find({}, sort="changed", limit=3)
    for arriving in (1, 7, 17):
        seen += [each.id for each in page.rows]
        await store.write([row(f"claim-{arriving:02}", changed=arriving)])
        page = await store.find({}, sort="changed", limit=3, after=page.next_after)
    seen += [each.id for each in page.rows]
    assert all(first < second for first, second in pairwise(seen))
    assert {f"claim-{number:02}" for number in range(0, 20, 2)} <= set(seen)


async def test_a_full_last_page_says_that_it_is_the_last(store):
    await store.write([row("a"), row("b")])
    assert (await store.find({}, limit=2)).next_after is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"where": {"name": "Ada"}},
        {"where": {"phase": 5}},
        {"where": {"changed": True}},
        {"where": {"late": 1}},
        {"where": {"partition": None}},
        {"where": {}, "sort": "name"},
        {"where": {}, "sort": "partition"},
        {"where": {}, "limit": 0},
        {"where": {}, "after": ""},
        {"where": {}, "after": "not a token"},
        {"where": {}, "after": "bm90IGpzb24"},
        {"where": {}, "after": "W10"},
        {"where": {}, "after": "WyJpZCIsZmFsc2UsNSwiYSJd"},
        {"where": {}, "after": "ÿ"},
    ],
    ids=str,
)
async def test_a_listing_that_makes_no_sense_is_refused(filled, wrong):
    with pytest.raises(ValueError, match=r"\w"):
        await filled.find(**wrong)


async def test_a_page_of_one_listing_does_not_continue_another(filled):
    token = (await filled.find({}, sort="changed", limit=2)).next_after
    with pytest.raises(ValueError, match="another listing"):
        await filled.find({}, sort="id", after=token)
    with pytest.raises(ValueError, match="another listing"):
        await filled.find({}, sort="changed", descending=True, after=token)


async def test_counting(filled):
    assert await filled.count({}) == 7
    assert await filled.count({"phase": "open"}) == 4
    assert await filled.count({"phase": "open"}, [1]) == 1
    assert await filled.count({"phase": "open", "late": False}, [0, 1]) == 2
    assert await filled.count({"phase": None}) == 1
    assert await filled.count({}, [1, 2]) == 2
    assert await filled.count({}, []) == 0
    with pytest.raises(ValueError, match="name"):
        await filled.count({"name": "Ada"})


async def test_counting_up_to_a_bound_takes_rows_that_have_the_field(filled):
    assert await filled.count({}, up_to={"changed": 5}) == 5
    assert await filled.count({}, up_to={"changed": 4}) == 2
    assert await filled.count({"phase": "open"}, [0], up_to={"changed": 4}) == 1
    assert await filled.count({}, up_to={"changed": -2}) == 0
    for wrong in ({"phase": 5}, {"name": 5}, {"changed": True}):
        with pytest.raises(ValueError, match="no integer field"):
            await filled.count({}, up_to=wrong)


SPARSE = Shape("claims", {"phase": "text", "left": "integer", "holder": "text"}, frozenset({"left", "holder"}))


async def test_a_listing_by_a_sparse_field_leaves_out_who_lacks_it(place):
    store = place.open(SPARSE)
    held = {"b": (7, "kim"), "d": (3, "kim"), "e": (7, "lin"), "f": (5, None)}
    await store.write(
        [
            Row(name, 1, "w", 0, b"", None, {"phase": "open", "left": left, "holder": holder})
            for name in "abcdef"
            for left, holder in [held.get(name, (None, None))]
        ]
    )
    for limit in (1, 2, 50):
        assert "".join(await pages(store, {}, sort="left", limit=limit)) == "dfbe"
        assert "".join(await pages(store, {}, sort="left", limit=limit, descending=True)) == "ebfd"
        assert "".join(await pages(store, {"holder": "kim"}, sort="left", limit=limit)) == "db"
        assert "".join(await pages(store, {"holder": None}, sort="left", limit=limit)) == "f"
        assert "".join(await pages(store, {"left": 7}, limit=limit)) == "be"
        assert "".join(await pages(store, {"holder": None}, limit=limit)) == "acf"
    assert await store.count({"holder": "kim"}) == 2
    assert await store.count({"phase": "open"}, up_to={"left": 5}) == 2
    assert not await store.write([Row("d", 2, "w", 0, b"", None, {"phase": "open"})])
    assert "".join(await pages(store, {}, sort="left")) == "fbe"
    await store.close()


async def test_what_is_not_declared_cannot_be_sparse(place):
    with pytest.raises(ValueError, match="declares no left"):
        place.open(Shape("claims", {"phase": "text"}, frozenset({"left"})))


# --- what a store refuses, and what it grows by ---


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row("a"), row("a", 2)], "twice"),
        ([row("a", 0)], "start at 1"),
        ([Row("a", 1, "first", 0, b"", None, {"name": "Ada"})], "declares no field"),
        ([row("a", phase=5)], "does not fit"),
        ([row("a", changed="5")], "does not fit"),
        ([row("a", changed=True)], "does not fit"),
        ([row("a", late=1)], "does not fit"),
    ],
)
async def test_rows_that_do_not_fit_are_refused_whole(store, rows, reason):
    with pytest.raises(ValueError, match=reason):
        await store.write([row("good"), *rows])
    assert await store.load(["good"]) == {}


@pytest.mark.parametrize("name", ["id", "partition", "Phase", "a b", "", "x;--"])
async def test_a_shape_with_an_unusable_name_is_refused(place, name):
    with pytest.raises(ValueError, match="no usable name"):
        place.open(Shape("claims", {name: "text"}))


async def test_a_field_that_was_added_is_empty_in_older_rows_and_works_in_new_ones(place):
    old = place.open(Shape("claims", {"phase": "text"}))
    await old.write([Row("old", 1, "first", 0, b"{}", None, {"phase": "open"})])
    await old.close()
    new = place.open()
    await new.write([row("new", phase="open", late=True)])
    assert (await new.load(["old"]))["old"].fields == {"phase": "open", "changed": None, "late": None}
    assert names((await new.find({"late": True})).rows) == "new"
    assert names((await new.find({"late": None}, sort="changed")).rows) == "old"
    await new.close()
    still = place.open(Shape("claims", {"phase": "text"}))
    assert await still.count({"phase": "open"}) == 2
    assert (await still.load(["new"]))["new"].fields == {"phase": "open"}
    await still.close()


async def test_shapes_do_not_see_each_other(place):
    claims, persons = place.open(), place.open(Shape("persons"))
    await claims.write([row(ADA)])
    assert await persons.load([ADA]) == {}
    await claims.close()
    await persons.close()


# --- away, back, closed ---


async def test_a_store_that_is_there_answers(store):
    await store.ping()


async def test_closing_twice_is_closing_once(place):
    used, unused = place.open(), place.open()
    await used.ping()
    for store in (used, unused, used, unused):
        await store.close()


async def test_mongo_where_nobody_listens_is_unavailable():
    store = MongoStore(f"mongodb://{LOOPBACK}:{free_ports(1)[0]}/?timeoutMS=400", SHAPE)
    started = time.monotonic()
    for call in every_call(store):
        with pytest.raises(StoreUnavailable, match="Connect call failed"):
            await call
    assert time.monotonic() - started < 20
    await store.close()
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()  # PyMongo 4.20 loses the socket of a connection attempt that closing cancels


async def test_sqlite_whose_file_another_process_keeps_locked_is_unavailable_until_it_lets_go(tmp_path):
    store = SqliteStore(tmp_path / "claims.db", SHAPE, timeout=0.1)
    await store.write([row(ADA)])
    with closing(sqlite3.connect(tmp_path / "claims.db")) as stuck:
        stuck.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await store.write([row(BEN)])
        assert await store.load([ADA, BEN]) == {ADA: row(ADA)}, "a read waits for no write"
        stuck.rollback()
    assert await store.write([row(BEN)]) == set()
    await store.close()


async def test_sqlite_that_cannot_be_opened_is_unavailable_until_it_can(tmp_path):
    path = tmp_path / "claims.db"
    path.mkdir()
    store = SqliteStore(path, SHAPE)
    for call in every_call(store):
        with pytest.raises(StoreUnavailable, match="unable to open"):
            await call
    path.rmdir()
    assert await store.write([row(ADA)]) == set()
    await store.close()


async def test_memory_is_unavailable_where_the_simulation_says_so():
    async def away(_call, _moment):
        raise StoreUnavailable

    for call in every_call(MemoryStore(SHAPE, at=away)):
        with pytest.raises(StoreUnavailable):
            await call


def every_call(store):
    yield store.load([ADA])
    yield store.write([row(ADA)])
    yield store.due([0], 1, 1)
    yield store.find({})
    yield store.count({})
    yield store.ping()
