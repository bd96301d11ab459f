"""One stack, to which every class of the table was sent once, among claims that mean no harm."""

from collections.abc import AsyncIterator

import pytest
from tests.faults.stack import Stack, up
from tests.hostile.mixed import everything_once
from tests.hostile.ranges import SETTINGS, on
from tests.hostile.trial import Trial


@pytest.fixture(scope="session")
async def attacked(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Stack, Trial]]:
    failures = request.session.testsfailed
    keep = lambda: request.session.testsfailed > failures  # noqa: E731 - its logs are wanted then
    async with up("sqlite", settings=SETTINGS, keep=keep) as stack, on(stack) as shooting:
        await everything_once(shooting)
        yield stack, await shooting.rest(60.0)
