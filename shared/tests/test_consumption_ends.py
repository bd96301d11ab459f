"""A process of which a part has died must end: it would look well and never get on."""

import asyncio

import pytest

from claims_shared.engine import Engine
from claims_shared.kafka import Consumption
from claims_shared.producing import Producer
from claims_shared.service import now
from claims_shared.settings import KafkaSettings


class Surprising:
    """A client that fails in a way that nobody foresaw, when it is asked whether the broker is there."""

    async def topics(self):
        raise RuntimeError("surprise")


async def test_what_dies_beside_the_cycle_ends_it():
    settings = KafkaSettings()
    consumption = Consumption(settings, Producer(settings, "test", 4), Surprising)
    with pytest.raises(RuntimeError, match="surprise"):
        async with asyncio.timeout(10):
            await consumption.run(Engine("test", consumption, {}, now))
