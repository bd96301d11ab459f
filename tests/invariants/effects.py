"""Every effect has one cause, one id, one result: what was asked, by which transition, in which lane, and what it came to."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.invariants.names import CANCEL, COMMANDS, FAILURES, FINAL, MOVED, RELEASE, SCHEDULE, VERIFY
from tests.invariants.seen import Seen
from tests.invariants.story import Entry, Story


def asked_once(story: Story) -> Iterator[str]:
    """What is in the command topics is what the life cycle tells of: each attempt once, caused by what the transition tells."""
    told = story.machine_entries()
    asked = {(each.data["effect_id"], each.data["attempt"]): each for each in story.asks}
    for each in story.asks:
        effect, attempt = each.data["effect_id"], each.data["attempt"]
        if each.id != f"{effect}/{attempt}":
            yield f"{each} asks for {effect}, attempt {attempt}"
        elif (effect, attempt) not in told:
            yield f"{each} was asked by no transition"
    for (effect, attempt), (event, entry) in told.items():
        command = asked.get((effect, attempt))
        if command is not None and (command.cause != event.cause or command.kind != _wanted(entry)):
            yield f"{command} was caused by {command.cause}; {event} by {event.cause}"


def _wanted(entry: Entry) -> str | None:
    return COMMANDS.get((entry["kind"], entry["step"]))


def asked_at_all(story: Story) -> Iterator[str]:
    """After quiet: every attempt that the life cycle tells of was sent."""
    asked = {(each.data["effect_id"], each.data["attempt"]) for each in story.asks}
    for (effect, attempt), (event, _) in story.machine_entries().items():
        if (effect, attempt) not in asked:
            yield f"{event} tells of {effect}, attempt {attempt}, which was never sent"


def lanes(story: Story) -> Iterator[str]:
    """A command takes the lane that its claim had when it was asked."""
    told = story.machine_entries()
    for each in story.asks:
        event, _ = told.get((each.data["effect_id"], each.data["attempt"]), (None, None))
        if event is not None and (event.data["lane"] == "expedited") != (".expedited." in each.topic):
            yield f"{each} by {event}, lane {event.data['lane']}"


def results(story: Story) -> Iterator[str]:
    """An effect comes to one thing, however often it is asked for; nobody answers what was not asked."""
    final: dict[str, set[str]] = defaultdict(set)
    asked = {each.data["effect_id"] for each in story.asks}
    commands = {each.id for each in story.asks}
    for each in story.answers:
        effect = each.data["answers"]
        if effect not in asked or each.cause not in commands:
            yield f"{each} answers {effect}, caused by {each.cause}: that was never asked"
        elif each.cause != f"{effect}/{each.data['attempt']}":
            yield f"{each} answers attempt {each.data['attempt']}, caused by {each.cause}"
        if each.kind in FINAL and each.kind != MOVED:  # where an interview is now, whoever asks: see `moved`
            final[effect].add(_result(each))
    yield from (f"{effect} came to {sorted(each)}" for effect, each in final.items() if len(each) > 1)


def _result(answer: Seen) -> str:
    """What an answer says, whichever try it answers."""
    return repr((answer.kind, sorted((name, repr(value)) for name, value in answer.data.items() if name != "attempt")))


def all_answered(story: Story) -> Iterator[str]:
    """After quiet: the newest attempt at every effect has an answer, or an earlier one came to something, or a letter is kept."""
    answered = {(each.data["answers"], each.data["attempt"]) for each in story.answers}
    final = {each.data["answers"] for each in story.answers if each.kind in FINAL}
    kept = {each.data.get("effect_id") for each in story.letters}
    newest: dict[str, int] = {}
    for each in story.asks:
        newest[each.data["effect_id"]] = max(each.data["attempt"], newest.get(each.data["effect_id"], 0))
    for effect, attempt in newest.items():
        if (effect, attempt) not in answered and effect not in final and effect not in kept:
            yield f"attempt {attempt} at {effect} has no answer"


def all_taken(story: Story) -> Iterator[str]:
    """After quiet: what was answered is no longer waited for, unless our code stopped on this claim."""
    if story.parked:
        return
    for each in story.answers:
        entry = story.open.get(each.data["answers"])
        if entry is None:
            continue
        waits = entry.get("due_at") is not None and entry.get("retry_at") is None
        if each.kind in FINAL or (each.kind in FAILURES and waits and each.data["attempt"] == entry["attempt"]):
            yield f"{each} was not heard: {entry}"


def undone(story: Story) -> Iterator[str]:
    """An undo names what was asked; an effect has one undo, the newest first; a claim that ended badly is undone whole."""
    effects = {each.data["effect_id"]: each for each in story.asks if each.kind in {VERIFY, SCHEDULE}}
    undoes = {each.data["effect_id"]: each.data["undoes"] for each in story.asks if each.kind in {RELEASE, CANCEL}}
    for undo, effect in undoes.items():
        if effect not in effects:
            yield f"{undo} undoes {effect}, which was never asked"
    yield from (f"{effect} is undone {times} times" for effect, times in Counter(undoes.values()).items() if times > 1)
    if story.phase in {"denied", "withdrawn"}:
        yield from (f"{effect} is not undone" for effect in effects if effect not in undoes.values())
    yield from _in_reverse(story, undoes)


def _in_reverse(story: Story, undoes: dict[str, str]) -> Iterator[str]:
    for number, entries in story.opens.items():
        new = [name for name in entries if name in undoes and name.endswith(f"/{number}")]
        opened = [int(undoes[name].rpartition("/")[2]) for name in new]
        if opened != sorted(opened, reverse=True):
            yield f"number {number} undoes {[undoes[name] for name in new]} in this order"
