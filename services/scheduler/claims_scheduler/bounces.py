"""Reads what a mail server sends back about a mail of ours: given up, only late, or no such message. Pure.

Reports are RFC 3464 (with RFC 3463 codes). Servers that write plain bounces give the code, or their own name, in the text; a
citizen's automatic answer comes to the same address and is no bounce. What is read is written by strangers: nothing raises.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from enum import StrEnum
from typing import Final, NamedTuple

UNKNOWN_STATUS: Final = "5.0.0"
"""RFC 3463: it failed for good, and nothing is said about why."""
MOST_READ: Final = 20_000
"""Characters of a plain bounce in which a code is looked for."""
_STATUS: Final = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_DAEMONS: Final = re.compile(r"\b(mailer-daemon|postmaster)@", re.IGNORECASE)


class Meaning(StrEnum):
    """What came back. Delayed: the server goes on trying. Other: somebody's automatic answer, or a mail that is no report."""

    FAILED = "failed"
    DELAYED = "delayed"
    OTHER = "other"


class Report(NamedTuple):
    """What it means, with the enhanced status code (RFC 3463) where it failed."""

    meaning: Meaning
    status: str = ""


OTHER: Final = Report(Meaning.OTHER)
DELAYED: Final = Report(Meaning.DELAYED)


def read(content: bytes) -> Report:
    """Say what a mail to one of our return addresses means."""
    try:
        mail = message_from_bytes(content, policy=policy.default)
        report = next(_parts(mail, "message/delivery-status"), None)
        return _plain(mail) if report is None else _reported(report)
    except Exception:  # noqa: BLE001 - a stranger's bytes; the parser knows more ways to raise than it documents
        return OTHER


def _parts(mail: Message, kind: str) -> Iterator[Message]:
    return (part for part in mail.walk() if part.get_content_type() == kind)


def _reported(report: Message) -> Report:
    """A recipient failed, or it only takes time. `failed` is final, whatever its code (RFC 3464, 2.3.3)."""
    groups = report.get_payload()
    fields = [group for group in groups if isinstance(group, Message)] if isinstance(groups, list) else []
    said = [(_word(group["action"]), _status(str(group["status"]))) for group in fields if group["action"]]
    for action, status in said:
        if action == "failed":
            return Report(Meaning.FAILED, status if status.startswith("5") else UNKNOWN_STATUS)
    return DELAYED if any(action == "delayed" for action, _ in said) else OTHER


def _plain(mail: EmailMessage | Message) -> Report:
    """A bounce in prose: from a server's own address, or naming the failed recipient; a code in it tells late from failed."""
    senders = " ".join(str(mail[name] or "") for name in ("from", "sender", "return-path"))
    if not mail["x-failed-recipients"] and not _DAEMONS.search(senders):
        return OTHER
    status = _status(_text(mail))
    if status.startswith(("2", "4")):
        return DELAYED
    return Report(Meaning.FAILED, status or UNKNOWN_STATUS)


def _text(mail: EmailMessage | Message) -> str:
    part = next(_parts(mail, "text/plain"), None)
    payload = part.get_payload(decode=True) if part is not None else b""
    return payload[:MOST_READ].decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _word(value: object) -> str:
    return str(value or "").partition("(")[0].strip().lower()


def _status(text: str) -> str:
    found = _STATUS.search(text)
    return found[0] if found else ""
