"""What a service says when it cannot start: one line that tells what to do, soon, and a code that is not zero."""

import asyncio
import os
import socket
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from claims_cli import topics
from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_cli.servers import broker
from claims_shared.messages.catalog import TOPICS
from claims_shared.settings import KafkaSettings

API = "claims_orchestrator.console"
SERVICES = ("claims_orchestrator", "claims_identity", "claims_eligibility", "claims_benefits", "claims_scheduler", API)
STORED = ("claims_orchestrator", "claims_identity", "claims_benefits", "claims_scheduler", API)
SOON_S = 30.0
"""Within so long an operator is told, on a machine that has nothing else to do."""
HANGS_S = 150.0
"""Beside the systems of other tests the imports alone have taken as long: the limit here is for what never ends."""
WRITTEN_LAST = "claims.intake.refusals.v1"
OURS = ("CLAIMS_", "KAFKA_", "MONGODB_")


@dataclass(frozen=True)
class Ended:
    module: str
    code: int | None
    line: str
    lines: int
    seconds: float

    def complaints(self, *words):
        yield from ([f"{self.module} ended with {self.code} after {self.seconds:.0f} s"] if not self.code else [])
        yield from ([f"{self.module} said {self.lines} lines: {self.line}"] if self.lines != 1 else [])
        yield from (f"{self.module} does not name {word!r}: {self.line}" for word in words if word not in self.line)


@pytest.fixture(scope="module")
async def bare(tmp_path_factory):
    """A broker with all topics, except those that services write and only one that they write."""
    started = await broker.start(tmp_path_factory.mktemp("bare"))
    written = {each.name for each in TOPICS if each.name.endswith(".events.v1") and "lifecycle" not in each.name}
    written |= {WRITTEN_LAST, "claims.desk.submissions.v1"}
    await topics.create(started.bootstrap, topics=[each for each in TOPICS if each.name not in written])
    yield started.bootstrap
    await broker.stop(started)


@pytest.fixture(scope="module")
async def complete(bare):
    await topics.create(bare)
    return bare


async def start(module, directory, **changes):
    """Run a service that will not come up; kill it where it does."""
    usual = {
        "CLAIMS_ENV": "local",
        "CLAIMS_STORE_URL": f"sqlite://{directory}",
        "CLAIMS_IDENTITY_PROVIDER_URL": "http://127.0.0.1:9",
        "CLAIMS_API_PORT": "0",
        "KAFKA_BOOTSTRAP_SERVERS": f"{LOOPBACK}:{free_ports(1)[0]}",
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        env=clean | usual | changes,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(HANGS_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        _, said = await process.communicate()
        return Ended(module, None, said.decode(), said.count(b"\n"), time.monotonic() - began)
    return Ended(module, process.returncode, said.decode().strip(), said.count(b"\n"), time.monotonic() - began)


async def complaints(modules, directory, *words, **changes):
    """Start all of them at once; give what is wrong with how they end."""
    ended = await asyncio.gather(*(start(each, directory, **changes) for each in modules))
    return [complaint for each in ended for complaint in each.complaints(*words)]


@contextmanager
def mute():
    """An address that takes connections and never answers."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield "{}:{}".format(*listening.getsockname())


async def test_a_wrong_setting_is_named(tmp_path):
    name = "CLAIMS_SESSION_TIMEOUT_MS"
    assert await complaints(SERVICES, tmp_path, "cannot start", name, **{name: "soon"}) == []


async def test_a_broker_that_is_not_there_or_never_answers_is_named(tmp_path):
    away, patience = f"{LOOPBACK}:{free_ports(1)[0]}", {"CLAIMS_START_SECONDS": "3"}
    with mute() as silent:
        found = await asyncio.gather(
            complaints(SERVICES, tmp_path, "cannot start", away, KAFKA_BOOTSTRAP_SERVERS=away, **patience),
            complaints(
                ("claims_benefits", API), tmp_path, "cannot start", silent, KAFKA_BOOTSTRAP_SERVERS=silent, **patience
            ),
        )
    assert found == [[], []]


def test_a_service_waits_for_its_broker_as_long_as_leaves_time_to_say_so():
    patience = KafkaSettings.model_fields["start_seconds"]
    assert patience.default <= SOON_S - 10
    with pytest.raises(ValueError, match="CLAIMS_START_SECONDS"):
        KafkaSettings(**{patience.validation_alias: SOON_S + 1})


async def test_a_topic_that_is_missing_is_named_also_one_that_is_only_written(tmp_path, bare):
    everyone = await complaints(SERVICES, tmp_path, "cannot start", "missing", KAFKA_BOOTSTRAP_SERVERS=bare)
    await topics.create(bare, topics=[each for each in TOPICS if each.name != WRITTEN_LAST])
    writer = await complaints(["claims_orchestrator"], tmp_path, WRITTEN_LAST, KAFKA_BOOTSTRAP_SERVERS=bare)
    assert everyone + writer == []


async def test_a_store_that_is_not_there_is_named(tmp_path, complete):
    away = f"{LOOPBACK}:{free_ports(1)[0]}"
    changes = {"KAFKA_BOOTSTRAP_SERVERS": complete, "MONGODB_URI": f"mongodb://{away}/"}
    assert await complaints(STORED, tmp_path, "cannot start", away, **changes) == []


async def test_a_store_that_nobody_knows_is_named(tmp_path, complete):
    changes = {"KAFKA_BOOTSTRAP_SERVERS": complete, "CLAIMS_STORE_URL": "redis://127.0.0.1"}
    assert (
        await complaints(("claims_scheduler", API), tmp_path, "cannot start", "redis", "CLAIMS_STORE_URL", **changes)
        == []
    )
