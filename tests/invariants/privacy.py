"""Where personal data may be: SSNs in intake, identity's commands and their letters, free text in intake; no event has any."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.invariants.seen import Mail, Seen, Violation
from tests.invariants.story import Story

SSN: Final = re.compile(rb"9[0-9]{2}-[0-9]{2}-[0-9]{4}(?![0-9])")
"""Those of the tests: 900 to 999 are never issued."""
MAY_HOLD_SSN: Final = ("claims.intake.submissions.", "claims.identity.commands.", "claims.desk.submissions.")
FREE: Final = ("explanation", "statement", "grounds", "summary", "reason", "hardship")
"""Fields of submissions that people write; `reason` is one where it is not a word of the contract."""
WORDS: Final = 12
"""Shorter texts may be somebody's code as well."""
WRITTEN: Final = re.compile(r"[^a-z0-9_.-]")


def ssns(history: Sequence[Seen], mails: Sequence[Mail]) -> Iterator[Violation]:
    """Nothing that leaves the agency's inside holds an SSN: no event, no notice, no refusal, no reason of a letter, no mail."""
    for each in history:
        if not each.topic.startswith(MAY_HOLD_SSN) and SSN.search(each.body):
            yield Violation(each.claim, "no SSN", f"{each} holds one")
        if each.is_letter and SSN.search(each.headers.get("dlq_reasons", "").encode()):
            yield Violation(each.claim, "no SSN", f"the reasons of {each} hold one")
    for mail in mails:
        if SSN.search(mail.content):
            yield Violation(mail.to, "no SSN", f"{mail.message_id} holds one")


def free_text(story: Story) -> Iterator[str]:
    """What people wrote is in no message of ours; an address is in no event."""
    texts = {text for each in story.submissions for text in _texts(each.data)}
    addresses = {
        json.dumps(text, ensure_ascii=False).encode() for each in story.submissions if (text := _address(each.data))
    }
    for each in (*story.life, *story.asks, *story.answers, *story.unasked, *story.refusals):
        yield from (f"{each} holds what somebody wrote" for text in texts if text in each.body)
        if ".events." in each.topic and any(address in each.body for address in addresses):
            yield f"{each} holds an address"


def _texts(body: Mapping[str, Any]) -> Iterator[bytes]:
    separation = body.get("separation")
    for part in (body, separation if isinstance(separation, dict) else {}):
        for name in FREE:
            text = part.get(name)
            if isinstance(text, str) and len(text) >= WORDS and WRITTEN.search(text):
                yield json.dumps(text, ensure_ascii=False)[1:-1].encode()


def _address(body: Mapping[str, Any]) -> str | None:
    claimant = body.get("claimant")
    address = claimant.get("email") if isinstance(claimant, dict) else None
    return address if isinstance(address, str) else None
