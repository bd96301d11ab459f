"""Judges a history against what was promised; shares no code with production, only the names on the wire. Pure, and linear.

What the topics, the stores and the mail server hold at one instant goes in; every broken promise comes out, named by its
invariant. Records that came twice are folded by their id and counted; everything else that comes twice is a violation.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from tests.invariants import (
    appeals,
    bounces,
    clocks,
    effects,
    ends,
    intake,
    letters,
    moved,
    numbers,
    persons,
    privacy,
    slots,
    state,
    tasks,
    waits,
)
from tests.invariants.seen import Documents, Findings, Mail, Seen, Violation
from tests.invariants.story import Story, told

Rule = Callable[[Story], Iterator[str]]

ALWAYS: Final[Mapping[str, Rule]] = {
    "life-cycle numbers": numbers.numbers,
    "phases": numbers.phases,
    "open entries": numbers.entries,
    "one cause, one transition": numbers.causes,
    "read in order": numbers.in_order,
    "answers name what was open": numbers.answered,
    "the first answer counts": numbers.first_counts,
    "one cause, one effect": effects.asked_once,
    "lanes": effects.lanes,
    "one effect, one result": effects.results,
    "undone in reverse, once": effects.undone,
    "determined once": ends.determined,
    "money": ends.money,
    "no wait before its instant": waits.in_time,
    "only what is armed fires": waits.armed,
    "delayed, so its clocks run": clocks.carried,
    "clocks count what the law counts": clocks.counted,
    "clocks say it in order, never early": clocks.told,
    "clocks end with what they are about": clocks.ended,
    "accepted once": intake.accepted_once,
    "one version, one slot": moved.one_slot_a_version,
    "moved, it is waited for anew": moved.waited_anew,
    "one has a task": tasks.moved,
    "overdue tasks are supervisors'": tasks.escalated,
    "appeals say if they came in time": appeals.judged,
    "only an appeal turns a denial": appeals.turned,
    "deferred whole": intake.deferred_whole,
    "no free text": privacy.free_text,
}
"""Hold at every instant."""
SETTLED: Final[Mapping[str, Rule]] = {
    "told and asked": effects.asked_at_all,
    "asked and answered": effects.all_answered,
    "answered and heard": effects.all_taken,
    "ended, or somebody must act": ends.accounted,
    "one interview a step": slots.one_a_step,
}
"""Hold once nothing moves any more."""
STORED: Final[Mapping[str, Rule]] = {
    "the document is the fold": state.folded,
    "kept as it came": state.kept,
    "appeals are recorded": appeals.recorded,
    "the outbox is sent": state.unsent,
    "the newest slot is kept": moved.newest_kept,
    "who waits is waited for": waits.waited_for,
}
"""Hold once nothing moves any more, of the stored documents."""


def check(
    history: Sequence[Seen],
    documents: Documents,
    mails: Sequence[Mail] | None,
    *,
    expected: Mapping[str, Collection[str]] | None = None,
    now: int | None = None,
    healed: int | None = None,
    settled: bool = True,
    returned: Collection[str] | None = None,
    away: Sequence[moved.Away] = (),
    staff: tasks.Staff | None = None,
) -> Findings:
    """Judge everything there is. Stores and mails are judged where they are given (mails: not None).

    `expected`: for claims whose end is known, the allowed ones: a phase, `open`, `referred`, `parked`, `awaited` or `refused`,
    with the weekly amount where it matters (`approved 395.00`). `now`: the true instant in milliseconds; `healed`: the one
    from which nothing was broken. `returned`: the Message-IDs of mails that came back. `settled`: nothing moves any more; the
    scheduler has written what waits. `away`: the leaves that the agency has entered. `staff`: the caseworkers, where known.
    """
    findings = Findings()
    stories = told(history, findings.repeats, findings.violations)
    for claim, document in documents.get("claims", {}).items():
        if claim not in stories:
            stories[claim] = Story(claim)
        stories[claim].document = document
    _judge(stories.values(), _rules(documents, settled=settled), findings)
    findings.violations += _overall(history, stories, mails, findings, settled=settled)
    if returned is not None and mails is not None:
        findings.violations += bounces.check(stories, mails, returned, settled=settled)
    if settled:
        findings.violations += _at_rest(stories, documents, now)
        findings.violations += moved.nobody_away(stories, documents.get("effects", {}), away, healed or 0)
    for story in stories.values() if staff is not None else ():
        for rule, found in (("who may decides", tasks.decided), ("who may has it", tasks.fit)):
            findings.violations += [Violation(story.claim, rule, what) for what in found(story, staff or {})]
    if healed is not None:
        for story in stories.values():
            late = waits.soon(story, healed)
            findings.violations += [Violation(story.claim, "waits fire soon", what) for what in late]
            held = waits.told_too_long(story, healed, healed if now is None else now)
            findings.violations += [Violation(story.claim, "held too long is told", what) for what in held]
    findings.ends = {claim: ends.end_of(story) for claim, story in stories.items()}
    for claim, allowed in (expected or {}).items():
        known = stories.get(claim) or Story(claim)
        findings.violations += [Violation(claim, "expected end", what) for what in ends.unexpected(known, allowed)]
    _tell(history, findings)
    return findings


def _rules(documents: Documents, *, settled: bool) -> Mapping[str, Rule]:
    return {**ALWAYS, **(SETTLED if settled else {}), **(STORED if settled and "claims" in documents else {})}


def _judge(stories: Iterable[Story], rules: Mapping[str, Rule], findings: Findings) -> None:
    for story in stories:
        for name, rule in rules.items():
            findings.violations += [Violation(story.claim, name, what) for what in rule(story)]


def _overall(
    history: Sequence[Seen],
    stories: Mapping[str, Story],
    mails: Sequence[Mail] | None,
    findings: Findings,
    *,
    settled: bool,
) -> Iterator[Violation]:
    """What holds between claims, and between topics and mails, at every instant."""
    yield from privacy.ssns(history, mails or ())
    if mails is not None:
        yield from letters.check(stories, mails, settled=settled)
        yield from moved.invited(stories, mails)
        if settled:
            yield from moved.newest_mailed(stories, mails)
    yield from persons.not_both(stories)
    if settled:
        aside = intake.put_aside(stories.values())
        places = {each.place: each for each in history} if aside.letters else {}
        yield from intake.letters(stories.values(), aside, places)
        for story in stories.values():
            lost = intake.outcomes(story, aside, findings.outcomes)
            yield from (Violation(story.claim, "consumed is accounted for", what) for what in lost)


def _at_rest(stories: Mapping[str, Story], documents: Documents, now: int | None) -> Iterator[Violation]:
    """What holds between claims and stores once nothing moves any more."""
    yield from slots.one_citizen(stories)
    yield from persons.told_both(stories)
    if "slots" in documents and "effects" in documents:
        yield from slots.agree(stories, documents["slots"], documents["effects"])
    if "persons" in documents and "identity" in documents:
        yield from persons.registered(stories, documents["persons"], documents["identity"])
    for story in stories.values():
        if "waits" in documents:
            found = waits.alive(story, documents["waits"])
            yield from (Violation(story.claim, "every open entry has a live wait", what) for what in found)
        if now is not None:
            yield from (Violation(story.claim, "nothing is overdue", what) for what in waits.overdue(story, now))


def _tell(history: Sequence[Seen], findings: Findings) -> None:
    """Add the stories of the claims that are wrong."""
    wrong = {each.claim for each in findings.violations}
    for each in history if wrong else ():
        if each.claim in wrong:
            findings.stories.setdefault(each.claim, []).append(str(each))
