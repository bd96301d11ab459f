"""A scheduler in one process: real code over memory stores that outlive it, a clock that stands still, a real mail sink."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from claims_scheduler import commands, returns, shelf, watch
from claims_scheduler.calendar import Rules
from claims_scheduler.drain import Flow
from claims_scheduler.letters import Letters
from claims_scheduler.mailer import Mailer
from claims_scheduler.pace import Pace
from claims_scheduler.returns import Returns
from claims_scheduler.smtp import Server
from claims_scheduler.wiring import Mail, Place, Stores, put_together
from claims_shared.decoding import decode
from claims_shared.documents import Tally
from claims_shared.memory import Hook, MemoryStore, undisturbed
from claims_shared.messages.fields import Message
from claims_shared.messages.scheduler import (
    CancelInterview,
    InterviewKind,
    MoveInterview,
    NoticeKind,
    ScheduleInterview,
    SendNotice,
)
from claims_shared.ports import Row, Store
from claims_shared.staff.people import Staff, default_staff
from claims_shared.wire import Output, Received, Record, headers_of, output, partition_of

PARTITIONS = 4
SENDER = "Unemployment Insurance <no-reply@agency.test>"


@dataclass
class StandingClock:
    at: datetime = datetime(2026, 11, 20, 15, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Mailbox:
    """A mail server of the test: `answers` decides what it says to a recipient; what it takes is kept as it came.

    `most`: the mails that it takes on one connection before it hangs up.
    """

    port: int = 0
    pipelining: bool = False
    most: int = 1_000_000
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    before_data: Callable[[], None] = lambda: None

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        session.mails = 0  # type: ignore[attr-defined] # kept where aiosmtpd says that a handler may
        return [*responses[:-1], *["250-PIPELINING"] * self.pipelining, responses[-1]]

    async def handle_MAIL(  # noqa: N802 - as aiosmtpd calls it
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        session.mails += 1  # type: ignore[attr-defined]
        if session.mails > self.most:  # type: ignore[attr-defined]
            return "421 enough for now"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = self.answers.get(address)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.before_data()
        content = envelope.content
        assert isinstance(content, bytes)
        self.taken.extend((address, content) for address in envelope.rcpt_tos)
        self.senders.append(envelope.mail_from or "")
        return "250 OK"


@dataclass
class Rows:
    """What survives a crash."""

    waits: dict[str, Row] = field(default_factory=dict)
    slots: dict[str, Row] = field(default_factory=dict)
    effects: dict[str, Row] = field(default_factory=dict)
    returns: dict[str, Row] = field(default_factory=dict)


class Register:
    """The staff as the test says it is; `becomes` is an edit of its file, read at the next look."""

    def __init__(self, staff: Staff) -> None:
        self.current = staff
        self._file = staff

    def becomes(self, staff: Staff) -> None:
        self._file = staff

    async def looked(self) -> bool:
        changed = self.current != self._file
        self.current = self._file
        return changed


_everybody = cache(default_staff)


class Desk:
    """One run of the scheduler; `crash` gives the next one on what is stored."""

    def __init__(
        self,
        clock: StandingClock,
        *,
        rows: Rows | None = None,
        rules: Rules | None = None,
        caseworkers: int = 200,
        staff: Staff | None = None,
        mail_port: int = 9,
        slots: Store | None = None,
        effects: Store | None = None,
        at: Hook = undisturbed,
        name: str = "one",
        busy_from: int = 1_000,
    ) -> None:
        self.clock = clock
        self.rows = rows or Rows()
        self.rules = rules or Rules()
        self.sent: list[Output] = []
        self.tally = Tally()
        self.mail_port = mail_port
        self.slots = slots or MemoryStore(shelf.SHAPE, rows=self.rows.slots, at=at)
        self.effects = effects or MemoryStore(commands.SHAPE, rows=self.rows.effects, at=at)
        self.waits = MemoryStore(watch.SHAPE, rows=self.rows.waits, at=at)
        self.pace = Pace(busy_from)
        self.register = Register(staff if staff is not None else _everybody(caseworkers))
        addresses = MemoryStore(returns.SHAPE, rows=self.rows.returns, at=at)
        self.returns = Returns(addresses, self.effects, key=b"k", host="agency.test", clock=clock, writer=name)
        self.mailer = Mailer(Server("127.0.0.1", mail_port, tls=False))
        parts = put_together(
            Stores(self.waits, self.slots, self.effects),
            Place(self.produce, clock, lambda: range(PARTITIONS), PARTITIONS, name),
            Mail(Letters(SENDER, "agency.test"), self.mailer, SENDER, self.returns, Flow()),
            staff=self.register,
            rules=self.rules,
            pace=self.pace,
        )
        self.memory, self.ticker, self.bookings, self.leaves = parts.memory, parts.ticker, parts.bookings, parts.leaves
        self.commands, self.drain, self.watch = parts.commands, parts.drain, parts.watch
        self.watch.assigned(range(PARTITIONS))

    def crash(self, **changes: Any) -> "Desk":
        kept = {"rows": self.rows, "rules": self.rules, "staff": self.register.current, "mail_port": self.mail_port}
        return Desk(self.clock, **{**kept, **changes})

    async def produce(self, sends: Sequence[Output]) -> None:
        self.sent += sends

    async def take(self, *messages: Received) -> list[Any]:
        """Run one batch of commands to its acknowledgement and give the answers, read back."""
        sends = await self.commands.process(messages, self.clock(), self.tally)
        self.commands.acknowledged()
        return [body_of(each) for each in sends if isinstance(each, Output)]

    async def turns(self, number: int = 3) -> list[Any]:
        """Let the drain work; give what it said, read back."""
        before = len(self.sent)
        for _ in range(number):
            await self.drain.turn(10)
        return [body_of(each) for each in self.sent[before:]]

    async def hear(self, *messages: Received) -> None:
        await self.watch.process(messages, self.clock(), self.tally)

    async def fire(self) -> list[Any]:
        """Tick once and give what fired, read back."""
        before = len(self.sent)
        await self.ticker.tick()
        return [body_of(each) for each in self.sent[before:]]


def body_of(out: Output) -> Any:
    found = decode(record_of(out))
    assert isinstance(found, Received), found
    return found.body


def record_of(out: Output, offset: int = 0) -> Record:
    return Record(out.topic, partition_of(out.key, PARTITIONS), offset, out.key.encode(), out.body, headers_of(out))


class Post:
    """Makes messages as they come off the wire."""

    def __init__(self, clock: StandingClock) -> None:
        self._clock = clock
        self._offset = 0

    def wire(self, message: Message, id_: str, offset: int | None = None) -> Received:
        self._offset += 1
        out = output(message, id=id_, source="claims.orchestrator", at=self._clock())
        found = decode(record_of(out, self._offset if offset is None else offset))
        assert isinstance(found, Received), found
        return found

    def schedule(self, claim: str = "c1", attempt: int = 1, **changes: Any) -> Received:
        effect = changes.pop("effect", f"{claim}/orientation/7")
        facts = {**PERSON, "kind": InterviewKind.ORIENTATION, **changes}
        message = ScheduleInterview(claim_id=claim, effect_id=effect, attempt=attempt, **facts)
        return self.wire(message, f"{effect}/{attempt}")

    def cancel(self, claim: str = "c1", undoes: str | None = None, attempt: int = 1) -> Received:
        effect = f"{claim}/undo-orientation/9"
        message = CancelInterview(
            claim_id=claim, effect_id=effect, attempt=attempt, undoes=undoes or f"{claim}/orientation/7"
        )
        return self.wire(message, f"{effect}/{attempt}")

    def move(self, claim: str = "c1", number: int = 12, attempt: int = 1, **changes: Any) -> Received:
        effect = f"{claim}/move/{number}"
        moves = changes.pop("moves", f"{claim}/orientation/7")
        return self.wire(
            MoveInterview(claim_id=claim, effect_id=effect, attempt=attempt, moves=moves, **changes),
            f"{effect}/{attempt}",
        )

    def notice(
        self, claim: str = "c1", notice: NoticeKind = NoticeKind.APPROVED, attempt: int = 1, **changes: Any
    ) -> Received:
        effect = f"{claim}/notice-{notice.value}/8"
        facts = {**PERSON, "portal_ref": "UT-2026-000123", **changes}
        message = SendNotice(claim_id=claim, effect_id=effect, attempt=attempt, notice=notice, **facts)
        return self.wire(message, f"{effect}/{attempt}")


PERSON: dict[str, Any] = {
    "jurisdiction": "UT",
    "language": "en",
    "time_zone": "America/Denver",
    "first_name": "Ada",
    "last_name": "Obi",
    "email": "ada@example.org",
}


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def post(clock: StandingClock) -> Post:
    return Post(clock)


@pytest.fixture
def desk(clock: StandingClock) -> Desk:
    return Desk(clock)


@pytest.fixture
def new_desk(clock: StandingClock) -> Callable[..., Desk]:
    return lambda **changes: Desk(changes.pop("clock", clock), **changes)


@pytest.fixture(params=[False, True], ids=["reply by reply", "pipelining"])
async def mailbox(request: pytest.FixtureRequest) -> AsyncIterator[Mailbox]:
    box = Mailbox(pipelining=request.param)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(box, loop=loop, hostname="mail.test"), "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    yield box
    server.close()
    await server.wait_closed()


@pytest.fixture
async def mailing(new_desk, mailbox):
    """Make schedulers that send to the mailbox."""
    desks = []

    def make(**changes):
        desks.append(new_desk(mail_port=mailbox.port, **changes))
        return desks[-1]

    yield make
    for desk in desks:
        await desk.mailer.close()
