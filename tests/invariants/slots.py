"""Interviews: one caseworker, one instant, one citizen; slot and booking name each other; one a step, none for who is gone."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.invariants.instants import millis
from tests.invariants.moved import versions
from tests.invariants.names import BOOKED, CANCEL, FREED, SCHEDULE
from tests.invariants.seen import Seen, Stored, Violation
from tests.invariants.story import Story

ONE: Final = "one slot, one citizen"
AGREE: Final = "slot and booking agree"


@dataclass(frozen=True, slots=True)
class Bookings:
    """What the topics tell of a claim's interviews: the kind that was asked for, the newest slot, and what was given back."""

    kinds: Mapping[str, str]
    booked: Mapping[str, Seen]
    freed: Mapping[str, Seen]

    @property
    def live(self) -> list[str]:
        return [effect for effect in self.booked if effect not in self.freed]


def bookings_of(story: Story) -> Bookings:
    undoes = {each.data["effect_id"]: each.data["undoes"] for each in story.asks if each.kind == CANCEL}
    return Bookings(
        kinds={each.data["effect_id"]: each.data["kind"] for each in story.asks if each.kind == SCHEDULE},
        booked={interview: told for (interview, _), told in sorted(versions(story).items())},
        freed={undoes.get(each.data["answers"], ""): each for each in reversed(story.answers) if each.kind == FREED},
    )


def one_a_step(story: Story) -> Iterator[str]:
    """After quiet: at most one interview of a kind, and none for who was denied or withdrawn, unless nobody could undo it."""
    bookings = bookings_of(story)
    by_kind: dict[str, list[str]] = defaultdict(list)
    for effect in bookings.live:
        by_kind[bookings.kinds.get(effect, "")].append(effect)
    yield from (f"{len(each)} interviews of one kind: {each}" for each in by_kind.values() if len(each) > 1)
    hopeless = {entry.get("reason") for entry in story.open.values()} & {"undo_failed"}
    undoing = any(entry["kind"] == "undo" for entry in story.open.values())
    if story.phase in {"denied", "withdrawn"} and bookings.live and not (hopeless or undoing or story.parked):
        yield f"it is {story.phase} and has {bookings.live}"


def one_citizen(stories: Mapping[str, Story]) -> Iterator[Violation]:
    """After quiet: nobody else has a slot that is booked and not given back."""
    holders: dict[tuple[str, str], str] = {}
    for story in stories.values():
        if not any(each.kind == BOOKED for each in story.answers):
            continue
        bookings = bookings_of(story)
        for effect in bookings.live:
            body = bookings.booked[effect].data
            slot = (body["caseworker_ref"], body["interview_at"])
            if (holder := holders.setdefault(slot, effect)) != effect:
                yield Violation(story.claim, ONE, f"{slot} is {holder}'s and {effect}'s")


def agree(
    stories: Mapping[str, Story], slots: Mapping[str, Stored], effects: Mapping[str, Stored]
) -> Iterator[Violation]:
    """After quiet: a booked slot names a live booking, which names it; what was told is what is stored."""
    for slot in slots.values():
        (caseworker, starts_at, _), holder = slot.data
        if holder is not None and _slot_of(effects.get(holder)) != (caseworker, starts_at):
            claim = holder.partition("/")[0]
            yield Violation(claim, AGREE, f"{slot.id} is {holder}'s, which has {_slot_of(effects.get(holder))}")
    held = Counter(slot.data[1] for slot in slots.values() if slot.data[1] is not None)
    for holder, number in held.items():
        if number > 1:
            yield Violation(holder.partition("/")[0], AGREE, f"{holder} holds {number} slots")
    for effect in effects.values():
        if _slot_of(effect) is not None and effect.id not in held:
            yield Violation(effect.data["claim_id"], AGREE, f"{effect.id} has {_slot_of(effect)}, which is not its own")
    for story in stories.values():
        yield from (Violation(story.claim, AGREE, what) for what in _told_otherwise(story, effects))


def _slot_of(effect: Stored | None) -> tuple[str, int] | None:
    """The slot that an effect holds; a cancelled one holds none."""
    if effect is None or effect.data.get("cancelled") or not (slot := effect.data.get("slot")):
        return None
    return (slot[0], slot[1])


def _told_otherwise(story: Story, effects: Mapping[str, Stored]) -> Iterator[str]:
    if not any(each.kind in {BOOKED, FREED} for each in story.answers):
        return
    bookings = bookings_of(story)
    for name, booked in bookings.booked.items():
        effect: dict[str, Any] = effects[name].data if name in effects else {}
        told = [booked.data["caseworker_ref"], millis(booked.data["interview_at"]), booked.data["minutes"]]
        newest = booked.data.get("sequence", 0) + bool(effect.get("cancelled"))
        if effect.get("slot") != told and (name not in bookings.freed or effect.get("sequence", 0) == newest):
            yield f"{booked} tells of {told}; stored is {effect.get('slot')}"
    for name in bookings.freed:
        if name in bookings.kinds and not (name in effects and effects[name].data.get("cancelled")):
            yield f"{name} was given back and no tombstone stands"
