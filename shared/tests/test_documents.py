# ruff: noqa: ARG002 - the engine offers a decider more than this one needs
"""The fold over a store: what a crash, a zombie, a stale cache or a redelivery must never lose, double or send for ever."""

import itertools
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claims_shared import documents
from claims_shared.documents import HEADROOM, LARGEST, Document, Documents, Folding, Tally, Verdict, where
from claims_shared.memory import MemoryStore, undisturbed
from claims_shared.messages.catalog import INTAKE, LIMIT
from claims_shared.messages.intake import WithdrawalRequested
from claims_shared.ports import Shape, StoreUnavailable
from claims_shared.wire import DeadLetter, Output, Received, Record, partition_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SHAPE = Shape("journals", {"lines": "integer"})
PARTITIONS = 4


class Journal(Document, kw_only=True):
    """Every message that was taken, in order."""

    lines: tuple[str, ...] = ()


class Keeper:
    """A small service: notes each message once and says so. A message may ask for more, by its first word."""

    document = Journal
    keeps_outbox = True

    def __init__(self):
        self.installed_versions = []

    def creates(self, message):
        return message.id.startswith("create")

    async def prepare(self, messages, documents):
        for message in messages:
            message.aside = documents.get(message.claim_id)

    def fold(self, document, message, now):
        lines = document.lines if document else ()
        if message.id in lines:
            return Folding(None, verdict=Verdict.IGNORED, reason="known")
        if (missing := after(message)) and missing not in lines:
            return Folding(None, verdict=Verdict.IGNORED, reason="too_early")
        if message.id.startswith("raise"):
            raise KeyError(message.id)
        if message.id.startswith("refuse"):
            return Folding(None, verdict=Verdict.REFUSED, reason="refused", letters=[letter(message)])
        given_up = [letter(message)] if message.id.startswith("give-up") else []
        changed = Journal(
            id=message.claim_id, lines=(*lines, message.id), traceparent=document and document.traceparent
        )
        return Folding(changed, [said(message, len(lines) + 1)], letters=given_up)

    def park(self, document, message, error, now):
        lines = document.lines if document else ()
        parked = Journal(id=message.claim_id, lines=(*lines, f"parked: {error}"))
        return Folding(parked, [], Verdict.PARKED, "raised")

    def fields(self, document):
        return {"lines": len(document.lines)}

    def due_at(self, document):
        return None

    def installed(self, before, after):
        self.installed_versions.append((before.version if before else 0, after.version))


def after(message):
    """`x.after.y` counts only once `y` is there."""
    return message.id.partition(".after.")[2]


def said(message, number):
    size = LIMIT if message.id.startswith("large") else LIMIT - HEADROOM if message.id.startswith("just-fits") else 1
    return Output(
        "journal", "noted", f"{message.claim_id}/{number}/{message.id}", message.claim_id, b"." * size, 0, "k"
    )


def letter(message):
    return DeadLetter(message.record, "journal", "given_back", ("no use",))


def received(name, claim="c1", traceparent=None):
    record = Record(INTAKE.name, 0, 0, claim.encode(), name.encode(), (("ce_id", name.encode()),))
    body = WithdrawalRequested(claim_id=claim.partition("/")[0], requested_at=NOW)
    return Received(record, name, "claim.withdrawal-requested.v1", "portal", claim, body, NOW, traceparent)


_processes = itertools.count(1)


class Process:
    """One process of the service. `topic` and `rows` outlive it."""

    def __init__(self, rows, topic, *, cache=100, at=undisturbed, store=True):
        self.rows, self.topic, self.keeper = rows, topic, Keeper()
        self.store = MemoryStore(SHAPE, rows=rows, at=at) if store else None
        writer = f"p{next(_processes)}"
        self.documents = Documents(self.keeper, self.store, writer=writer, partitions=PARTITIONS, cache=cache)

    async def write(self, *names, claim="c1"):
        """Everything up to, and without, the producing."""
        batch = [each if isinstance(each, Received) else received(each, claim) for each in names]
        self.tally = Tally()
        return await self.documents.process(batch, NOW, self.tally)

    async def take(self, *names, claim="c1"):
        """A whole cycle; gives the names of what was sent."""
        sends = await self.write(*names, claim=claim)
        self.topic += sends
        self.documents.acknowledged()
        return names_of(sends)

    def stored(self, claim="c1"):
        return msgspec.msgpack.decode(self.rows[claim].body, type=Journal)


def names_of(sends):
    return [each.id.rpartition("/")[2] if isinstance(each, Output) else each.code for each in sends]


@pytest.fixture
def world():
    """The store's rows and the topic."""
    return {}, []


# --- the usual way ----------------------------------------------------------------------------


