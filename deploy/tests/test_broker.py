"""The embedded broker keeps its cluster over restarts, kills and changed ports."""

import asyncio
import contextlib
import socket
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from claims_cli.errors import ClaimsError
from claims_cli.local.addresses import LOOPBACK, RANGE, free_ports, is_free
from claims_cli.servers import broker


@contextlib.asynccontextmanager
async def started(client):
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def create_topic(bootstrap, name):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    response = await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()
    assert [code for _, code, _ in response.topic_errors] == [0]


async def send(bootstrap, topic, value):
    async with started(AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")) as producer:
        await producer.send_and_wait(topic, value)


async def read(bootstrap, topic, count):
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with started(consumer), asyncio.timeout(10):
        return [(await consumer.getone()).value for _ in range(count)]


async def test_records_survive_an_orderly_stop_and_a_kill_under_changed_ports(tmp_path):
    first = await broker.start(tmp_path)
    await create_topic(first.bootstrap, "kept")
    await send(first.bootstrap, "kept", b"one")
    await broker.stop(first)
    second = await broker.start(tmp_path)
    await send(second.bootstrap, "kept", b"two")
    second.process.kill()
    second.process.wait()
    third = await broker.start(tmp_path)
    try:
        assert await read(third.bootstrap, "kept", 2) == [b"one", b"two"]
        assert len({first.bootstrap, second.bootstrap, third.bootstrap}) == 3
    finally:
        await broker.stop(third)


async def test_a_broker_answers_as_soon_as_it_is_ready(kafka):
    async with asyncio.timeout(5):
        await broker.ready(kafka)


async def test_a_taken_port_is_said_at_once(tmp_path):
    with socket.create_server((LOOPBACK, free_ports(1)[0])) as taken, pytest.raises(ClaimsError, match="is taken"):
        await broker.start(tmp_path, port=taken.getsockname()[1])


async def test_a_broker_that_cannot_start_ends_with_its_last_words(tmp_path):
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "meta.properties").write_text("version=1\ncluster.id=of-another\nnode.id=7\n")
    with pytest.raises(ClaimsError, match=r"did not start on .*broker\.log"):
        await broker.start(tmp_path)


def test_ports_are_free_different_and_below_the_ephemeral_range():
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert all(port in RANGE and is_free(port) for port in ports)


def test_a_port_is_given_once_here_and_to_others_while_we_live():
    """Two stacks that start together, or a broker and its controller, must not be given the same."""
    (port,) = free_ports(1)
    asked = (
        f"from claims_cli.local import addresses; addresses.RANGE = range({port}, {port + 1}); addresses.free_ports(1)"
    )
    other = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    assert f"no 1 free ports on {LOOPBACK}" in other.stderr
    first = free_ports(200)
    assert not set(first) & set(free_ports(200))


def test_a_port_is_free_again_when_who_asked_has_ended():
    asked = "from claims_cli.local.addresses import free_ports; print(*free_ports(3))"
    given = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    again = (
        f"from claims_cli.local import addresses; addresses.RANGE = {list(map(int, given))!r}; addresses.free_ports(3)"
    )
    subprocess.run([sys.executable, "-c", again], check=True)
