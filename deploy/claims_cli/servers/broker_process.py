"""One running broker: spawned, waited for until it answers, stopped."""

import asyncio
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 20.0
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Broker:
    bootstrap: str
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid


def spawn(command: Sequence[str], bootstrap: str, log: Path) -> Broker:
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    return Broker(bootstrap, log, process)


async def stop(broker: Broker, deadline_s: float = STOP_DEADLINE_S) -> None:
    """Stop in order; a broker that does not is killed, which its data directory survives."""
    broker.process.terminate()
    try:
        await asyncio.to_thread(broker.process.wait, deadline_s)
    except subprocess.TimeoutExpired:
        broker.process.kill()
        await asyncio.to_thread(broker.process.wait)


async def answers(broker: Broker) -> bool:
    """True when it answers, False where it ended first or took too long; then it is stopped."""
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            await _answers_or_ended(broker)
    except BaseException as reason:
        await stop(broker)
        if not isinstance(reason, TimeoutError):
            raise
    return broker.process.poll() is None


async def ready(bootstrap: str) -> None:
    """Return when the broker accepts and its metadata name it."""
    while not await _is_member(bootstrap):  # noqa: ASYNC110 - another process's state: nothing here could wake us
        await asyncio.sleep(POLL_S)


async def _answers_or_ended(broker: Broker) -> None:
    while broker.process.poll() is None and not await _is_member(broker.bootstrap):  # noqa: ASYNC110 - the same
        await asyncio.sleep(POLL_S)


async def _is_member(bootstrap: str) -> bool:
    if not await _accepts(bootstrap):
        return False
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    try:
        await client.bootstrap()
        return any(f"{node.host}:{node.port}" == bootstrap for node in client.cluster.brokers())
    except KafkaError:
        return False
    finally:
        await client.close()


async def _accepts(bootstrap: str) -> bool:
    """Asked first: aiokafka would log an error for each refused connection."""
    host, _, port = bootstrap.rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True
