"""The proxy troubles what it is told to trouble, and what it has forwarded has arrived."""

import asyncio
import random
from contextlib import asynccontextmanager

import pytest
from tests.faults.proxy import between

from claims_cli.local.addresses import LOOPBACK, free_ports


class Echo:
    """A server that remembers what it was told and says it back."""

    def __init__(self):
        self.told = b""

    async def serve(self, reader, writer):
        while data := await reader.read(100):
            self.told += data
            writer.write(data)
        writer.close()


@asynccontextmanager
async def line():
    """An echo, a proxy before it, and a client's connection through both."""
    (port,) = free_ports(1)
    echo = Echo()
    server = await asyncio.start_server(echo.serve, LOOPBACK, 0)
    address = server.sockets[0].getsockname()
    async with between(port, lambda: address, random.Random(1)) as proxy:  # noqa: S311 - a test's dice
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(b"hello")
        assert await reader.read(5) == b"hello"
        yield echo, proxy, reader, writer
        writer.transport.abort()
    server.close()


async def test_a_reply_is_lost_after_its_request_has_arrived():
    async with line() as (echo, proxy, reader, writer):
        losing = asyncio.create_task(proxy.lose_replies(0.2, share=1.0))
        await asyncio.sleep(0)
        writer.write(b" pay")
        with pytest.raises(ConnectionResetError):
            await reader.read(4)
        assert (await losing, echo.told, proxy.felt["replies lost"]) == (1, b"hello pay", 1)


async def test_a_connection_that_is_cut_is_reset():
    async with line() as (_echo, proxy, reader, _writer):
        assert await proxy.cut(share=0.1) == 1
        with pytest.raises(ConnectionResetError):
            await reader.read(1)


async def test_what_is_delayed_arrives_whole_and_in_order():
    async with line() as (_echo, proxy, reader, writer):
        slowing = asyncio.create_task(proxy.slow(0.2, most=0.02))
        await asyncio.sleep(0)
        for number in range(10):
            writer.write(b"%d" % number)
            await writer.drain()
        assert await reader.readexactly(10) == b"0123456789"
        await slowing
        assert proxy.felt["pieces delayed"] > 0


async def test_a_server_that_is_away_is_a_connection_that_is_cut():
    here, nowhere = free_ports(2)
    async with between(here, lambda: (LOOPBACK, nowhere), random.Random(1)) as proxy:  # noqa: S311 - a test's dice
        reader, _ = await asyncio.open_connection(LOOPBACK, here)
        with pytest.raises(ConnectionResetError):
            await reader.read(1)
        assert proxy.felt["server away"] == 1
