"""A local stack of the test's own, driven as its users drive it: by the `claims` command, probes over HTTP and signals.

Only processes that this very stack reports are ever signalled.
"""

import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.proxy import Address, Proxy, between

from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_cli.local.options import parse_environment
from claims_cli.local.plan import DEFAULTS
from claims_cli.local.state import Endpoints, Place, Recorded
from claims_cli.servers import mongo_server

CLI = Path(sys.executable).with_name("claims")
SERVICES = ("orchestrator", "identity", "eligibility", "benefits", "scheduler")
SESSION = "CLAIMS_SESSION_TIMEOUT_MS"
READY_S = 60.0
WITHIN_S = 180
"""A machine that runs other tests too takes its time to start a dozen processes."""
POLL_S = 0.05
PROBE_S = 2.0


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that runs; `ends` is what `claims up --json` printed, `settings` what its services were given besides."""

    data: Path
    ends: dict[str, Any]
    store: str
    settings: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, Proxy] = field(default_factory=dict)

    @property
    def kafka(self) -> str:
        return str(self.ends["kafka"])

    @property
    def sink(self) -> str:
        return str(self.ends["mail"]["http"])

    @property
    def session_s(self) -> float:
        """How long a silent member of a group keeps its partitions."""
        return float(self.settings.get(SESSION, DEFAULTS[SESSION])) / 1000

    @property
    def endpoints(self) -> Endpoints:
        state = Place(self.data).read()
        assert state is not None
        return state.endpoints

    def processes(self, *tiers: str) -> list[Recorded]:
        """Give the processes of these tiers (the services) as the supervisor wrote them down; the CLI reads the same."""
        state = Place(self.data).read()
        assert state is not None
        return [each for each in state.processes if each.tier in (tiers or ("service",))]

    async def claims(self, verb: str, *arguments: str) -> str:
        """Run a verb on this stack and give what it printed."""
        return await run(verb, *arguments, "--data", str(self.data))

    async def all_ready(self, seconds: float = READY_S) -> None:
        """Return when every process of every service, and the API, lives and takes work."""
        await until(lambda: _unready(self.processes("service", "api")), seconds, "not ready")


def send(process: Recorded, number: signal.Signals) -> None:
    """Signal a process that the stack reported, and never another one that got its pid."""
    living = process.process()
    assert living is not None, f"{process.name} (pid {process.pid}) is gone"
    living.send_signal(number)


@asynccontextmanager
async def up(
    store: str,
    *,
    replicas: int = 1,
    settings: Sequence[str] = (),
    keep: Callable[[], bool] = lambda: False,
    proxied: bool = False,
) -> AsyncIterator[Stack]:
    """Start a fresh stack and stop it at the end; its directory stays where something failed, or where `keep` says so.

    `proxied`: its services reach the broker, and a store that is a server, through proxies; this process does not.
    """
    data = Path(tempfile.mkdtemp(prefix="claims-faults-"))
    options = ["--detach", "--json", "--store", store, "--replicas", str(replicas), "--data", str(data)]
    options += ["--within", str(WITHIN_S)]
    failed = True
    async with AsyncExitStack() as ending:
        try:
            links, more, wiring = await _links(data, store, ending) if proxied else ({}, [], {})
            given = parse_environment(settings) | wiring
            printed = await run("up", *options, *more, *(f"--env={name}={value}" for name, value in given.items()))
            yield Stack(data, json.loads(printed.splitlines()[-1]), store, given, links)
            failed = keep()
        finally:
            await run("down", "--data", str(data))
            if not failed:
                shutil.rmtree(data, ignore_errors=True)


async def _links(
    data: Path, store: str, ending: AsyncExitStack
) -> tuple[dict[str, Proxy], Sequence[str], dict[str, str]]:
    """Start the proxies; give them, what `claims up` must be told, and the variables that lead services to them."""
    listener, kafka, mongo = free_ports(3)
    dice = random.Random(str(data))  # noqa: S311 - which connections are troubled: a matter of timing anyway
    links = {"broker": await ending.enter_async_context(between(kafka, lambda: (LOOPBACK, listener), dice))}
    wiring = {"KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{kafka}"}
    if store == "mongo":
        links["store"] = await ending.enter_async_context(between(mongo, lambda: _store_of(data), dice))
        wiring["MONGODB_URI"] = mongo_server.url(mongo)
    return links, ["--forwarded", f"{listener}={kafka}"], wiring


def _store_of(data: Path) -> Address:
    state = Place(data).read()
    assert state is not None
    (address,) = (each.address for each in state.processes if each.tier == "store")
    host, _, port = address.rpartition(":")
    return host, int(port)


async def run(verb: str, *arguments: str) -> str:
    """Run `claims VERB`; raise with what it said where it fails."""
    process = await asyncio.create_subprocess_exec(
        CLI, verb, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, f"claims {verb} ended with {process.returncode}: {err.decode()[-2000:]}"
    return out.decode()


def probe(address: str, path: str = "/readyz") -> tuple[int, str]:
    """Ask a process how it is: status and words; 0 where it does not answer."""
    try:
        with urllib.request.urlopen(address + path, timeout=PROBE_S) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode().strip()
    except OSError as away:
        return 0, str(away)


async def until(troubles: Callable[[], list[str]], seconds: float, what: str) -> None:
    """Wait until nothing is in the way; fail with what is."""
    patience = time.monotonic() + seconds
    while found := await asyncio.to_thread(troubles):
        if time.monotonic() > patience:
            raise AssertionError(f"{what} within {seconds:.0f} s: {'; '.join(found)}")
        await asyncio.sleep(POLL_S)


def _unready(waiting: Sequence[Recorded]) -> list[str]:
    probed = [(each, probe(each.address)) for each in waiting]
    return [f"{each.name}: {status} {words}" for each, (status, words) in probed if status != 200 or not each.process()]
