"""What a claim must come to: each expectation is a sentence and a test of the claim's course. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from claims_cli.demo.course import Course
from claims_cli.demo.examples import Example


@dataclass(frozen=True, slots=True)
class Expected:
    """`sentence` for people, `holds` for the machine."""

    sentence: str
    holds: Callable[[Course], bool]

    def __and__(self, other: "Expected") -> "Expected":
        return Expected(f"{self.sentence}; {other.sentence}", lambda course: self.holds(course) and other.holds(course))


def as_published(example: Example) -> Expected:
    """The end and the amounts that the example's source gives."""
    if example.ends == "denied":
        return Expected("denied: the wages do not suffice", _denied_for_money)
    wanted = {
        "weekly_benefit_amount": example.weekly,
        "maximum_benefit_amount": example.maximum,
        "weeks": example.weeks,
    }
    known = {name: value for name, value in wanted.items() if value is not None}
    amounts = [f"{example.weekly} a week"] * bool(example.weekly) + [f"{example.maximum} in all"] * bool(
        example.maximum
    )
    sentence = f"approved: {', '.join(amounts)}" if amounts else "approved"
    return Expected(sentence, lambda course: _approved_once(course, known))


def referred(reason: str) -> Expected:
    return Expected(f"a person must decide ({reason})", lambda course: reason in course.referred)


def waits_for(kind: str) -> Expected:
    return Expected(f"waits for the citizen's {kind}", lambda course: bool(course.open(kind)))


def refused(code: str) -> Expected:
    """Both halves: the portal is told, and the record is kept."""
    return Expected(
        f"refused ({code}) and kept as a dead letter",
        lambda course: course.refused == [code] and course.letters == [code],
    )


def went_through(change: str, sentence: str) -> Expected:
    return Expected(sentence, lambda course: change in course.changes)


def accepted_once() -> Expected:
    return Expected("one claim only", lambda course: len(course.of("accepted")) == 1 and not course.refused)


def denied_by_a_person() -> Expected:
    return Expected("a person denies it", lambda course: len(course.of("denied")) == 1)


def withdrawn_and_undone() -> Expected:
    return Expected("withdrawn, and what was done is undone", _withdrawn)


def _withdrawn(course: Course) -> bool:
    return len(course.of("withdrawn")) == 1 and not course.open("undo") and "identity.released" in course.changes


def _denied_for_money(course: Course) -> bool:
    made = course.of("denied")
    return len(made) == 1 and all(each["code"].startswith("insufficient_") for each in made[0]["reasons"])


def _approved_once(course: Course, known: dict[str, Any]) -> bool:
    made = course.of("approved")
    return len(made) == 1 and all(made[0][name] == value for name, value in known.items())
