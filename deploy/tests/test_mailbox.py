"""The mail sink takes what any client sends, keeps it over a restart and shows it."""

import asyncio
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import aiosmtplib
import httpx2
import pytest

from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_cli.outside import mailbox
from claims_cli.outside.bouncing import Bouncer
from claims_cli.outside.mail_store import Mail, MailStore
from claims_scheduler.bounces import Meaning, read


@pytest.fixture
async def sink(tmp_path):
    """A port that takes mail and a client of the view."""
    store, port = MailStore(tmp_path), free_ports(1)[0]
    server = await mailbox.serve_smtp(store, port)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(mailbox.app(store)), base_url="http://mail") as view:
        yield port, view
    server.close()
    store.close()


def invite(to="ada@example.org", text="Your interview\n.begins with a dot\n..or two\n"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "agency@example.org", to, "Entrevista: mañana"
    mail["Message-ID"] = "<interview-1@claims>"
    mail.set_content(text)
    mail.add_attachment("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar")
    return mail


async def send(port, *mails):
    async with aiosmtplib.SMTP(hostname=LOOPBACK, port=port) as client:
        for mail in mails:
            await client.send_message(mail)


async def test_a_mail_is_listed_with_what_its_reader_wants_to_know(sink):
    port, view = sink
    await send(port, invite())
    (listed,) = (await view.get("/messages")).json()
    assert datetime.fromisoformat(listed.pop("received_at")).tzinfo
    assert listed == {
        "number": 1,
        "from": "agency@example.org",
        "to": ["ada@example.org"],
        "subject": "Entrevista: mañana",
        "message_id": "<interview-1@claims>",
        "has_calendar": True,
    }


async def test_a_mail_is_shown_parsed_and_raw_with_its_dots(sink):
    port, view = sink
    await send(port, invite())
    shown = (await view.get("/messages/1")).json()
    assert [part["type"] for part in shown["parts"]] == ["text/plain", "text/calendar"]
    assert shown["parts"][0]["text"].splitlines() == ["Your interview", ".begins with a dot", "..or two"]
    raw = await view.get("/messages/1/raw")
    assert raw.headers["content-type"] == "message/rfc822"
    assert b"BEGIN:VCALENDAR" in raw.content


async def test_the_newest_come_first_and_can_be_narrowed(sink):
    port, view = sink
    await send(port, invite("ada@example.org"), invite("ben@example.org"), invite("ada@example.org"))
    assert [each["number"] for each in (await view.get("/messages")).json()] == [3, 2, 1]
    assert [each["number"] for each in (await view.get("/messages?to=ada@example.org&limit=1")).json()] == [3]
    assert (await view.get("/messages?limit=all")).status_code == 400


async def test_the_standard_library_sends_as_well(sink):
    port, view = sink

    def old_client():
        with smtplib.SMTP(LOOPBACK, port) as client:
            client.noop()
            client.rset()
            client.send_message(invite())

    await asyncio.to_thread(old_client)
    assert len((await view.get("/messages")).json()) == 1


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        (b"MAIL nobody\r\n", b"501"),
        (b"RCPT TO:<a@b>\r\n", b"503"),
        (b"MAIL FROM:<a@b>\r\nDATA\r\n", b"503"),
        (b"STARTTLS\r\n", b"502"),
        (b"x" * 5_000, b"552"),
    ],
)
async def test_what_is_no_dialogue_is_refused(sink, said, answered):
    reader, writer = await asyncio.open_connection(LOOPBACK, sink[0])
    writer.write(said)
    writer.write_eof()
    lines = (await reader.read()).split(b"\r\n")
    writer.close()
    assert lines[-2].startswith(answered)


async def test_a_pipelined_dialogue_in_single_bytes_is_one_mail(sink):
    port, view = sink
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    for byte in b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n..dot\r\n.\r\nQUIT\r\n":
        writer.write(bytes([byte]))
    assert b"221" in await reader.read()
    writer.close()
    (listed,) = (await view.get("/messages")).json()
    assert (listed["from"], listed["to"]) == ("", ["a@b", "c@d"])
    assert (await view.get("/messages/1/raw")).content == b".dot\r\n"


