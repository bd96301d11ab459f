"""A commit that is under way is waited for before partitions are given up: sent later, it would count for their next owner."""

import asyncio

from aiokafka import TopicPartition

from claims_shared.kafka import Consumption
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings

HERE = TopicPartition("t", 0)


class Slow:
    """A client whose first commit takes until it is let go."""

    def __init__(self):
        self.committed = []
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    async def commit(self, offsets):
        if not self.asked.is_set():
            self.asked.set()
            await self.let_go.wait()
        self.committed.append({place: offset for place, (offset, _) in offsets.items()})


async def test_partitions_are_given_up_behind_the_last_commit():
    client, settings = Slow(), KafkaSettings()
    consumption = Consumption(settings, Producer(settings, "test", 4), lambda: client)
    await consumption.on_partitions_assigned([HERE])
    consumption._positions[HERE] = 7
    regular = asyncio.create_task(consumption.commit())
    await client.asked.wait()
    consumption._positions[HERE] = 10
    given_up = asyncio.create_task(consumption.on_partitions_revoked([HERE]))
    await asyncio.sleep(0.05)
    assert not given_up.done()
    client.let_go.set()
    await asyncio.gather(regular, given_up)
    assert client.committed == [{HERE: 7}, {HERE: 10}]


async def test_after_that_nothing_old_is_committed():
    client, settings = Slow(), KafkaSettings()
    client.let_go.set()
    consumption = Consumption(settings, Producer(settings, "test", 4), lambda: client)
    await consumption.on_partitions_assigned([HERE])
    consumption._positions[HERE] = 7
    await asyncio.gather(consumption.on_partitions_revoked([HERE]), consumption.commit())
    await consumption.commit()
    assert client.committed == [{HERE: 7}]
