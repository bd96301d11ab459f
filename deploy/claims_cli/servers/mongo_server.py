"""A MongoDB-compatible server where neither MongoDB nor Docker is at hand: own environment, own process, never imported.

SecantusDB speaks MongoDB's protocol over WiredTiger. It is beta and slow (3.5 ms of CPU a replace): for tests and for trying
the MongoDB adapter, not for production nor for figures of speed.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pymongo import AsyncMongoClient, uri_parser
from pymongo.errors import PyMongoError

from claims_cli.errors import ClaimsError
from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_cli.servers.cache import cache_dir, locked
from claims_cli.terminal import say

REQUIREMENT: Final = "secantusdb==0.7.0b3"
START_DEADLINE_S: Final = 60.0
STOP_DEADLINE_S: Final = 10.0
ANSWER_MS: Final = 1_000
POLL_S: Final = 0.05


async def install() -> Path:
    """The server's executable, installed by the first caller on this machine while the others wait."""
    home = cache_dir() / REQUIREMENT.replace("==", "-")
    done = home / "installed"
    async with locked(home.with_name(f"{home.name}.lock")):
        if not done.exists():
            say(f"installing the MongoDB-compatible server {REQUIREMENT}: half a minute and 90 MB, once (into {home})")
            await asyncio.to_thread(_install_into, home)
            done.touch()
    return home / "bin" / "secantusd-py"


def _install_into(home: Path) -> None:
    uv = _uv()
    # --clear: what an interrupted attempt left is no environment.
    _run(*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home))
    python = str(home / "bin" / "python")
    _run(*uv, "pip", "install", "--quiet", "--python", python, "--prerelease", "allow", REQUIREMENT)


def _uv() -> list[str]:
    """The project's own uv, else one on the path, else the module of this interpreter."""
    bootstrapped = Path(__file__).resolve().parents[2] / ".uv" / "bin" / "uv"
    if found := str(bootstrapped) if bootstrapped.exists() else shutil.which("uv"):
        return [found]
    return [sys.executable, "-m", "uv"]


def _run(*command: str) -> None:
    finished = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words, no shell
    if finished.returncode:
        raise ClaimsError(
            f"the MongoDB-compatible server {REQUIREMENT} could not be installed with {' '.join(command[:2])!r}:"
            f" {finished.stderr.strip()[-300:]}. Set MONGODB_URI to a server that is there, or use the SQLite store"
        )


async def command(port: int, directory: Path) -> list[str]:
    """What serves `directory` on this port of the loopback interface; installs the server where it is missing."""
    place = ["--host", LOOPBACK, "--port", str(port), "--storage-path", str(directory)]
    # Without --sync-on-commit a killed server loses what it acknowledged, whatever the client's write concern says.
    return [str(await install()), *place, "--sync-on-commit", "--log-level", "WARNING"]


def url(port: int) -> str:
    """Where a client finds it, with the patience that this server asks for.

    Five hundred replaces take it two seconds alone and more than the adapter's five on a busy machine. Polling, because the
    second monitor that streaming starts loses its socket where a client is closed soon (PyMongo 4.20).
    """
    return f"mongodb://{LOOPBACK}:{port}/?directConnection=true&serverMonitoringMode=poll&timeoutMS=30000"


async def ready(port: int) -> None:
    """Return when the server answers a command; the caller sets the deadline."""
    await until_it_answers(url(port))


async def until_it_answers(address: str) -> None:
    while not await answers(address):  # noqa: ASYNC110 - another process's state: nothing here could wake us
        await asyncio.sleep(POLL_S)


async def answers(address: str) -> bool:
    """Whether the server at this address answers a command now."""
    host, port = uri_parser.parse_uri(address)["nodelist"][0]
    if not await _accepts(host, port):
        return False
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(address, timeoutMS=ANSWER_MS)
    try:
        await client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        await client.close()
    return True


async def _accepts(host: str, port: int) -> bool:
    """Asked first: a client that is refused retries on its own, and closed meanwhile it loses a socket."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def serving(directory: Path) -> AsyncIterator[str]:
    """The URL of a server on `directory` and a free port; it ends with the block and leaves the data."""
    port = free_ports(1)[0]
    log = directory.with_name(f"{directory.name}.log")
    process = _spawn(await command(port, directory), log)
    try:
        async with asyncio.timeout(START_DEADLINE_S):
            await _ready_or_ended(process, port)
        if process.returncode is not None:
            raise ClaimsError(f"the MongoDB-compatible server ended before it served port {port}: see {log}")
        yield url(port)
    finally:
        await _stop(process)


async def _ready_or_ended(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None and not await answers(url(port)):  # noqa: ASYNC110 - the same
        await asyncio.sleep(POLL_S)


def _spawn(line: list[str], log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603 - our own command line, no shell
            line, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )


async def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        await asyncio.to_thread(process.wait, STOP_DEADLINE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        await asyncio.to_thread(process.wait)
