"""Renders an effect's mail to bytes: plain text and HTML in the citizen's language, with the invite where it is one. Pure.

The same effect gives the same message id, so that a repeat after a crash is recognised by the mail systems on its way.
"""

from collections.abc import Callable, Mapping, Sequence
from email.utils import format_datetime, parseaddr
from functools import partial
from html import escape
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from claims_scheduler import words
from claims_scheduler.calendar import zone_or
from claims_scheduler.effects import Effect, Kind
from claims_scheduler.invites import Mailbox, invite
from claims_scheduler.mime import Part, mailable, mailbox, message
from claims_scheduler.parts import Parts
from claims_shared.calendars.agencies import AGENCIES
from claims_shared.calendars.contacts import contact_of, load_contacts
from claims_shared.messages.fields import utc
from claims_shared.messages.scheduler import NoticeKind, ScheduleInterview, SendNotice

VALUES: Final[Mapping[NoticeKind, tuple[str, ...]]] = {
    NoticeKind.EVIDENCE_WANTED: ("due_at", "reference"),
    NoticeKind.EVIDENCE_REMINDER: ("due_at", "reference"),
    NoticeKind.EVIDENCE_MISSED: (),
    NoticeKind.IDENTITY_QUESTION: (),
    NoticeKind.UNDER_REVIEW: (),
    NoticeKind.INTERVIEW_REMINDER: ("interview_at",),
    NoticeKind.INTERVIEW_MISSED: ("interview_at",),
    NoticeKind.APPEAL_RECEIVED: ("received_at",),
    NoticeKind.APPEAL_DECIDED: ("determination_number", "decision", "received_on", "appeal_by"),
    NoticeKind.APPROVED: (
        "determination_number",
        "effective_on",
        "weekly_benefit_amount",
        "maximum_benefit_amount",
        "weeks",
        "interview_at",
        "appeal_by",
        "wages",
        "replaces",
    ),
    NoticeKind.DENIED: ("determination_number", "effective_on", "appeal_by", "replaces"),
    NoticeKind.WITHDRAWN: (),
}
"""What each notice can say besides its sentences; what is missing or empty is left out of the text."""
_WRITTEN: Final[Mapping[str, Callable[[str, str, str], Any]]] = {
    "due_at": words.moment,
    "interview_at": words.moment,
    "previous_at": words.moment,
    "received_at": words.date_of,
    "wages": lambda text, language, _zone: words.wages(text, language),
    "received_on": lambda text, language, _zone: words.day(text, language),
    "effective_on": lambda text, language, _zone: words.day(text, language),
    "appeal_by": lambda text, language, _zone: words.day(text, language),
    "weekly_benefit_amount": lambda text, _language, _zone: words.money(text),
    "maximum_benefit_amount": lambda text, _language, _zone: words.money(text),
}
"""How a value is put into words, once for all parts of a letter: its text, the language, the zone. Others stand as they came."""
INVITE: Final = "interview_invite"
MOVED: Final = "interview_moved"
CANCELLATION: Final = "interview_cancelled"


class Unmailable(Exception):  # noqa: N818 - a finding about the citizen's data, not a defect
    """The address cannot stand in a mail's header."""


