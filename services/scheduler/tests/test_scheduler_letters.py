"""What citizens read: every notice in both languages, the invite as calendars read it, and what portals may not break."""

import email
import email.policy
import re
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header

import pytest
from icalendar import Calendar, Event, vCalAddress, vText

from claims_scheduler.effects import Effect, Kind
from claims_scheduler.invites import PRODUCT, Mailbox, invite
from claims_scheduler.letters import MOVED, VALUES, Letters, Unmailable
from claims_scheduler.slots import Slot
from claims_scheduler.words import day, moment, money, thing
from claims_shared.messages.fields import utc
from claims_shared.messages.scheduler import NoticeKind
from claims_shared.wire import millis

SAMPLES = {
    "due_at": "2026-12-01T15:04:05Z",
    "reference": "c1/evidence/3",
    "interview_at": "2026-12-02T16:30:00Z",
    "determination_number": "1",
    "effective_on": "2026-11-15",
    "weekly_benefit_amount": "1250.50",
    "maximum_benefit_amount": "32513.00",
    "weeks": "26",
    "appeal_by": "2026-12-15",
    "received_at": "2026-11-20T03:00:00Z",
    "received_on": "2026-12-18",
    "decision": "dismiss",
    "wages": "2025Q2=9750.00 2025Q3=10400.00",
    "replaces": "1",
}
LETTERS = Letters("Unemployment Insurance <no-reply@agency.test>", "agency.test")


def effect_of(message, kind=Kind.NOTICE, **more):
    asked = message.body
    return Effect(
        id=asked.effect_id,
        claim_id=asked.claim_id,
        kind=kind,
        command=message.id,
        attempt=1,
        asked_at=millis(datetime(2026, 11, 20, 15, tzinfo=UTC)),
        asked=message.record.value,
        recipient=asked.email,
        **more,
    )


def parsed(content):
    return email.message_from_bytes(content, policy=email.policy.default)


def parts(content):
    return {part.get_content_type(): part for part in parsed(content).walk()}


def texts(content):
    found = parts(content)
    return found["text/plain"].get_content(), found["text/html"].get_content()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", list(NoticeKind))
def test_every_notice_renders_with_and_without_values(post, kind, language):
    sentences = ("ssn",) if "evidence" in kind else ("The law asks for more.",)
    full = post.notice(notice=kind, language=language, values=SAMPLES, sentences=sentences)
    bare = post.notice(notice=kind, language=language)
    for message in (full, bare):
        text, html = texts(LETTERS.render(effect_of(message)))
        for found in (text, html):
            assert "Ada" in found
            assert "UT-2026-000123" in found
            assert "{{" not in found
            assert "{%" not in found
            assert "None" not in found
        assert "<" not in text
    text, html = texts(LETTERS.render(effect_of(full)))
    shown = {
        "due_at": {
            "en": "Tuesday, December 1, 2026 at 8:04 a.m. MST",
            "es": "el martes 1 de diciembre de 2026 a las 8:04 MST",
        },
        "interview_at": {
            "en": "Wednesday, December 2, 2026 at 9:30 a.m. MST",
            "es": "el miércoles 2 de diciembre de 2026 a las 9:30 MST",
        },
        "effective_on": {"en": "Sunday, November 15, 2026", "es": "el domingo 15 de noviembre de 2026"},
        "appeal_by": {"en": "Tuesday, December 15, 2026", "es": "el martes 15 de diciembre de 2026"},
        "received_on": {"en": "Friday, December 18, 2026", "es": "el viernes 18 de diciembre de 2026"},
        "decision": {"en": "no good reason for that", "es": "no encontramos una buena razón"},
        "received_at": {"en": "Thursday, November 19, 2026", "es": "el jueves 19 de noviembre de 2026"},
        "wages": {"en": "July to September 2025", "es": "de julio a septiembre de 2025"},
        "weekly_benefit_amount": dict.fromkeys(("en", "es"), "$1,250.50"),
        "maximum_benefit_amount": dict.fromkeys(("en", "es"), "$32,513.00"),
    }
    for name in VALUES[kind]:
        wanted = shown.get(name, {}).get(language, SAMPLES[name])
        assert wanted in text, name
        assert wanted in html, name


def test_every_value_that_a_notice_can_say_has_a_sample():
    assert {name for names in VALUES.values() for name in names} == set(SAMPLES)


def test_the_reasons_of_a_denial_are_in_the_letter(post):
    message = post.notice(notice=NoticeKind.DENIED, sentences=("You earned $3,000 & the law asks for <more>.",))
    text, html = texts(LETTERS.render(effect_of(message)))
    assert "- You earned $3,000 & the law asks for <more>." in text
    assert "<li>You earned $3,000 &amp; the law asks for &lt;more&gt;.</li>" in html


