"""Caseworkers as the agency describes them: what they may take, when they work, when they are away. Pure; data only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from typing import Final

from whenever import Date

from claims_shared.calendars.agencies import AGENCIES
from claims_shared.calendars.holidays import observed

ANY: Final = "*"
"""In a set of skills, languages or jurisdictions: every one."""
UNITS: Final = ("adjudication", "appeals", "identity unit", "mail room", "scheduling")
"""The queues of an agency, in which people find their work."""
UNBOUNDED: Final = 1_000_000
"""More than anybody is ever given."""


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """A part of a day on which somebody works, local time of their zone."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True, order=True)
class Leave:
    """Days away, the first and the last included."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        """Whether this is one of its days."""
        return self.first <= day <= self.last


Week = tuple[tuple[Hours, ...], ...]
"""The hours of each weekday, Monday first."""


@dataclass(frozen=True, slots=True)
class Caseworker:
    """One person of the staff.

    `units`: queues; `skills`: interview kinds and issue codes; `conflicts`: employers and claim ids that it must not handle;
    `interviews`: how many a day at most; `tasks`: how many may lie with it at once.
    """

    ref: str
    name: str
    jurisdictions: frozenset[str]
    zone: str
    units: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    hours: Week = ((),) * 7
    leave: tuple[Leave, ...] = ()
    interviews: int = UNBOUNDED
    tasks: int = UNBOUNDED
    conflicts: frozenset[str] = frozenset()
    supervisor: str | None = None

    def serves(self, jurisdiction: str) -> bool:
        """Whether it works for this agency."""
        return jurisdiction in self.jurisdictions or ANY in self.jurisdictions

    def speaks(self, language: str) -> bool:
        """Whether it speaks this language."""
        return language in self.languages or ANY in self.languages

    def knows(self, skills: frozenset[str]) -> bool:
        """Whether it has all of these skills."""
        return skills <= self.skills or ANY in self.skills

    def away(self, day: date) -> bool:
        """Whether it is on leave."""
        return any(each.covers(day) for each in self.leave)

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """Give the hours it works on this day: none on leave, none on a federal holiday."""
        hours = self.hours[day.weekday()]
        return () if not hours or _holiday(day) or self.away(day) else hours


@lru_cache(maxsize=4_096)
def _holiday(day: date) -> bool:
    return Date(day.year, day.month, day.day) in observed(day.year)


@dataclass(frozen=True)
class Staff:
    """All caseworkers, by their reference."""

    people: Mapping[str, Caseworker] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Caseworker]:
        return iter(self.people.values())

    def __len__(self) -> int:
        return len(self.people)

    def get(self, ref: str) -> Caseworker | None:
        """Give the one of this reference, where there is one."""
        return self.people.get(ref)

    def serving(self, jurisdiction: str) -> tuple[Caseworker, ...]:
        """Give those who work for this agency, in the order of the file."""
        return tuple(each for each in self if each.serves(jurisdiction))

    def working(self, day: date) -> tuple[Caseworker, ...]:
        """Give those who work on this day, each by its own calendar."""
        return tuple(each for each in self if each.hours_on(day))

    def on_leave(self, day: date) -> tuple[Caseworker, ...]:
        """Give those who are away on this day."""
        return tuple(each for each in self if each.away(day))


def staff_of(people: Iterable[Caseworker]) -> Staff:
    """Give the staff of these people."""
    return Staff({each.ref: each for each in people})


def default_staff(number: int = 200, opens: int = 9, closes: int = 17) -> Staff:
    """Give as many caseworkers for each jurisdiction, who can do everything, Monday to Friday in their agency's zone."""
    office = (Hours(time(opens), time(closes)),) if closes < 24 else (Hours(time(opens), time.max),)  # noqa: PLR2004 - midnight
    week: Week = (*(office,) * 5, (), ())
    all_units, everything = frozenset(UNITS), frozenset({ANY})
    return staff_of(
        Caseworker(
            ref=f"{jurisdiction}-{each:04d}",
            name=f"Caseworker {jurisdiction}-{each:04d}",
            jurisdictions=frozenset({jurisdiction}),
            zone=agency.zone,
            units=all_units,
            skills=everything,
            languages=everything,
            hours=week,
        )
        for jurisdiction, agency in AGENCIES.items()
        for each in range(number)
    )
