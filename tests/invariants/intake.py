"""Nothing consumed is silent: a submission moved its claim, waits in it, came again, was refused, or may be passed over."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.invariants.names import (
    APPEAL,
    DEFERRED,
    EXPEDITED,
    FAILURES,
    FINAL,
    FIRED,
    INTAKE,
    PARKED,
    RESCHEDULE,
    RESUMED,
    SUBMITTED,
    WITHDRAWAL,
)
from tests.invariants.seen import Seen, Violation
from tests.invariants.story import Story

Place = tuple[str, int, int]

PASSED_OVER: Final[Mapping[str, Collection[str]]] = {
    WITHDRAWAL: {"denied", "withdrawn"},
    APPEAL: {"open", "withdrawn"},
    RESCHEDULE: {"denied", "withdrawn"},
    EXPEDITED: {"approved", "denied", "withdrawn"},
}
"""What nobody asked for says nothing to a claim in one of these phases."""


@dataclass(frozen=True, slots=True)
class PutAside:
    """Records that were not taken, by their place: the letters that keep them, and the refusals that tell their senders."""

    letters: Mapping[Place, Seen]
    refusals: Mapping[Place, Seen]


def put_aside(stories: Collection[Story]) -> PutAside:
    """Find them all, whatever key they came under."""
    letters = {_kept_from(each): each for story in stories for each in story.letters}
    refusals = {_refused(each.data): each for story in stories for each in story.refusals}
    return PutAside(letters, refusals)


def _kept_from(letter: Seen) -> Place:
    headers = letter.headers
    return (headers.get("dlq_topic", ""), int(headers.get("dlq_partition", -1)), int(headers.get("dlq_offset", -1)))


def _refused(refusal: Mapping[str, Any]) -> Place:
    return (refusal["topic"], refusal["partition"], refusal["offset"])


def outcomes(story: Story, aside: PutAside, counts: Counter[str]) -> Iterator[str]:
    """Account for each submission to a claim."""
    caused = _caused(story)
    waiting = _inbox(story)
    known: set[tuple[str, str]] = set()
    left: list[Seen] = []
    for each in story.submissions:
        if (outcome := _outcome(each, caused, waiting, aside)) is None:
            left.append(each)
            continue
        known.add((each.headers.get("ce_source", ""), each.id))
        counts[outcome] += 1
        if outcome == "refused" and each.id in caused and _alone(each, story):
            yield f"{each} was taken and refused"
    for each in left:
        outcome = _passed_over(each, known, story)
        counts[outcome or "lost"] += 1
        if outcome is None:
            yield f"{each} came to nothing"


def _caused(story: Story) -> set[str]:
    """What moved the claim. To be parked on is not yet to count: it must be read again, unless an engineer leaves it out."""
    moved = {each.cause for each in story.life if each.kind != PARKED}
    skipped = {
        each.data["answers"]
        for each in story.submissions
        if each.kind == RESUMED and each.data.get("mode") == "skip" and each.id in moved
    }
    left_out = {each.cause for each in story.life if f"{story.claim}/park/{each.data['sequence']}" in skipped}
    return moved | left_out


def _inbox(story: Story) -> set[Place]:
    stored = story.document.data.get("inbox", ()) if story.document else ()
    return {(each["topic"], each["partition"], each["offset"]) for each in stored}


def _outcome(each: Seen, caused: set[str], waiting: set[Place], aside: PutAside) -> str | None:
    if each.place in aside.refusals:
        return "refused"
    if each.place in waiting:
        return "waiting"
    return "applied" if each.id in caused else None


def _alone(each: Seen, story: Story) -> bool:
    """Whether no other record of this claim has its id."""
    return sum(other.id == each.id for other in story.submissions) == 1


def _passed_over(each: Seen, known: set[tuple[str, str]], story: Story) -> str | None:
    if (each.headers.get("ce_source", ""), each.id) in known:
        return "duplicate"
    if each.kind == SUBMITTED and any(each.data == other.data for other in story.submissions if _took(other, story)):
        return "duplicate"
    phases = {event.data.get("phase") for event in story.life}
    return "ignored" if phases & set(PASSED_OVER.get(each.kind, ())) else None


def _took(submission: Seen, story: Story) -> bool:
    return submission.kind == SUBMITTED and any(submission.id == event.cause for event in story.life)


def deferred_whole(story: Story) -> Iterator[str]:
    """What waits its turn is what a portal sent, whole, under its own name and in its own partition."""
    came = {_content(each) for each in story.submissions if each.topic == INTAKE}
    for each in story.submissions:
        if each.topic == DEFERRED and _content(each) not in came:
            yield f"{each} is no copy of anything that came"


def _content(seen: Seen) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
    return seen.partition, seen.body, tuple(sorted(seen.headers.items()))


def accepted_once(story: Story) -> Iterator[str]:
    """A claim begins once, with its submission, which its document keeps as it came."""
    taken = [each for each in story.submissions if _took(each, story)]
    begun = [event for event in story.life if any(event.cause == each.id for each in taken) and event.kind != PARKED]
    if len(begun) > 1:
        yield f"it was accepted {len(begun)} times: {', '.join(map(str, begun))}"
    if story.document is None or not story.life:
        return
    facts = story.document.data.get("facts", b"")
    if not any(each.body == facts for each in taken):
        yield "its facts are not those of a submission that was taken"


def letters(stories: Collection[Story], aside: PutAside, places: Mapping[Place, Seen]) -> Iterator[Violation]:
    """A letter holds the record that it names; a refused submission has its letter, and a submission's letter its refusal.

    What was refused by a process that died may be deferred when it comes again, and is kept then as it lies there.
    """
    deferred = {letter.body for place, letter in aside.letters.items() if place[0] == DEFERRED}
    for place, letter in aside.letters.items():
        record = places.get(place)
        if record is None or record.body != letter.body:
            yield Violation(letter.claim, "put aside whole", f"{letter} does not hold {place}")
        if ".submissions." in place[0] and place not in aside.refusals:
            yield Violation(letter.claim, "nothing refused is silent", f"{letter} of {place}: its sender was not told")
    for place, refusal in aside.refusals.items():
        if place not in aside.letters and (place not in places or places[place].body not in deferred):
            yield Violation(refusal.claim, "nothing refused is lost", f"{refusal} of {place}: no letter keeps it")
    for story in stories:
        for each in story.unread:
            if each.kind in FINAL | FAILURES | FIRED and each.place not in aside.letters:
                yield Violation(each.claim, "nothing unread is lost", f"{each} cannot be read and no letter keeps it")
