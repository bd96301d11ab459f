"""Builds the operators' API by hand and serves it."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
import uvloop
from pydantic import ValidationError

from claims_orchestrator.console.app import LOOPBACK, build
from claims_orchestrator.console.desk import Desk
from claims_orchestrator.settings import OrchestratorSettings
from claims_orchestrator.store import SHAPE
from claims_shared import telemetry
from claims_shared.cluster import partitions_of
from claims_shared.messages.catalog import DESK
from claims_shared.producing import Producer
from claims_shared.service import answering_store, ending, leave, now, wrong_settings
from claims_shared.settings import KafkaSettings, ServiceSettings

SERVICE: Final = "console"
DRAIN_SECONDS: Final = 5


class Server(uvicorn.Server):
    """Ends by SIGTERM with 0; uvicorn itself would raise the signal again after its drain."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def main() -> None:
    """Serve until SIGTERM; one clear line and 1 where it cannot start."""
    try:
        settings, kafka, own = ServiceSettings(), KafkaSettings(), OrchestratorSettings()
    except ValidationError as wrong:
        leave(SERVICE, wrong_settings(wrong))
    telemetry.configure_logging(SERVICE, json=settings.log_format == "json", level=settings.log_level)
    uvloop.run(ending(SERVICE, _serve(settings, kafka, own)))


async def _serve(settings: ServiceSettings, kafka: KafkaSettings, own: OrchestratorSettings) -> int:
    store = await answering_store(settings.store_url, SHAPE)
    producer = Producer(kafka, f"claims.{SERVICE}", await partitions_of(kafka, [DESK.name]))
    with socket.create_server((own.api_host, own.api_port)) as listening:
        await _listen(listening, Desk(store, producer, kafka, own.clocks(), now), own.api_host)
    await producer.stop()
    await store.close()
    return 0


async def _listen(listening: socket.socket, desk: Desk, host: str) -> None:
    hosts = LOOPBACK if host in LOOPBACK else ("*",)
    config = uvicorn.Config(
        build(desk, hosts=hosts),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    telemetry.log().info("starting", api="{}:{}".format(*listening.getsockname()[:2]))
    await Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    main()
