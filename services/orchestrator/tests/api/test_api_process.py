import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from claims_cli import topics


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def started(**settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMS_", "KAFKA_", "MONGODB_"))}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "claims_orchestrator.console"),
        env=kept | settings,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"CLAIMS_API_PORT": "http"}, "CLAIMS_API_PORT"),
        ({"CLAIMS_STORE_URL": "redis://x"}, "redis"),
        ({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "no Kafka broker at 127.0.0.1:1"),
        ({"CLAIMS_STORE_URL": "sqlite:////proc/nowhere"}, "/proc/nowhere"),
    ],
)
async def test_what_is_wrong_at_the_start_is_one_line(tmp_path, settings, says):
    usual = {"CLAIMS_STORE_URL": f"sqlite://{tmp_path}", "CLAIMS_START_SECONDS": "2"}
    async with started(**usual | settings) as process, asyncio.timeout(30):
        _, said = await process.communicate()
    assert process.returncode == 1
    assert len(said.splitlines()) == 1, said.decode()
    assert says.lower() in said.decode().lower()


async def test_it_serves_and_ends_with_0(tmp_path, kafka):
    await topics.create(kafka)
    port = free_port()
    settings = {
        "CLAIMS_STORE_URL": f"sqlite://{tmp_path}",
        "CLAIMS_API_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
    }
    async with started(**settings) as process, asyncio.timeout(30):
        transport = httpx2.AsyncHTTPTransport(retries=50)
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
            assert (await client.get("/readyz")).text == "ok\n"
            assert (await client.get("/livez")).text == "ok\n"
            assert (await client.get("/claims")).json() == {"claims": [], "next": None}
            assert "claims_api_seconds" in (await client.get("/metrics")).text
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
