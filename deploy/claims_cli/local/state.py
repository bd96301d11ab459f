"""What the supervisor writes down about its stack (`stack.json`), and what others may conclude from it."""

import fcntl
import os
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import psutil
from msgspec import Struct

Phase: TypeAlias = Literal["starting", "ready", "stopping", "stopped", "failed"]
SAME_START_S = 2.0
"""A process start is read off a clock that may be set meanwhile; no pid comes back within so short a time."""


class Mailbox(Struct, frozen=True):
    smtp: str = ""
    http: str = ""


class Endpoints(Struct, frozen=True):
    """Where to reach what; `store` is the URL that the services use."""

    kafka: str = ""
    store: str = ""
    api: str = ""
    mail: Mailbox = Mailbox()
    identity_provider: str = ""


class Recorded(Struct, frozen=True):
    """One process as the supervisor last saw it."""

    name: str
    service: str
    tier: str
    status: str
    pid: int
    started: float
    restarts: int
    address: str
    log: str

    def process(self) -> psutil.Process | None:
        """Give the living process that this was written about, never another one that got its pid."""
        return living(self.pid, self.started)


class State(Struct, frozen=True):
    phase: Phase
    pid: int
    started: float
    endpoints: Endpoints = Endpoints()
    processes: tuple[Recorded, ...] = ()
    why: str = ""

    def services(self) -> dict[str, list[int]]:
        """Give the pids of the five services' replicas by service."""
        names = dict.fromkeys(each.service for each in self.processes if each.tier == "service")
        return {
            name: [each.pid for each in self.processes if each.service == name and each.process()] for name in names
        }

    def summary(self) -> dict[str, object]:
        """Give what scripts rely on."""
        shown: dict[str, object] = msgspec.to_builtins(self.endpoints)
        return shown | {"services": self.services()}


def living(pid: int, started: float) -> psutil.Process | None:
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < SAME_START_S
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def itself() -> tuple[int, float]:
    """Give this process's pid and start."""
    return os.getpid(), psutil.Process().create_time()


class Place:
    """The files of one stack, all under its data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.logs = self.data / "logs"
        self.holds = self.data / "held"
        self.flow = Path(os.environ.get("CLAIMS_FLOW") or self.data / "flow.yaml")
        self.supervisor_log = self.logs / "supervisor.log"
        self._file = self.data / "stack.json"
        self._lock = self.data / "stack.lock"

    def read(self) -> State | None:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=State)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def write(self, state: State) -> None:
        """Replace the whole file at once: a reader sees the old or the new one."""
        unfinished = self._file.with_suffix(".new")
        unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")
        unfinished.replace(self._file)

    def claim(self) -> int | None:
        """Become this directory's only supervisor, for as long as the process lives; None where another one is."""
        self.logs.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._lock, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def is_supervised(self) -> bool:
        """Whether a supervisor lives here; the system frees its lock however it ends."""
        if not self._lock.exists():
            return False
        if (lock := self.claim()) is None:
            return True
        os.close(lock)
        return False
