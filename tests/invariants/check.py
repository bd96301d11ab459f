"""Judges a history against what was promised; shares no code with production, only the names on the wire. Pure, and linear.

What the topics, the stores and the mail server hold at one instant goes in; every broken promise comes out, named by its
invariant. Records that came twice are folded by their id and counted; everything else that comes twice is a violation.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final

from tests.invariants import effects, numbers
from tests.invariants.seen import Documents, Findings, Mail, Seen, Violation
from tests.invariants.story import Story, told

Rule = Callable[[Story], Iterator[str]]

ALWAYS: Final[Mapping[str, Rule]] = {
    "life-cycle numbers": numbers.numbers,
    "phases": numbers.phases,
    "open entries": numbers.entries,
    "one cause, one transition": numbers.causes,
    "answers name what was open": numbers.answered,
    "one cause, one effect": effects.asked_once,
    "lanes": effects.lanes,
    "one effect, one result": effects.results,
    "undone in reverse, once": effects.undone,
}
"""Hold at every instant."""
SETTLED: Final[Mapping[str, Rule]] = {
    "told and asked": effects.asked_at_all,
    "asked and answered": effects.all_answered,
    "answered and heard": effects.all_taken,
}
"""Hold once nothing moves any more."""


def check(
    history: Sequence[Seen],
    documents: Documents,
    mails: Sequence[Mail],
    *,
    expected: Mapping[str, Collection[str]] | None = None,
    now: int | None = None,
    settled: bool = True,
) -> Findings:
    """Judge everything there is.

    `expected`: for claims whose end is known, the allowed ones: a phase, `referred`, `parked` or `refused`, with the weekly
    amount where it matters (`approved 395.00`). `now`: the true instant in milliseconds. `settled`: nothing moves any more.
    """
    findings = Findings()
    stories = told(history, findings.repeats, findings.violations)
    for claim, document in documents.get("claims", {}).items():
        stories.setdefault(claim, Story(claim)).document = document
    rules = {**ALWAYS, **SETTLED} if settled else ALWAYS
    for story in stories.values():
        for name, rule in rules.items():
            findings.violations += [Violation(story.claim, name, what) for what in rule(story)]
    _tell(history, findings)
    return findings


def _tell(history: Sequence[Seen], findings: Findings) -> None:
    """Add the stories of the claims that are wrong."""
    wrong = {each.claim for each in findings.violations}
    for each in history:
        if each.claim in wrong:
            findings.stories.setdefault(each.claim, []).append(str(each))
