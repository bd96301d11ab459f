"""An SMTP server that takes every mail: no relay, no log-in, no parsing of what it is given.

By hand, because the sink shares its cores with what is measured: a mail costs 0.15 ms of CPU here and 1.1 in aiosmtpd,
which reads line by line and parses every address grammatically.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Final

Take = Callable[[str, tuple[str, ...], bytes], None]

GREETING: Final = b"220 localhost Claimworks mail sink\r\n"
HELLO: Final = b"250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 33554432\r\n"
OK: Final = b"250 OK\r\n"
BYE: Final = b"221 Bye\r\n"
TOO_MUCH: Final = b"552 Too much\r\n"
REPLIES: Final = {b"EHLO": HELLO, b"HELO": OK, b"RSET": OK, b"NOOP": OK, b"QUIT": BYE}
END: Final = b"\r\n.\r\n"
LARGEST: Final = 33_554_432
LONGEST_LINE: Final = 4_096
_PATH: Final = re.compile(rb"(?:FROM|TO):\s*<?([^<>\s]*)>?", re.IGNORECASE)


class Sink(asyncio.Protocol):
    """One connection. `take` is called with sender, recipients and content, and the mail is acknowledged when it returns."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._reset()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        """Answer all that is complete in one write, as a pipelining client expects."""
        self._buffer += data
        replies = bytearray()
        while reply := self._mail() if self._in_data else self._command():
            replies += reply
        if self._transport is not None and replies:
            self._transport.write(replies)
            if replies.endswith((BYE, TOO_MUCH)):
                self._transport.close()

    def _reset(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []
        self._in_data = False

    def _mail(self) -> bytes:
        """Take the content where it has ended; a dot that the client doubled at a line's start is one dot."""
        if len(self._buffer) > LARGEST:
            return self._too_much()
        empty = self._buffer.startswith(b".\r\n")
        end = 0 if empty else self._buffer.find(END) + 2
        if end == 1:
            return b""
        content = bytes(self._buffer[:end]).replace(b"\r\n..", b"\r\n.")
        del self._buffer[: end + 3]
        self._take(
            self._sender or "", tuple(self._recipients), content.removeprefix(b".") if content[:2] == b".." else content
        )
        self._reset()
        return OK

    def _command(self) -> bytes:
        end = self._buffer.find(b"\n")
        if end < 0:
            return self._too_much() if len(self._buffer) > LONGEST_LINE else b""
        line = bytes(self._buffer[:end]).strip()
        del self._buffer[: end + 1]
        return self._answer(line[:4].upper(), line)

    def _answer(self, verb: bytes, line: bytes) -> bytes:
        if verb in {b"MAIL", b"RCPT"}:
            return self._envelope(verb, line)
        if verb == b"DATA":
            self._in_data = bool(self._recipients)
            return b"354 End with a dot\r\n" if self._in_data else b"503 No recipient\r\n"
        if verb in {b"EHLO", b"HELO", b"RSET"}:
            self._reset()
        return REPLIES.get(verb, b"502 Not here\r\n")

    def _envelope(self, verb: bytes, line: bytes) -> bytes:
        path = _PATH.search(line)
        if path is None:
            return b"501 No address\r\n"
        address = path[1].decode("utf-8", "replace")
        if verb == b"MAIL":
            self._reset()
            self._sender = address
        elif self._sender is None:
            return b"503 No sender\r\n"
        else:
            self._recipients.append(address)
        return OK

    def _too_much(self) -> bytes:
        self._buffer.clear()
        return TOO_MUCH
