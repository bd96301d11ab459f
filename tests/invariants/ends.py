"""How claims end: determined once a number, or openly waiting, referred or parked; and with the money that was computed."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, Final

from tests.invariants.appeals import given
from tests.invariants.names import APPROVED, BOOKED, COMPUTED, DETERMINATIONS, ENDED, MOVED, SUBMITTED
from tests.invariants.seen import Seen
from tests.invariants.story import Story

MONEY: Final = re.compile(r"[0-9]{1,10}\.[0-9]{2}")
AMOUNTS: Final = ("weekly_benefit_amount", "maximum_benefit_amount")
MOVES_ON: Final = frozenset({"command", "evidence", "interview", "referral", "park"})
"""Something of these is open while a claim has not ended: who must act is said."""


def determined(story: Story) -> Iterator[str]:
    """Determinations are numbered 1, 2, 3 and made once each, none after a withdrawal."""
    made = [each for each in story.life if each.kind in DETERMINATIONS]
    found = Counter(each.data["determination_number"] for each in made)
    yield from (f"determination {number} was made {times} times" for number, times in found.items() if times > 1)
    if sorted(found) != list(range(1, len(found) + 1)):
        yield f"its determinations have the numbers {sorted(found)}"


def accounted(story: Story) -> Iterator[str]:
    """A claim that has not ended says what it waits for."""
    if story.life and story.phase not in ENDED and not any(each["kind"] in MOVES_ON for each in story.open.values()):
        yield f"it is {story.phase} and waits for nothing: {sorted(story.open)}"


def money(story: Story) -> Iterator[str]:
    """Money is a string with two decimals; what is approved is what was computed, or given on an appeal, and when is booked."""
    computed = [each for each in story.answers if each.kind == COMPUTED]
    slots = [each for each in (*story.answers, *story.unasked) if each.kind in {BOOKED, MOVED}]
    booked = {each.data["interview_at"] for each in slots}
    for each in (*computed, *(event for event in story.life if event.kind == APPROVED)):
        for name in AMOUNTS:
            if not _is_money(each.data.get(name)):
                yield f"{each}: {name} is {each.data.get(name)!r}"
    for each in (event for event in story.life if event.kind == APPROVED):
        amounts = {tuple(answer.data.get(name) for name in AMOUNTS) for answer in computed} or {(None, None)}
        amounts |= given(story)
        if tuple(each.data.get(name) for name in AMOUNTS) not in amounts:
            yield f"{each} gives {[each.data.get(name) for name in AMOUNTS]}; computed was {sorted(amounts, key=str)}"
        if each.data.get("interview_at") not in {None, *booked}:
            yield f"{each} says the interview is at {each.data['interview_at']}; booked is {sorted(booked)}"


def _is_money(value: Any) -> bool:
    return value is None or (isinstance(value, str) and MONEY.fullmatch(value) is not None)


def end_of(story: Story) -> str:
    """Say in one word where a claim stands."""
    if not story.life:
        return "refused" if any(each.kind == SUBMITTED for each in story.submissions) else "awaited"
    if story.phase in ENDED:
        return story.phase
    kinds = {each["kind"] for each in story.open.values()}
    return next((end for kind, end in (("park", "parked"), ("referral", "referred")) if kind in kinds), "open")


def unexpected(story: Story, allowed: Collection[str]) -> Iterator[str]:
    """Whether it stands where its story says it should."""
    end = end_of(story)
    amount = _newest_amount(story.life) if end == "approved" else None
    if end not in allowed and f"{end} {amount}" not in allowed:
        yield f"it is {end} {amount or ''}; allowed is {' or '.join(sorted(allowed))}"


def _newest_amount(life: list[Seen]) -> Any:
    return next((each.data.get(AMOUNTS[0]) for each in reversed(life) if each.kind == APPROVED), None)
