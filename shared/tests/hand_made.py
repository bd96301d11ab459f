"""Batches made by hand and put into a broker's log through the raw protocol: what no client library would send."""

import struct
from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from claims_shared.raw_batches import CRC_FROM
from claims_shared.wire import Record

ODD, BROKEN = "x-od-name", b"x-\xff\xfe-name"
CODECS = {"none": 0, "gzip": 1}


def batch(records: Sequence[Record], *, base: int = 0, codec: str = "none") -> bytes:
    """A batch as a producer makes it."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=CODECS[codec],
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=2**20,
    )
    for number, each in enumerate(records):
        builder.append(number, 1_700_000_000_000 + number, each.key, each.value, each.headers)
    return struct.pack(">q", base) + bytes(builder.build())[8:]


def with_broken_name(raw: bytes) -> bytes:
    """The batch with the name of its odd header no longer UTF-8, and a right checksum: brokers take it, clients do not."""
    assert ODD.encode() in raw
    return signed(raw.replace(ODD.encode(), BROKEN))


def signed(raw: bytes) -> bytes:
    return raw[: CRC_FROM - 4] + struct.pack(">I", calc_crc32c(raw[CRC_FROM:])) + raw[CRC_FROM:]


async def produce(bootstrap: str, topic: str, partition: int, raw: bytes) -> int:
    """Put a batch into the log as it is and give its first offset."""
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    try:
        await client.bootstrap()
        await client.add_topic(topic)
        node = client.cluster.leader_for_partition(TopicPartition(topic, partition))
        answer = await client.send(node, ProduceRequest(None, -1, 10_000, [(topic, [(partition, raw)])]))
    finally:
        await client.close()
    ((_, ((_, error, offset, *_),)),) = answer.topics
    assert error == 0, error
    return offset
