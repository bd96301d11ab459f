"""Waits: none fires before its instant or for what was never armed; who waits has a live one; after quiet none is overdue."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.invariants.instants import maybe, millis
from tests.invariants.names import INSTANTS, MACHINE
from tests.invariants.seen import Stored
from tests.invariants.story import Entry, Story

OVERDUE_MS: Final = 15 * 60 * 1000
"""A wait that came to nothing is noticed after five minutes and fires anew: so long after its instant nothing is left."""

SETTLED_MS: Final = 7 * 60 * 1000
"""So long after the last fault everybody has what is his again: who had died is back, what is stored is picked up, and nothing
bears the time of a clock that was five minutes ahead."""
LATE_MS: Final = 20 * 1000
"""What is due is in memory and fires at once; calls to the outside may take some seconds each. Picking up takes a minute."""

HOUR_MS: Final = 60 * 60 * 1000
LIMITS: Final[Mapping[str | None, int]] = {
    "identity": HOUR_MS // 2,
    "eligibility": HOUR_MS // 6,
    "benefit": HOUR_MS // 6,
    "orientation": 2 * HOUR_MS,
    "fact_finding": 2 * HOUR_MS,
    "move": 2 * HOUR_MS,
    None: 2 * HOUR_MS,
}
"""For so long a machine may have what belongs to a step; None: a notice."""


def in_time(story: Story) -> Iterator[str]:
    """A wait fires at its instant or later, by the clock of the one that fires it."""
    for each in story.fired:
        if millis(each.headers.get("ce_time", "")) + 1 < millis(each.data["armed_for"]):
            yield f"{each} fired at {each.headers['ce_time']}, before {each.data['armed_for']}"


def armed(story: Story) -> Iterator[str]:
    """Only what an open entry was armed for fires."""
    instants = {
        (name, wait, entry[field])
        for entries in story.opens.values()
        for name, entry in entries.items()
        for wait, field in INSTANTS.items()
        if entry.get(field)
    }
    known = {(name, wait, millis(at)) for name, wait, at in instants}
    for each in story.fired:
        if (each.data["answers"], each.data["wait"], millis(each.data["armed_for"])) not in known:
            yield f"{each} fired for {each.data['armed_for']}, which no open entry ever held"


def waited_for(story: Story) -> Iterator[str]:
    """Every open entry ends some day: it has an instant, or an engineer or a supervisor has it, or a person was asked."""
    if story.document is None:
        return
    watched = {each.get("of") for each in story.document.data.get("open", {}).values() if each["kind"] == "referral"}
    for name, entry in story.open.items():
        if entry["kind"] in {"park", "clock"} or name in watched or entry.get("overdue_since"):
            continue
        if not (entry.get("due_at") or (entry["kind"] in MACHINE and entry.get("retry_at"))):
            yield f"{entry['kind']} {name} waits and nothing will ever end that"


def overdue(story: Story, now: int) -> Iterator[str]:
    """After quiet: no instant of an open entry is long past, unless our code stopped on this claim."""
    if story.parked:
        return
    for name, entry in story.open.items():
        for field in INSTANTS.values():
            if (at := entry.get(field)) and millis(at) < now - OVERDUE_MS:
                yield f"{name}: {field} was {at} and nothing came of it"


def soon(story: Story, healed: int) -> Iterator[str]:
    """Once nothing is broken any more: where an instant comes, the claim moves at once, not only once it is looked for."""
    life = {each.data["sequence"]: millis(each.data["at"]) for each in story.life}
    for number, entries in story.opens.items():
        if number + 1 not in life or number not in life or any(each["kind"] == "park" for each in entries.values()):
            continue
        for name, entry in entries.items():
            for field in INSTANTS.values():
                at = max(maybe(entry.get(field)) or life[number + 1], life[number])
                if at > healed + SETTLED_MS and life[number + 1] > at + LATE_MS:
                    yield f"{name}: {field} was {entry[field]}; number {number + 1} came {life[number + 1] - at} ms later"


def told_too_long(story: Story, healed: int, now: int) -> Iterator[str]:
    """What a machine has had for longer than its step allows was said, by the instant at which that was so."""
    if any(entry["kind"] == "park" for entries in story.opens.values() for entry in entries.values()):
        return
    life = {each.data["sequence"]: millis(each.data["at"]) for each in story.life}
    for name, shown in _machines(story).items():
        last, entry = shown[-1]
        limit = millis(entry["since"]) + LIMITS[entry["step"]]
        said = {at for _, each in shown if (at := maybe(each.get("too_long_since")))}
        if said - {limit}:
            yield f"{name}: too long since {sorted(said)}, its limit was {limit}"
        elif not said and life.get(last + 1, now) > max(limit, healed) + SETTLED_MS:
            yield f"{name} was open beyond {limit}, until number {last + 1}, and nobody was told"


def _machines(story: Story) -> dict[str, list[tuple[int, Entry]]]:
    found: dict[str, list[tuple[int, Entry]]] = {}
    for number, entries in sorted(story.opens.items()):
        for name, entry in entries.items():
            if entry["kind"] in MACHINE:
                found.setdefault(name, []).append((number, entry))
    return found


def alive(story: Story, waits: Mapping[str, Stored]) -> Iterator[str]:
    """The scheduler's store holds exactly the instants of the newest event; of a claim without any it need hold nothing."""
    wanted = {
        (name, wait, millis(entry[field]))
        for name, entry in story.open.items()
        for wait, field in INSTANTS.items()
        if entry.get(field)
    }
    stored = waits.get(story.claim)
    held: set[Any] = set()
    if stored is not None:
        held = {(entry, kind, at // 1000) for entry, kind, at, *_ in stored.data[1]}
    if held != wanted:
        yield f"the scheduler waits for {sorted(held)}, the claim for {sorted(wanted)}"
