"""The simulator's store may crash its process, or be away, at any point of any call: what was done before that stays."""

import asyncio

import pytest

from claims_shared.memory import MemoryStore
from claims_shared.ports import Row, Shape, StoreUnavailable

SHAPE = Shape("claims", {"phase": "text"})


class Crashed(BaseException):
    """The simulated process is gone."""


def row(row_id, version=1, writer="first"):
    return Row(row_id, version, writer, 0, b"{}", None, {"phase": "open"})


def at(call, moment, number=1, error=Crashed):
    """A hook that raises the `number`th time that this point is passed."""
    passed = 0

    async def hook(*point):
        nonlocal passed
        passed += point == (call, moment)
        if point == (call, moment) and passed == number:
            raise error

    return hook


@pytest.mark.parametrize(
    ("moment", "number", "stays"),
    [("before", 1, set()), ("within", 1, {"a"}), ("within", 2, {"a", "b"}), ("after", 1, {"a", "b", "c"})],
)
@pytest.mark.parametrize("error", [Crashed, StoreUnavailable])
async def test_a_write_that_ends_midway_leaves_what_it_did(moment, number, stays, error):
    rows = {}
    process = MemoryStore(SHAPE, rows=rows, at=at("write", moment, number, error))
    with pytest.raises(error):
        await process.write([row("c"), row("a"), row("b")])
    assert set(await MemoryStore(SHAPE, rows=rows).load(["a", "b", "c"])) == stays


async def test_an_uncertain_write_is_told_by_its_writer():
    rows = {}
    process = MemoryStore(SHAPE, rows=rows, at=at("write", "after", error=StoreUnavailable))
    with pytest.raises(StoreUnavailable):
        await process.write([row("a", writer="attempt 1")])
    assert (await process.load(["a"]))["a"].writer == "attempt 1"
    assert await process.write([row("a", writer="attempt 1")]) == set()
    assert await process.write([row("a", writer="attempt 2")]) == {"a"}


@pytest.mark.parametrize("call", ["load", "due", "find", "count", "ping"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_every_call_can_end_before_or_after_its_effect(call, moment):
    arguments = {"load": (["a"],), "due": ([0], 1, 1), "find": ({},), "count": ({},), "ping": ()}
    store = MemoryStore(SHAPE, at=at(call, moment))
    with pytest.raises(Crashed):
        await getattr(store, call)(*arguments[call])
    await getattr(store, call)(*arguments[call])


async def test_two_writers_held_within_their_writes_still_share_out_the_rows():
    rows = {}

    async def yielding(_call, _moment):
        await asyncio.sleep(0)

    stores = [MemoryStore(SHAPE, rows=rows, at=yielding) for _ in range(2)]
    batches = [[row(each, writer=writer) for each in "abcd"] for writer in ("x", "y")]
    lost = await asyncio.gather(*(store.write(batch) for store, batch in zip(stores, batches, strict=True)))
    assert lost[0] | lost[1] == set("abcd")
    assert not lost[0] & lost[1]


async def test_the_same_calls_give_the_same_rows_in_the_same_order():
    async def told():
        store = MemoryStore(SHAPE)
        await store.write([row(each) for each in "cab"])
        return [*await store.load(["c", "b", "a"]), *(each.id for each in (await store.find({})).rows)]

    assert await told() == await told() == ["a", "b", "c"] * 2