@pytest.mark.parametrize(
    ("decision", "english", "spanish"),
    [
        ("affirm", "The decision stands, as we sent it to you.", "La decisión se mantiene, tal como se la enviamos."),
        ("reverse", "We have reversed the decision: it no longer counts.", "Revocamos la decisión: ya no vale."),
        ("modify", "We have changed what the decision gives you.", "Cambiamos lo que la decisión le da."),
        ("dismiss", "your appeal came too late", "su apelación llegó tarde"),
    ],
)
def test_what_was_decided_on_an_appeal_is_said_and_no_other_decision(post, decision, english, spanish):
    decisions = ("stands", "reversed", "changed", "mantiene", "Revocamos", "Cambiamos")
    for language, wanted in (("en", english), ("es", spanish)):
        values = {"determination_number": "1", "decision": decision, "received_on": "2026-12-18"}
        message = post.notice(notice=NoticeKind.APPEAL_DECIDED, language=language, values=values)
        for found in texts(LETTERS.render(effect_of(message))):
            assert wanted in found
            assert sum(each in found for each in decisions) == 1
            assert "2026" in found


def test_the_wages_that_counted_are_a_table_with_their_sum(post):
    text, html = texts(LETTERS.render(effect_of(post.notice(values=SAMPLES))))
    assert "April to June 2025: $9,750.00\r\nJuly to September 2025: $10,400.00\r\nTogether: $20,150.00" in text
    assert '<th scope="row">Together</th><td>$20,150.00</td>' in html


@pytest.mark.parametrize("kind", [NoticeKind.APPROVED, NoticeKind.DENIED])
@pytest.mark.parametrize(
    ("jurisdiction", "language", "said"),
    [
        ("UT", "en", ["You can appeal:", "P.O. Box 45244, Salt Lake City, UT 84145-0244", "801-526-9242", "signature"]),
        ("UT", "es", ["Puede apelar:", "https://jobs.utah.gov/appeals/ui/filing.html", "su firma"]),
        ("NY", "en", ["asking for a hearing before a judge", "New York State Department of Labor", "888-209-8124"]),
        ("NY", "es", ["pidiendo una audiencia ante un juez", "lunes a viernes, de 8:00 a 17:00"]),
        ("WI", "en", ["UI Hearing Office, P.O. Box 7975", "whether you need an interpreter"]),
        (
            "VT",
            "en",
            ["The website where you filed your claim tells you how to appeal.", "Vermont Unemployment Insurance"],
        ),
    ],
)
def test_how_to_appeal_is_said_as_far_as_it_is_known(post, kind, jurisdiction, language, said):
    message = post.notice(notice=kind, jurisdiction=jurisdiction, language=language)
    for found in texts(LETTERS.render(effect_of(message))):
        for each in said:
            assert each in found


def test_letters_load_nothing_from_elsewhere(post):
    for kind in NoticeKind:
        _, html = texts(LETTERS.render(effect_of(post.notice(notice=kind, values=SAMPLES))))
        for wrong in ("src=", "url(", "@import", "<link", "<script", "<img"):
            assert wrong not in html


def test_both_languages_have_every_letter():
    environment = LETTERS._templates
    names = [each.partition("/") for each in environment.list_templates() if "/" in each]
    assert {name for language, _, name in names if language == "en"} == {
        name for language, _, name in names if language == "es"
    }


@pytest.mark.parametrize(
    ("language", "first", "old"),
    [
        ("en", "has changed", "Old time: Wednesday, December 2, 2026 at 9:30 a.m. MST"),
        ("es", "Cambió", "Hora anterior: el miércoles 2 de diciembre de 2026 a las 9:30 MST"),
    ],
)
def test_a_moved_interview_names_the_new_and_the_old_time(post, language, first, old):
    message = post.schedule(language=language)
    facts = {"interview_at": "2026-12-03T16:30:00Z", "previous_at": SAMPLES["interview_at"], "minutes": 30}
    facts["kind"] = "orientation"
    effect = effect_of(message, Kind.INTERVIEW)
    subject, (text, _) = LETTERS._written(MOVED, effect, message.body, facts)
    plain = text.content.decode()
    assert "3" in subject
    assert first in plain
    assert old in plain


@pytest.mark.parametrize(("language", "written"), [("es", "es"), ("en", "en"), ("vi", "en"), ("zho", "en")])
def test_a_language_without_templates_falls_back_to_english(post, language, written):
    content = LETTERS.render(effect_of(post.notice(language=language)))
    assert parsed(content)["Content-Language"] == written
    assert ("aprobada" in parsed(content)["Subject"]) == (written == "es")