async def test_clearing_forgets_everything(sink):
    port, view = sink
    await send(port, invite())
    assert (await view.delete("/messages")).status_code == 204
    assert (await view.get("/stats")).json() == {"mails": 0, "bytes": 0, "first_at": None, "last_at": None}
    assert (await view.get("/messages/1")).status_code == 404


def test_mail_outlives_a_restart_and_a_line_cut_off_by_a_crash_is_dropped(tmp_path):
    first, second = (Mail(datetime.now(UTC), "a@b", (to,), b"hello") for to in ("c@d", "e@f"))
    store = MailStore(tmp_path)
    store.append(first)
    store.close()
    with (tmp_path / "mails.jsonl").open("ab") as file:
        file.write(b'{"received_at": "2026-')
    again = MailStore(tmp_path)
    again.append(second)
    again.close()
    final = MailStore(tmp_path)
    assert list(final.newest()) == [(2, second), (1, first)]
    final.close()


# --- as people see it ------------------------------------------------------------------------------------


def letter(subject="Your interview"):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "agency@example.org", "ada@example.org", subject
    mail.set_content("Dear Ada, <come>.")
    mail.add_alternative("<p onload='x()'>Dear Ada</p>", subtype="html")
    entry = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nUID:c1/orientation/4\r\nSEQUENCE:1\r\nDTSTART:20261202T163000Z\r\n"
    mail.add_alternative(
        f"{entry}DTEND:20261202T170000Z\r\nSUMMARY:Inter\r\n view\\, by phone\r\nEND:VCALENDAR\r\n", subtype="calendar"
    )
    return mail


async def test_people_see_a_list_and_each_mail(sink):
    port, view = sink
    assert "No mail yet" in (await view.get("/")).text
    await send(port, letter("<b>Your</b> interview"))
    page = (await view.get("/")).text
    assert '<a href="/mails/1">&lt;b&gt;Your&lt;/b&gt; interview</a>' in page
    assert (await view.get("/mails/2")).status_code == 404


async def test_a_mail_is_shown_as_html_that_can_do_nothing_as_text_and_in_words(sink):
    port, view = sink
    await send(port, letter())
    assert '<iframe sandbox srcdoc="&lt;p onload=' in (await view.get("/mails/1")).text
    assert "Dear Ada, &lt;come&gt;." in (await view.get("/mails/1?part=text")).text
    words = (await view.get("/mails/1?part=calendar")).text
    for said in ("taken out of the calendar: Interview, by phone", "Wed 02 Dec 2026 16:30 UTC to", "change number 1"):
        assert said in words


# --- what comes back -------------------------------------------------------------------------------------


@pytest.fixture
async def returning(tmp_path):
    """A sink whose unreachable people's mail comes back to a second sink."""
    here, back = MailStore(tmp_path / "here"), MailStore(tmp_path / "back")
    ports = free_ports(2)
    servers = [await mailbox.serve_smtp(back, ports[1]), await mailbox.serve_smtp(here, ports[0], Bouncer([ports[1]]))]
    yield ports[0], back
    for server in servers:
        server.close()
    here.close()
    back.close()


async def test_mail_to_the_unreachable_comes_back_to_its_envelopes_sender_from_nobody(returning):
    port, back = returning
    async with aiosmtplib.SMTP(hostname=LOOPBACK, port=port) as client:
        for to in ("bounce.ada@example.org", "bounce-later@example.org", "ada@example.org"):
            await client.sendmail("bounce+x.0@agency.test", [to], invite(to).as_bytes())
    async with asyncio.timeout(20):
        while len(back) < 2:
            await asyncio.sleep(0.05)
    found = [mail for _, mail in back.newest()]
    assert {(mail.sender, mail.recipients) for mail in found} == {("", ("bounce+x.0@agency.test",))}
    assert {read(mail.raw).meaning for mail in found} == {Meaning.FAILED, Meaning.DELAYED}
