"""What a victim's mails must not have become: letters with headers, markup or controls that the sender of a claim chose."""

import email
import email.policy
import re
import unicodedata
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from typing import Final

HEADERS: Final = frozenset(
    [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "content-language",
        "auto-submitted",
        "mime-version",
        "content-type",
    ]
)
TAGS: Final = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "body",
        "h1",
        "h2",
        "h3",
        "p",
        "br",
        "ul",
        "ol",
        "li",
        "strong",
        "em",
        "table",
        "tr",
        "td",
        "th",
        "a",
        "hr",
        "b",
        "i",
        "div",
        "style",
    ]
)
_TAG: Final = re.compile(r"<\s*/?\s*([A-Za-z][^\s/>]*)[^>]*>")
ENTITIES: Final = 2
"""An invite and a notice."""


def nothing_injected(raws: Sequence[bytes], address: str) -> list[str]:
    """Name what is wrong with the mails to this address; both must be there."""
    complaints = [f"{len(raws)} mails, not {ENTITIES}"] if len(raws) != ENTITIES else []
    for raw in raws:
        complaints += _wrong(email.message_from_bytes(raw, policy=email.policy.default), address)
    return complaints


def _wrong(mail: EmailMessage, address: str) -> Iterator[str]:
    yield from (f"header {name}" for name in mail if name.lower() not in HEADERS)
    if [each.addr_spec for each in mail["To"].addresses] != [address]:
        yield f"to {mail['To']}"
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            yield from _wrong_part(part)


def _wrong_part(part: EmailMessage) -> Iterator[str]:
    content = part.get_content()
    text = content if isinstance(content, str) else content.decode()
    if hidden := {
        hex(ord(each)) for each in text if unicodedata.category(each) in {"Cc", "Cf"} and each not in "\r\n\t"
    }:
        yield f"{part.get_content_type()} holds {sorted(hidden)}"
    if part.get_content_type() == "text/html" and (tags := {each.lower() for each in _TAG.findall(text)} - TAGS):
        yield f"markup {sorted(tags)}"
    if part.get_content_type() == "text/html" and (sheets := len(re.findall(r"<\s*style", text, re.IGNORECASE))) != 1:
        yield f"{sheets} style sheets"
    if part.get_content_type() == "text/calendar" and (lines := len(re.findall(r"^ATTENDEE", text, re.MULTILINE))) != 1:
        yield f"{lines} attendees"
    if "49" in re.findall(r"Dear (\d+)", text):
        yield "a template of the sender's was rendered"
