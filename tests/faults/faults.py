"""The faults, each injected into the real processes of a stack and over when its function returns."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.faults import stop
from tests.faults.portal import Portal
from tests.faults.report import Injected
from tests.faults.stack import Stack, send
from tests.faults.tape import Tape
from tests.invariants.seen import LIFECYCLE

from claims_cli.local.plan import environment
from claims_cli.local.state import Recorded
from claims_cli.servers import broker, mongo_server

BUSY_S = 0.15
"""A service that wrote so recently has work in its hands."""
STRIKE_S = 2.0
"""How long a kill waits for its victim to be busy."""
BACK_S, LONG_AWAY_S = 180.0, 10.0
BEYOND_SESSION = (1.2, 1.7)
BEYOND_PATIENCE_S = (6.0, 8.0)
"""Longer than the five seconds for which the SQLite store waits for a lock."""
REPLICAS, APART_S, JOIN_S, LIFE_S = 3, 0.3, 240.0, (0.1, 2.0)
LINK_S, SLOWEST_S = (1.0, 4.0), 0.3
POLL_S = 0.05


@dataclass(slots=True)
class Scene:
    """What faults need to know. `frozen`: processes that stand still now. `last`: when the newest fault was over."""

    stack: Stack
    tape: Tape
    sender: Portal
    victims: Mapping[str, Iterator[str]]
    dice: random.Random
    session_s: float
    logs: list[Path] = field(default_factory=list)
    frozen: set[int] = field(default_factory=set)
    last: float = 0.0
    away: list[float] = field(default_factory=list)
    """Since when a broker or a store is not back yet."""

    def injected(self, kind: str, target: str, seconds: float = 0.0) -> Injected:
        return Injected(kind, target, datetime.now(UTC), len(self.tape.open(self.sender.sent)), seconds)

    async def something_moves(self) -> None:
        """Wait where broker or store need long to come back, as on a busy machine: nobody would feel other faults."""
        while self.away and time.monotonic() - min(self.away) > LONG_AWAY_S:
            await asyncio.sleep(POLL_S)

    def over(self) -> None:
        self.last = time.monotonic()

    def victim(self, kind: str) -> Recorded | None:
        """Give a living process of the next service whose turn it is, none that stands still, rather one at work."""
        service = next(self.victims[kind])
        able = [each for each in self.stack.processes() if each.service == service and each.process()]
        able = [each for each in able if each.pid not in self.frozen]
        working = [each for each in able if each.status == "ready"]
        return self.dice.choice(working or able) if able else None


async def kill(scene: Scene) -> Injected:
    """End a service without a word, in the middle of its work where it comes to any."""
    while (process := scene.victim("kill")) is None:
        await asyncio.sleep(POLL_S)
    with contextlib.suppress(AssertionError):
        await scene.tape.until(lambda: _busy(scene, process), STRIKE_S, lambda: f"{process.name} at work")
    await asyncio.sleep(scene.dice.random() * BUSY_S)
    if not process.process() or process.pid in scene.frozen:
        return await kill(scene)  # it left or was frozen meanwhile: another one
    struck = scene.injected("kill", process.name)
    send(process, signal.SIGKILL)
    scene.over()
    return struck


async def pause(scene: Scene) -> Injected:
    """Let a service stand still for longer than its session lasts, and wake it up."""
    while (process := scene.victim("pause")) is None:
        await asyncio.sleep(POLL_S)
    seconds = scene.session_s * scene.dice.uniform(*BEYOND_SESSION)
    struck = scene.injected("pause", process.name, seconds)
    scene.frozen.add(process.pid)
    try:
        async with stop.frozen([process]):
            await asyncio.sleep(seconds)
    finally:
        scene.frozen.discard(process.pid)
    scene.over()
    return struck


async def kill_broker(scene: Scene) -> Injected:
    """End the broker without a word; the supervisor starts it again on the same port and data."""
    return await _kill_and_await(scene, "broker", "broker", broker.ready(scene.stack.kafka))


async def kill_store(scene: Scene) -> Injected:
    """End the MongoDB-compatible server without a word; it is started again on the same port and data."""
    port = int(_only(scene, "store").address.rpartition(":")[2])
    return await _kill_and_await(scene, "store", "store", mongo_server.ready(port))


async def lock_store(scene: Scene) -> Injected:
    """Take the write lock of every SQLite file for longer than services wait for it, and die in the middle of a change."""
    files = sorted(map(str, (scene.stack.data / "store").glob("*.db")))
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.sqlite_lock", *files, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert holder.stdout is not None
        await holder.stdout.readline()
        seconds = scene.dice.uniform(*BEYOND_PATIENCE_S)
        struck = scene.injected("store", f"{len(files)} files locked", seconds)
        await asyncio.sleep(seconds)
    finally:
        holder.kill()
        await holder.wait()
    scene.over()
    return struck


async def trouble_link(scene: Scene) -> Injected:
    """Cut connections, delay what passes, or lose the replies to what was forwarded; between services and broker or store."""
    name, proxy = scene.dice.choice(sorted(scene.stack.links.items()))
    kind, seconds = scene.dice.choice(("cut", "slow", "deaf", "deaf")), scene.dice.uniform(*LINK_S)
    share = scene.dice.uniform(0.2, 0.8)
    struck = scene.injected(kind, f"the way to {name}", 0.0 if kind == "cut" else seconds)
    if kind == "cut":
        await proxy.cut(share)
    elif kind == "slow":
        await proxy.slow(seconds, SLOWEST_S)
    else:
        await proxy.lose_replies(seconds, share)
    scene.over()
    return struck


async def storm(scene: Scene) -> Injected:
    """Start more replicas of a service and end them at once, in order or not: a rebalance at every coming and going."""
    service = next(scene.victims["storm"])
    struck = scene.injected("storm", f"{REPLICAS} more of {service}")
    await asyncio.gather(*(_short_life(scene, service, number) for number in range(REPLICAS)))
    scene.over()
    return struck


async def roll(scene: Scene) -> Injected:
    """Restart every replica of a service in order, one after the other."""
    service = next(scene.victims["roll"])
    struck = scene.injected("roll", service)
    await stop.roll(scene.stack, service, spared=scene.frozen)
    scene.over()
    return struck


async def _kill_and_await(scene: Scene, kind: str, tier: str, ready: Awaitable[None]) -> Injected:
    process = _only(scene, tier)
    struck = scene.injected(kind, process.name)
    send(process, signal.SIGKILL)
    scene.over()
    since = time.monotonic()
    scene.away.append(since)
    async with asyncio.timeout(BACK_S):
        while _only(scene, tier).pid == process.pid:
            await asyncio.sleep(POLL_S)
        await ready
    scene.away.remove(since)
    return struck


async def _short_life(scene: Scene, service: str, number: int) -> None:
    await asyncio.sleep(number * APART_S)
    log = scene.stack.data / "logs" / f"{service}.more.{len(scene.logs)}.log"
    scene.logs.append(log)
    log.touch()
    replica = await _started(scene, service, log)
    try:
        async with asyncio.timeout(JOIN_S):
            while not _said(log, '"assigned"'):
                if replica.returncode is not None:
                    replica = await _started(scene, service, log)
                await asyncio.sleep(POLL_S)
        await asyncio.sleep(scene.dice.uniform(*LIFE_S))
    finally:
        with contextlib.suppress(ProcessLookupError):
            replica.send_signal(scene.dice.choice((signal.SIGTERM, signal.SIGKILL)))
        await replica.wait()


async def _started(scene: Scene, service: str, log: Path) -> asyncio.subprocess.Process:
    """Start a replica, also one that gave up at its start: the broker was away for longer than it has patience."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            f"claims_{service}",
            env=_variables(scene.stack, log.stem),
            stdout=output,
            stderr=output,
        )


def _said(log: Path, words: str) -> bool:
    return words in log.read_text("utf-8", "replace")


def _variables(stack: Stack, name: str) -> dict[str, str]:
    ours = environment(stack.endpoints, stack.settings) | {"CLAIMS_HEALTH_PORT": "0", "CLAIMS_INSTANCE": name}
    return {variable: value for variable, value in (os.environ | ours).items() if value is not None}


def _busy(scene: Scene, process: Recorded) -> bool:
    topic = LIFECYCLE if process.service == "orchestrator" else f"claims.{process.service}.events.v1"
    recent = time.monotonic() - scene.tape.last_at.get(topic, 0) < BUSY_S
    return recent and bool(scene.tape.open(scene.sender.sent))


def _only(scene: Scene, tier: str) -> Recorded:
    (process,) = scene.stack.processes(tier)
    return process


Fault = Callable[[Scene], Awaitable[Injected]]


def by_kind(store: str) -> Mapping[str, Fault]:
    """Give what each kind of fault of a plan does; SQLite has no server to kill."""
    return {
        "kill": kill,
        "pause": pause,
        "broker": kill_broker,
        "store": lock_store if store == "sqlite" else kill_store,
        "link": trouble_link,
        "storm": storm,
        "roll": roll,
    }
