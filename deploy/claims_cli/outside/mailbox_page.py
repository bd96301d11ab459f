"""The mailbox as a person sees it: a list, and each mail with its HTML, its text, and its calendar entry in words."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from email.message import EmailMessage
from html import escape
from typing import Final

from claims_cli.outside.mail_store import Mail

STYLE: Final = """
:root { color-scheme: light dark; }
body { margin: 0; font: 15px/1.5 -apple-system, "Segoe UI", Roboto, Arial, sans-serif; background: #eef1f5; color: #1b2430; }
main { max-width: 900px; margin: 24px auto; background: #fff; border: 1px solid #d3dae3; border-radius: 6px; padding: 20px 28px; }
h1 { font-size: 22px; margin: 0 0 4px; }
a { color: #1a4480; text-decoration: none; }
table { width: 100%; border-collapse: collapse; margin-top: 14px; }
td { padding: 9px 12px 9px 0; border-top: 1px solid #d3dae3; vertical-align: top; }
.dim { color: #5a6778; white-space: nowrap; }
nav { margin: 16px 0; } nav a { margin-right: 16px; } nav a.here { font-weight: 600; border-bottom: 3px solid #1a4480; }
iframe { width: 100%; height: 1400px; border: 1px solid #d3dae3; border-radius: 6px; }
pre { white-space: pre-wrap; font: 14px/1.5 ui-monospace, monospace; }
@media (prefers-color-scheme: dark) {
 body { background: #11161d; color: #e6eaf0; }
 main { background: #1a212b; border-color: #364252; }
 a { color: #9cc4f5; }
 .dim { color: #a9b5c4; }
 td, iframe { border-color: #364252; }
 nav a.here { border-color: #9cc4f5; }
}
"""
METHODS: Final = {
    "REQUEST": "An appointment for the calendar",
    "CANCEL": "The appointment is taken out of the calendar",
}
CALENDAR: Final = "text/calendar"


def listed(mails: Sequence[tuple[int, Mail]], total: int) -> str:
    """Give the page with these mails, the newest first."""
    rows = "".join(_row(number, mail) for number, mail in mails)
    empty = "" if mails else "<p>No mail yet.</p>"
    return _page("Mailbox", f"<h1>Mailbox</h1><div class=dim>{total} mails</div>{empty}<table>{rows}</table>")


def shown(number: int, mail: Mail, part: str) -> str:
    """Give the page of one mail: `part` is html, text or calendar."""
    parsed = mail.parsed()
    parts = ["html", "text", *(["calendar"] if mail.has_calendar else [])]
    links = "".join(
        f'<a href="/mails/{number}?part={each}"{" class=here" if each == part else ""}>{each}</a>' for each in parts
    )
    views = {"html": _framed, "text": _plain, "calendar": _calendar}
    head = f"<h1>{escape(_header(parsed, 'subject'))}</h1>" + "".join(
        f"<div class=dim>{name}: {escape(_header(parsed, name))}</div>" for name in ("from", "to", "date")
    )
    body = f"{head}<nav>{links}<a href=/>all mails</a></nav>{views.get(part, _framed)(parsed)}"
    return _page(_header(parsed, "subject"), body)


def in_words(calendar: str) -> list[str]:
    """Say what a calendar entry does, as lines: what, when (in UTC, as it is written), for whom, and which version it is."""
    lines = dict(_lines(calendar))
    when = f"{_instant(lines.get('DTSTART', ''))} to {_instant(lines.get('DTEND', ''))}"
    sequence = lines.get("SEQUENCE", "0")
    version = "first version" if sequence == "0" else f"change number {sequence}"
    what = METHODS.get(lines.get("METHOD", ""), "A calendar entry")
    return [
        f"{what}: {lines.get('SUMMARY', '')}",
        when,
        lines.get("DESCRIPTION", ""),
        f"{version} of {lines.get('UID', '')}",
    ]


def part_of(mail: EmailMessage, kind: str) -> str:
    """Give the text of the first part of this type; empty where there is none."""
    found = next((part for part in mail.walk() if part.get_content_type() == kind), None)
    return str(found.get_content()) if found is not None else ""


def _row(number: int, mail: Mail) -> str:
    subject = escape(_header(mail.parsed(), "subject") or "(no subject)")
    calendar = " <span class=dim>calendar</span>" if mail.has_calendar else ""
    return (
        f"<tr><td class=dim>{number}</td><td class=dim>{mail.received_at:%d %b %H:%M:%S}</td>"
        f'<td class=dim>{escape(", ".join(mail.recipients))}</td><td><a href="/mails/{number}">{subject}</a>{calendar}</td></tr>'
    )


def _framed(mail: EmailMessage) -> str:
    """In a frame that may run nothing and reach nothing: a mail is a stranger's."""
    return f'<iframe sandbox srcdoc="{escape(part_of(mail, "text/html"))}"></iframe>'


def _plain(mail: EmailMessage) -> str:
    return f"<pre>{escape(part_of(mail, 'text/plain'))}</pre>"


def _calendar(mail: EmailMessage) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in in_words(part_of(mail, CALENDAR)) if line)


def _lines(calendar: str) -> Iterator[tuple[str, str]]:
    unfolded = calendar.replace("\r\n", "\n").replace("\n ", "")
    for line in unfolded.splitlines():
        name, _, value = line.partition(":")
        yield name.partition(";")[0], value.replace("\\n", " ").replace("\\", "")


def _instant(text: str) -> str:
    try:
        return f"{datetime.strptime(text, '%Y%m%dT%H%M%SZ'):%a %d %b %Y %H:%M} UTC"  # noqa: DTZ007 - Z is in the text
    except ValueError:
        return text


def _header(mail: EmailMessage, name: str) -> str:
    return str(mail[name] or "")


def _page(title: str, body: str) -> str:
    head = f'<meta charset=utf-8><meta name=viewport content="width=device-width"><title>{escape(title)}</title>'
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