def test_the_head_of_a_letter(post):
    message = parsed(LETTERS.render(effect_of(post.notice(last_name="Obí, Jr."))))
    assert message["From"] == "Unemployment Insurance <no-reply@agency.test>"
    assert message["To"].addresses[0].display_name == "Ada Obí, Jr."
    assert message["To"].addresses[0].addr_spec == "ada@example.org"
    assert message["Message-ID"] == "<c1%2Fnotice-approved%2F8.0@agency.test>"
    assert message["Date"].datetime == datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert message["Auto-Submitted"] == "auto-generated"


def test_the_same_effect_gives_the_same_bytes(post):
    effect = effect_of(post.notice())
    assert LETTERS.render(effect) == LETTERS.render(effect)


@pytest.mark.parametrize("claim", ["a" * 64, "..odd..", "-"], ids=["long", "dots", "short"])
def test_message_ids_are_one_token_whatever_the_portal_chose(post, claim):
    content = LETTERS.render(effect_of(post.notice(claim)))
    (line,) = [line for line in content.split(b"\r\n") if line.lower().startswith(b"message-id:")]
    assert re.fullmatch(rb"Message-ID: <[A-Za-z0-9%_-]+\.0@agency\.test>", line)


def test_line_breaks_in_a_name_add_no_header(post):
    content = LETTERS.render(effect_of(post.notice(first_name="Ada\r\nBcc: eve@example.org", last_name="Obi\n\nX")))
    assert parsed(content)["Bcc"] is None
    assert parsed(content)["To"].addresses[0].display_name == "Ada Bcc: eve@example.org Obi X"


def test_mails_are_seven_bit_in_short_lines_so_that_every_server_takes_them(post):
    person = {"language": "es", "first_name": "Íñigo", "last_name": "Ñ" * 80}
    content = LETTERS.render(effect_of(post.notice(**person)))
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 78 for line in content.split(b"\r\n"))
    assert "Estimado/a Íñigo:" in texts(content)[0]


@pytest.mark.parametrize(
    "address", ["ada@@example.org", "ada,eve@example.org", "ädä@example.org", "a..b@", "<ada@example.org", "ada@-x.org"]
)
def test_an_address_that_no_server_takes_is_found_before_it_is_tried(post, address):
    effect = effect_of(post.notice())
    effect.recipient = address
    with pytest.raises(Unmailable):
        LETTERS.render(effect)


@pytest.mark.parametrize("name", ["Ñ" * 80, "Zoë " * 24, "漢字" * 40, "Ada 😀 Obi"])
def test_a_long_name_in_any_script_is_read_as_it_was_written(post, name):
    content = LETTERS.render(effect_of(post.notice(first_name=name, last_name="Obí")))
    raw = email.message_from_bytes(content)[
        "To"
    ]  # the newer parser keeps the space between two encoded words of a name
    assert str(make_header(decode_header(raw))) == f"{name.strip()} Obí <ada@example.org>"


# --- invites ------------------------------------------------------------------------------------------

SLOT = Slot("UT-0017", millis(datetime(2026, 11, 23, 16, tzinfo=UTC)), 30)


HOSTILE = (
    "Ada Obi",
    "Ñ" * 100,
    "漢字😀" * 30,
    'Ada "the first", Obi; X:Y',
    "O'Neil \N{RIGHT SINGLE QUOTATION MARK}",
    "a^b^^c\\d\\\\e" * 12,
    "\x00\x7f\u200b \n",
    "",
    *(f"{'x' * length}\\,ñ;" for length in range(50, 75)),  # whatever stands where the line is broken
)


def by_library(booking, slot, *, organizer, guest, summary, description):
    event = Event()
    event.add("uid", booking.id)
    event.add("sequence", booking.sequence)
    event.add("dtstamp", utc(booking.asked_at))
    event.add("dtstart", utc(slot.starts_at))
    event.add("dtend", utc(slot.starts_at) + timedelta(minutes=slot.minutes))
    event.add("summary", summary)
    event.add("description", description)
    event.add("status", "CANCELLED" if booking.cancelled else "CONFIRMED")
    event.add("organizer", address_of(organizer))
    asked = {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    event.add("attendee", address_of(guest, **asked))
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if booking.cancelled else "REQUEST")
    calendar.add_component(event)
    return calendar.to_ical()


def address_of(somebody, **params):
    written = vCalAddress(f"mailto:{somebody.address}")
    name = "".join(each for each in somebody.name if each.isprintable() and each != '"').strip()
    written.params.update({name: vText(value) for name, value in params.items()})
    if name:
        written.params["CN"] = vText(name)
    return written


