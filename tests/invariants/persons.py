"""One person, one claim: conflicts are told on both sides, who is gone holds nothing, the registry agrees with the claims."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import combinations
from typing import Any, Final

from tests.invariants.instants import millis
from tests.invariants.names import CONFLICT, RELEASE, RELEASED, VERIFIED, VERIFY
from tests.invariants.seen import Seen, Stored, Violation
from tests.invariants.story import Story

BOTH, REGISTRY = "one person, one claim", "the registry of persons agrees"
SURELY_A_YEAR: Final = timedelta(weeks=51) // timedelta(milliseconds=1)
"""Two claims filed less than this apart are in one benefit year, on whatever weekday it begins."""


def told_both(stories: Mapping[str, Story]) -> Iterator[Violation]:
    """After quiet: a conflict that was answered to one claim was told to the other."""
    for story in stories.values():
        for each in story.answers:
            other = each.data.get("other_claim_id") if each.kind == CONFLICT else None
            if other and not _heard(stories.get(other), story.claim):
                yield Violation(story.claim, BOTH, f"{each} names {other}, which was never told")


def _heard(story: Story | None, other: str) -> bool:
    return story is not None and any(
        each.kind == CONFLICT and each.data.get("other_claim_id") == other for each in story.unasked
    )


def not_both(stories: Mapping[str, Story]) -> Iterator[Violation]:
    """Two new claims of one person in one year are never both verified while neither is released."""
    verified: dict[str, list[Seen]] = defaultdict(list)
    for story in stories.values():
        checked = {each.data["answers"] for each in story.answers if each.kind == VERIFIED}
        undone = {each.data["undoes"] for each in story.asks if each.kind == RELEASE}
        asked = {
            each.data["effect_id"]: each
            for each in story.asks
            if each.kind == VERIFY and each.data["claim_type"] == "new"
        }
        for effect in asked.keys() & checked - undone:
            verified[asked[effect].data["ssn"]].append(asked[effect])
    for found in verified.values():
        for one, other in combinations(found, 2):
            apart = abs(millis(one.data["filed_at"]) - millis(other.data["filed_at"]))
            if one.claim != other.claim and apart < SURELY_A_YEAR:
                yield Violation(one.claim, BOTH, f"{one} and {other} are the same person's and both verified")


def registered(
    stories: Mapping[str, Story], persons: Mapping[str, Stored], claims: Mapping[str, Stored]
) -> Iterator[Violation]:
    """After quiet: who is registered was checked and not undone; what was undone stands as a tombstone and holds nothing."""
    held: dict[str, str] = {}
    for person in persons.values():
        for claim, effect, *_ in person.data.get("claims", ()):
            held[effect] = claim
            known = _effect(claims, claim, effect)
            if known is None or known[2] or known[0] != person.id:
                yield Violation(claim, REGISTRY, f"{effect} is registered; its claim knows {known}")
    for story in stories.values():
        undoes = {each.data["effect_id"]: each.data["undoes"] for each in story.asks if each.kind == RELEASE}
        for each in story.answers:
            if each.kind == RELEASED and (effect := undoes.get(each.data["answers"])):
                known = _effect(claims, story.claim, effect)
                if effect in held or known is None or not known[2]:
                    yield Violation(
                        story.claim, REGISTRY, f"{effect} was released and is {known}, held: {effect in held}"
                    )


def _effect(claims: Mapping[str, Stored], claim: str, effect: str) -> tuple[Any, Any, bool] | None:
    stored = claims.get(claim)
    known = stored.data.get("effects", {}).get(effect) if stored else None
    return (known[0], known[1], bool(known[2])) if known else None