async def test_a_claim_is_inserted_without_a_look_and_numbered_by_its_writes(world):
    calls = []

    async def at(call, moment):
        calls.append((call, moment))

    process = Process(*world, at=at)
    assert await process.take("create") == ["create"]
    assert ("load", "before") not in calls
    assert await process.take("m1", "m2") == ["m1", "m2"]
    stored = process.stored()
    assert (stored.lines, stored.version, stored.partition) == (
        ("create", "m1", "m2"),
        2,
        partition_of("c1", PARTITIONS),
    )
    assert process.keeper.installed_versions == [(0, 1), (1, 2)]
    assert world[0]["c1"].fields == {"lines": 3}


async def test_a_document_of_an_effect_lies_with_its_claim(world):
    process = Process(*world)
    await process.take("m1", claim="c1/identity/3")
    assert world[0]["c1/identity/3"].partition == partition_of("c1", PARTITIONS)


async def test_claims_of_one_batch_are_written_once_and_sent_each_in_order(world):
    writes = []

    async def at(call, moment):
        writes.append(call) if (call, moment) == ("write", "before") else None

    process = Process(*world, at=at)
    batch = [received("m1", "b"), received("m1", "a"), received("m2", "b"), received("m2", "a")]
    await process.take(*batch)
    assert writes == ["write"]
    assert [each.id for each in world[1]] == ["b/1/m1", "b/2/m2", "a/1/m1", "a/2/m2"]


async def test_a_service_without_a_store_answers_and_keeps_nothing(world):
    process = Process(*world, store=False)
    assert await process.take("m1", "m1") == ["m1"]
    assert await process.take("m1") == ["m1"]


async def test_the_trace_of_the_first_message_stays_with_the_claim(world):
    process = Process(*world)
    await process.take(received("m1", traceparent="00-1-2-01"))
    await process.take("m2", received("m3", traceparent="00-3-4-01"))
    assert [each.traceparent for each in world[1]] == ["00-1-2-01", "00-1-2-01", "00-3-4-01"]
    assert process.stored().traceparent == "00-1-2-01"


# --- others write too ---------------------------------------------------------------------------


async def test_a_stale_cache_is_read_again_before_a_message_is_ignored(world):
    mine, other = Process(*world), Process(*world)
    await mine.take("m1")
    await other.take("m2")
    assert (await mine.take("m3.after.m2"))[-1] == "m3.after.m2"
    assert mine.stored().lines == ("m1", "m2", "m3.after.m2")


async def test_a_stale_cache_is_read_again_before_a_message_is_taken_for_a_duplicate(world):
    mine = Process(*world)
    await mine.take("m1")
    world[0].clear()  # the store went back: what it says counts
    assert await mine.take("m1") == ["m1"]
    assert mine.stored().lines == ("m1",)


async def test_a_lost_compare_and_set_folds_again(world):
    mine, other = Process(*world), Process(*world)
    await mine.take("m1")
    await other.take("m2")
    await mine.take("m3")
    assert mine.stored().lines == ("m1", "m2", "m3")
    assert mine.tally.lost == 1
    assert mine.tally.verdicts == {"applied": 1}


async def test_an_insert_that_loses_reads_and_finds_the_same(world):
    await Process(*world).take("create")
    late = Process(*world)
    assert await late.take("create") == ["create"], "the stored outbox may not have been sent"
    assert await late.take("create") == []
    assert late.stored().version == 1
    assert late.tally.reasons == {"ignored:known": 1}


async def test_what_begins_with_another_message_is_looked_up_although_one_behind_it_may_create(world):
    await Process(*world).take("m1")
    process = Process(*world)
    await process.take("m2", "create")
    assert (process.stored().lines, process.tally.lost) == (("m1", "m2", "create"), 0)


async def test_losers_do_not_hold_up_the_others_of_a_batch(world):
    mine, other = Process(*world), Process(*world)
    await mine.take("m1", claim="a")
    await other.take("m2", claim="a")
    await mine.take(received("m3", "a"), received("m3", "b"))
    assert [mine.stored(claim).lines for claim in "ab"] == [("m1", "m2", "m3"), ("m3",)]


# --- what is unsent -----------------------------------------------------------------------------


async def test_an_outbox_entry_leaves_only_in_a_write_after_its_acknowledgement(world):
    process = Process(*world)
    await process.write("m1")
    assert names_of(process.stored().outbox) == ["m1"]
    await process.write("m2")
    assert names_of(process.stored().outbox) == ["m1", "m2"]
    process.documents.acknowledged()
    assert names_of(process.stored().outbox) == ["m1", "m2"], "nothing is written for an acknowledgement alone"
    await process.write("m3")
    assert names_of(process.stored().outbox) == ["m3"]


