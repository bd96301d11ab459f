"""What tests of every package share: one real broker a session, and how they are spread over processes."""

import os
import re
from collections.abc import AsyncIterator
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from claims_cli.servers import broker

_ON_A_SYSTEM: Final = re.compile(r"tests/e2e/\w+\.py::\w+\[(\w+)")
"""The store is these tests' first parameter."""
_WITH_A_SYSTEM_EACH: Final = re.compile(r"(tests/(faults|hostile|bench)|deploy/tests/test_stack\b)")
"""They start systems of their own and time what these do: two at once on two cores would starve each other."""


class _BySystem(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        found = _ON_A_SYSTEM.match(nodeid)
        if found is not None:
            return f"a system on {found[1]}"
        return "a system each" if _WITH_A_SYSTEM_EACH.match(nodeid) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Starting a system takes half a minute where others start theirs: each store's is started once."""
    return _BySystem(config, log)


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A broker's bootstrap address: `KAFKA_BOOTSTRAP_SERVERS` where set, else an embedded one. Own topics and groups per test."""
    if running := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield running
        return
    started = await broker.start(tmp_path_factory.mktemp("broker"))
    yield started.bootstrap
    await broker.stop(started)
