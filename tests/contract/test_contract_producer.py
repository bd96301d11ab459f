"""aiokafka's producer: when a batch counts as sent, what a failure does to what follows, and a broker that is silent."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, OutOfOrderSequenceNumber
from tests.contract.rows import row

from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.wire import Output

REPLACED = "a producer that failed is thrown away, a new one sends everything again"
SILENCE_S = 1.5


@pytest.fixture
async def producer(ground):
    """A producer as ours is set up."""
    made = AIOKafkaProducer(
        bootstrap_servers=ground.bootstrap, acks="all", enable_idempotence=True, linger_ms=0, request_timeout_ms=500
    )
    await made.start()
    yield made
    await asyncio.wait_for(made.stop(), 10)


async def send(producer, topic, *values, partition=0):
    """Send one batch by hand; give the future of its acknowledgement."""
    batch = producer.create_batch()
    for value in values:
        assert batch.append(key=None, value=value, timestamp=None) is not None
    return await producer.send_batch(batch, topic, partition=partition)


@asynccontextmanager
async def unanswered(ground, producer):
    """Inside, the broker is silent: give the future of a second batch, sent to it after a first one was acknowledged."""
    await (await send(producer, ground.topic, b"first"))
    async with ground.silent_broker():
        yield await send(producer, ground.topic, b"second")


@row(
    "aiokafka",
    "the future of send_batch comes with the acknowledgement and names the first offset",
    "an outbox entry is sent when it comes",
)
async def test_a_batch_is_sent_when_its_future_comes(ground, producer, read):
    sent = [await send(producer, ground.topic, b"1", b"2"), await send(producer, ground.topic, b"3")]
    assert [(await each).offset for each in sent] == [0, 2]
    assert await read(await ground.member(), 3) == [b"1", b"2", b"3"]


@row("aiokafka", "batches of one task keep their order in a partition", "one task sends, per claim in order")
async def test_batches_keep_their_order(ground, producer, read):
    sent = [await send(producer, ground.topic, b"%d" % number) for number in range(50)]
    await asyncio.gather(*sent)
    assert await read(await ground.member(), 50) == [b"%d" % number for number in range(50)]


@row("aiokafka", "a batch that the broker refuses fails its future, with the broker's error", REPLACED)
async def test_a_refused_batch_fails_its_future(ground, producer):
    topic = await ground.another(**{"max.message.bytes": "1000"})
    with pytest.raises(MessageSizeTooLargeError):
        await (await send(producer, topic, b"x" * 5_000))


@row(
    "aiokafka",
    "after a refused batch an idempotent producer's partition is poisoned: OutOfOrderSequenceNumber for all that follows",
    REPLACED,
)
async def test_a_refusal_poisons_the_partition(ground, producer):
    topic = await ground.another(**{"max.message.bytes": "1000"})
    await (await send(producer, topic, b"first"))
    with pytest.raises(MessageSizeTooLargeError):
        await (await send(producer, topic, b"x" * 5_000))
    for _ in range(2):
        with pytest.raises(OutOfOrderSequenceNumber):
            await asyncio.wait_for(await send(producer, topic, b"small"), 10)
    assert (await (await send(producer, topic, b"elsewhere", partition=1))).offset == 0


@row("aiokafka", "a new producer has a new identity: it sends where the old one was poisoned", REPLACED)
async def test_a_new_producer_starts_afresh(ground):
    topic = await ground.another(**{"max.message.bytes": "1000"})
    settings = KafkaSettings(bootstrap=ground.bootstrap, produce_seconds=10.0)
    ours = Producer(settings, "contract", 2)
    ours.abandon.set()
    with pytest.raises(Exception, match="broker is away"):
        await ours.produce([_output(topic, b"x" * 5_000)])
    ours.abandon.clear()
    await ours.produce([_output(topic, b"small")])
    await ours.stop()


@row(
    "aiokafka",
    "an idempotent batch never expires: on a silent broker its future does not come, far beyond request_timeout_ms",
    "we send under a deadline of our own",
)
async def test_a_silent_broker_is_waited_for_without_end(ground, producer):
    async with unanswered(ground, producer) as sent:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(sent), SILENCE_S)
    assert (await asyncio.wait_for(sent, 20)).offset == 1, "and it comes once, however often it was sent"


@row(
    "aiokafka",
    "a producer's stop() waits for batches that are on their way, as long as the broker is silent",
    "stop is under a deadline too",
)
async def test_stopping_waits_for_the_broker(ground, producer):
    async with unanswered(ground, producer) as sent:
        stopping = asyncio.create_task(producer.stop())
        done, _ = await asyncio.wait([stopping], timeout=SILENCE_S)
        assert not done
    await asyncio.wait_for(asyncio.gather(stopping, sent, return_exceptions=True), 20)


def _output(topic, body):
    return Output(topic, "claim.submitted.v1", "id", "key", body, 0, "contract")


def test_what_we_catch_around_sending_is_what_it_raises():
    assert issubclass(MessageSizeTooLargeError, KafkaError)
    assert issubclass(OutOfOrderSequenceNumber, KafkaError)
