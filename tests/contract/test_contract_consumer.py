"""aiokafka's consumer: what is committed when, what a rebalance does to positions, and what a poll gives meanwhile."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError
from tests.contract.rows import row
from tests.hostile.batches import Raw, batch
from tests.hostile.sending import connected

EXPLICIT = "we commit explicit offsets of what is done, and last in stop and before partitions are given up"
EPOCH = "every assignment has a number of ours; what was read under another is dropped, its commit not sent"


class Listening(ConsumerRebalanceListener):
    """Remembers what it is told; `revoking` runs inside the revocation."""

    def __init__(self, revoking=None):
        self.told = []
        self._revoking = revoking

    async def on_partitions_revoked(self, revoked):
        self.told.append(("revoked", {place.partition for place in revoked}))
        if self._revoking is not None and revoked:
            await self._revoking()

    async def on_partitions_assigned(self, assigned):
        self.told.append(("assigned", {place.partition for place in assigned}))


async def listening(ground, *values):
    """Start a member that remembers what it is told; both partitions hold these values."""
    for partition in (0, 1) if values else ():
        await ground.filled(*values, partition=partition)
    listener = Listening()
    return listener, await ground.member(listener=listener)


async def joined(ground, until, listener, first):
    """Let a second member join and wait until the first one has a new assignment."""
    before = len(listener.told)
    second = await ground.member()
    await until(lambda: ("assigned", set()) not in listener.told[before:] and len(listener.told) >= before + 2)
    await until(lambda: len(first.assignment()) == len(second.assignment()) == 1)
    return second


@row("aiokafka", "without auto commit neither polls nor stop commit anything", EXPLICIT)
async def test_nothing_is_committed_unasked(ground, read):
    await ground.filled(b"1", b"2")
    consumer = await ground.member()
    assert await read(consumer, 2) == [b"1", b"2"]
    await consumer.stop()
    assert await ground.committed() is None


@row(
    "aiokafka",
    "a record is handed out once an assignment, committed or not; the next member starts at the committed offset",
    EXPLICIT,
)
async def test_positions_move_on_with_the_hand_out(ground, read):
    await ground.filled(b"1", b"2", b"3")
    consumer = await ground.member()
    await read(consumer, 3)
    assert await consumer.position(ground.here()) == 3
    assert await consumer.getmany(timeout_ms=100) == {}
    await consumer.commit({ground.here(): (1, "")})
    await consumer.stop()
    assert await read(await ground.member(), 2) == [b"2", b"3"]


@row(
    "aiokafka", "`commit()` without offsets takes every position, done or not", "commit is never called without offsets"
)
async def test_a_commit_without_offsets_takes_what_is_not_done(ground, read):
    await ground.filled(b"1", b"2")
    consumer = await ground.member()
    await read(consumer, 2)
    await consumer.commit()
    assert await ground.committed() == (2, "")


@row(
    "aiokafka",
    "a commit may move backwards, and goes out under the present generation however old its offset is",
    EPOCH,
)
async def test_an_old_offset_is_taken_after_a_rebalance(ground, read, until):
    listener, consumer = await listening(ground, b"1", b"2", b"3")
    await read(consumer, 6)
    await consumer.commit({ground.here(partition): (3, "") for partition in (0, 1)})
    await joined(ground, until, listener, consumer)
    (mine,) = consumer.assignment()
    await consumer.commit({mine: (1, "")})
    assert await ground.committed(mine.partition) == (1, "")


@row(
    "aiokafka",
    "a commit of a partition that is not ours raises IllegalStateError, of a member that has left CommitFailedError",
    "both are a refused commit, which is harmless",
)
async def test_a_commit_that_is_not_ours_to_make_is_refused(ground, read):
    await ground.filled(b"1")
    consumer = await ground.member()
    await read(consumer, 1)
    with pytest.raises(IllegalStateError):
        await consumer.commit({type(ground.here())(ground.topic, 7): (1, "")})
    zombie = consumer._coordinator.member_id
    consumer._coordinator.member_id = f"{zombie}-gone"
    try:
        with pytest.raises(CommitFailedError):
            await consumer.commit({ground.here(): (1, "")})
    finally:
        consumer._coordinator.member_id = zombie
    assert await ground.committed() is None


@row(
    "aiokafka",
    "what stands beside a committed offset is kept and given back",
    "exits by our own exceptions are noted there",
)
async def test_notes_stand_beside_offsets(ground, read):
    await ground.filled(b"1")
    consumer = await ground.member()
    await read(consumer, 1)
    await consumer.commit({ground.here(): (1, '{"exits":1}')})
    assert await ground.committed() == (1, '{"exits":1}')


@row(
    "aiokafka",
    "every rebalance is eager: all partitions are revoked, and what stays begins at the committed offset again",
    EPOCH,
)
async def test_a_rebalance_takes_everything_and_starts_at_the_committed_offset(ground, read, until):
    listener, consumer = await listening(ground, b"1", b"2")
    await read(consumer, 4)
    second = await joined(ground, until, listener, consumer)
    assert listener.told[-2] == ("revoked", {0, 1})
    assert await read(consumer, 2) == await read(second, 2) == [b"1", b"2"]


@row(
    "aiokafka",
    "the next assignment waits for on_partitions_revoked, and a commit inside it is taken",
    "the running batch ends and is committed there",
)
async def test_the_revocation_is_waited_for(ground, read, until):
    await ground.filled(b"1")
    allowed = asyncio.Event()

    async def revoking():
        await allowed.wait()
        await consumer.commit({ground.here(): (1, "")})

    listener = Listening(revoking)
    consumer = await ground.member(listener=listener)
    await read(consumer, 1)
    joining = asyncio.create_task(ground.member())
    await until(lambda: listener.told[-1][0] == "revoked")
    await asyncio.sleep(0.3)  # three heartbeats: were it not waited for, it would be over
    assert not joining.done()
    allowed.set()
    second = await asyncio.wait_for(joining, 10)
    await until(lambda: len(consumer.assignment()) == len(second.assignment()) == 1)
    assert await ground.committed() == (1, "")


@row(
    "aiokafka",
    "an exception in on_partitions_revoked is only logged: the rebalance goes on",
    "it changes the epoch whatever happens",
)
async def test_a_failing_revocation_stops_nothing(ground, until):
    async def revoking():
        raise RuntimeError("on purpose")

    listener = Listening(revoking)
    consumer = await ground.member(listener=listener)
    second = await joined(ground, until, listener, consumer)
    assert len(consumer.assignment()) == len(second.assignment()) == 1


@row("aiokafka", "stop() does not call on_partitions_revoked", "the drain commits before the client stops")
async def test_stopping_revokes_nothing(ground):
    listener, consumer = await listening(ground)
    before = list(listener.told)
    await consumer.stop()
    assert listener.told == before


@row(
    "aiokafka",
    "a poll that waits through a rebalance gives records of the next assignment",
    "records carry the epoch under which they were handed out, not that of the call",
)
async def test_a_poll_outlives_its_assignment(ground, until):
    listener, consumer = await listening(ground)
    waiting = asyncio.create_task(consumer.getmany(timeout_ms=8_000))
    await asyncio.sleep(0)
    second = await joined(ground, until, listener, consumer)
    mine = next(iter(consumer.assignment()))
    assert not waiting.done()
    await ground.filled(b"new", partition=mine.partition)
    found = await waiting
    assert [each.value for each in found.get(mine, [])] == [b"new"]
    assert second is not None


@row(
    "aiokafka",
    "what was fetched and not handed out is dropped with its partition; asking for it gives nothing",
    EPOCH,
)
async def test_nothing_is_given_of_a_partition_that_went_away(ground, read, until):
    listener, consumer = await listening(ground, b"1", b"2")
    await read(consumer, 1)
    await joined(ground, until, listener, consumer)
    gone = ({ground.here(0), ground.here(1)} - consumer.assignment()).pop()
    assert await consumer.getmany(gone, timeout_ms=100) == {}
    assert set(await consumer.getmany(timeout_ms=500)) <= consumer.assignment()


@row(
    "aiokafka",
    "a poll of some partitions leaves the others' records where they are",
    "answers are read before the backlog",
)
async def test_partitions_are_polled_by_name(ground, read):
    await ground.filled(b"backlog", partition=0)
    await ground.filled(b"answer", partition=1)
    consumer = await ground.member()
    async with asyncio.timeout(10):
        while not (found := await consumer.getmany(ground.here(1), timeout_ms=100)):
            pass
    assert set(found) == {ground.here(1)}
    assert await read(consumer, 1) == [b"backlog"]


@row(
    "aiokafka",
    "the range assignor gives a member the same partitions of every topic",
    "a claim's streams lie with one process",
)
async def test_topics_stay_aligned(ground, until):
    other = await ground.another()
    listener = Listening()
    first = await ground.member(ground.topic, other, listener=listener)
    second = await ground.member(ground.topic, other)
    await until(lambda: len(first.assignment()) == len(second.assignment()) == 2)
    for consumer in (first, second):
        by_topic = {place.topic: place.partition for place in consumer.assignment()}
        assert len(set(by_topic.values())) == 1


@row(
    "aiokafka",
    "a header name that is no UTF-8 raises at the same offset for ever; other partitions go on",
    "such a batch is read by hand",
)
async def test_a_record_that_the_client_cannot_read_stands(ground):
    async with connected(ground.bootstrap, ground.topic) as socket:
        await socket.put(ground.topic, 0, batch([Raw(b"k", b"v", [(b"\xff", b"")])]))
    await ground.filled(b"other", partition=1)
    consumer = await ground.member()
    for _ in range(3):
        with pytest.raises(UnicodeDecodeError):
            await asyncio.wait_for(_given(consumer, ground.here(0)), 10)
        assert await consumer.position(ground.here(0)) == 0
    assert [each.value for each in await asyncio.wait_for(_given(consumer, ground.here(1)), 10)] == [b"other"]


@row(
    "aiokafka",
    "records of a transaction that was given up are handed out, its marker is not",
    "what is written is filed, and transactions leave a lag of one",
)
async def test_aborted_records_are_read(ground, read):
    async with AIOKafkaProducer(bootstrap_servers=ground.bootstrap, transactional_id=ground.topic) as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(ground.topic, b"given up", partition=0)
        await producer.abort_transaction()
    consumer = await ground.member()
    assert await read(consumer, 1) == [b"given up"]
    async with asyncio.timeout(10):  # the coordinator writes the marker when it likes
        while (await consumer.end_offsets([ground.here()]))[ground.here()] != 2:
            await asyncio.sleep(0.05)
    await ground.filled(b"next")
    assert await read(consumer, 1) == [b"next"]
    assert await consumer.position(ground.here()) == 3


async def _given(consumer, place):
    while True:
        if found := await consumer.getmany(place, timeout_ms=100):
            return found[place]
