"""Invented people with test numbers that were never issued: 9xx-GG-xxxx, all different. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final

AREAS, SERIALS = 100, 9_999
ORDINARY: Final = range(10, 100)
"""Groups of numbers that match whoever bears them; 00 to 09 choose a fixed trouble at the simulated provider."""
ORDINARY_NUMBERS: Final = AREAS * len(ORDINARY) * SERIALS
FIRST: Final = (
    "Ada",
    "Grace",
    "Linus",
    "Edsger",
    "Barbara",
    "Donald",
    "Radia",
    "Alan",
    "Frances",
    "Ken",
    "Luz",
    "Mateo",
    "Inés",
)
LAST: Final = ("Obi", "Hopper", "Lindgren", "Nguyen", "García", "Okafor", "Kowalski", "Haddad", "Begay", "Silva", "Ito")
ZONES: Final = {"UT": "America/Denver", "WI": "America/Chicago", "NY": "America/New_York"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who files."""

    number: int
    ssn: str
    first_name: str
    last_name: str
    date_of_birth: date

    @property
    def language(self) -> str:
        return "es" if self.number % 5 == 0 else "en"

    def claimant(self, jurisdiction: str) -> dict[str, object]:
        """Give the claimant of a submission."""
        return {
            "ssn": self.ssn,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "date_of_birth": self.date_of_birth.isoformat(),
            "email": f"person-{self.number}@example.org",
            "phone": None,
            "language": self.language,
            "time_zone": ZONES.get(jurisdiction, "America/Chicago"),
        }


class People:
    """Gives people one after the other; `start` is a random number, so that no two runs meet."""

    def __init__(self, start: int) -> None:
        self._start = start
        self._numbers: Iterator[int] = count(1)

    def next(self, group: int | None = None) -> Person:
        """Give somebody new, with an ordinary number or with one of this group."""
        number = next(self._numbers)
        place = self._start + number
        ssn = _ordinary(place) if group is None else _of_group(group, place)
        born = date(1960, 1, 1) + timedelta(days=place * 37 % 15_000)
        return Person(number, ssn, FIRST[number % len(FIRST)], LAST[number % len(LAST)], born)


def _ordinary(place: int) -> str:
    rest, serial = divmod(place % ORDINARY_NUMBERS, SERIALS)
    area, group = divmod(rest, len(ORDINARY))
    return f"9{area:02}-{ORDINARY[group]:02}-{serial + 1:04}"


def _of_group(group: int, place: int) -> str:
    area, serial = divmod(place % (AREAS * SERIALS), SERIALS)
    return f"9{area:02}-{group:02}-{serial + 1:04}"
