"""A claim's life: numbered without gap or fork; a transition has one cause, an open entry one beginning and one end."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tests.invariants.instants import millis
from tests.invariants.names import (
    ACCEPTED,
    APPROVED,
    CLOSES,
    DENIED,
    FAILURES,
    FINAL,
    FIRED,
    INSTANTS,
    MOVED,
    MOVES,
    PARKED,
    RESUMED,
    SUBMITTED,
)
from tests.invariants.seen import Seen
from tests.invariants.story import Entry, Story

CONSTANT = ("kind", "step", "owner", "reason", "since")


def numbers(story: Story) -> Iterator[str]:
    """1..n without gap or fork, first seen in that order, all in one partition, the header saying the same."""
    found = [each.data.get("sequence", 0) for each in story.life]
    for number, times in Counter(found).items():
        if times > 1:
            yield f"{times} different events have the number {number}"
    if missing := set(range(1, max(found, default=0) + 1)).difference(found):
        yield f"no events with the numbers {sorted(missing)}"
    yield from (f"number {later} was written before {earlier}" for earlier, later in pairwise(found) if later < earlier)
    for each, number in zip(story.life, found, strict=True):
        if each.headers.get("ce_sequence") != str(number) or each.id != f"{story.claim}/{number}":
            yield f"{each} says {each.headers.get('ce_sequence')} and is called {each.id}"
    if len(places := {each.partition for each in story.life}) > 1:
        yield f"its life is spread over the partitions {sorted(places)}"


def phases(story: Story) -> Iterator[str]:
    """A claim moves as the process allows, and the event that moves it says so by its type."""
    before = "open"
    for each in _in_order(story):
        phase, kind = each.data.get("phase"), each.kind
        if (before, phase) not in MOVES:
            yield f"{each} leads from {before} to {phase}"
        again = before == phase == "approved" and kind == APPROVED and _reasons(each) == ["appeal_modified"]
        if (kind == APPROVED) != (before != phase == "approved") and kind != PARKED and not again:
            yield f"{each} leads from {before} to {phase}"
        if (kind == DENIED) != (before != phase == "denied") and kind != PARKED:
            yield f"{each} leads from {before} to {phase}"
        if each.data.get("sequence") == 1 and kind not in {ACCEPTED, PARKED}:
            yield f"its life begins with {each}"
        before = phase


def _reasons(event: Seen) -> list[str]:
    return [reason["code"] for reason in event.data.get("reasons", ())]


def entries(story: Story) -> Iterator[str]:
    """An open entry begins in the event that is in its name, keeps what it is, and never comes back."""
    known: set[str] = set()
    before: dict[str, Entry] = {}
    for event in _in_order(story):
        number = event.data["sequence"]
        now = story.opens[number]
        for name, entry in now.items():
            if name in before:
                yield from _kept(number, before[name], entry)
            elif name in known:
                yield f"{name} was over and is open again in number {number}"
            elif not name.startswith(f"{story.claim}/") or name.rpartition("/")[2] != str(number):
                yield f"{name} was opened by number {number}"
            elif entry["since"] != event.data["at"]:
                yield f"{name} is open since {entry['since']}, the event is of {event.data['at']}"
        known |= now.keys()
        before = now


def _kept(number: int, was: Entry, entry: Entry) -> Iterator[str]:
    changed = [name for name in CONSTANT if was.get(name) != entry.get(name)]
    if changed == ["owner"] and entry["kind"] == "referral":  # it may be overdue: another rule looks at that
        changed = []
    if changed:
        yield f"{entry['id']} changed its {changed} in number {number}"
    if not 0 <= entry["attempt"] - was["attempt"] <= 1:
        yield f"{entry['id']} went from attempt {was['attempt']} to {entry['attempt']} in number {number}"


def causes(story: Story) -> Iterator[str]:
    """Every transition has a cause that was sent to this claim, and nothing causes two (a park's is read again)."""
    inputs = story.inputs()
    used = Counter(each.cause for each in story.life if each.kind != PARKED)
    yield from (f"{cause} caused {times} transitions" for cause, times in used.items() if times > 1)
    yield from (
        f"{each} was caused by {each.cause!r}, which nobody sent" for each in story.life if each.cause not in inputs
    )


def in_order(story: Story) -> Iterator[str]:
    """What came to one partition after another counts after it; the claim itself and an engineer's word go before what waits.

    Which copy of a message that came to several partitions was the first to be read is not known: some choice must do.
    """
    places: dict[str, list[Seen]] = {}
    for each in story.submissions:
        if each.kind not in {SUBMITTED, RESUMED}:
            places.setdefault(each.id, []).append(each)
    read: set[frozenset[tuple[tuple[str, int], int]]] = {frozenset()}
    for event in _in_order(story):
        copies = places.get(event.cause, ()) if event.kind != PARKED else ()
        on = {
            frozenset((dict(each) | {(copy.topic, copy.partition): copy.offset}).items())
            for each in read
            for copy in copies
            if copy.offset > dict(each).get((copy.topic, copy.partition), -1)
        }
        if copies and not on:
            yield f"{event} was caused by {copies[0]}, which was passed before"
        read = on or read


def answered(story: Story) -> Iterator[str]:
    """What counts as an answer names what was open just before; a final one closes it, older attempts' failures never count."""
    inputs = story.inputs()
    for event in story.life:
        if event.kind == PARKED:
            continue
        before = story.opens.get(event.data["sequence"] - 1, {})
        after = story.opens[event.data["sequence"]]
        found = [list(_mistaken(cause, before, after)) for cause in inputs.get(event.cause, ())]
        if found and all(found):
            yield f"{event}: {found[0][0]}"


def first_counts(story: Story) -> Iterator[str]:
    """Of several final answers to one entry the first in its stream counts, whichever attempt it belongs to.

    Where our code stopped on the claim, an engineer may have left one out.
    """
    if any(each.kind == PARKED for each in story.life):
        return
    aside = {each.id for each in story.letters}
    finals = [each for each in story.answers if each.kind in FINAL and each.id not in aside]
    first: dict[str, Seen] = {}
    for each in sorted(finals, key=lambda each: each.offset):
        first.setdefault(each.data["answers"], each)
    known = {each.id: each for each in finals}
    for event in story.life:
        cause = known.get(event.cause)
        if cause is not None and first[cause.data["answers"]] is not cause:
            yield f"{event} was caused by {cause}; {first[cause.data['answers']]} came first"


def _mistaken(cause: Seen, before: dict[str, Entry], after: dict[str, Entry]) -> Iterator[str]:
    """Why this input cannot have caused what happened."""
    name = cause.data.get("answers")
    if name is None:
        return
    entry = before.get(name)
    if entry is None and cause.kind == MOVED:
        return  # where an interview is now counts, whoever still waits for it
    if entry is None:
        yield f"{cause} answers nothing that was open"
    elif cause.kind in FIRED:
        field = INSTANTS[cause.data["wait"]]
        held = entry.get(field)
        if held is None or millis(held) != millis(cause.data["armed_for"]):
            yield f"{cause} fired for {cause.data['armed_for']}, the entry held {held}"
        elif after.get(name, {}).get(field) == held:
            yield f"{cause} counted, and {name} still waits for {held}"
    elif cause.kind in CLOSES and (entry["kind"] != CLOSES[cause.kind] or name in after):
        yield f"{cause} should have closed {name}"
    elif cause.kind in FINAL and name in after:
        yield f"{cause} is final and {name} is still open"
    elif cause.kind in FAILURES and cause.data["attempt"] != entry["attempt"]:
        yield f"{cause} is of attempt {cause.data['attempt']}, the newest was {entry['attempt']}"


def _in_order(story: Story) -> list[Seen]:
    """The first event of each number."""
    first: dict[int, Seen] = {}
    for each in story.life:
        first.setdefault(each.data.get("sequence", 0), each)
    return [first[number] for number in sorted(first)]
