"""A process of which a part has died must end: it would look well and never get on."""

import asyncio
from types import SimpleNamespace

import pytest
from faststream.kafka import KafkaBroker

from claims_shared import service
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


async def test_a_cycle_that_waits_for_its_store_is_over_before_the_store_is_closed(monkeypatch):
    async def at_once(*_):
        """Nothing is in hand, and no broker is there."""

    async def close():
        assert cycle.done(), "it would ask a closed store, and say that it failed"
        closed.append(True)

    closed, settings = [], SimpleNamespace(drain_seconds=0.01)
    monkeypatch.setattr(service, "_force_exit", lambda: None)
    kit = SimpleNamespace(consumption=SimpleNamespace(drain=at_once), producer=SimpleNamespace(stop=at_once))
    kit.settings = settings
    running = service._Running(kit, KafkaBroker())
    running.built = SimpleNamespace(close=(close,))
    cycle = running._engine_task = running._watch(asyncio.Event().wait())
    await running.end()
    assert closed
    assert running.failed is None