async def test_what_an_earlier_write_left_unsent_is_sent_first(world):
    process = Process(*world)
    await process.write("m1")
    assert await process.take("m2") == ["m1", "m2"]


async def test_a_crash_between_write_and_produce_loses_nothing(world):
    await Process(*world).write("m1")
    assert await Process(*world).take("m1") == ["m1"]


@pytest.mark.parametrize("cache", [100, 0], ids=["cached", "cache off"])
async def test_a_redelivered_input_sends_the_outbox_once_per_ownership(world, cache):
    """Oftener, and two services would answer each other for ever."""
    await Process(*world).write("m1")
    process = Process(*world, cache=cache)
    assert [await process.take("m1") for _ in range(3)] == [["m1"], [], []]
    process.documents.forget()
    assert [await process.take("m1") for _ in range(3)] == [["m1"], [], []]


@pytest.mark.parametrize("cache", [100, 0], ids=["cached", "cache off"])
async def test_a_redelivered_input_sends_nothing_once_this_process_saw_the_acknowledgement(world, cache):
    process = Process(*world, cache=cache)
    await process.take("m1")
    assert [await process.take("m1") for _ in range(3)] == [[], [], []]


async def test_what_a_change_gives_up_is_kept_until_it_is_sent(world):
    await Process(*world).write("give-up")
    process = Process(*world)
    assert await process.take("give-up") == ["give-up", "given_back"]
    assert world[1][1].record.value == b"give-up"
    assert await process.take("give-up") == []


async def test_what_is_refused_without_a_change_is_refused_again_on_redelivery(world):
    process = Process(*world)
    assert await process.take("refuse") == ["given_back"]
    assert await process.take("refuse") == ["given_back"]
    assert world[0] == {}


# --- ownership, cache -----------------------------------------------------------------------------


async def test_the_cache_is_emptied_at_every_change_of_assignment(world):
    mine, other = Process(*world), Process(*world)
    await mine.take("m1")
    mine.documents.forget()
    await other.take("m2")
    await mine.take("m3")
    assert (mine.stored().lines, mine.tally.lost) == (("m1", "m2", "m3"), 0)


async def test_the_cache_is_bounded(world):
    process = Process(*world, cache=2)
    for claim in "abcd":
        await process.take("m1", claim=claim)
    assert list(process.documents._cache) == ["c", "d"]


@given(batches=st.lists(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["m1", "m2", "m3.after.m1", "m4"])))))
@settings(max_examples=60, deadline=None)
async def test_results_do_not_depend_on_the_cache(batches):
    worlds = []
    for cache in (100, 0):
        process = Process({}, [], cache=cache)
        for batch in batches:
            await process.take(*(received(name, claim) for claim, name in batch))
        in_order = {claim: [each.id for each in process.topic if each.key == claim] for claim in "ab"}
        worlds.append(({claim: process.stored(claim) for claim in process.rows}, in_order))
    assert worlds[0] == worlds[1]


# --- failures -----------------------------------------------------------------------------------------


async def test_a_claim_that_fails_does_not_stop_the_others(world):
    process = Process(*world)
    await process.take(received("m1", "a"), received("raise", "a"), received("m1", "b"))
    assert process.stored("b").lines == ("m1",)
    assert process.stored("a").lines == ("m1", process.stored("a").lines[1])
    assert process.stored("a").lines[1].startswith("parked: KeyError at test_documents.py:")
    assert process.tally.verdicts == {"applied": 2, "parked": 1}


async def test_an_output_that_no_topic_takes_parks_the_claim(world):
    process = Process(*world)
    assert await process.take("just-fits") == ["just-fits"]
    assert await process.take("large") == []
    assert process.stored().lines == ("just-fits", "parked: an output is larger than its topic takes")


