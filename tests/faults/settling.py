"""The end of a run: everything has come to rest, and is judged."""

import asyncio
import time
from collections.abc import Callable, Sequence

from tests.faults import history, mail, portal, stored
from tests.faults.report import Report
from tests.faults.stack import Stack
from tests.faults.tape import Tape

Say = Callable[[str], None]

STILL_S = 1.0
LOOK_S = 0.5


async def settle(
    stack: Stack, tape: Tape, claims: Sequence[str], patience: float, say: Say = lambda _line: None
) -> None:
    """Wait until every claim has ended, every effect is answered, every letter is there and nothing moves any more."""
    end, mails = time.monotonic() + patience, -1
    while time.monotonic() < end:
        left = tape.open(list(claims)) or history.unfinished(tape.records, claims)
        before, mails = mails, await mail.count(stack.sink)
        if not left and mails == before:
            left = mail.missing(await mail.received(stack.sink, _addresses(claims)), claims)
        elif not left:
            left = ["more mail"]
        if not left and time.monotonic() - max(tape.last_at.values()) > STILL_S:
            left = await stored.waiting(stack.endpoints.store, claims)
            if not left:
                return
        say(f"{len(left)} of {len(claims)} to come: {', '.join(left[:3])}")
        await asyncio.sleep(LOOK_S)


async def judge(report: Report, stack: Stack, tape: Tape, claims: Sequence[str]) -> None:
    letters = await mail.received(stack.sink, _addresses(claims))
    report.copies = letters.copies
    report.left = tape.open(list(claims))
    documents = await stored.read(stack.endpoints.store)
    report.findings = history.check(tape.records, claims, weekly=portal.WEEKLY, documents=documents)
    report.findings.violations += mail.check(letters, claims, history.notices(tape.records, claims))


def _addresses(claims: Sequence[str]) -> dict[str, str]:
    return {portal.address(each): each for each in claims}
