"""The stored document of a claim says what its life-cycle events say, no more and no less; what it holds unsent is sent."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.invariants.instants import maybe, millis
from tests.invariants.names import DECIDED, DETERMINATIONS, EVIDENCE, EXPEDITED
from tests.invariants.seen import Seen
from tests.invariants.story import Story

SAME: Final = {
    "phase": "awaited",
    "step": None,
    "lane": "standard",
    "lane_reasons": [],
    "portal": "",
    "portal_ref": "",
    "jurisdiction": "",
    "claim_type": "",
    "program": "",
}
"""What stands in the document and in every event alike, and what it is in a document that leaves it out."""
HISTORY: Final = 200


def folded(story: Story) -> Iterator[str]:
    """The document equals the fold of the life cycle."""
    if story.document is None:
        yield from (["it has a life and no document"] if story.life else [])
        return
    stored, last = story.document.data, story.last
    if last is None:
        if stored.get("number", 0) or stored.get("phase", "awaited") != "awaited":
            yield f"it is stored as number {stored.get('number')}, {stored.get('phase')}, and has no life"
        return
    event = last.data
    if (stored.get("number", 0), stored.get("updated_at", 0)) != (event["sequence"], millis(event["at"])):
        yield f"it is stored as number {stored.get('number')} of {stored.get('updated_at')}; the newest is {last}"
        return
    for name, absent in SAME.items():
        if (is_ := stored.get(name, absent)) != (said := event.get(name)):
            yield f"its {name} is stored as {is_!r}; {last} says {said!r}"
    yield from _open(stored.get("open", {}), story.open)
    yield from _past(stored, story)


def _open(stored: Mapping[str, Mapping[str, Any]], said: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if stored.keys() != said.keys():
        yield f"open are {sorted(stored)}; {sorted(said)} is said"
        return
    for name, entry in stored.items():
        if (kept := _as_stored(entry)) != (told := _as_told(said[name])):
            yield f"{name} is stored as {kept}, said to be {told}"


def _as_stored(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    reason = entry.get("reason") if entry["kind"] != "park" else None
    remind = next(iter(entry.get("remind", ())), None)
    instants = (entry["since"], entry.get("due"), entry.get("retry"), remind, entry.get("limit"), entry.get("too_long"))
    held = (entry.get("assignee"), entry.get("claimed_at"), entry.get("overdue"))
    return (entry["kind"], entry["step"], entry["owner"], reason, entry.get("attempt", 1), *instants, *held)


def _as_told(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    instants = (
        millis(entry["since"]),
        maybe(entry.get("due_at")),
        maybe(entry.get("retry_at")),
        maybe(entry.get("remind_at")),
        maybe(entry.get("limit_at")),
        maybe(entry.get("too_long_since")),
    )
    held = (entry.get("assignee"), maybe(entry.get("claimed_at")), maybe(entry.get("overdue_since")))
    return (entry["kind"], entry["step"], entry["owner"], entry.get("reason"), entry["attempt"], *instants, *held)


def _past(stored: Mapping[str, Any], story: Story) -> Iterator[str]:
    """Determinations as they were said, and the newest lines of its history."""
    made = [(each["event"], each["number"], each["wire"], each["body"]) for each in stored.get("determinations", ())]
    said = [
        (each.data["sequence"], each.data["determination_number"], each.kind, each.body)
        for each in story.life
        if each.kind in DETERMINATIONS
    ]
    if made != said:
        yield f"its determinations are stored as {made}; {said} were said"
    moments = [(each["number"], each["at"], each["change"], each["cause"]) for each in stored.get("history", ())]
    told = [
        (each.data["sequence"], millis(each.data["at"]), each.data["change"], each.cause)
        for each in story.life[-HISTORY:]
    ]
    if moments != told:
        yield f"its history is stored as {moments}; {told} was said"


def kept(story: Story) -> Iterator[str]:
    """What the document keeps of others' words are their words: answers by step, evidence each once."""
    if story.document is None:
        return
    stored = story.document.data
    for step, result in stored.get("results", {}).items():
        bodies = {each.body for each in (*story.answers, *story.unasked) if each.kind == result["wire"]}
        if result["wire"] == DECIDED:  # a person gave the amounts, on an appeal
            bodies = {each.body for each in story.submissions if each.data.get("decision") == "modify"}
        if result["body"] not in bodies:
            yield f"the result of {step} was never answered"
    sent = [each.body for each in story.submissions if each.kind == EVIDENCE]
    evidence = stored.get("evidence", [])
    if len(set(evidence)) != len(evidence) or not set(evidence) <= set(sent):
        yield f"its evidence is {evidence}; {sent} was sent"
    yield from _reasons(stored, story)
    yield from _waiting(stored, story)


def _reasons(stored: Mapping[str, Any], story: Story) -> Iterator[str]:
    """Why a person put a claim ahead of others stands on the claim, in that person's words."""
    moved = {each.cause for each in story.life if each.data.get("change") == "claim.expedited"}
    said = {each.body for each in story.submissions if each.kind == EXPEDITED and each.id in moved}
    if said and said.isdisjoint(stored.get("decisions", ())):
        yield "somebody put it ahead of others, and why is not kept"


def _waiting(stored: Mapping[str, Any], story: Story) -> Iterator[str]:
    inbox = stored.get("inbox", [])
    if inbox and not (story.parked or stored.get("phase", "awaited") == "awaited"):
        yield f"{len(inbox)} messages wait for nothing"
    places = [(each["topic"], each["partition"], each["offset"]) for each in inbox]
    if len(set(places)) != len(places):
        yield f"a message waits twice: {places}"


def unsent(story: Story) -> Iterator[str]:
    """After quiet: every stored outbox entry is in its topic."""
    if story.document is None:
        return
    letters = {
        (each.topic, each.headers.get("dlq_partition"), each.headers.get("dlq_offset")): each for each in story.letters
    }
    for each in story.document.data.get("outbox", ()):
        if isinstance(each, Mapping):
            yield from _letter_missing(each, letters)
        else:
            yield from _output_missing(each, story)


def _output_missing(stored: Any, story: Story) -> Iterator[str]:
    topic, _, name, key, body, *_ = stored
    if key != story.claim:  # a refusal of a record under another key
        return
    sent = story.first.get((topic.replace(".expedited.", "."), name))
    if sent is None or sent.body != body:
        yield f"{name} for {topic} is in the outbox and was not sent"


def _letter_missing(stored: Mapping[str, Any], letters: Mapping[Any, Seen]) -> Iterator[str]:
    record = stored["record"]
    topic = f"{record['topic']}.dlq.claims.{stored['service']}"
    if (topic, str(record["partition"]), str(record["offset"])) not in letters:
        yield f"the letter for {record['topic']}/{record['partition']}/{record['offset']} is in the outbox and was not sent"