async def test_a_document_that_grows_too_large_parks_its_claim_at_that_message_and_the_others_go_on(world):
    process = Process(*world)
    await process.take("m1", claim="other")
    long = ["." * (LARGEST // 4) + str(number) for number in range(3)]
    assert await process.take(*long) == long
    await process.take("m2", "." * (LARGEST // 2), "m3", received("m4", "other"))
    stored = process.stored()
    assert [len(line) for line in stored.lines[:4]] == [LARGEST // 4 + 1] * 3 + [2]
    assert stored.lines[4:] == ("parked: the document would be larger than is stored", "m3")
    assert len(process.rows["c1"].body) <= LARGEST
    assert (process.stored("other").lines, process.tally.verdicts) == (("m1", "m4"), {"applied": 3, "parked": 1})


async def test_a_document_of_exactly_the_largest_size_is_stored(world, monkeypatch):
    process = Process(*world)
    await process.take("m1")
    fits = Journal(id="c1", lines=("m1", "m2"))
    monkeypatch.setattr(documents, "LARGEST", len(msgspec.msgpack.encode(fits)))
    assert await process.take("m2") == ["m2"]
    assert process.stored().lines == ("m1", "m2")


def test_what_was_raised_is_told_by_its_innermost_place_and_without_its_text():
    def inner():
        raise KeyError("900-12-3456")

    def outer():
        inner()

    with pytest.raises(KeyError) as raised:
        outer()
    line = inner.__code__.co_firstlineno + 1
    assert where(raised.value) == f"KeyError at test_documents.py:{line} in inner"
    assert where(ValueError("never raised")) == "ValueError"


class Crashed(BaseException):
    """The simulated process is gone."""


def once_at(call, moment, number, error):
    """A hook that raises the `number`th time that this point is passed."""
    passed = 0

    async def hook(*point):
        nonlocal passed
        passed += point == (call, moment)
        if point == (call, moment) and passed == number:
            passed += 1
            raise error

    return hook


@pytest.mark.parametrize(
    ("call", "moment", "number"),
    [
        ("load", "before", 1),
        ("load", "after", 1),
        ("write", "before", 1),
        ("write", "within", 1),
        ("write", "after", 1),
    ],
)
@pytest.mark.parametrize("error", [Crashed, StoreUnavailable])
async def test_a_batch_that_ends_anywhere_is_done_once_when_it_comes_again(world, call, moment, number, error):
    batch = [received("m1", claim) for claim in "abc"]
    process = Process(*world, at=once_at(call, moment, number, error))
    with pytest.raises(error):
        await process.take(*batch)
    again = process if error is StoreUnavailable else Process(*world)
    await again.take(*batch)
    assert [again.stored(claim).lines for claim in "abc"] == [("m1",)] * 3
    assert sorted(each.id for each in world[1]) == ["a/1/m1", "b/1/m1", "c/1/m1"]


async def test_a_store_that_goes_away_between_two_rounds_loses_nothing_of_the_first(world):
    """`a` is written; `b` lost and cannot be read again: the same batch comes again and sends what `a` caused."""
    process, other = Process(*world, at=once_at("load", "before", 3, StoreUnavailable)), Process(*world)
    await process.take("m0", claim="a")
    await process.take("m0", claim="b")
    await other.take("m1", claim="b")
    batch = [received("m2", "a"), received("m2", "b")]
    with pytest.raises(StoreUnavailable):
        await process.take(*batch)
    await process.take(*batch)
    assert {"a/2/m2", "b/3/m2"} <= {each.id for each in world[1]}


POINTS = [
    ("load", "before"),
    ("load", "after"),
    ("write", "before"),
    ("write", "within"),
    ("write", "after"),
    ("produce", ""),
]


@given(
    steps=st.lists(
        st.tuples(
            st.integers(0, 1),
            st.lists(
                st.tuples(st.sampled_from("ab"), st.sampled_from(["m1", "m2", "give-up"])), min_size=1, max_size=4
            ),
            st.none() | st.sampled_from(POINTS),
            st.sampled_from([Crashed, StoreUnavailable]),
        ),
        max_size=12,
    ),
    cache=st.sampled_from([0, 1, 100]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_whatever_crashes_every_message_counts_once_and_every_outbox_reaches_its_topic(steps, cache):
    """Two processes, one perhaps a zombie, batches in any order, a crash at any point; then everything comes once more."""
    rows, topic = {}, []
    processes = [Process(rows, topic, cache=cache) for _ in range(2)]
    for number, batch, point, error in steps:
        process = processes[number]
        process.store._at = once_at(*point, 1, error) if point and point[0] != "produce" else undisturbed
        try:
            sends = await process.write(*(received(name, claim) for claim, name in batch))
        except Crashed:
            processes[number] = Process(rows, topic, cache=cache)
        except StoreUnavailable:
            continue
        else:
            if point and point[0] == "produce":
                processes[number] = Process(rows, topic, cache=cache)
                continue
            topic += sends
            process.documents.acknowledged()
    last = Process(rows, topic, cache=cache)
    everything = [received(name, claim) for claim in "ab" for name in ("m1", "m2", "give-up")]
    await last.take(*everything)
    sent = {each if isinstance(each, DeadLetter) else each.id for each in topic if isinstance(each, Output)}
    for claim in "ab":
        lines = last.stored(claim).lines
        assert sorted(lines) == ["give-up", "m1", "m2"]
        assert {f"{claim}/{number}/{line}" for number, line in enumerate(lines, 1)} <= sent
        assert any(isinstance(each, DeadLetter) and each.record.key == claim.encode() for each in topic)
    assert await last.take(*everything) == []
