"""How the values of the clocks' data are written: windows of days, reminders, durations. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from claims_shared.calendars.deadlines import Counted, Days
from claims_shared.messages.fields import ClaimType

SHORTEST_FORECAST: Final = 3
"""A breach is said at least so many days ahead, whatever a file says."""
ENDS: Final = ("authorisation", "determination")
WAITS: Final = ("evidence", "interview")
NEVER: Final = "never"
_WINDOW: Final = re.compile(r"(\d+) (business )?days?(, rolled on)?")
_SPAN: Final = re.compile(r"(\d+)([hd])")
_REMINDER: Final = re.compile(r"T([+-])(\d+[hd])")
_UNITS: Final = {"h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Reminder:
    """When somebody is reminded: so long after their time began, or so long before the instant that it is about."""

    span: timedelta
    before: bool


def read(value: str, unit: str) -> Any:
    """Read a value of this unit; ValueError says in words what it should have been."""
    return READERS[unit](value)


def _window(value: str) -> Days:
    found = _WINDOW.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is no window; write 10 days, 10 business days, or 15 days, rolled on")
    return Days(int(found[1]), Counted.BUSINESS if found[2] else Counted.CALENDAR, rolls=bool(found[3]))


def _duration(value: str) -> timedelta:
    found = _SPAN.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is no duration; write 2h or 3d")
    return int(found[1]) * _UNITS[found[2]]


def _reminders(value: str) -> tuple[Reminder, ...]:
    return tuple(map(_reminder, value.split(", ")))


def _reminder(value: str) -> Reminder:
    found = _REMINDER.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is no reminder; write T+3d (after it began) or T-48h (before it is due)")
    return Reminder(_duration(found[2]), before=found[1] == "-")


def _ahead(value: str) -> int:
    if not value.isdecimal() or int(value) < SHORTEST_FORECAST:
        raise ValueError(f"{value!r} is no whole number of days of at least {SHORTEST_FORECAST}")
    return int(value)


def _waits(value: str) -> tuple[str, ...]:
    return () if value == NEVER else _several(WAITS)(value)


def _several(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def several(value: str) -> tuple[str, ...]:
        names = tuple(value.split(", "))
        if unknown := [name for name in names if name not in known]:
            raise ValueError(f"{', '.join(unknown)!r} is none of {', '.join(known)}")
        return names

    return several


def _end(value: str) -> str:
    if value not in ENDS:
        raise ValueError(f"{value!r} is none of {', '.join(ENDS)}")
    return value


READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "window": _window,
    "duration": _duration,
    "reminders": _reminders,
    "days ahead": _ahead,
    "waits": _waits,
    "claim types": _several(tuple(kind.value for kind in ClaimType)),
    "clock end": _end,
}
