"""A TCP proxy of the tests' own: it delays, cuts, and loses the replies to requests that it has forwarded."""

import asyncio
import contextlib
import random
import socket
import struct
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from claims_cli.local.addresses import LOOPBACK

CHUNK = 65_536
POLL_S = 0.05
IDLE_S, AWAY_S = 8.0, 60.0
RESET = struct.pack("ii", 1, 0)
"""Linger for no time: closing sends a reset."""
Address = tuple[str, int]


@dataclass(eq=False, slots=True)
class Passage:
    """One client's connection, and the one to the server that was made for it. `deaf`: replies do not come through."""

    here: asyncio.StreamWriter
    there: asyncio.StreamWriter
    deaf: bool = False
    lost: int = 0
    pumps: list[asyncio.Task[None]] = field(default_factory=list)

    def reset(self) -> None:
        for writer in (self.here, self.there):
            cut_off(writer)


class Proxy:
    """Stands between clients and one server. `felt` counts what it did to connections that were in use."""

    def __init__(self, port: int, upstream: Callable[[], Address], dice: random.Random) -> None:
        self.port = port
        self.felt: Counter[str] = Counter()
        self._upstream = upstream
        self._dice = dice
        self._slowness = 0.0
        self._passages: set[Passage] = set()

    async def cut(self, share: float) -> int:
        """Reset this share of the connections, at least one as soon as there is any; give how many."""
        chosen = await self._choose(share)
        for each in chosen:
            each.reset()
        self.felt["connections reset"] += len(chosen)
        return len(chosen)

    async def slow(self, seconds: float, most: float) -> None:
        """Let everything that passes wait, each piece up to `most` seconds, in order."""
        self._slowness = most
        try:
            await asyncio.sleep(seconds)
        finally:
            self._slowness = 0.0

    async def lose_replies(self, seconds: float, share: float) -> int:
        """Forward requests and swallow what is answered, then reset: those clients cannot know. Gives how many did not hear.

        Lasts until there was something to lose, at most some seconds more.
        """
        chosen = await self._choose(share)
        for each in chosen:
            each.deaf = True
        await asyncio.sleep(seconds)
        end = time.monotonic() + IDLE_S
        while time.monotonic() < end and chosen and not any(each.lost for each in chosen):
            await asyncio.sleep(POLL_S)
        for each in chosen:
            each.deaf = False
            if each.lost:
                each.reset()
        unheard = sum(each.lost > 0 for each in chosen)
        self.felt["replies lost"] += unheard
        return unheard

    def reset(self) -> None:
        for each in self._passages:
            each.reset()

    async def serve(self, reader: asyncio.StreamReader, here: asyncio.StreamWriter) -> None:
        """Connect a client to the server; one that is away is as if the client had been cut off."""
        try:
            back, there = await asyncio.open_connection(*self._upstream())
        except OSError:
            self.felt["server away"] += 1
            cut_off(here)
            return
        passage = Passage(here, there)
        self._passages.add(passage)
        try:
            await self._until_one_ends(passage, reader, back)
        finally:
            self._passages.discard(passage)
            passage.reset()

    async def _until_one_ends(self, passage: Passage, reader: asyncio.StreamReader, back: asyncio.StreamReader) -> None:
        pumps = [asyncio.create_task(each) for each in (self._forth(passage, reader), self._back(passage, back))]
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for each in pumps:
            each.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)

    async def _forth(self, passage: Passage, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            await self._wait()
            passage.there.write(data)
            await passage.there.drain()

    async def _back(self, passage: Passage, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(CHUNK):
            if passage.deaf or passage.lost:
                passage.lost += 1
                continue
            await self._wait()
            passage.here.write(data)
            await passage.here.drain()

    async def _wait(self) -> None:
        if self._slowness:
            self.felt["pieces delayed"] += 1
            await asyncio.sleep(self._dice.random() * self._slowness)

    async def _choose(self, share: float) -> list[Passage]:
        """Wait for the server to come back where it is away: there is nothing to trouble meanwhile."""
        end = time.monotonic() + AWAY_S
        while not self._passages and time.monotonic() < end:
            await asyncio.sleep(POLL_S)
        open_ones = sorted(self._passages, key=id)
        return self._dice.sample(open_ones, max(min(1, len(open_ones)), round(len(open_ones) * share)))


@asynccontextmanager
async def between(port: int, upstream: Callable[[], Address], dice: random.Random) -> AsyncIterator[Proxy]:
    """Listen on `port` for clients of the server at `upstream`, which is asked for each connection anew."""
    proxy = Proxy(port, upstream, dice)
    server = await asyncio.start_server(proxy.serve, LOOPBACK, port)
    try:
        yield proxy
    finally:
        server.close()
        proxy.reset()


def cut_off(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset, as a peer that died or a firewall that forgot would."""
    raw = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
