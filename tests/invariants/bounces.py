"""Mails that come back: each is told once and leads to one referral; none is made without."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import unquote

from tests.invariants.names import BOUNCED, FIRED, TOLD, UNSENT
from tests.invariants.seen import Mail, Seen, Violation
from tests.invariants.story import Story

EACH, NONE = "each bounce, one referral", "no referral without a bounce"
_MESSAGE_ID = re.compile(r"<(.+)\.([0-9]+)@.+>")
CAUSES = frozenset({BOUNCED, UNSENT, *FIRED})


def check(
    stories: Mapping[str, Story], mails: Sequence[Mail], returned: Collection[str], *, settled: bool
) -> Iterator[Violation]:
    """Judge what came of the mails (by Message-ID) that came back for good."""
    meant = _meant(stories, mails)
    came_back = {mail for name in returned if (mail := meant.get(name) or _named(name)) is not None}
    told: Counter[tuple[str, int]] = Counter()
    for story in stories.values():
        for each in (each for each in story.unasked if each.kind == BOUNCED):
            mail = (each.data["effect_id"], each.data["mail"])
            told[mail] += 1
            if settled and mail not in came_back:
                yield Violation(story.claim, NONE, f"{each} tells of {mail}, which did not come back")
            yield from _referred(story, each, settled=settled)
        yield from _caused(story)
    for mail in came_back:
        if told[mail] > 1 or (settled and not told[mail]):
            yield Violation(mail[0].partition("/")[0], EACH, f"{mail} came back and was told {told[mail]} times")


def _meant(stories: Mapping[str, Story], mails: Sequence[Mail]) -> dict[str, tuple[str, int]]:
    """Which mail of which effect a Message-ID is: an invite says so itself, a notice's answer says it of the notice."""
    meant = {mail.message_id: (mail.invite.uid, mail.invite.sequence) for mail in mails if mail.invite is not None}
    for story in stories.values():
        meant |= {each.data["message_id"]: (each.data["answers"], 0) for each in story.answers if each.kind == TOLD}
    return meant


def _named(message_id: str) -> tuple[str, int] | None:
    """Read it off the Message-ID: a notice that went out is answered as superseded where who sent it was not there to say so."""
    found = _MESSAGE_ID.fullmatch(message_id)
    return (unquote(found[1]), int(found[2])) if found else None


def _referred(story: Story, bounce: Seen, *, settled: bool) -> Iterator[Violation]:
    """One transition refers it, and nothing else; a parked claim keeps it for later."""
    opened = [name for event in story.life if event.cause == bounce.id for name in _undeliverable(story, event)]
    if len(opened) > 1 or (settled and not opened and not story.parked):
        yield Violation(story.claim, EACH, f"{bounce} led to the referrals {opened}")


def _caused(story: Story) -> Iterator[Violation]:
    causes = story.inputs()
    for event in story.life:
        kinds = {each.kind for each in causes.get(event.cause, ())}
        if _undeliverable(story, event) and kinds and not kinds & CAUSES:
            yield Violation(story.claim, NONE, f"{event} refers to the mail room because of {sorted(kinds)}")


def _undeliverable(story: Story, event: Seen) -> list[str]:
    number = event.data["sequence"]
    return [
        name
        for name, entry in story.opens[number].items()
        if entry["kind"] == "referral" and entry["reason"] == "undeliverable" and name.endswith(f"/{number}")
    ]
