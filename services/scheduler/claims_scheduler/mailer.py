"""The mail server, over a few connections that stay open: takes a batch, says of each letter what became of it."""

import asyncio
from collections import deque
from collections.abc import Sequence

import aiosmtplib

from claims_scheduler.dialogue import Dialogue, dial
from claims_scheduler.mime import mailable
from claims_scheduler.smtp import Envelope, Fate, Offer, Outcome, Server
from claims_shared.telemetry import outside_call


class Mailer:
    """A pool of connections to one server, opened when needed and again when lost."""

    def __init__(self, server: Server, *, connections: int = 2, seconds: float = 10.0) -> None:
        self._server = server
        self._seconds = seconds
        self._lines = [_Line(server, seconds) for _ in range(connections)]
        self._most = connections

    def limit(self, connections: int) -> None:
        """Have so many connections from now on; those too many are closed before the next delivery."""
        self._most = connections
        while len(self._lines) < connections:
            self._lines.append(_Line(self._server, self._seconds))

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        """Offer every mail once and give the outcomes in order; never raises for what a server does."""
        while len(self._lines) > self._most:
            await self._lines.pop().close()
        offers = [Offer(envelope) for envelope in envelopes]
        waiting = deque(offer for offer in offers if _addressed(offer))
        with outside_call("smtp", mails=len(envelopes)):
            lost = await asyncio.gather(*(line.work(waiting) for line in self._lines[: len(waiting)]))
        for offer in waiting:
            offer.outcome = Outcome(Fate.UNTRIED, next(filter(None, lost), ""))
        return [offer.outcome for offer in offers]

    async def close(self) -> None:
        """Say goodbye on every connection."""
        for line in self._lines:
            await line.close()


def _addressed(offer: Offer) -> bool:
    """What is no address could say more to a server than it should."""
    if not mailable(offer.envelope.recipient):
        offer.outcome = Outcome(Fate.REFUSED, "bad_address")
    return offer.outcome.fate is Fate.UNTRIED


class _Line:
    """One connection."""

    def __init__(self, server: Server, seconds: float) -> None:
        self._server = server
        self._seconds = seconds
        self._dialogue: Dialogue | None = None

    async def work(self, waiting: deque[Offer]) -> str:
        """Deliver until none waits; give why the server is away, where it is.

        A connection that has served is opened again: servers close those that idle, and those that took many mails.
        """
        while waiting:
            dialogue, self._dialogue = self._dialogue, None
            try:
                dialogue = dialogue or await dial(self._server, self._seconds)
                await dialogue.deliver(waiting)
            except (aiosmtplib.SMTPException, OSError) as lost:
                if dialogue is None or not dialogue.served:
                    return type(lost).__name__
            else:
                self._dialogue = dialogue
        return ""

    async def close(self) -> None:
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            await dialogue.close()