def test_an_invite_is_read_by_calendars(post):
    content = LETTERS.render(effect_of(post.schedule(), Kind.INTERVIEW, slot=SLOT))
    part = parts(content)["text/calendar"]
    assert part.get_param("method") == "REQUEST"
    calendar = Calendar.from_ical(
        part.get_content() if isinstance(part.get_content(), str) else part.get_content().decode()
    )
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (str(event["UID"]), event["SEQUENCE"], event["STATUS"]) == ("c1/orientation/7", 0, "CONFIRMED")
    assert event.decoded("DTSTART") == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert event.decoded("DTEND") == datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert str(event["ATTENDEE"]) == "mailto:ada@example.org"
    assert str(event["ORGANIZER"]) == "mailto:no-reply@agency.test"


def test_an_invite_as_it_stands_in_the_mail(post):
    content = LETTERS.render(effect_of(post.schedule(language="es"), Kind.INTERVIEW, slot=SLOT))
    raw = parts(content)["text/calendar"].get_payload(decode=True)
    lines = raw.split(b"\r\n")
    for line in (b"BEGIN:VCALENDAR", b"METHOD:REQUEST", b"UID:c1/orientation/7", b"SEQUENCE:0"):
        assert line in lines
    assert b"DTSTART:20261123T160000Z" in lines
    assert b"DTEND:20261123T163000Z" in lines
    assert all(len(line) <= 75 for line in lines), "RFC 5545 folds lines at 75 octets"
    assert raw.endswith(b"END:VCALENDAR\r\n")
    assert re.search(rb'Content-Type: text/calendar;[^\r]* method="?REQUEST"?', content)
    assert "el lunes 23 de noviembre de 2026 a las 9:00 MST" in texts(content)[0]


def test_a_cancellation_has_the_same_uid_and_a_higher_number(post):
    cancelled = effect_of(post.schedule(), Kind.INTERVIEW, slot=SLOT, cancelled=True, sequence=1)
    content = LETTERS.render(cancelled)
    raw = parts(content)["text/calendar"].get_payload(decode=True)
    for line in (b"METHOD:CANCEL", b"UID:c1/orientation/7", b"SEQUENCE:1", b"STATUS:CANCELLED"):
        assert line in raw.split(b"\r\n")
    assert parsed(content)["Message-ID"] == "<c1%2Forientation%2F7.1@agency.test>"
    assert "cancelled" in parsed(content)["Subject"]


def test_a_quotation_mark_in_a_name_breaks_no_parameter(post):
    effect = effect_of(post.schedule(first_name='Ada "the first"', last_name="Obi;X:Y"), Kind.INTERVIEW, slot=SLOT)
    raw = parts(LETTERS.render(effect))["text/calendar"].get_payload(decode=True)
    (event,) = Calendar.from_ical(raw.decode()).walk("VEVENT")
    assert event["ATTENDEE"].params["CN"] == "Ada the first Obi;X:Y"


@pytest.mark.parametrize("cancelled", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_an_invite_is_byte_for_byte_what_a_calendar_library_writes(name, cancelled):
    booking = Effect(
        id=f"c1/{name}".replace("\n", ""),
        claim_id="c1",
        kind=Kind.INTERVIEW,
        command="c1/orientation/7/1",
        attempt=1,
        asked_at=millis(datetime(2026, 11, 20, 15, tzinfo=UTC)),
        cancelled=cancelled,
        sequence=int(cancelled),
    )
    guest, organizer = Mailbox(name, "ada@example.org"), Mailbox(f"The {name}", "no-reply@agency.test")
    text = {"summary": f"With {name}", "description": f"First, {name}\nThen; {name}"}
    written = invite(booking, SLOT, organizer=organizer, guest=guest, **text)
    assert written == by_library(booking, SLOT, organizer=organizer, guest=guest, **text)


# --- words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone", "english"),
    [
        ("2026-11-23T16:00:00Z", "America/Denver", "Monday, November 23, 2026 at 9:00 a.m. MST"),
        ("2026-07-01T19:00:00Z", "America/Denver", "Wednesday, July 1, 2026 at 1:00 p.m. MDT"),
        ("2026-07-01T18:00:00Z", "America/Denver", "Wednesday, July 1, 2026 at 12:00 p.m. MDT"),
        ("2026-07-01T07:30:00Z", "Asia/Dubai", "Wednesday, July 1, 2026 at 11:30 a.m. (Asia/Dubai)"),
        ("soon", "America/Denver", "soon"),
    ],
    ids=["winter", "summer", "noon", "a zone without a name", "no instant"],
)
def test_instants_are_written_in_the_citizens_zone(text, zone, english):
    assert moment(text, "en", zone) == english


def test_what_is_no_date_no_money_no_known_code_is_left_as_it_came():
    assert (day("later", "es"), money("much"), thing("proof_of_wages", "en")) == ("later", "much", "proof of wages")
