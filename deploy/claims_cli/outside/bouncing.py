"""The mail sink's unreachable people: mail to `bounce…@` is taken, and comes back a second later (RFC 3464).

`bounce-later…@` is told that it takes time. Nobody else's mail comes back.
"""

import asyncio
import contextlib
import itertools
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from typing import Final

from claims_cli.local.addresses import LOOPBACK

AFTER: Final = 1.0
"""Seconds until a mail comes back."""
AGAIN: Final = 2.0
"""Seconds between two tries, while nobody takes it."""
TRIES: Final = 150
BOUNDARY: Final = "=_returned"


def bounces(address: str) -> bool:
    """Whether mail to this address comes back."""
    return address.lower().startswith("bounce")


class Bouncer:
    """Sends reports to whoever listens on these ports; what a sink that ends has not sent back yet is lost."""

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = ports
        self._sending: set[asyncio.Task[None]] = set()

    def send_back(self, sender: str, recipient: str, raw: bytes) -> None:
        """Plan the report on a mail; one from nobody is never reported on (RFC 5321, 4.5.5)."""
        if sender:
            task = asyncio.ensure_future(self._send(sender, report(sender, recipient, raw)))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _send(self, sender: str, content: bytes) -> None:
        await asyncio.sleep(AFTER)
        for port in itertools.islice(itertools.cycle(self._ports), TRIES):
            with contextlib.suppress(OSError, smtplib.SMTPException):
                await asyncio.to_thread(_offer, port, sender, content)
                return
            await asyncio.sleep(AGAIN)


def _offer(port: int, to: str, content: bytes) -> None:
    with smtplib.SMTP(LOOPBACK, port, timeout=10) as server:
        server.sendmail("", [to], content)


def report(sender: str, recipient: str, raw: bytes) -> bytes:
    """Write the delivery status notification on a mail: in words, for machines, and the headers that it was sent with."""
    late = recipient.lower().startswith("bounce-later")
    action, status = ("delayed", "4.4.1") if late else ("failed", "5.1.1")
    text = (
        f"Your message to {recipient} {'is delayed' if late else 'could not be delivered: there is no such mailbox'}."
    )
    machine = EmailMessage()
    machine["Final-Recipient"], machine["Action"], machine["Status"] = f"rfc822; {recipient}", action, status
    head = EmailMessage()
    head["From"], head["To"], head["Subject"] = (
        "Mail Delivery System <MAILER-DAEMON@localhost>",
        sender,
        "Undelivered Mail",
    )
    head["Auto-Submitted"], head["MIME-Version"] = "auto-replied", "1.0"
    kind = f'Content-Type: multipart/report; report-type=delivery-status; boundary="{BOUNDARY}"\r\n\r\n'
    sent_with = raw.partition(b"\r\n\r\n")[0]
    parts = (
        ("text/plain; charset=utf-8", text.encode()),
        ("message/delivery-status", b"Reporting-MTA: dns; localhost\r\n\r\n" + _lines(machine)),
        ("text/rfc822-headers", sent_with),
    )
    bodies = [f"--{BOUNDARY}\r\nContent-Type: {name}\r\n\r\n".encode() + body + b"\r\n" for name, body in parts]
    return _lines(head) + kind.encode() + b"".join(bodies) + f"--{BOUNDARY}--\r\n".encode()


def _lines(head: EmailMessage) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in head.items())
