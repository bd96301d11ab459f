"""The registry of persons, on every store that needs no server."""

import asyncio

import pytest

from claims_identity.crossmatch import Crossing
from claims_identity.persons import MOST_HELD, PERSONS, Persons, Register, Release
from claims_shared.memory import MemoryStore
from claims_shared.messages.identity import ConflictKind
from claims_shared.ports import StoreUnavailable
from claims_shared.stores import open_store

OVERLAP = ConflictKind.OVERLAPPING_CLAIM


@pytest.fixture(params=["memory", "sqlite"])
async def store(request, tmp_path):
    opened = open_store("memory://" if request.param == "memory" else f"sqlite://{tmp_path}", PERSONS)
    yield opened
    await opened.close()


@pytest.fixture
def persons(store):
    return Persons(store, "me")


@pytest.fixture
def register(tokens, verify_ada):
    def entry(claim_id, **changes):
        asked = verify_ada(claim_id=claim_id, **changes)
        return Register(tokens.person(asked.ssn), tokens.registration(asked))

    return entry


@pytest.fixture
def let_go(tokens):
    return lambda claim_id, effect="identity/2", ssn="900-12-3456": Release(tokens.person(ssn), f"{claim_id}/{effect}")


async def test_the_first_claim_of_a_person_crosses_nothing(persons, register):
    assert await persons.record([register("A")]) == [()]


async def test_a_second_claim_finds_the_first_in_a_later_batch(persons, register):
    await persons.record([register("A")])
    assert await persons.record([register("B")]) == [(Crossing("A", OVERLAP),)]


async def test_a_second_claim_finds_the_first_in_the_same_batch(persons, register):
    assert await persons.record([register("A"), register("B")]) == [(), (Crossing("A", OVERLAP),)]


async def test_registering_again_gives_the_same_crossings_and_writes_nothing(persons, register, store):
    batch = [register("A"), register("B")]
    first = await persons.record(batch)
    before = await store.load([batch[0].person])
    assert await persons.record(batch) == first
    assert await persons.record([batch[0]]) == [()]
    assert await store.load([batch[0].person]) == before


async def test_released_a_claim_is_found_no_more(persons, register, let_go):
    await persons.record([register("A"), let_go("A")])
    assert await persons.record([register("B")]) == [()]


async def test_releasing_twice_is_releasing_once(persons, register, let_go, store):
    await persons.record([register("A"), let_go("A")])
    before = await store.load([let_go("A").person])
    await persons.record([let_go("A")])
    assert await store.load([let_go("A").person]) == before


async def test_what_was_released_before_it_was_registered_is_never_registered(persons, register, let_go):
    await persons.record([let_go("A")])
    assert await persons.record([register("A"), register("B")]) == [(), ()]


async def test_a_claim_checked_anew_holds_until_both_checks_are_released(persons, register, let_go):
    again = register("A", effect_id="A/identity/7")
    await persons.record([register("A"), again, let_go("A")])
    assert await persons.record([register("B")]) == [(Crossing("A", OVERLAP),)]
    await persons.record([let_go("A", "identity/7"), let_go("B")])
    assert await persons.record([register("C")]) == [()]


async def test_people_of_one_batch_do_not_touch_each_other(persons, register):
    batch = [register(f"C{number}", ssn=f"900-12-{number:04}") for number in range(300)]
    assert await persons.record(batch) == [()] * 300


async def test_who_loses_a_write_looks_again_and_finds_the_other(store, register):
    batches = [[register(f"{each}")] for each in range(12)]
    found = await asyncio.gather(*(Persons(store, f"p{nr}").record(batch) for nr, batch in enumerate(batches)))
    assert sorted(len(crossings) for ((crossings),) in found) == list(range(12))


async def test_losing_for_ever_is_a_store_in_trouble_not_a_loop(register):
    class Contested(MemoryStore):
        async def write(self, rows):
            return {each.id for each in rows}

    with pytest.raises(StoreUnavailable, match="others kept winning"):
        await Persons(Contested(PERSONS), "me").record([register("A")])


async def test_an_ssn_filed_without_end_does_not_grow_without_end(persons, register, store):
    crowd = [register(f"C{number}") for number in range(MOST_HELD + 50)]
    found = await persons.record(crowd)
    assert all(crossings for crossings in found[1:])
    assert len((await store.load([crowd[0].person]))[crowd[0].person].body) < 200 * MOST_HELD


async def test_a_crash_in_the_middle_of_a_write_is_repaired_by_doing_it_again(register):
    rows, calls = {}, []

    async def dies_at_the_third_row(call, moment):
        calls.append((call, moment))
        if calls.count(("write", "within")) == 2:
            raise StoreUnavailable("gone")

    batch = [register(f"C{number}", ssn=f"900-12-{number:04}") for number in range(5)]
    batch += [register(f"D{number}", ssn=f"900-12-{number:04}") for number in range(5)]
    with pytest.raises(StoreUnavailable):
        await Persons(MemoryStore(PERSONS, rows=rows, at=dies_at_the_third_row), "first").record(batch)
    assert 0 < len(rows) < 5
    found = await Persons(MemoryStore(PERSONS, rows=rows), "second").record(batch)
    assert found == [()] * 5 + [(Crossing(f"C{number}", OVERLAP),) for number in range(5)]
