"""A journey as it is written: one story a file, days in order; what is misspelt is refused with file, day and key."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

HERE: Final = Path(__file__).parent
UNITS: Final = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
SPAN: Final = re.compile(r"(?:\d+ (?:day|hour|minute)s? ?)+")

Match = Literal["match", "partial", "no_match", "deceased", "no_answer"]


class WrongJourneyError(Exception):
    """A journey cannot be read. The text says where and what to do."""


class Part(BaseModel):
    """What both files and days have in common: no key that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Day(Part):
    """One day of the story: when it is, what people do then, and what must have come of everything since the day before.

    `after`: since filing, as "3 days" or "2 days 23 hours"; `at`: the agency's local time. What is not named is not checked.

    `happens`: every change since the day before; `mails`: the subjects of all that arrived; `waits_for`: everything the claim
    waits for now; `alerts`: the steps that a machine has had for too long now, and what to do; `clocks`: the law's clocks, by
    the first payment or the step whose issue they are about, what each shows and when it is due; `tells`: values that the
    day's life-cycle events carry; `refused`: the code with which what somebody did was not taken. `who`: the caseworker who
    acts, or who is given the task (kim, lin, bo who supervises them; uncle and temp may not; Kim without). `gives`: the amounts
    of a determination that is modified.
    """

    after: str | None = None
    at: datetime | date | None = None
    claimant: Literal["sends evidence", "withdraws", "asks for another appointment", "appeals"] | None = None
    caseworker: (
        Literal[
            "continues",
            "denies",
            "asks again",
            "retries",
            "holds the interview",
            "expedites",
            "goes on leave",
            "takes it",
            "gives it away",
            "lets go of it",
            "affirms",
            "reverses",
            "modifies",
            "dismisses",
        ]
        | None
    ) = None
    who: str = "Kim"
    because: str = "as the file says"
    gives: dict[str, str] = Field(default_factory=dict)
    record: Match | None = None
    happens: Sequence[str] | None = None
    mails: Sequence[str] | None = None
    waits_for: dict[str, str] | None = None
    alerts: Sequence[str] | None = None
    clocks: dict[str, str] | None = None
    phase: str | None = None
    refused: str | None = None
    tells: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if (self.after is None) == (self.at is None):
            raise ValueError("a day says `after: 3 days` or `at: 2026-03-05 09:00`, one of both")
        if self.after is not None and not SPAN.fullmatch(self.after):
            raise ValueError(f"`after: {self.after}`: write it as `3 days`, `2 days 23 hours` or `90 minutes`")
        return self

    @property
    def time(self) -> str:
        return f"after {self.after}" if self.after is not None else f"at {self.at}"

    def span(self) -> timedelta:
        """Give how long after filing it is."""
        parts = re.findall(r"(\d+) (day|hour|minute)", self.after or "")
        return sum((int(count) * UNITS[unit] for count, unit in parts), timedelta())


class Journey(Part):
    """One claim's story. `claim`: what it says, besides what an ordinary one does; `record`: what the identity record says."""

    journey: str
    state: str = "UT"
    filed: datetime
    record: Match = "match"
    disagrees: Sequence[str] = ("date_of_birth",)
    claim: dict[str, Any] = Field(default_factory=dict)
    days: Sequence[Day]

    @property
    def tasks(self) -> bool:
        """Whether it is of interest until when people have time: where somebody has the task."""
        return any(day.who != "Kim" for day in self.days)


def journeys() -> list[Path]:
    """Give every journey's file."""
    return sorted(HERE.glob("*.yaml"))


def read(path: Path) -> Journey:
    """Read one. Raises WrongJourneyError."""
    try:
        return Journey.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise WrongJourneyError(str(error)) from error
