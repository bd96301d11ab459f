"""What the simulated identity provider knows: the fixed answers of the test numbers. Pure: no clock, no IO."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

Code: TypeAlias = Literal["throttled", "unavailable", "not_ready", "invalid"]

LONGEST_NAME: Final = 200
NO_DATE: Final = "the birth date is no date"
SLOW_S: Final = 1.5
RETRY_AFTER_S: Final = 2
_NUMBER: Final = re.compile(r"(\d{3})-?(\d{2})-?(\d{4})")
_NEVER_ISSUED: Final = "9"


class Question(Struct, frozen=True):
    """One person to hold against the records."""

    idempotency_key: Annotated[str, Meta(min_length=1, max_length=200)]
    ssn: str
    first_name: str
    last_name: str
    date_of_birth: str
    evidence: tuple[str, ...] = ()


class Questions(Struct, frozen=True):
    """The body of a request."""

    requests: Annotated[list[Question], Meta(min_length=1, max_length=100)]


class Result(Struct, frozen=True):
    """What the records say; `outcome` is free here so that the simulator can also answer nonsense."""

    idempotency_key: str
    outcome: str
    mismatched: tuple[str, ...]
    checked_at: datetime


class Problem(Struct, frozen=True, omit_defaults=True):
    """Why one question has no result."""

    code: Code
    retry_after_seconds: int | UnsetType = UNSET
    detail: str | UnsetType = UNSET


class Failure(Struct, frozen=True):
    """The entry of a question without a result."""

    idempotency_key: str
    error: Problem


Entry: TypeAlias = Result | Failure
Rule: TypeAlias = Callable[[str, int, datetime], Entry]


def group_of(ssn: str) -> str | None:
    """Give the group of a test number with a fixed answer (`00` to `09`), None for any other well-formed number.

    Raises ValueError on what is no number.
    """
    parts = _NUMBER.fullmatch(ssn)
    if parts is None:
        raise ValueError("not a social security number")
    area, group, _ = parts.groups()
    return group if area.startswith(_NEVER_ISSUED) and group.startswith("0") else None


def answer(question: Question, call: int, now: datetime) -> Entry:
    """Answer a question that is asked for the `call`th time (from 1) under its key."""
    try:
        group = group_of(question.ssn)
        _check(question)
    except ValueError as wrong:
        return failed(question.idempotency_key, "invalid", detail=str(wrong))
    if question.evidence and group in SETTLED:
        group = None
    return RULES.get(group or "", found("match"))(question.idempotency_key, call, now)


def _check(question: Question) -> None:
    """Raise ValueError, in words that name no value, where the question can never be answered."""
    if not all(0 < len(name) <= LONGEST_NAME for name in (question.first_name, question.last_name)):
        raise ValueError(f"a name has 1 to {LONGEST_NAME} characters")
    if len(question.date_of_birth) != len("1988-04-02"):
        raise ValueError(NO_DATE)
    try:
        date.fromisoformat(question.date_of_birth)
    except ValueError:
        raise ValueError(NO_DATE) from None


def failed(key: str, code: Code, *, after: int | UnsetType = UNSET, detail: str | UnsetType = UNSET) -> Failure:
    return Failure(key, Problem(code, after, detail))


def found(outcome: str, *mismatched: str) -> Rule:
    return lambda key, _call, now: Result(key, outcome, mismatched, now)


def at_first(times: int, code: Code, *, after: int | UnsetType = UNSET) -> Rule:
    """Give the error so many times, then the match."""
    then = found("match")
    return lambda key, call, now: failed(key, code, after=after) if call <= times else then(key, call, now)


def always(code: Code) -> Rule:
    return lambda key, _call, _now: failed(key, code)


SLOW: Final = "03"
SETTLED: Final = frozenset({"00", "01", "07"})
"""Groups that match in part or not at all: with evidence a record clerk has looked at the documents, and they match."""
RULES: Final[Mapping[str, Rule]] = {
    "00": found("no_match"),
    "01": found("partial", "date_of_birth"),
    "02": found("deceased"),
    SLOW: found("match"),
    "04": at_first(1, "throttled", after=RETRY_AFTER_S),
    "05": always("unavailable"),
    "06": at_first(2, "unavailable"),
    "07": found("partial", "last_name"),
    "08": found("perhaps"),
    "09": at_first(3, "not_ready"),
}
"""By group of 9xx-GG-xxxx; the table in the provider's OpenAPI file says the same in words."""
