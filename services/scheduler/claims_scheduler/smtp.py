"""The mail server, over a few connections that stay open: takes a batch, says of each letter what became of it."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib

from claims_shared.telemetry import outside_call

PERMANENT: Final = range(500, 600)
UNAVAILABLE: Final = 421
ALTERNATIVES: Final = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes: `smtp://host:port` (STARTTLS where offered), `smtps://host`, with `user:password@` where needed."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail ready to go."""

    sender: str
    recipient: str
    content: bytes


class Fate(StrEnum):
    """What became of a mail. Untried: the server was away, which says nothing about this mail."""

    TAKEN = "taken"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mail's fate with the reason in one code."""

    fate: Fate
    reason: str = ""


def server_of(url: str) -> Server:
    """Read a mail server's URL; ValueError says what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme not in ALTERNATIVES or not parts.hostname:
        raise ValueError("a mail server is smtp://host:port or smtps://host:port, with user:password@ where it asks")
    port = parts.port or ALTERNATIVES[parts.scheme]
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Server(parts.hostname, port, parts.scheme == "smtps", username, password)


class Mailer:
    """A pool of connections to one server, opened when needed and again when lost."""

    def __init__(self, server: Server, *, connections: int = 2, timeout: float = 10.0) -> None:
        self._lines = [_Line(server, timeout) for _ in range(connections)]

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        """Offer every mail once and give the outcomes in order; never raises for what a server does."""
        outcomes = [Outcome(Fate.UNTRIED)] * len(envelopes)
        waiting = iter(enumerate(envelopes))
        lines = self._lines[: len(envelopes)]
        with outside_call("smtp", mails=len(envelopes)):
            await asyncio.gather(*(_work(line, waiting, outcomes) for line in lines))
        return outcomes

    async def close(self) -> None:
        """Say goodbye on every connection."""
        for line in self._lines:
            await line.close()


async def _work(line: "_Line", waiting: Iterator[tuple[int, Envelope]], outcomes: list[Outcome]) -> None:
    """Take one mail after the other until none waits or the server is away."""
    for number, envelope in waiting:
        outcomes[number] = await line.offer(envelope)
        if outcomes[number].fate is Fate.UNTRIED:
            return


class _Line:
    """One connection."""

    def __init__(self, server: Server, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        self._client: aiosmtplib.SMTP | None = None

    async def offer(self, envelope: Envelope) -> Outcome:
        """Offer one mail; a connection that the server closed since the last one is opened again."""
        kept = self._client is not None
        outcome = await self._offer(envelope)
        if kept and outcome.fate is Fate.UNTRIED:
            outcome = await self._offer(envelope)
        return outcome

    async def _offer(self, envelope: Envelope) -> Outcome:
        try:
            client = await self._connected()
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as away:
            await self.close()
            return Outcome(Fate.UNTRIED, type(away).__name__)
        try:
            await client.sendmail(envelope.sender, envelope.recipient, envelope.content)
        except (aiosmtplib.SMTPException, OSError, ValueError) as failed:
            return await self._failed(failed)
        return Outcome(Fate.TAKEN)

    async def _failed(self, failed: Exception) -> Outcome:
        outcome = classify(failed)
        if outcome.fate is Fate.UNTRIED or not (self._client and self._client.is_connected):
            await self.close()
        return outcome

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        await self.close()
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.tls,
            timeout=self._timeout,
        )
        self._client = client
        await client.connect()
        return client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                await client.quit()
            client.close()


def classify(failed: Exception) -> Outcome:
    """Say what a failure means to the mail: refused for good, deferred, or nothing at all (the server went away).

    A refused *sender* is our own misconfiguration: no citizen's mail is given up for it.
    """
    if isinstance(failed, aiosmtplib.SMTPRecipientsRefused):
        failed = failed.recipients[0]
    if isinstance(failed, aiosmtplib.SMTPResponseException) and failed.code != UNAVAILABLE:
        refused = failed.code in PERMANENT and not isinstance(failed, aiosmtplib.SMTPSenderRefused)
        return Outcome(Fate.REFUSED if refused else Fate.DEFERRED, f"smtp_{failed.code}")
    if isinstance(failed, ValueError) and not isinstance(failed, OSError):
        return Outcome(Fate.REFUSED, "bad_address")
    return Outcome(Fate.UNTRIED, type(failed).__name__)
