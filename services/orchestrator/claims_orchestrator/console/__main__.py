"""Builds the operators' API by hand and serves it."""

import asyncio
import signal
import socket
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import ValidationError

from claims_orchestrator.console.app import LOOPBACK, build
from claims_orchestrator.console.desk import Desk
from claims_orchestrator.console.giver import Giver
from claims_orchestrator.settings import OrchestratorSettings
from claims_orchestrator.store import SHAPE
from claims_shared import telemetry
from claims_shared.cluster import partitions_of
from claims_shared.messages.catalog import DESK
from claims_shared.producing import Producer
from claims_shared.service import answering_store, ending, leave, now, wrong_settings
from claims_shared.settings import KafkaSettings, ServiceSettings
from claims_shared.staff.settings import StaffSettings

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
    staff = StaffSettings().open()
    desk = Desk(store, producer, kafka, own.clocks(staff.current), now)
    giver = Giver(desk)
    beside = [staff.run(desk.staffed), *([giver.keep(own.assign_seconds)] if own.assign_seconds else [])]
    with socket.create_server((own.api_host, own.api_port)) as listening:
        await _beside(_listen(listening, build(desk, giver, hosts=_hosts(own.api_host))), beside)
    await producer.stop()
    await store.close()
    return 0


async def _beside(serving: Coroutine[Any, Any, None], others: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Serve, with these running beside, which never end by themselves: what ends one of them ends the process."""
    async with asyncio.TaskGroup() as group:
        running = [group.create_task(each) for each in others]
        await serving
        for each in running:
            each.cancel()


def _hosts(host: str) -> tuple[str, ...]:
    return LOOPBACK if host in LOOPBACK else ("*",)


async def _listen(listening: socket.socket, app: FastAPI) -> None:
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    telemetry.log().info("starting", api="{}:{}".format(*listening.getsockname()[:2]))
    await Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    main()
