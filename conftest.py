"""What tests of every package share: one real broker a session."""

import os
from collections.abc import AsyncIterator

import pytest

from claims_cli import broker


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A broker's bootstrap address: `KAFKA_BOOTSTRAP_SERVERS` where set, else an embedded one. Own topics and groups per test."""
    if running := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield running
        return
    started = await broker.start(tmp_path_factory.mktemp("broker"))
    yield started.bootstrap
    await broker.stop(started)
