"""Mails that come back: read as servers write them, noted once on the effect they belong to, told once; and nothing forged."""

import asyncio
import itertools
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import aiosmtplib
import msgspec
import pytest

from claims_scheduler.bounces import DELAYED, OTHER, Meaning, Report, read
from claims_scheduler.effects import Effect, Post
from claims_scheduler.receiver import LARGEST, Receiver
from claims_scheduler.returns import Taken
from claims_shared.messages.scheduler import NoticeBounced
from claims_shared.ports import StoreUnavailable

APPROVED, ORIENTATION = "c1/notice-approved/8", "c1/orientation/7"


def report(*recipients):
    """A report as RFC 3464 has it: `recipients` give action and status of each."""
    status = "Reporting-MTA: dns; mx.example.org\n\n" + "\n".join(
        f"Final-Recipient: rfc822; ada{number}@example.org\nAction: {action}\nStatus: {code}\n"
        for number, (action, code) in enumerate(recipients)
    )
    mail = MIMEMultipart("report", report_type="delivery-status")
    mail["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example.org>"
    mail["Subject"] = "Undelivered Mail Returned to Sender"
    mail.attach(MIMEText("Sorry it didn't work out."))
    raw = mail.as_bytes()
    boundary = mail.get_boundary()
    part = f"--{boundary}\nContent-Type: message/delivery-status\n\n{status}\n--{boundary}--\n"
    return raw.replace(f"--{boundary}--".encode(), part.encode())


def plain(text, sender="Mail Delivery System <mailer-daemon@mx.example.org>", **headers):
    mail = EmailMessage()
    mail["From"] = sender
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


FAILED = report(("failed", "5.1.1"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (FAILED, Report(Meaning.FAILED, "5.1.1")),
        (report(("failed (bad destination)", "5.1.1 (no such user)")), Report(Meaning.FAILED, "5.1.1")),
        (report(("delayed", "4.4.1")), DELAYED),
        (report(("delayed", "4.4.1"), ("failed", "5.2.1")), Report(Meaning.FAILED, "5.2.1")),
        (report(("failed", "4.4.7")), Report(Meaning.FAILED, "5.0.0")),
        (report(("delivered", "2.0.0")), OTHER),
        (report(), OTHER),
        (FAILED.replace(b"\n", b"\r\n"), Report(Meaning.FAILED, "5.1.1")),
        (plain("<ada@example.org>: 550 5.1.1 unknown user"), Report(Meaning.FAILED, "5.1.1")),
        (plain("Hi. This is the qmail-send program. I'm afraid it failed."), Report(Meaning.FAILED, "5.0.0")),
        (plain("Delivery is delayed: 451 4.7.1 greylisted"), DELAYED),
        (plain("no such user", "x@y.test", X_Failed_Recipients="ada@example.org"), Report(Meaning.FAILED, "5.0.0")),
        (plain("I am away until 5.1.2027.", "Ada <ada@example.org>", Auto_Submitted="auto-replied"), OTHER),
        (plain("Our server 10.5.1.1 is slow, 15.1.1 too."), Report(Meaning.FAILED, "5.0.0")),
        (b"", OTHER),
        (b"\xff\xfe\x00: \r\n\r\n\xff", OTHER),
        (b"Content-Type: multipart/report; report-type=delivery-status\n\nnothing", OTHER),
        (b"Content-Type: message/delivery-status\n\nAction: failed", Report(Meaning.FAILED, "5.0.0")),
    ],
)
def test_what_comes_back_is_read_as_servers_write_it(content, expected):
    assert read(content) == expected


class Line:
    """The line to the stores; `away`: it is cut."""

    away = False

    async def __call__(self, _call, _moment):
        if self.away:
            raise StoreUnavailable


@pytest.fixture
def store():
    return Line()


@pytest.fixture
async def sent(mailing, mailbox, post, store):
    """A desk that has mailed one notice, and the address to which it would come back."""
    desk = mailing(at=store)
    await desk.take(post.notice())
    await desk.drain.turn(100)
    return desk, mailbox.senders[0]


def bounces(desk):
    return [NoticeBounced.model_validate_json(each.body) for each in desk.sent if "bounced" in each.type]


def stored(desk, effect):
    return msgspec.msgpack.decode(desk.rows.effects[effect].body, type=Effect)


async def test_a_mail_that_comes_back_is_told_once(sent, clock):
    desk, address = sent
    assert await desk.returns.take(address, FAILED) is Taken.NOTED
    await desk.drain.turn(100)
    (event,) = bounces(desk)
    assert (event.claim_id, event.effect_id, event.mail, event.status) == ("c1", APPROVED, 0, "5.1.1")
    assert event.bounced_at == clock()
    assert await desk.returns.take(address, FAILED) is Taken.REPEATED
    assert await desk.drain.turn(100) == (0, "")
    assert len(bounces(desk)) == 1


async def test_what_is_only_late_and_automatic_answers_change_nothing(sent):
    desk, address = sent
    before = desk.rows.effects[APPROVED]
    assert await desk.returns.take(address, report(("delayed", "4.4.1"))) is Taken.DELAYED
    assert await desk.returns.take(address, plain("On holiday", "ada@example.org")) is Taken.OTHER
    assert desk.rows.effects[APPROVED] is before


async def test_a_return_address_is_an_effects_own_and_the_same_after_a_crash(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice(), post.notice(claim="c2"))
    await desk.drain.turn(100)
    assert len(set(mailbox.senders)) == 2
    again = mailing(rows=desk.rows)
    assert again.returns.address(stored(again, APPROVED)) in mailbox.senders


@pytest.mark.parametrize(
    "forge",
    [
        lambda address: address.replace("bounce+", "bounce+a", 1),
        lambda address: address[:7] + ("b" if address[7] == "a" else "a") + address[8:],
        lambda address: address.replace(".0@", ".1@"),
        lambda _address: "bounce+c1/notice-approved/8@agency.test",
    ],
)
async def test_a_stranger_cannot_make_one(sent, forge):
    desk, address = sent
    assert await desk.returns.take(forge(address), FAILED) is Taken.UNKNOWN
    assert stored(desk, APPROVED).bounces == ()


async def test_servers_may_write_the_address_in_capitals(sent):
    desk, address = sent
    assert desk.returns.ours(address.upper())
    assert await desk.returns.take(address.upper(), FAILED) is Taken.NOTED


async def test_while_the_mails_way_is_being_written_the_server_is_to_come_again(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.notice())
    await desk.returns.expect([stored(desk, APPROVED)])
    assert await desk.returns.take(desk.returns.address(stored(desk, APPROVED)), FAILED) is Taken.LATER
    await desk.drain.turn(100)
    assert await desk.returns.take(mailbox.senders[0], FAILED) is Taken.NOTED
    assert len(mailbox.taken) == 1


async def test_an_invite_and_its_cancellation_come_back_each_for_itself(mailing, mailbox, post):
    desk = mailing()
    await desk.take(post.schedule())
    await desk.drain.turn(100)
    assert await desk.returns.take(mailbox.senders[0], FAILED) is Taken.NOTED
    await desk.take(post.cancel())
    await desk.drain.turn(100)
    await desk.drain.turn(100)
    assert await desk.returns.take(mailbox.senders[1], FAILED) is Taken.NOTED
    await desk.drain.turn(100)
    assert [(each.effect_id, each.mail) for each in bounces(desk)] == [(ORIENTATION, 0), (ORIENTATION, 1)]
    assert stored(desk, ORIENTATION).due_at is None


async def test_a_cancellation_is_mailed_although_the_invite_has_just_come_back(mailing, mailbox, post):
    """A report that waits to be told and a slot to be given back are one document."""
    desk = mailing()
    await desk.take(post.schedule())
    await desk.drain.turn(100)
    await desk.returns.take(mailbox.senders[0], FAILED)
    await desk.take(post.cancel())
    for _ in range(3):
        await desk.drain.turn(100)
    assert len(bounces(desk)) == 1
    assert len(mailbox.taken) == 2
    assert (stored(desk, ORIENTATION).frees, stored(desk, ORIENTATION).post) == (False, Post.DONE)


class Crash(BaseException):
    """The end of the process."""


async def test_after_a_crash_between_telling_and_noting_it_the_same_event_is_told_again(sent, mailing):
    desk, address = sent
    await desk.returns.take(address, FAILED)

    async def crash(call, _when):
        if call == "write":
            raise Crash

    broken = mailing(rows=desk.rows, at=crash)
    with pytest.raises(Crash):
        await broken.drain.turn(100)
    again = mailing(rows=desk.rows)
    await again.drain.turn(100)
    (one,), (other,) = (
        [each for each in run.sent if each.type == "scheduler.notice-bounced.v1"] for run in (broken, again)
    )
    assert (one.id, one.body) == (other.id, other.body)


async def test_who_is_asked_for_the_notice_again_answers_as_before(sent, post):
    desk, address = sent
    await desk.returns.take(address, FAILED)
    (answer,) = await desk.take(post.notice(attempt=2))
    assert answer.answers == APPROVED


# --- the listener --------------------------------------------------------------------------------------


@pytest.fixture
async def listening(sent, unused_tcp_port):
    desk, address = sent
    task = asyncio.create_task(Receiver(desk.returns, "127.0.0.1", unused_tcp_port).run())
    for _ in itertools.repeat(None, 100):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", unused_tcp_port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            break
    yield desk, address, unused_tcp_port
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def unused_tcp_port():
    import socket  # noqa: PLC0415 - here only

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def give(port, to, content):
    """Give a mail to the listener as a mail server would, from nobody; give the code."""
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as server:
        try:
            await server.sendmail("", [to], content)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return refused.recipients[0].code
        except aiosmtplib.SMTPResponseException as refused:
            return refused.code
    return 250


async def test_a_mail_server_gives_its_report_over_smtp(listening):
    desk, address, port = listening
    assert await give(port, address, FAILED + b"\r\n.leading dot\r\n") == 250
    await desk.drain.turn(100)
    assert len(bounces(desk)) == 1


@pytest.mark.parametrize("to", ["ada@example.org", "bounce+a.0@agency.test", "bounce+{}.0@elsewhere.test"])
async def test_the_listener_takes_mail_for_nobody_else(listening, to):
    _, address, port = listening
    assert await give(port, to.format(address[7:31]), FAILED) == 550


async def test_an_address_of_ours_that_was_never_given_out_is_refused_once_it_is_looked_up(listening):
    _, _, port = listening
    assert await give(port, f"bounce+{'a' * 24}.0@agency.test", FAILED) == 550


async def test_too_much_is_refused(listening):
    _, address, port = listening
    assert await give(port, address, FAILED + (b"y" * 900 + b"\r\n") * (LARGEST // 900)) == 552


async def test_while_the_store_is_away_the_server_keeps_it(listening, store):
    _, address, port = listening
    store.away = True
    assert await give(port, address, FAILED) == 451
    store.away = False
    assert await give(port, address, FAILED) == 250


@pytest.mark.parametrize(
    "said", [b"DATA\r\nQUIT\r\n", b"MAIL\r\nRCPT\r\nQUIT\r\n", b"\xff\xff\r\nQUIT\r\n", b"x" * 100_000]
)
async def test_nonsense_neither_ends_nor_holds_the_listener(listening, said):
    _, address, port = listening
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    async with asyncio.timeout(5):
        await reader.read()
    writer.close()
    assert await give(port, address, FAILED) == 250