class Letters:
    """Writes the mails of this agency; `sender` as in a From header, `host` ends the message ids."""

    def __init__(self, sender: str, host: str) -> None:
        self._sender = Mailbox(*parseaddr(sender))
        self._from = mailbox(*self._sender)
        self._host = host
        self._contacts = load_contacts()
        self._templates = Environment(
            loader=PackageLoader("claims_scheduler"),
            autoescape=False,  # noqa: S701 - what is said is escaped by `Parts`, the rest here
            undefined=StrictUndefined,
            auto_reload=False,
            cache_size=-1,  # a plain dict: there are some dozen
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["thing"] = words.thing
        self._known = frozenset(self._templates.list_templates())

    def message_id(self, effect: Effect) -> str:
        """Give the message id of the effect's present mail: of the notice, of the invite, or of its cancellation."""
        local = quote(effect.id, safe="").replace(".", "%2E")  # dots may not stand everywhere in a message id
        return f"<{local}.{effect.sequence}@{self._host}>"

    def render(self, effect: Effect) -> bytes:
        """Give the mail as it goes out. Raises where the address, the command or a template cannot be used."""
        if not mailable(effect.recipient):
            raise Unmailable
        return self._interview(effect) if effect.kind is Kind.INTERVIEW else self._notice(effect)

    def _notice(self, effect: Effect) -> bytes:
        asked = SendNotice.model_validate_json(effect.asked)
        known = {name: asked.values.get(name, "") for name in VALUES[asked.notice]}
        subject, parts = self._written(asked.notice.value, effect, asked, known | {"portal_ref": asked.portal_ref})
        return self._message(effect, asked, subject, parts)

    def _interview(self, effect: Effect) -> bytes:
        asked = ScheduleInterview.model_validate_json(effect.asked)
        assert effect.slot is not None
        facts = {
            "interview_at": _instant(effect.slot.starts_at),
            "minutes": effect.slot.minutes,
            "kind": asked.kind.value,
        }
        name = CANCELLATION if effect.cancelled else MOVED if effect.was_at else INVITE
        facts |= {"previous_at": _instant(effect.was_at)} if effect.was_at else {}
        subject, parts = self._written(name, effect, asked, facts)
        calendar = invite(
            effect,
            effect.slot,
            organizer=self._sender,
            guest=Mailbox(_name(asked), effect.recipient),
            summary=subject,
            description=parts[0].content.decode().split("\n\n")[1],  # when, and that we call
        )
        method = "CANCEL" if effect.cancelled else "REQUEST"
        packed = Part(f"text/calendar; charset=utf-8; method={method}", calendar, packed=True)
        return self._message(effect, asked, subject, (*parts, packed))

    def _written(
        self, name: str, effect: Effect, asked: SendNotice | ScheduleInterview, facts: Mapping[str, Any]
    ) -> tuple[str, tuple[Part, ...]]:
        """Give the subject, which a template begins with, and the letter as plain text and as HTML."""
        context = self._context(asked, facts, effect)
        part = context["part"] = partial(self._place, asked.jurisdiction, context["language"])
        letter, foot = Parts(), Parts()
        subject = self._templates.get_template(part(name)).render(context, **letter.functions()).strip()
        self._templates.get_template(part("foot")).render(context, **foot.functions())
        html = self._templates.get_template("layout.html.j2").render(
            language=context["language"],
            named=bool(context["contact"].office),
            office=escape(context["office"]),
            subject=escape(subject),
            content=letter.html(),
            foot=foot.html(),
        )
        return subject, (
            Part("text/plain; charset=utf-8", f"{letter.text()}\n\n\n{foot.text()}\n".encode()),
            Part("text/html; charset=utf-8", html.encode()),
        )

    def _place(self, jurisdiction: str, language: str, name: str) -> str:
        """Give the template of this name: the jurisdiction's own, where it says it in other words, or everybody's."""
        own = f"{language}/{jurisdiction}/{name}.j2"
        return own if own in self._known else f"{language}/{name}.j2"

    def _context(
        self, asked: SendNotice | ScheduleInterview, facts: Mapping[str, Any], effect: Effect
    ) -> dict[str, Any]:
        language = words.language_of(asked.language)
        agency = AGENCIES.get(asked.jurisdiction)
        zone = zone_or(asked.time_zone, agency.zone if agency else "UTC")
        written = {name: form(facts[name], language, zone) for name, form in _WRITTEN.items() if facts.get(name)}
        contact = contact_of(self._contacts, asked.jurisdiction, language, utc(effect.asked_at).date())
        return {
            "language": language,
            "office": contact.office or words.office(agency.name if agency else asked.jurisdiction, language),
            "contact": contact,
            "first_name": _plain(asked.first_name),
            "sentences": [_plain(each) for each in getattr(asked, "sentences", ())],
            **facts,
            **written,
        }

    def _message(
        self, effect: Effect, asked: SendNotice | ScheduleInterview, subject: str, parts: Sequence[Part]
    ) -> bytes:
        message_id = self.message_id(effect)
        headers = (
            ("From", self._from),
            ("To", mailbox(_name(asked), effect.recipient)),
            ("Subject", subject),
            ("Date", format_datetime(utc(effect.asked_at))),
            ("Message-ID", message_id),
            ("Content-Language", words.language_of(asked.language)),
            ("Auto-Submitted", "auto-generated"),
        )
        return message(headers, parts, message_id)


def _name(asked: SendNotice | ScheduleInterview) -> str:
    return _plain(f"{asked.first_name} {asked.last_name}")


def _plain(text: str) -> str:
    """One line: what a portal sends may hold line breaks, and headers may not."""
    if not text.isprintable():
        text = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(text.split())


def _instant(at: int) -> str:
    return utc(at).isoformat().replace("+00:00", "Z")
