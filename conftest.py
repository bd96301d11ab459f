"""How the tests are spread over processes: a file stays together, and so do those that need the same running system."""

import re
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

_ON_A_SYSTEM: Final = re.compile(r"tests/e2e/\w+\.py::\w+\[(\w+)")
"""The store is these tests' first parameter."""


class _BySystem(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        found = _ON_A_SYSTEM.match(nodeid)
        return f"a system on {found[1]}" if found else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    """Starting a system takes half a minute where others start theirs: each store's is started once."""
    return _BySystem(config, log)
