"""One supervised process: started, started again when it dies, asked whether it is ready, stopped."""

import asyncio
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import psutil

Tier: TypeAlias = Literal["broker", "store", "simulator", "service", "api"]
Status: TypeAlias = Literal["starting", "ready", "down", "held", "stopped"]
Note: TypeAlias = Callable[[str], None]

POLL_S = 0.1
BACKOFF_FIRST_S = 0.2
BACKOFF_MOST_S = 5.0
STEADY_S = 10.0
"""Who lived so long begins again with the shortest pause."""
STOP_S = 30.0
"""Longer than a service needs to drain, or the broker to close its logs."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What to run. `ready` returns once the process answers; the variables are added to the supervisor's own.

    Who ends by itself `tries` times before it was ever ready has said why, and the start is over.
    """

    name: str
    service: str
    tier: Tier
    command: tuple[str, ...]
    ready: Callable[[], Awaitable[None]]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    address: str = ""
    stop_s: float = STOP_S
    tries: int = 1


class Kept:
    """A process that is kept running until `stop`; while one of its `holds` files exists it stays down."""

    def __init__(self, spec: Spec, log: Path, holds: Sequence[Path], note: Note, changed: Callable[[], None]) -> None:
        self.spec = spec
        self.log = log
        self.status: Status = "down"
        self.restarts = 0
        self.early_ends = 0
        self.was_ready = False
        self.pid = 0
        self.started = 0.0
        self._holds = holds
        self._note = note
        self._changed = changed
        self._process: subprocess.Popen[bytes] | None = None
        self._pause = BACKOFF_FIRST_S
        self._stopping = False

    async def keep(self) -> None:
        """Run until stopped; a death is noted and followed, after a pause that grows up to a cap, by a new start."""
        while await self._may_run():
            self._start()
            code = await self._until_ended()
            if self._stopping:
                return
            self._died(code)
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, BACKOFF_MOST_S)

    async def stop(self) -> None:
        """Ask it to drain and end; after the patience is over, kill it."""
        self._stopping = True
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            await self._ended_or_killed(self._process)
        self._become("stopped")

    async def _may_run(self) -> bool:
        """Wait while it is held down; False once it is to stop for good."""
        while any(hold.exists() for hold in self._holds) and not self._stopping:
            self._become("held")
            await asyncio.sleep(POLL_S)
        return not self._stopping

    def _start(self) -> None:
        added = self.spec.environment
        kept = {name: value for name, value in os.environ.items() if name not in added}
        environment = kept | {name: value for name, value in added.items() if value is not None}
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                self.spec.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                process_group=0,  # a terminal's Ctrl-C is for the supervisor, which stops the rest in order
            )
        self.pid = self._process.pid
        self.started = _created(self.pid)
        self._become("starting")

    async def _until_ended(self) -> int:
        """Give the exit code; meanwhile watch for readiness."""
        assert self._process is not None
        readiness = asyncio.create_task(self._until_ready())
        try:
            while (code := self._process.poll()) is None:  # noqa: ASYNC110 - the kernel's state
                await asyncio.sleep(POLL_S)
        finally:
            readiness.cancel()
        return code

    async def _until_ready(self) -> None:
        await self.spec.ready()
        self.was_ready = True
        self._note(f"{self.spec.name} ready (pid {self.pid})")
        self._become("ready")

    def _died(self, code: int) -> None:
        self.early_ends += code >= 0 and not self.was_ready
        self.restarts += 1
        if time.time() - self.started > STEADY_S:
            self._pause = BACKOFF_FIRST_S
        how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        self._note(f"{self.spec.name} {how}, starts again in {self._pause:.1f} s")
        self._become("down")

    async def _ended_or_killed(self, process: subprocess.Popen[bytes]) -> None:
        patience = time.monotonic() + self.spec.stop_s
        while process.poll() is None:
            if time.monotonic() > patience:
                self._note(f"{self.spec.name} did not stop in {self.spec.stop_s:g} s and is killed")
                process.kill()
                patience = float("inf")
            await asyncio.sleep(POLL_S)

    def _become(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self._changed()


def _created(pid: int) -> float:
    """Give when it was started, with which a later reader tells it from another process of the same number."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return time.time()
