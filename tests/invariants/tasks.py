"""Referrals as people's tasks: one person has one, by one message, and may have it; overdue, it is a supervisor's."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final, NamedTuple

from tests.invariants.instants import millis
from tests.invariants.names import ASSIGNED, BEGUN, DECIDED, FIRED, LET_GO, PARKED, SUPERVISORS
from tests.invariants.seen import Seen
from tests.invariants.story import Entry, Story


class Worker(NamedTuple):
    """What the judge must know of a caseworker."""

    units: Collection[str] = ()
    conflicts: Collection[str] = ()
    supervisor: str | None = None


Staff = Mapping[str, Worker]


def moved(story: Story) -> Iterator[str]:
    """Who has a referral changes by a message that names it and says so, and by nothing else."""
    for event, cause, name, was, now in _changes(story):
        if _held(was) == _held(now):
            if cause.kind in CHANGES and cause.data["answers"] == name:
                yield f"{event}: {cause} changed nothing"
        elif cause.kind not in CHANGES or cause.data["answers"] != name:
            yield f"{event}: {cause} does not say that {name} goes from {_held(was)} to {_held(now)}"
        elif wrong := CHANGES[cause.kind](event, cause, was, now):
            yield f"{event}: {cause} {wrong}: from {_held(was)} to {_held(now)}"
    for event in story.life:
        for name, entry in story.opens[event.data["sequence"]].items():
            if (entry["kind"] != "referral" and any(_held(entry))) or (_held(entry)[1] and not _held(entry)[0]):
                yield f"{event}: {name} is held as {_held(entry)}"


def _changes(story: Story) -> Iterator[tuple[Seen, Seen, str, Entry, Entry]]:
    """Give what stayed open from one number to the next, with what caused that."""
    inputs = story.inputs()
    for event in story.life:
        number = event.data["sequence"]
        before = story.opens.get(number - 1, {})
        cause = next(iter(inputs.get(event.cause, ())), event)
        for name, now in story.opens[number].items():
            if name in before and now["kind"] == "referral":
                yield event, cause, name, before[name], now


def _held(entry: Entry) -> tuple[str | None, str | None]:
    return entry.get("assignee"), entry.get("claimed_at")


def _assigned(_event: Seen, cause: Seen, was: Entry, now: Entry) -> str | None:
    if was.get("assignee") != cause.data.get("instead_of"):
        return "took it from somebody else"
    return None if _held(now) == (cause.data["caseworker_ref"], None) else "gave it to somebody else"


def _begun(event: Seen, cause: Seen, was: Entry, now: Entry) -> str | None:
    who = cause.data["caseworker_ref"]
    if was.get("assignee") not in (None, who) or was.get("claimed_at"):
        return "took what another had"
    at = millis(now["claimed_at"]) if now.get("claimed_at") else None
    return None if (now.get("assignee"), at) == (who, millis(event.data["at"])) else "did not begin it"


def _let_go(_event: Seen, cause: Seen, was: Entry, now: Entry) -> str | None:
    if was.get("assignee") != cause.data["caseworker_ref"]:
        return "let go of what another had"
    return None if _held(now) == (None, None) else "kept it"


CHANGES: Final[Mapping[str, Callable[[Seen, Seen, Entry, Entry], str | None]]] = {
    ASSIGNED: _assigned,
    BEGUN: _begun,
    LET_GO: _let_go,
}


def escalated(story: Story) -> Iterator[str]:
    """A referral has its time; when that is up, and not before, it is the supervisors', and that stays so."""
    for event, cause, name, was, now in _changes(story):
        before, after = _clock(was), _clock(now)
        if before == after:
            continue
        due = was.get("due_at")
        if cause.kind not in FIRED or cause.data["answers"] != name or millis(cause.data["armed_for"]) != _at(due):
            yield f"{event}: {cause} moved the clock of {name} from {before} to {after}"
        elif after != (None, due, SUPERVISORS):
            yield f"{event}: {name} was due at {due} and is now {after}"
    for event in story.life:
        for name, entry in story.opens[event.data["sequence"]].items():
            due, overdue, owner = _clock(entry)
            if entry["kind"] == "referral" and (bool(due) == bool(overdue) or bool(overdue) != (owner == SUPERVISORS)):
                yield f"{event}: {name} is due at {due}, overdue since {overdue}, and {owner}'s"


def _clock(entry: Entry) -> tuple[str | None, str | None, str]:
    return entry.get("due_at"), entry.get("overdue_since"), entry["owner"]


def _at(instant: str | None) -> int | None:
    return millis(instant) if instant else None


def decided(story: Story, staff: Staff) -> Iterator[str]:
    """While somebody works on a referral, nobody else decides it, supervisors apart."""
    above = {each.supervisor for each in staff.values()}
    inputs = story.inputs()
    for event in story.life:
        before = story.opens.get(event.data["sequence"] - 1, {})
        causes = [each for each in inputs.get(event.cause, ()) if each.kind == DECIDED and event.kind != PARKED]
        for cause in causes:
            entry = before.get(cause.data["answers"], {})
            if entry.get("claimed_at") and cause.data["decided_by"] not in {entry["assignee"], *above}:
                yield f"{event}: {cause} by {cause.data['decided_by']}, on which {entry['assignee']} worked"


def fit(story: Story, staff: Staff) -> Iterator[str]:
    """Who gets a referral is known, of its queue, without a conflict of interest; of what is overdue, a supervisor."""
    above = {each.supervisor for each in staff.values()} - {None}
    queues = {
        name: entry["owner"]
        for number in sorted(story.opens, reverse=True)
        for name, entry in story.opens[number].items()
    }
    for event, cause, name, was, now in _changes(story):
        who = now.get("assignee")
        if who is None or cause.kind not in (ASSIGNED, BEGUN) or cause.data["answers"] != name:
            continue
        worker = staff.get(who)
        if worker is None:
            yield f"{event}: {who} is nobody's name"
        elif queues[name] not in worker.units and who not in above:
            yield f"{event}: {who} does not work in {queues[name]}"
        elif worker.conflicts:
            yield f"{event}: {who} has a conflict with {sorted(worker.conflicts)}"
        elif was["owner"] == SUPERVISORS and above and who not in above and who != was.get("assignee"):
            yield f"{event}: {who} is no supervisor, {name} is overdue"
