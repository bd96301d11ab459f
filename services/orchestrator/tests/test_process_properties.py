"""Any order of plausible messages: `claim_walk.check` holds after each, and what was read once is never read again.

The checks are those of every walk: life-cycle numbers without gap, one event a transition, folding gives the state, the
claim that was given is unchanged, every entry has an instant or a person, the document survives its encoding.
"""

from datetime import timedelta

from claim_walk import (
    CLAIM,
    Walk,
    appeal,
    appealed,
    assigned,
    booked,
    cancelled,
    claimed,
    computed,
    conflict,
    conflict_unasked,
    decided,
    due,
    eligible,
    evidence,
    evidence_needed,
    expedited,
    failed,
    held,
    ineligible,
    ineligible_without_window,
    issue_found,
    label,
    let_go,
    moved,
    not_payable,
    notice_sent,
    passing,
    received,
    released,
    reminder,
    reschedule,
    resumed,
    retry,
    submitted,
    verified,
    withdrawal,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_orchestrator.claim import parked
from claims_orchestrator.decide import FIRED
from claims_orchestrator.moves import version
from claims_orchestrator.overdue import expired
from claims_shared.messages.fields import Answer
from claims_shared.messages.lifecycle import EntryKind

ANSWERS = {
    "identity": [verified, verified, evidence_needed, conflict],
    "eligibility": [eligible, eligible, issue_found, ineligible, ineligible_without_window],
    "benefit": [computed, computed, not_payable],
    "orientation": [booked("orientation")],
    "fact_finding": [booked("fact_finding"), booked("fact_finding", days=0)],
    "undo-identity": [released],
    "undo-orientation": [cancelled("orientation")],
    "undo-fact_finding": [cancelled("fact_finding")],
}
UNASKED = [
    withdrawal,
    appeal,
    appealed(None, days_ago=20),
    reschedule,
    expedited,
    conflict_unasked,
    lambda walk: expired(CLAIM, walk.now),
]
KINDS = ["transient", "transient", "throttled", "not_ready", "permanent", "denied"]
DECISIONS = ["continue", "retry", "ask", "deny"]
ON_APPEAL = ["affirm", "reverse", "modify", "dismiss", "continue", "deny"]


def plausible(entry, choice: int):
    """What may be said next of this open entry."""
    name = label(entry)
    said = []
    if entry.kind in {EntryKind.COMMAND, EntryKind.UNDO, EntryKind.NOTICE}:
        said += (
            [another_slot(entry)]
            if name == "move"
            else ANSWERS.get(name) or [notice_sent(name.removeprefix("notice-"))]
        )
        said += [failed(entry.id, KINDS[choice % len(KINDS)]), failed(entry.id, attempt=max(1, entry.attempt - 1))]
    if entry.kind is EntryKind.EVIDENCE:
        said += [evidence(documents=["doc"]), evidence(corrected={"first_name": "Adah"})]
    if entry.kind is EntryKind.INTERVIEW:
        said.append(held)
    if entry.kind is EntryKind.REFERRAL:
        if entry.reason == "appeal":
            said += [decided(entry.id, each) for each in ON_APPEAL]
        else:
            said += [decided(entry.id, each, by) for each in DECISIONS for by in ("Grace", "a-1")]
        said += [assigned(entry.id, who, entry.assignee) for who in ("a-1", "a-2", "a-3")]
        said += [claimed(entry.id, "a-1"), claimed(entry.id, "a-2")]
        said += [let_go(entry.id, entry.assignee or "a-1")]
    if entry.kind is EntryKind.PARK:
        said += [resumed(), resumed("skip")]
    said += [due(entry.id)] * 2 if entry.due else []
    said += [retry(entry.id)] * 3 if entry.retry else []
    said += [reminder(entry.id)] if entry.remind else []
    return said[choice % len(said)]


def another_slot(entry):
    """The answer to a move; of an interview that was undone meanwhile it is the refusal."""

    def say(walk):
        step = next((each.step for each in walk.claim.effects if each.id == entry.of), None)
        if step is None:
            return failed(entry.id, "permanent", "undone")(walk)
        return moved(entry.id, step=step, version=version(walk.claim, step) + 1)(walk)

    return say


def says(entry) -> bool:
    """Whether anything can be said of it: a clock of the law that has said it all only ends."""
    return entry.clock is None or bool(entry.due or entry.remind)


class Telling:
    """A random story: each step picks an open entry and what is said of it, something unasked, or something said before."""

    def __init__(self):
        self.walk = Walk()
        self.said = []
        self.applied = []

    def step(self, which: int, choice: int, what: str) -> None:
        walk = self.walk
        walk.now += timedelta(seconds=which)
        entries = list(filter(says, walk.claim.open.values())) if walk.claim else []
        if what == "repeat" and self.said:
            message = self.said[which % len(self.said)]
        elif what == "submit" or (not entries and what != "unasked"):
            message = submitted(claim_type=["new", "new", "transitional"][choice % 3], benefit_year_of="C-0")(walk)
        elif what == "unasked":
            message = UNASKED[choice % len(UNASKED)](walk)
        else:
            message = plausible(entries[which % len(entries)], choice)(walk)
        self.take(message, fails=what == "fail")

    def take(self, message, *, fails: bool) -> None:
        walk = self.walk
        decision = walk.fail_on(message) if fails else walk.take(message)
        self.said.append(message)
        if decision.claim is not None and not decision.code and not isinstance(message.body, FIRED):
            self.applied.append(message)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 1000),
        st.integers(0, 11),
        st.sampled_from(["answer"] * 8 + ["unasked", "repeat", "submit", "fail"]),
    ),
    min_size=5,
    max_size=60,
)


