"""Judges what is on the topics against what was promised; shares no code with production, only the names on the wire. Pure.

Records that came twice are folded by their id and counted; everything else that comes twice is a violation.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.faults.tape import LIFECYCLE, Seen

REFUSALS = "claims.intake.refusals.v1"
APPROVED, DENIED, WITHDRAWN = "claim.approved.v1", "claim.denied.v1", "claim.withdrawn.v1"
FIRED = frozenset({"scheduler.deadline-passed.v1", "scheduler.retry-due.v1", "scheduler.reminder-due.v1"})
"""They name an entry as answers do, and are none."""
NOT_FINAL = frozenset(
    {
        "identity.check-failed.v1",
        "eligibility.check-failed.v1",
        "benefits.check-failed.v1",
        "scheduler.interview-unavailable.v1",
    }
)
"""Asked again, the same effect may still come to something."""
BOOKED, FREED, TOLD = "scheduler.interview-scheduled.v1", "scheduler.interview-cancelled.v1", "scheduler.notice-sent.v1"


@dataclass(frozen=True, slots=True)
class Violation:
    claim: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.claim}: {self.rule}: {self.what}"


@dataclass(slots=True)
class Findings:
    """What is wrong, and how often records came again by topic (which is allowed)."""

    violations: list[Violation] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)
    stories: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        """Give each violation, and the story of the first claims that have one."""
        told = [f"{claim}\n" + "\n".join(f"    {line}" for line in lines) for claim, lines in self.stories.items()]
        return "\n".join([*map(str, self.violations[:50]), *told[:3]])


def check(records: Sequence[Seen], claims: Collection[str], *, weekly: str) -> Findings:
    """Judge the histories of `claims`, all of which should be approved with this weekly amount, and nothing left open."""
    findings = Findings()
    ours = set(claims)
    told = [each for each in records if each.claim in ours]
    once = list(_folded([each for each in told if not each.is_letter], findings))
    by_claim: dict[str, list[Seen]] = defaultdict(list)
    for each in once:
        by_claim[each.claim].append(each)
    for claim in claims:
        findings.violations += _of_claim(claim, by_claim.get(claim, []), weekly)
    findings.violations += [*_put_aside(told), *_booked_twice(once), *_told_twice(once)]
    for wrong in findings.violations:
        findings.stories.setdefault(wrong.claim, [str(each) for each in told if each.claim == wrong.claim])
    return findings


def unfinished(records: Iterable[Seen], claims: Collection[str]) -> list[str]:
    """Give the effects that were asked for and have no answer yet, and the claims that have not ended."""
    ours = set(claims)
    asked, answered, ended = set(), set(), set()
    for each in records:
        if each.claim not in ours or each.is_letter:
            continue
        if ".commands." in each.topic:
            asked.add(each.data["effect_id"])
        elif _is_answer(each):
            answered.add(each.data["answers"])
        elif each.topic == LIFECYCLE and each.kind in {APPROVED, DENIED, WITHDRAWN}:
            ended.add(each.claim)
    return sorted(ours - ended) + sorted(asked - answered)


def _folded(records: Iterable[Seen], findings: Findings) -> Iterator[Seen]:
    first: dict[tuple[str, str], Seen] = {}
    for each in records:
        known = first.setdefault((_stream(each.topic), each.id), each)
        if known is each:
            yield each
            continue
        findings.repeats[each.topic] += 1
        if (known.kind, known.body) != (each.kind, each.body):
            findings.violations.append(Violation(each.claim, "equal ids, different bodies", f"{known} and {each}"))


def _stream(topic: str) -> str:
    """A topic and its expedited lane are one stream."""
    return topic.replace(".expedited.", ".")


def _of_claim(claim: str, story: Sequence[Seen], weekly: str) -> Iterator[Violation]:
    for rule in (_numbers, _determinations, _answers):
        for what in rule(story):
            yield Violation(claim, rule.__name__.strip("_"), what)
    approved = [each for each in story if each.kind == APPROVED]
    if len(approved) != 1:
        yield Violation(claim, "approved once", f"{len(approved)} approvals")
    for each in approved:
        if (amount := each.data.get("weekly_benefit_amount")) != weekly:
            yield Violation(claim, "amount", f"{amount} a week instead of {weekly}")


def _numbers(story: Sequence[Seen]) -> Iterator[str]:
    """1..n without gap or fork, first seen in that order, all in one partition, the header saying the same."""
    life = [each for each in story if each.topic == LIFECYCLE]
    numbers = [each.data["sequence"] for each in life]
    for number, times in Counter(numbers).items():
        if times > 1:
            yield f"{times} different events have the number {number}"
    if missing := set(range(1, max(numbers, default=1) + 1)).difference(numbers):
        yield f"no events with the numbers {sorted(missing)}"
    yield from (
        f"number {later} was written before {earlier}" for earlier, later in pairwise(numbers) if later < earlier
    )
    yield from (f"{each} says {each.headers.get('ce_sequence')}" for each in life if not _says_its_number(each))
    if len(places := {each.partition for each in life}) > 1:
        yield f"its life is spread over the partitions {sorted(places)}"


def _says_its_number(event: Seen) -> bool:
    return event.headers.get("ce_sequence") == str(event.data["sequence"])


def _determinations(story: Sequence[Seen]) -> Iterator[str]:
    made = Counter(each.data["determination_number"] for each in story if each.kind in {APPROVED, DENIED})
    yield from (f"determination {number} was made {times} times" for number, times in made.items() if times > 1)
    withdrawn = [each.data["sequence"] for each in story if each.kind == WITHDRAWN]
    for each in story:
        if withdrawn and each.kind in {APPROVED, DENIED} and each.data["sequence"] > withdrawn[0]:
            yield f"{each} after the withdrawal"


def _answers(story: Sequence[Seen]) -> Iterator[str]:
    """Every effect that was asked for is answered, and comes to one thing, however often it was asked for."""
    asked = {each.data["effect_id"] for each in story if ".commands." in each.topic}
    final: dict[str, set[str]] = defaultdict(set)
    answered = set()
    for each in filter(_is_answer, story):
        answered.add(each.data["answers"])
        if each.kind not in NOT_FINAL:
            final[each.data["answers"]].add(_result(each))
    yield from (f"{effect} has no answer" for effect in sorted(asked - answered))
    yield from (f"{effect} came to {sorted(each)}" for effect, each in final.items() if len(each) > 1)
    yield from (f"{effect} was answered and never asked for" for effect in sorted(answered - asked))


def _is_answer(seen: Seen) -> bool:
    answers = seen.topic != LIFECYCLE and ".events." in seen.topic and seen.data.get("answers") is not None
    return answers and seen.kind not in FIRED


def _result(answer: Seen) -> str:
    """What an answer says, whichever try it answers."""
    return repr((answer.kind, sorted((name, repr(value)) for name, value in answer.data.items() if name != "attempt")))


def _put_aside(told: Iterable[Seen]) -> Iterator[Violation]:
    for each in told:
        if each.is_letter or each.topic == REFUSALS:
            yield Violation(each.claim, "nothing of ours is refused", f"{each} {each.headers.get('dlq_reasons', '')}")


def _booked_twice(once: Sequence[Seen]) -> Iterator[Violation]:
    """One caseworker, one instant, one citizen."""
    freed = {each.claim for each in once if each.kind == FREED}
    holders: dict[tuple[str, str], str] = {}
    for each in once:
        if each.kind == BOOKED and each.claim not in freed:
            slot = (each.data["caseworker_ref"], each.data["interview_at"])
            if (holder := holders.setdefault(slot, each.claim)) != each.claim:
                yield Violation(each.claim, "one slot, one citizen", f"{slot} is {holder}'s too")


def _told_twice(once: Iterable[Seen]) -> Iterator[Violation]:
    """One mail, one notice."""
    notices: dict[str, str] = {}
    for each in once:
        if each.kind == TOLD:
            effect, mail = each.data["answers"], each.data["message_id"]
            if (other := notices.setdefault(mail, effect)) != effect:
                yield Violation(each.claim, "one mail, one notice", f"{mail} stands for {other} and {effect}")


def notices(records: Iterable[Seen], claims: Collection[str]) -> Mapping[str, str]:
    """Give the claim by the Message-ID of each notice that a mail server is said to have taken."""
    ours = set(claims)
    told = [each for each in records if each.kind == TOLD and each.claim in ours and not each.is_letter]
    return {each.data["message_id"]: each.claim for each in told}
