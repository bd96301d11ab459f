"""Mails: one a notice, one thread an interview, with its cancellation where it was given back; a repeat is the same bytes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.invariants.appeals import turns
from tests.invariants.instants import millis
from tests.invariants.names import DENIED, FREED, NOTICE, SCHEDULE, TOLD
from tests.invariants.seen import Invite, Mail, Seen, Violation
from tests.invariants.slots import bookings_of
from tests.invariants.story import Story

SAME, NOTICES, SAID = "one Message-ID, one mail", "one notice, one mail", "what is said to be sent was sent"
SKEW_MS = 10 * 60 * 1000
"""By so much the clocks of two processes may differ."""
THREAD, CANCELLED, ORDER = "one interview, one thread", "who was invited hears of the end", "no approval after a denial"


def check(stories: Mapping[str, Story], mails: Sequence[Mail], *, settled: bool) -> Iterator[Violation]:
    """Judge what reached the citizens."""
    first: dict[str, Mail] = {}
    for mail in mails:
        if first.setdefault(mail.message_id, mail).content != mail.content:
            yield Violation(mail.to, SAME, f"{mail.message_id} stands for different mails")
    yield from _threads(stories, first)
    yield from _notices(stories, first)
    if settled:
        yield from _said(stories, first)
        yield from _cancelled(stories, first)
    yield from _order(stories, first)


def _threads(stories: Mapping[str, Story], mails: Mapping[str, Mail]) -> Iterator[Violation]:
    """An invite is about an interview that was asked for; its versions have their own mails, and all go to one address."""
    asked = {each.data["effect_id"]: each for story in stories.values() for each in story.asks if each.kind == SCHEDULE}
    versions: dict[tuple[str, int], str] = {}
    for mail in mails.values():
        if mail.invite is None:
            continue
        command = asked.get(mail.invite.uid)
        claim = command.claim if command else mail.to
        if command is None or command.data["email"] != mail.to:
            yield Violation(claim, THREAD, f"{mail.message_id} to {mail.to} is about {mail.invite}, asked by {command}")
        version = (mail.invite.uid, mail.invite.sequence)
        if (other := versions.setdefault(version, mail.message_id)) != mail.message_id:
            yield Violation(claim, THREAD, f"{other} and {mail.message_id} are both {mail.invite}")


def _notices(stories: Mapping[str, Story], mails: Mapping[str, Mail]) -> Iterator[Violation]:
    """Nobody gets more notices than were asked for, and one mail stands for one notice."""
    asked: dict[str, set[str]] = defaultdict(set)
    meant: dict[str, str] = {}
    for story in stories.values():
        for each in story.asks:
            if each.kind == NOTICE:
                asked[each.data["email"] or ""].add(each.data["effect_id"])
        for each in story.answers:
            if each.kind == TOLD and (other := meant.setdefault(*_said_of(each))) != each.data["answers"]:
                yield Violation(
                    story.claim, NOTICES, f"{_said_of(each)[0]} stands for {other} and {each.data['answers']}"
                )
    for to, number in Counter(mail.to for mail in mails.values() if mail.invite is None).items():
        if number > len(asked[to]):
            claim = next(iter(asked[to]), to).partition("/")[0]
            yield Violation(claim, NOTICES, f"{number} notices to {to}, {len(asked[to])} were asked for")


def _said_of(answer: Seen) -> tuple[str, str]:
    return answer.data["message_id"], answer.data["answers"]


def _said(stories: Mapping[str, Story], mails: Mapping[str, Mail]) -> Iterator[Violation]:
    for story in stories.values():
        for each in story.answers:
            if each.kind == TOLD and each.data["message_id"] not in mails:
                yield Violation(story.claim, SAID, f"{each} says {each.data['message_id']}, which no server took")


def _cancelled(stories: Mapping[str, Story], mails: Mapping[str, Mail]) -> Iterator[Violation]:
    """Who has an invite to an interview that is given back before it begins has its cancellation as well."""
    threads: dict[str, list[Invite]] = defaultdict(list)
    for mail in mails.values():
        if mail.invite is not None:
            threads[mail.invite.uid].append(mail.invite)
    for story in stories.values():
        if not any(each.kind == FREED for each in story.answers):
            continue
        for effect in _freed_ahead(story) & threads.keys():
            newest = max(threads[effect], key=lambda invite: invite.sequence)
            if newest.method != "CANCEL":
                yield Violation(story.claim, CANCELLED, f"{effect} was given back; the newest mail is {newest}")


def _freed_ahead(story: Story) -> set[str]:
    """Give the interviews that were given back before they began, whoever's clock says so."""
    bookings = bookings_of(story)
    return {
        effect
        for effect, told in bookings.freed.items()
        if effect in bookings.booked
        and millis(told.headers.get("ce_time", "")) < millis(bookings.booked[effect].data["interview_at"]) - SKEW_MS
    }


def _order(stories: Mapping[str, Story], mails: Mapping[str, Mail]) -> Iterator[Violation]:
    """A notice of approval is neither asked for nor sent for the first time once a later denial is, unless that gave way."""
    for story in stories.values():
        denials = [each.data["sequence"] for each in story.life if each.kind == DENIED]
        if not denials:
            continue
        gave_way = turns(story)
        notices = {each.data["effect_id"]: each.data["notice"] for each in story.asks if each.kind == NOTICE}
        for effect in (effect for effect, notice in notices.items() if notice == "approved"):
            denied = max((each for each in denials if each < _number(effect)), default=0)
            if denied and not any(denied < turn <= _number(effect) for turn in gave_way):
                yield Violation(story.claim, ORDER, f"{effect} was asked for after the denial, number {denied}")
        yield from _mailed_after(story, notices, mails)


def _number(effect: str) -> int:
    return int(effect.rpartition("/")[2])


def _mailed_after(story: Story, notices: Mapping[str, str], mails: Mapping[str, Mail]) -> Iterator[Violation]:
    sent: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for each in story.answers:
        if each.kind == TOLD and (mail := mails.get(each.data["message_id"])) is not None:
            sent[notices.get(each.data["answers"], "")].append((each.data["answers"], mail.at))
    for approval, mailed in sent["approved"]:
        for denial, at in sent["denied"]:
            if _number(denial) > _number(approval) and mailed > at:
                yield Violation(story.claim, ORDER, f"{approval} was mailed at {mailed}, {denial} at {at}")
