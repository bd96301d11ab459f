"""Reads the agency's staff file and refuses whatever could put work on the wrong desk; looks again when the file changes."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date, time
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from claims_shared import strict_yaml
from claims_shared.calendars.agencies import AGENCIES
from claims_shared.staff.people import ANY, UNBOUNDED, UNITS, Caseworker, Hours, Leave, Staff, Week, staff_of
from claims_shared.strict_yaml import FileRefused
from claims_shared.telemetry import log

KEYS: Final = (
    "ref",
    "name",
    "jurisdictions",
    "zone",
    "units",
    "skills",
    "languages",
    "hours",
    "leave",
    "interviews_a_day",
    "open_tasks",
    "conflicts",
    "supervisor",
)
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_SECONDS: Final = 2.0


class StaffError(FileRefused):
    """A staff file that must not be used."""


def load_staff(file: Path) -> Staff:
    """Read a staff file; raises StaffError at the first thing that is wrong."""
    try:
        return parse_staff(file.read_bytes(), file.name)
    except OSError as error:
        raise StaffError(file.name, "the file", f"cannot be read: {error.strerror}") from error


def parse_staff(content: bytes, name: str) -> Staff:
    """Read what a staff file says; raises StaffError."""
    try:
        document = strict_yaml.load(content)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise StaffError(name, "yaml", str(error)) from error
    return _Reader(name).staff(document)


class _Reader:
    """Reads one file; knows its name so that every refusal can say it."""

    def __init__(self, file: str) -> None:
        self._file = file

    def staff(self, raw: Any) -> Staff:
        listed = self._mapping(raw, "the file", ("caseworkers",)).get("caseworkers")
        if not isinstance(listed, list) or not listed:
            raise self._error("caseworkers", "is no list of caseworkers")
        people = [self._caseworker(each, f"caseworkers[{number}]") for number, each in enumerate(listed)]
        staff = staff_of(people)
        for number, each in enumerate(people):
            if staff.get(each.ref) is not each:
                raise self._error(f"caseworkers[{number}].ref", f"{each.ref!r} is somebody else's too")
            if each.supervisor is not None and staff.get(each.supervisor) is None:
                raise self._error(f"caseworkers[{number}].supervisor", f"nobody here is {each.supervisor!r}")
            if each.supervisor == each.ref:
                raise self._error(f"caseworkers[{number}].supervisor", "nobody supervises themselves")
        return staff

    def _caseworker(self, raw: Any, key: str) -> Caseworker:
        held = self._mapping(raw, key, KEYS)
        jurisdictions = self._texts(held, "jurisdictions", key)
        for each in jurisdictions - {ANY}:
            if each not in AGENCIES:
                raise self._error(f"{key}.jurisdictions", f"there is no agency {each!r}")
        units = self._texts(held, "units", key, default=UNITS)
        for each in units - set(UNITS):
            raise self._error(f"{key}.units", f"there is no queue {each!r}; there are {', '.join(UNITS)}")
        return Caseworker(
            ref=self._text(held, "ref", key),
            name=self._text(held, "name", key),
            jurisdictions=jurisdictions,
            zone=self._zone(held, jurisdictions, key),
            units=units,
            skills=self._texts(held, "skills", key, default=(ANY,)),
            languages=self._texts(held, "languages", key, default=("en",)),
            hours=self._hours(held.get("hours"), f"{key}.hours"),
            leave=tuple(self._leave(each, f"{key}.leave[{n}]") for n, each in enumerate(held.get("leave") or ())),
            interviews=self._number(held, "interviews_a_day", key),
            tasks=self._number(held, "open_tasks", key),
            conflicts=self._texts(held, "conflicts", key, default=()),
            supervisor=self._text(held, "supervisor", key) if held.get("supervisor") is not None else None,
        )

    def _zone(self, held: Mapping[str, Any], jurisdictions: frozenset[str], key: str) -> str:
        if held.get("zone") is None:
            if len(jurisdictions) == 1 and ANY not in jurisdictions:
                return AGENCIES[next(iter(jurisdictions))].zone
            raise self._error(f"{key}.zone", "is missing: who works for several agencies says where they work")
        zone = self._text(held, "zone", key)
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise self._error(f"{key}.zone", f"{zone!r} is no zone, such as America/Denver") from None
        return zone

    def _hours(self, raw: Any, key: str) -> Week:
        """Read `mon-fri: 09:00-17:00` and `sat: [09:00-12:00]`; a day that is not named is free."""
        held = self._mapping(raw, key, None)
        week: dict[int, tuple[Hours, ...]] = {}
        for days, value in held.items():
            spans = tuple(self._span(each, f"{key}.{days}") for each in (value if isinstance(value, list) else [value]))
            if any(later.opens < earlier.closes for earlier, later in pairwise(spans)):
                raise self._error(f"{key}.{days}", "overlap; write them in order")
            for day in self._days(days, key):
                if day in week:
                    raise self._error(f"{key}.{days}", f"{WEEKDAYS[day]} is said twice")
                week[day] = spans
        return tuple(week.get(day, ()) for day in range(7))

    def _days(self, text: str, key: str) -> Iterator[int]:
        first, _, last = text.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS[WEEKDAYS.index(first) :]:
            raise self._error(
                f"{key}.{text}", f"is no day or span of days such as mon or mon-fri: {', '.join(WEEKDAYS)}"
            )
        yield from range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)

    def _span(self, raw: Any, key: str) -> Hours:
        opens, _, closes = raw.partition("-") if isinstance(raw, str) else ("", "", "")
        try:
            hours = Hours(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))
        except ValueError:
            raise self._error(key, f"{raw!r} is no span of hours such as 09:00-17:00") from None
        if hours.closes <= hours.opens or hours.opens.tzinfo or hours.closes.tzinfo:
            raise self._error(key, f"{raw!r} closes before it opens")
        return hours

    def _leave(self, raw: Any, key: str) -> Leave:
        held = self._mapping(raw, key, ("from", "to"))
        first, last = (held.get(name) for name in ("from", "to"))
        if type(first) is not date or type(last) is not date:
            raise self._error(key, "says from and to as days, such as 2026-12-01")
        if last < first:
            raise self._error(key, f"ends on {last}, before it begins on {first}")
        return Leave(first, last)

    def _number(self, held: Mapping[str, Any], name: str, key: str) -> int:
        value = held.get(name, UNBOUNDED)
        if type(value) is not int or not 0 <= value <= UNBOUNDED:
            raise self._error(f"{key}.{name}", f"{value!r} is no whole number of at least 0")
        return value

    def _text(self, held: Mapping[str, Any], name: str, key: str) -> str:
        value = held.get(name)
        if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > 100:  # noqa: PLR2004
            raise self._error(f"{key}.{name}", f"{value!r} is no text of 1 to 100 characters")
        return value

    def _texts(
        self, held: Mapping[str, Any], name: str, key: str, default: tuple[str, ...] | None = None
    ) -> frozenset[str]:
        value = held.get(name, default)
        listed = list(value) if isinstance(value, (list, tuple)) else []
        if (
            value is None
            or not isinstance(value, (list, tuple))
            or not all(isinstance(each, str) and each for each in listed)
        ):
            raise self._error(f"{key}.{name}", f"{value!r} is no list of texts")
        if len(set(listed)) < len(listed):
            raise self._error(f"{key}.{name}", "says something twice")
        return frozenset(listed)

    def _mapping(self, raw: Any, key: str, allowed: tuple[str, ...] | None) -> Mapping[str, Any]:
        if not isinstance(raw, dict) or not all(isinstance(each, str) for each in raw):
            raise self._error(key, "is no mapping of keys to values")
        for each in raw:
            if allowed is not None and each not in allowed:
                raise self._error(f"{key}.{each}", f"is not known; there are {', '.join(allowed)}")
        return raw

    def _error(self, key: str, problem: str) -> StaffError:
        return StaffError(self._file, key, problem)


class StaffFile:
    """The staff as its file says now; without a file, the one it was given. A broken edit changes nothing."""

    def __init__(self, file: Path | None, otherwise: Staff) -> None:
        """Read the file. Raises StaffError: nobody starts with a broken one."""
        self._file = file
        self._seen = self._stamp()
        self.current = load_staff(file) if file is not None else otherwise

    def look(self) -> bool:
        """Read the file again if it was changed; say whether the staff is another now."""
        stamp = self._stamp()
        if self._file is None or stamp == self._seen or stamp is None:
            return False
        self._seen = stamp
        try:
            found = load_staff(self._file)
        except StaffError as wrong:
            log().error("staff_file_refused", why=str(wrong), does="the staff read before stays")
            return False
        if found == self.current:
            return False
        self.current = found
        log().info("staff_changed", caseworkers=len(found))
        return True

    async def looked(self) -> bool:
        """Do the same beside the loop's other work: a large file takes a while."""
        return await asyncio.to_thread(self.look)

    async def run(self, changed: Callable[[Staff], Awaitable[None]] | None = None, every: float = LOOK_SECONDS) -> None:
        """Look until cancelled, and tell each change."""
        while True:
            await asyncio.sleep(every)
            if await self.looked() and changed is not None:
                await changed(self.current)

    def _stamp(self) -> tuple[int, int, int] | None:
        """Tell one state of the file from another; an editor writes a new one, or the same one anew."""
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
