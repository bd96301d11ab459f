"""MongoDB for tests: the server that MONGODB_URI names, else a compatible one of our own, and a real one where Docker runs.

Each fixture hands out URLs of databases that were never used; those on a server that stays are dropped at the end.
"""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from claims_cli.servers import mongo_server

sys.path.insert(0, str(Path(__file__).parent))
NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
async def mongo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[NewDatabase]:
    if running := os.environ.get("MONGODB_URI"):
        names: list[str] = []
        yield databases(running, names)
        await drop(running, names)
        return
    async with mongo_server.serving(tmp_path_factory.mktemp("mongo") / "data") as url:
        yield databases(url, [])


@pytest.fixture(scope="session")
async def mongo_in_docker(docker_address: str) -> NewDatabase:
    await become_primary(docker_address)
    return databases(docker_address, [])


@pytest.fixture(scope="session")
def docker_address() -> Iterator[str]:
    """A real MongoDB, started as a replica set of one, so that majorities and retried writes are the real ones."""
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - needed, and slow, only here

    server = DockerContainer("mongo:8").with_command("mongod --replSet alone --bind_ip_all").with_exposed_ports(27017)
    with server as container:
        address = f"{container.get_container_host_ip()}:{container.get_exposed_port(27017)}"
        yield f"mongodb://{address}/?directConnection=true&serverMonitoringMode=poll"


async def become_primary(url: str) -> None:
    async with asyncio.timeout(60), AsyncMongoClient[dict[str, Any]](url) as client:
        await mongo_server.until_it_answers(url)
        members = [{"_id": 0, "host": "localhost:27017"}]
        await client.admin.command("replSetInitiate", {"_id": "alone", "members": members})
        while not (await client.admin.command("hello"))["isWritablePrimary"]:
            await asyncio.sleep(0.1)


def databases(url: str, names: list[str]) -> NewDatabase:
    base, _, options = url.partition("?")
    scheme, _, rest = base.partition("://")
    session = f"test_{uuid.uuid4().hex[:12]}"

    def new() -> str:
        names.append(f"{session}_{len(names)}")
        return f"{scheme}://{rest.partition('/')[0]}/{names[-1]}?{options}"

    return new


async def drop(url: str, names: list[str]) -> None:
    async with AsyncMongoClient[dict[str, Any]](url) as client:
        for name in names:
            await client.drop_database(name)
