"""A whole system as its users start it: `claims up --detach --json`, on either store."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

SETTINGS = (
    "CLAIMS_FILING_AGE_DAYS=36500",  # the tests' claims were filed on fixed days
    "CLAIMS_EVIDENCE_DUE=PT20S",  # so that a silence ends within a test
    'CLAIMS_TOO_LONG_AFTER={"benefits": "PT5S"}',  # and a service that stands still is told of
    "CLAIMS_QUOTA_RATE=10000",  # all tests are one portal, and look for what they sent where they sent it
    "CLAIMS_QUOTA_BURST=10000",
)
PATIENCE_S = 180.0
Claims = Callable[..., Awaitable[str]]


async def run_claims(*arguments: str) -> str:
    """Run a verb and give its standard output; what it says on standard error is the failure's reason."""
    outside = ("KAFKA_BOOTSTRAP_SERVERS", "MONGODB_URI", "CLAIMS_DATA")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "claims_cli.main", *arguments),
        env={name: value for name, value in os.environ.items() if name not in outside},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0, said.decode()
    return out.decode()


@pytest.fixture(scope="session", params=["sqlite", "mongo"])
async def any_system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[str, Any]]:
    """What `claims up` prints, and `data`, the directory it runs on."""
    data = tmp_path_factory.mktemp(f"system-{request.param}")
    where = ("--data", str(data))
    settings = [word for setting in SETTINGS for word in ("--env", setting)]
    out = await run_claims("up", "--detach", "--json", *where, "--store", request.param, *settings)
    yield json.loads(out.splitlines()[-1]) | {"data": str(data)}
    await run_claims("down", *where)


@pytest.fixture
def claims() -> Claims:
    return run_claims
