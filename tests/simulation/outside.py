"""The identity provider, the mail server and the stores as the services see them: the real promises over a bad line."""

from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tests.invariants.seen import Invite, Mail
from tests.simulation.timeline import SECOND
from tests.simulation.topics import Topics

from claims_identity.failures import DEADLINE, CheckFailure
from claims_identity.memory import MemoryProvider
from claims_identity.verify import Match
from claims_scheduler.smtp import Envelope, Fate, Outcome
from claims_shared.messages.fields import FailureKind
from claims_shared.messages.identity import VerifyIdentity
from claims_shared.ports import Row

if TYPE_CHECKING:
    from tests.simulation.replica import Process

TRANSIENT: Final = CheckFailure(FailureKind.TRANSIENT, "connection")
THROTTLED: Final = CheckFailure(FailureKind.THROTTLED, "throttled", 120)
PATIENCE: Final = 3 * SECOND


class Rows(dict[str, Row]):
    """What one store holds, whoever writes it; every write is part of the trace."""

    def __init__(self, name: str, topics: Topics, written: Callable[[Row | None, Row], None]) -> None:
        super().__init__()
        self._name = name
        self._trace = topics.trace
        self._written = written

    def __setitem__(self, key: str, row: Row) -> None:
        self._trace.update(f"{self._name}/{key}/{row.version}/{row.writer}/{row.due_at}".encode())
        self._trace.update(row.body)
        before = self.get(key)
        super().__setitem__(key, row)
        self._written(before, row)


class Provider:
    """One process's line to the provider."""

    def __init__(self, replica: "Process", provider: MemoryProvider) -> None:
        self._replica = replica
        self._provider = provider

    async def match(self, asked: Sequence[VerifyIdentity]) -> Mapping[str, Match | CheckFailure]:
        replica, weather = self._replica, self._replica.weather
        await replica.at("match", "before")
        if weather.lasts("provider transient"):
            return self._failed(asked, TRANSIENT, "provider transient")
        if weather.lasts("provider throttles"):
            return self._failed(asked, THROTTLED, "provider throttles")
        found = await self._provider.match(asked)
        if weather.lasts("provider silent"):
            await replica.pause(PATIENCE)
            return self._failed(asked, DEADLINE, "provider silent")
        await replica.at("match", "after")
        return found

    def _failed(self, asked: Sequence[VerifyIdentity], failure: CheckFailure, name: str) -> dict[str, CheckFailure]:
        """Some may have their answer all the same: here nobody has."""
        self._replica.weather.felt[name] += len(asked)
        return {each.effect_id: failure for each in asked}


class MailServer:
    """What citizens have got; addresses that no server takes are refused for good."""

    def __init__(self, took: Callable[[str, str, str], None]) -> None:
        """`took` is told of every mail: its envelope's sender, its recipient, its Message-ID."""
        self.received: list[Mail] = []
        self.unknown: set[str] = set()
        self.took = took


class Mailer:
    """One process's line to the mail server."""

    def __init__(self, replica: "Process", server: MailServer) -> None:
        self._replica = replica
        self._server = server

    async def deliver(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        await self._replica.at("deliver", "before")
        if self._fails("mail away"):
            return [Outcome(Fate.UNTRIED, "ConnectionRefusedError") for _ in envelopes]
        if self._fails("mail deferred"):
            return [Outcome(Fate.DEFERRED, "smtp_451") for _ in envelopes]
        outcomes = [self._offer(each) for each in envelopes]
        await self._replica.at("deliver", "after")
        return outcomes

    async def close(self) -> None:
        """Nothing is open."""

    def _fails(self, name: str) -> bool:
        failing = self._replica.weather.lasts(name)
        self._replica.weather.felt[name] += failing
        return failing

    def _offer(self, envelope: Envelope) -> Outcome:
        if envelope.recipient in self._server.unknown:
            return Outcome(Fate.REFUSED, "smtp_550")
        mail = opened(envelope, self._replica.timeline.millis())
        self._server.received.append(mail)
        self._server.took(envelope.sender, envelope.recipient, mail.message_id)
        if self._replica.weather.loses_reply():
            return Outcome(Fate.UNTRIED, "SMTPServerDisconnected")
        return Outcome(Fate.TAKEN)


def opened(envelope: Envelope, at: int) -> Mail:
    """Read what the judge needs of a mail, by hand: the standard library takes a tenth of the whole run for it."""
    head, _, text = envelope.content.partition(b"\r\n\r\n")
    message_id = head.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
    _, _, calendar = text.partition(b"Content-Type: text/calendar")
    return Mail(envelope.recipient, message_id, envelope.content, at, _invite(calendar) if calendar else None)


def _invite(part: bytes) -> Invite:
    packed = part.partition(b"\r\n\r\n")[2].partition(b"\r\n--")[0]
    unfolded = a2b_base64(packed).decode().replace("\r\n ", "")
    lines = dict(line.split(":", 1) for line in unfolded.split("\r\n") if ":" in line)
    return Invite(lines["UID"], int(lines["SEQUENCE"]), lines["METHOD"], lines["DTSTART"])


def mails_again(received: Sequence[Mail]) -> int:
    """How often a mail came again under its id."""
    ids: set[Any] = {each.message_id for each in received}
    return len(received) - len(ids)
