"""Two real stacks, one a file of tests: two replicas of each service on SQLite, one on a MongoDB-compatible server."""

import itertools
from collections.abc import AsyncIterator, Callable

import pytest
from tests.faults import portal
from tests.faults.stack import Stack, up

# Shorter sessions than the local stack's own: what a kill costs is mostly the wait for the dead one's to run out.
SETTINGS = (
    portal.SETTING,
    "CLAIMS_SESSION_TIMEOUT_MS=3000",
    "CLAIMS_HEARTBEAT_INTERVAL_MS=500",
    # Waits are written soon, so that a test soon sees that none is left.
    "CLAIMS_WAITS_FLUSH_SECONDS=0.5",
    "CLAIMS_WAITS_AGE_SECONDS=1.5",
)
REPLICAS = {"sqlite": 2, "mongo": 1}
PEOPLE = 10_000
_turns = itertools.count(1)


@pytest.fixture(scope="module")
async def stack(request: pytest.FixtureRequest) -> AsyncIterator[Stack]:
    """The stack on the store that the test names; all tests on one store are in one file, so that they share it."""
    failures = request.session.testsfailed
    replicas = REPLICAS[request.param]
    keep = lambda: request.session.testsfailed > failures  # noqa: E731 - its logs are wanted then
    async with up(request.param, replicas=replicas, settings=SETTINGS, keep=keep, proxied=True) as started:
        yield started


@pytest.fixture
def people() -> Callable[[], dict[str, object]]:
    """Claims and people that no other test has."""

    def others() -> dict[str, object]:
        turn = next(_turns)
        return {"run": f"R{turn}", "first": turn * PEOPLE}

    return others
