"""Listens for mail that comes back (RFC 5321, what of it a mail server next door needs): for return addresses and nobody else.

A mail is acknowledged once it is noted; where it cannot be, the server keeps it and tries again.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias

from claims_scheduler.returns import Returns, Taken
from claims_shared.ports import StoreUnavailable
from claims_shared.telemetry import log

LARGEST: Final = 1_048_576
"""Bytes of a mail; reports quote what they are about."""
LONGEST_LINE: Final = 65_536
PATIENCE: Final = 60.0
"""Seconds that a server may be silent."""
MOST_AT_ONCE: Final = 50
"""Connections; who comes beyond is asked to come again."""

OK: Final = b"250 OK"
LATER: Final = b"451 4.3.0 Not now"
NOBODY: Final = b"550 5.1.1 Nobody reads mail here; this takes reports on mail of ours"
TOO_MUCH: Final = b"552 5.3.4 Too large"
_PLAIN: Final[Mapping[bytes, bytes]] = {b"HELO": OK, b"NOOP": OK, b"LHLO": OK, b"VRFY": b"252 2.5.0 Send it"}

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


class Receiver:
    """Serves `port` on `host` while the service runs."""

    def __init__(self, returns: Returns, host: str, port: int) -> None:
        self._returns = returns
        self._host = host
        self._port = port
        self._talking = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        async with await asyncio.start_server(self._serve, self._host, self._port, limit=LONGEST_LINE) as server:
            await server.serve_forever()

    async def _serve(self, reader: Reader, writer: Writer) -> None:
        self._talking += 1
        try:
            if self._talking > MOST_AT_ONCE:
                await _say(writer, b"421 4.3.2 Too many at once")
            else:
                await _Session(self._returns, reader, writer).run()
        except (OSError, ValueError, EOFError):  # silence, a line without end, a connection that is lost
            pass
        finally:
            self._talking -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Session:
    """One connection."""

    def __init__(self, returns: Returns, reader: Reader, writer: Writer) -> None:
        self._returns = returns
        self._reader = reader
        self._writer = writer
        self._address: str | None = None
        self._verbs: Mapping[bytes, Callable[[bytes], Awaitable[bytes]]] = {
            b"EHLO": self._hello,
            b"MAIL": self._mail,
            b"RCPT": self._recipient,
            b"DATA": self._data,
            b"RSET": self._mail,
        }

    async def run(self) -> None:
        await _say(self._writer, b"220 Claimworks returns")
        while line := await self._line():
            verb = line[:4].upper()
            if verb == b"QUIT":
                await _say(self._writer, b"221 Bye")
                return
            known = self._verbs.get(verb)
            await _say(self._writer, await known(line) if known else _PLAIN.get(verb, b"502 5.5.1 Not here"))

    async def _line(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await self._reader.readline()

    async def _hello(self, _line: bytes) -> bytes:
        return f"250-returns\r\n250-8BITMIME\r\n250 SIZE {LARGEST}".encode()

    async def _mail(self, _line: bytes) -> bytes:
        self._address = None
        return OK

    async def _recipient(self, line: bytes) -> bytes:
        address = line.partition(b"<")[2].partition(b">")[0].decode("ascii", "replace")
        if not self._returns.ours(address):
            return NOBODY
        if self._address is not None:
            return b"452 4.5.3 One at a time"
        self._address = address
        return OK

    async def _data(self, _line: bytes) -> bytes:
        if self._address is None:
            return b"503 5.5.1 For whom?"
        await _say(self._writer, b"354 End with a dot")
        content = await self._content()
        address, self._address = self._address, None
        return TOO_MUCH if content is None else await self._taken(address, content)

    async def _content(self) -> bytes | None:
        """Read up to the lone dot; None where it was too much, which is read all the same."""
        lines: list[bytes] = []
        size = 0
        while (line := await self._line()) not in (b".\r\n", b".\n"):
            if not line:
                raise EOFError
            size += len(line)
            if size <= LARGEST:
                lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines) if size <= LARGEST else None

    async def _taken(self, address: str, content: bytes) -> bytes:
        try:
            taken = await self._returns.take(address, content)
        except StoreUnavailable as away:
            log().warning("return_waits", why=f"{type(away).__name__}: {away}")
            return LATER
        return {Taken.LATER: LATER, Taken.UNKNOWN: NOBODY}.get(taken, OK)


async def _say(writer: Writer, reply: bytes) -> None:
    writer.write(reply + b"\r\n")
    await writer.drain()
