"""Interviews that got another slot: each version one slot, told and mailed alike; waited for anew; nobody away has one."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from tests.invariants.instants import maybe, millis
from tests.invariants.names import BOOKED, CANCEL, MOVED, PARKED, STRANDED
from tests.invariants.seen import Mail, Seen, Stored, Violation
from tests.invariants.story import Story

AWAY, INVITED = "nobody is met who is away", "an invite is of the slot that was told"
GRACE_MS: Final = 2 * 60 * 60 * 1000
"""So long after an interview it counts as missed."""
NOTICED_MS: Final = 30 * 60 * 1000
"""So long after a leave is entered, and everything works, its interviews are moved."""


class Away(NamedTuple):
    """A leave as the agency entered it, at an instant."""

    caseworker: str
    zone: str
    first: date
    last: date
    entered: int


def versions(story: Story) -> dict[tuple[str, int], Seen]:
    """Give what was told of each interview's versions: booked is none, every move is one more."""
    found = {(each.data["answers"], 0): each for each in story.answers if each.kind == BOOKED}
    for each in (*story.answers, *story.unasked):
        if each.kind == MOVED:
            found.setdefault((each.data["interview"], each.data["sequence"]), each)
    return found


def one_slot_a_version(story: Story) -> Iterator[str]:
    """What is told again of a version is the same slot, whoever asked; a move is to another one."""
    found = versions(story)
    for each in (*story.answers, *story.unasked):
        if each.kind == MOVED and _slot(each) != _slot(found[each.data["interview"], each.data["sequence"]]):
            yield f"{each} tells of another slot than {found[each.data['interview'], each.data['sequence']]}"
    for (interview, version), told in found.items():
        before = found.get((interview, version - 1))
        if before is not None and _slot(before) == _slot(told):
            yield f"{told} is a move to the very slot"


def waited_anew(story: Story) -> Iterator[str]:
    """From the moment a move is heard the claim waits for the new instant."""
    moves = {each.id: each for each in (*story.answers, *story.unasked) if each.kind == MOVED}
    for event in story.life:
        told = moves.get(event.cause)
        if told is None or event.kind == "claim.parked.v1":
            continue
        step = told.data["interview"].split("/")[1]
        for name, entry in story.opens[event.data["sequence"]].items():
            due = millis(told.data["interview_at"]) + told.data["minutes"] * 60_000 + GRACE_MS
            if entry["kind"] == "interview" and entry["step"] == step and maybe(entry["due_at"]) != due:
                yield f"{name} waits until {entry['due_at']} after {told}, of {told.data['interview_at']}"


def newest_kept(story: Story) -> Iterator[str]:
    """The document holds the newest slot of an interview that stands, unless our code stopped on the claim."""
    if story.document is None or story.letters or any(each.kind == PARKED for each in story.life):
        return
    undone = {each.data["undoes"] for each in story.asks if each.kind == CANCEL}
    results = story.document.data.get("results", {})
    newest = {interview: version for interview, version in sorted(versions(story)) if interview not in undone}
    for interview, version in newest.items():
        result = results.get(interview.split("/")[1])
        kept = json.loads(result["body"]) if result else {}
        if interview in (kept.get("answers"), kept.get("interview")) and (kept.get("sequence") or 0) != version:
            yield f"of {interview} version {version} was told; {kept} is kept"


def invited(stories: Mapping[str, Story], mails: Sequence[Mail]) -> Iterator[Violation]:
    """Every invite shows the slot that was told under its number."""
    told = {name: each for story in stories.values() for name, each in versions(story).items()}
    for mail in mails:
        if mail.invite is None or mail.invite.method != "REQUEST" or not mail.invite.starts:
            continue
        seen = told.get((mail.invite.uid, mail.invite.sequence))
        at = datetime.strptime(mail.invite.starts, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if seen is not None and millis(seen.data["interview_at"]) != round(at.timestamp() * 1000):
            yield Violation(seen.claim, INVITED, f"{mail.invite} was mailed, {seen} was told")


def newest_mailed(stories: Mapping[str, Story], mails: Sequence[Mail]) -> Iterator[Violation]:
    """After quiet: who was invited and moved has the newest version."""
    mailed: dict[str, int] = {}
    for mail in mails:
        if mail.invite is not None:
            mailed[mail.invite.uid] = max(mail.invite.sequence, mailed.get(mail.invite.uid, 0))
    for story in stories.values():
        for (interview, version), told in versions(story).items():
            if mailed.get(interview, version) < version:
                yield Violation(story.claim, INVITED, f"{told} was told; the newest mail is {mailed[interview]}")


def nobody_away(
    stories: Mapping[str, Story], effects: Mapping[str, Stored], away: Sequence[Away], healed: int
) -> Iterator[Violation]:
    """After quiet: no interview lies with somebody who had said in time that they would be away, unless a person was asked."""
    stranded = {
        (each.data["interview"], millis(each.data["interview_at"]))
        for story in stories.values()
        for each in story.unasked
        if each.kind == STRANDED
    }
    for effect in effects.values():
        slot = effect.data.get("slot")
        if not slot or effect.data.get("cancelled") or (effect.id, slot[1]) in stranded:
            continue
        for leave in away:
            day = datetime.fromtimestamp(slot[1] / 1000, ZoneInfo(leave.zone)).date()
            told = max(leave.entered, healed) + NOTICED_MS
            if slot[0] == leave.caseworker and leave.first <= day <= leave.last and slot[1] > told:
                yield Violation(effect.data["claim_id"], AWAY, f"{effect.id} has {slot}, {leave}")


def _slot(told: Seen) -> tuple[str, str]:
    return told.data["caseworker_ref"], told.data["interview_at"]
