"""What is said to a mail server over one connection: a mail's content and the next one's envelope together (RFC 2920).

A library connects, encrypts and logs in; then we take its transport over, because it waits for each reply: four times a mail.
To a server that does not offer PIPELINING every command is sent alone, too.
"""

import asyncio
import contextlib
from collections import deque
from typing import Final, cast

import aiosmtplib

from claims_scheduler.smtp import OK, Fate, Offer, Outcome, Server, outcome_of

GO_AHEAD: Final = 354
UNAVAILABLE: Final = 421


class Replies(asyncio.Protocol):
    """The codes that a server answers, in order."""

    def __init__(self) -> None:
        self._codes: deque[int] = deque()
        self._rest = b""
        self._lost = False
        self._came = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._codes += [_code(line) for line in lines if line[3:4] != b"-"]
        self._came.set()

    def connection_lost(self, exc: Exception | None) -> None:
        _ = exc
        self._lost = True
        self._came.set()

    async def next(self, seconds: float) -> int:
        """Give the next code. Raises OSError where none comes any more, or the server says that it goes away."""
        while not self._codes:
            if self._lost:
                raise ConnectionResetError
            self._came.clear()
            async with asyncio.timeout(seconds):
                await self._came.wait()
        code = self._codes.popleft()
        if code in (0, UNAVAILABLE):
            raise ConnectionAbortedError
        return code


class Dialogue:
    """One connection with what was begun on it and has no outcome yet."""

    def __init__(self, transport: asyncio.Transport, seconds: float, extensions: frozenset[str]) -> None:
        self._transport = transport
        self._seconds = seconds
        self._pipelining = "pipelining" in extensions
        self._size = "size" in extensions
        self._replies = Replies()
        self._unsaid: deque[bytes] = deque()
        self._begun: deque[Offer] = deque()
        self.served = 0
        transport.set_protocol(self._replies)

    async def deliver(self, waiting: deque[Offer]) -> None:
        """Offer mails until none waits. Raises OSError where the connection ends: what has no outcome waits again."""
        try:
            self._say(*self._next(waiting))
            while self._begun:
                await self._deliver(self._begun[0], waiting)
                self._begun.popleft()
                self.served += 1
        except BaseException:
            waiting.extendleft(reversed(self._begun))
            self._transport.close()
            raise

    async def close(self) -> None:
        """Say goodbye."""
        with contextlib.suppress(OSError):
            self._say(b"QUIT\r\n")
            await self._reply()
        self._transport.close()

    def _next(self, waiting: deque[Offer]) -> tuple[bytes, ...]:
        """Begin with the next mail: its envelope, and the request to send."""
        if not waiting:
            return ()
        offer = waiting.popleft()
        self._begun.append(offer)
        envelope = offer.envelope
        size = f" SIZE={len(envelope.content)}" if self._size else ""
        sender, recipient = f"MAIL FROM:<{envelope.sender}>{size}\r\n", f"RCPT TO:<{envelope.recipient}>\r\n"
        return sender.encode(), recipient.encode(), b"DATA\r\n"

    async def _deliver(self, offer: Offer, waiting: deque[Offer]) -> None:
        refused = await self._opened()
        self._say(b"RSET\r\n" if refused else stuffed(offer.envelope.content), *self._next(waiting))
        code = await self._reply()
        offer.outcome = refused or outcome_of(code)

    async def _opened(self) -> Outcome | None:
        """Hear what is said to an envelope; None: the content may come."""
        sender, recipient, data = [await self._reply() for _ in range(3)]
        accepted = sender // 100 == OK and recipient // 100 == OK
        if accepted and data == GO_AHEAD:
            return None
        if data == GO_AHEAD:  # nobody is to get it, and yet it asks for the content (RFC 2920, 3.1)
            self._say(b".\r\n")
            await self._reply()
        if sender // 100 != OK:  # our own misconfiguration: no citizen's mail is given up for it
            return Outcome(Fate.DEFERRED, f"smtp_{sender}")
        return outcome_of(data if accepted else recipient)

    def _say(self, *commands: bytes) -> None:
        """Send commands, each of which is answered by one reply."""
        if self._pipelining:
            self._transport.write(b"".join(commands))
        else:
            self._unsaid += commands

    async def _reply(self) -> int:
        if self._unsaid:
            self._transport.write(self._unsaid.popleft())
        return await self._replies.next(self._seconds)


async def dial(server: Server, seconds: float) -> Dialogue:
    """Open a connection. Raises what the library raises, or OSError; `seconds` is the patience with each reply."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.tls,
        timeout=seconds,
    )
    await client.connect()
    try:
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
    except BaseException:
        client.close()
        raise
    if client.transport is None:
        raise ConnectionResetError
    return Dialogue(cast("asyncio.Transport", client.transport), seconds, frozenset(client.esmtp_extensions))


def stuffed(content: bytes) -> bytes:
    """Give the content as it goes over the line: a dot at a line's start is doubled, and one alone ends it (RFC 5321, 4.5.2)."""
    lines = content.splitlines()
    return b"\r\n".join([b"." + line if line.startswith(b".") else line for line in lines] + [b".", b""])


def _code(line: bytes) -> int:
    return int(line[:3]) if line[:3].isdigit() else 0
