"""FastStream: every policy of acknowledgement with a handler that fails, and what a subscription of ours is."""

import asyncio
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from tests.contract.rows import row

from claims_shared.kafka import subscription
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings

NO_HANDLER = (
    "the subscriber has no handler: FastStream builds, starts and stops the client, our own loop reads and commits"
)
FAST = {"auto_offset_reset": "earliest", "session_timeout_ms": 3_000, "heartbeat_interval_ms": 100}


class Failing:
    """A handler that fails on one record, with all that it was called with."""

    def __init__(self, on=b"bad"):
        self.on = on
        self.seen = []

    async def __call__(self, value):
        self.seen.append(value)
        if value == self.on:
            raise RuntimeError("on purpose")


async def handled(ground, policy, handler, *values, **more):
    """Run a subscriber under this policy over these records; the caller says when it has seen enough."""
    await ground.filled(*values)
    broker = KafkaBroker(ground.bootstrap, logger=None, graceful_timeout=5.0)
    settings = FAST | {"group_id": ground.group, "ack_policy": policy} | more
    broker.subscriber(ground.topic, **settings)(_raw(handler))
    await broker.start()
    ground.closing.push_async_callback(broker.stop)
    return broker


def _raw(handler):
    async def handle(value: bytes) -> None:
        await handler(value)

    return handle


async def eventually(ask, wanted, seconds=10.0):
    async with asyncio.timeout(seconds):
        while (found := await ask()) != wanted:
            await asyncio.sleep(0.05)
    return found


@row("faststream", "ACK commits past a record on which the handler failed: it is lost", NO_HANDLER)
async def test_ack_loses_what_the_handler_fails_on(ground, until):
    handler = Failing()
    await handled(ground, AckPolicy.ACK, handler, b"bad", b"good")
    await until(lambda: b"good" in handler.seen)
    assert handler.seen == [b"bad", b"good"]
    assert await eventually(ground.committed, (2, ""))


@row("faststream", "REJECT_ON_ERROR is ACK under another name, as it says itself", NO_HANDLER)
async def test_reject_is_ack():
    with pytest.warns(UserWarning, match="same effect as AckPolicy.ACK"):
        KafkaBroker(logger=None).subscriber("any", ack_policy=AckPolicy.REJECT_ON_ERROR, group_id="any")


@row(
    "faststream",
    "NACK_ON_ERROR hands the record on which the handler fails over again at once, without end",
    NO_HANDLER,
)
async def test_nack_reads_it_again_and_again(ground, until):
    handler = Failing()
    await handled(ground, AckPolicy.NACK_ON_ERROR, handler, b"bad", b"good")
    await until(lambda: len(handler.seen) > 20)
    assert set(handler.seen) == {b"bad"}
    assert await ground.committed() is None


@row(
    "faststream",
    "ACK_FIRST, its default, turns auto commit on: a record in the handler's hands is committed",
    NO_HANDLER,
)
async def test_ack_first_commits_what_is_not_done(ground):
    started, never = asyncio.Event(), asyncio.Event()

    async def handler(_value):
        started.set()
        await never.wait()

    more = {"auto_commit_interval_ms": 100}
    await handled(ground, AckPolicy.ACK_FIRST, handler, b"slow", **more)
    await asyncio.wait_for(started.wait(), 10)
    await eventually(ground.committed, (1, ""))
    never.set()


@row(
    "faststream",
    "a handler's exception is swallowed: under MANUAL the next record follows and nothing is committed",
    NO_HANDLER,
)
async def test_manual_goes_on_after_an_exception(ground, until):
    handler = Failing()
    broker = await handled(ground, AckPolicy.MANUAL, handler, b"bad", b"good")
    await until(lambda: b"good" in handler.seen)
    await broker.stop()
    assert await ground.committed() is None


@row("faststream", "`ack()` of one message commits all positions, also past records that failed before it", NO_HANDLER)
async def test_an_ack_takes_those_before_it_along(ground):
    await ground.filled(b"bad", b"good")
    broker = KafkaBroker(ground.bootstrap, logger=None, graceful_timeout=5.0)
    subscriber = broker.subscriber(ground.topic, group_id=ground.group, ack_policy=AckPolicy.MANUAL, **FAST)

    @subscriber
    async def handle(value: bytes, message: KafkaMessage) -> None:
        if value == b"good":
            await message.ack()

    await broker.start()
    ground.closing.push_async_callback(broker.stop)
    await eventually(ground.committed, (2, ""))


@row(
    "faststream",
    "one record of a batch that cannot be decoded takes the whole batch from the handler",
    "we hand over raw records",
)
async def test_one_undecodable_record_loses_its_batch(ground, until):
    await ground.filled(b"1", b"{", b"3")
    broker, seen = KafkaBroker(ground.bootstrap, logger=None, graceful_timeout=5.0), []

    async def decode(message):
        values = [each.value for each in message.raw_message]
        if b"{" in values:
            raise ValueError("undecodable")
        return values

    subscriber = broker.subscriber(
        ground.topic, group_id=ground.group, batch=True, ack_policy=AckPolicy.ACK, decoder=decode, **FAST
    )

    @subscriber
    async def handle(values: Any) -> None:
        seen.extend(values)

    await broker.start()
    ground.closing.push_async_callback(broker.stop)
    await eventually(ground.committed, (3, ""))
    await ground.filled(b"4")
    await until(lambda: seen)
    assert seen == [b"4"]


@row(
    "faststream",
    "a subscriber without a handler starts a client with our settings, polls nothing and commits nothing",
    NO_HANDLER,
)
async def test_our_subscription_is_a_client_that_nobody_else_reads(ground, read):
    settings = KafkaSettings(bootstrap=ground.bootstrap, session_timeout_ms=3_000, heartbeat_interval_ms=100)
    await ground.filled(b"first", b"second")
    broker, consumption = subscription("benefits", settings, [ground.topic], Producer(settings, "contract", 2))
    await broker.start()
    try:
        consumer = consumption._consumer()
        await asyncio.sleep(0.5)  # long enough for a loop of FastStream's, were there one
        assert await read(consumer, 2) == [b"first", b"second"]
        assert consumer._enable_auto_commit is False
        assert (consumer._auto_offset_reset, consumer._isolation_level) == ("earliest", "read_uncommitted")
    finally:
        await broker.stop()
    found = await ground.admin.list_consumer_group_offsets("claims.benefits")
    assert ground.here() not in found, "stop commits nothing"