@given(steps=STEPS)
@settings(max_examples=250, deadline=None)
def test_any_story_keeps_the_claim_whole(steps):
    telling = Telling()
    for step in steps:
        telling.step(*step)


@given(steps=STEPS)
@settings(max_examples=150, deadline=None)
def test_a_message_that_is_read_again_changes_nothing(steps):
    """At once, whatever became of it; and at any later time where it was taken. (While parked, it may wait once more.)"""
    telling = Telling()
    for step in steps:
        telling.step(*step)
        walk = telling.walk
        if telling.said and walk.claim and step[2] != "fail":
            before = walk.claim
            again = walk.take(telling.said[-1])
            assert again.claim is None, telling.said[-1].type
            assert walk.claim is before
    claim = telling.walk.claim
    for message in telling.applied if claim and not parked(claim) else []:
        assert telling.walk.take(message).claim is None, message.type


@given(steps=STEPS)
@settings(max_examples=100, deadline=None)
def test_every_story_can_be_brought_to_an_end(steps):
    """From wherever it got to: services answer well, people let it go on; nothing but undelivered mail is left open."""
    telling = Telling()
    for step in steps:
        telling.step(*step)
    walk = telling.walk
    if walk.claim is None or walk.claim.number == 0:
        walk.take(submitted())
    for _ in range(400):
        if not walk.claim.open:
            break
        walk.take(ending(walk, parked(walk.claim) or next(each for each in walk.claim.open.values() if not each.clock)))
    assert not walk.claim.open, walk.waits
    assert walk.claim.phase in {"approved", "denied", "withdrawn"}


def ending(walk, entry):
    """What ends this entry, if everybody does their part."""
    if entry.kind is EntryKind.PARK:
        return resumed("skip")
    if entry.kind is EntryKind.REFERRAL:
        number = walk.claim.number
        last = "affirm" if entry.reason == "appeal" else "deny"
        ways = [decided(entry.id, each, entry.assignee or "Grace")(walk) for each in ("continue", last)]
        for each in ways[:-1]:
            walk.take(each)
            if walk.claim.number > number:
                return passing(seconds=1)
        return ways[-1]
    return plausible(entry, 0)


def test_answers_are_what_the_catalogue_says():
    walk = Walk().through(submitted())
    assert isinstance(verified(walk).body, Answer)
    assert received(withdrawal(walk).body).claim_id == CLAIM
