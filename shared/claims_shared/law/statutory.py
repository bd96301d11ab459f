"""The clocks that the law runs on a claim, and the windows it gives people: from dated data to instants. Pure.

Days are the agency's: a clock ends with the last moment of its last day. Instants are milliseconds in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias

from whenever import Date

from claims_shared.calendars.deadlines import Days, day_of, first_moment, last_moment, zone_of
from claims_shared.law.clock_values import Reminder, read
from claims_shared.law.in_force import Law, Packs
from claims_shared.law.pack import Entries, Entry, at
from claims_shared.law.rules import Unknown

FEDERAL: Final = "US"
FIRST_PAYMENT, DETERMINATION = "first_payment", "nonmonetary_determination"
WEEK: Final = timedelta(days=7)
LAST_YEAR: Final = 9_998
"""No calendar holds what ends after the next one."""

Rules: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Entries]]]
"""section -> rule -> parameter -> dated values."""

_EVERY: Final = {
    "forecast_before": "days ahead",
    "failed_after": "window",
    "stands_still": "waits",
    "ends": "clock end",
}
NEEDS: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = {
    "clocks": {
        FIRST_PAYMENT: {"claim_types": "claim types", "waiting_week": "window", "no_waiting_week": "window", **_EVERY},
        DETERMINATION: {"late_after": "window", **_EVERY},
    },
    "waits": {
        "evidence": {"window": "window", "reminders": "reminders"},
        "interview": {"grace": "duration", "reminders": "reminders"},
    },
}
"""section -> rule -> parameter -> unit."""
OPTIONAL: Final = frozenset({f"clocks.{DETERMINATION}.failed_after"})
"""What no source gives: such a clock may be late, and never fails."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it runs for one claim. `failed_at`: None where no rule says when it has failed, or which one holds.

    `citation` names the rule that gives the days; `ends`: what stops it here; `stands_still`: the waits during which it stands.
    """

    name: str
    citation: str
    ends: str
    started_at: int
    forecast_at: int
    late_at: int
    failed_at: int | None
    stands_still: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """What a person's wait is given: days to answer in, or some time after an appointment; and when they are reminded."""

    days: Days | None
    grace: timedelta
    reminders: tuple[Reminder, ...]


class ClockLaw:
    """All clocks of all jurisdictions. What a jurisdiction's file does not say, the federal one does; `hash` is over all."""

    def __init__(self, rules: Mapping[str, Rules], packs: Packs, digest: str) -> None:
        self._rules = rules
        self._packs = packs
        self.hash = digest

    def first_payment(self, jurisdiction: str, claim_type: str, filed_at: datetime) -> Clock | None:
        """Give the clock of a benefit year's first payment; None where the law has none, or where its week is not known.

        Where it is not known whether a waiting week is served, both rules are asked: what they agree on is known.
        """
        effective = self._packs.effective_on(jurisdiction, filed_at)
        if isinstance(effective, Unknown) or effective.year > LAST_YEAR:
            return None
        if not self._is_for(jurisdiction, claim_type, effective):
            return None
        law = self._packs.in_force(jurisdiction, effective)
        weeks = (law.waiting_weeks,) if isinstance(law, Law) else (1, 0)
        first, *others = [self._first_payment(jurisdiction, effective, each) for each in weeks]
        if any(other.late_at != first.late_at for other in others):
            return None
        agreed = all(other.failed_at == first.failed_at for other in others)
        return first if agreed else replace(first, failed_at=None)

    def determination(self, jurisdiction: str, detected_at: int) -> Clock | None:
        """Give the clock of an issue that the agency first knew of at this instant."""
        day = day_of(detected_at, zone_of(jurisdiction))
        late = self._entry(jurisdiction, "clocks", DETERMINATION, "late_after", day.to_stdlib())
        return self._clock(DETERMINATION, jurisdiction, day, late, detected_at) if late else None

    def window(self, jurisdiction: str, wait: str, on: date) -> Window:
        """Give what a wait that begins on this day is given. Raises KeyError for a wait of which the data know nothing."""
        says = {name: self._value(jurisdiction, "waits", wait, name, on) for name in NEEDS["waits"][wait]}
        return Window(says.get("window"), says.get("grace") or timedelta(), says["reminders"] or ())

    def references(self, jurisdiction: str, on: date) -> Mapping[str, Entry]:
        """Give every value in force on a day by its path, for those who read tables."""
        paths = [(section, rule, name) for section, rules in NEEDS.items() for rule in rules for name in rules[rule]]
        found = {".".join(path): self._entry(jurisdiction, *path, on) for path in paths}
        return {path: entry for path, entry in found.items() if entry is not None}

    def _is_for(self, jurisdiction: str, claim_type: str, on: date) -> bool:
        kinds = self._value(jurisdiction, "clocks", FIRST_PAYMENT, "claim_types", on)
        return kinds is not None and claim_type in kinds

    def _first_payment(self, jurisdiction: str, effective: date, waiting_weeks: int) -> Clock:
        """Count from the end of the first week after those that must be waited."""
        ended = effective + (waiting_weeks + 1) * WEEK - timedelta(days=1)
        which = "waiting_week" if waiting_weeks else "no_waiting_week"
        late = self._entry(jurisdiction, "clocks", FIRST_PAYMENT, which, effective)
        assert late is not None, "the loader lets no federal value be missing"
        day = Date(ended)
        return self._clock(FIRST_PAYMENT, jurisdiction, day, late, last_moment(day, zone_of(jurisdiction)))

    def _clock(self, name: str, jurisdiction: str, day: Date, late: Entry, started_at: int) -> Clock:
        zone, on = zone_of(jurisdiction), day.to_stdlib()
        says = {each: self._value(jurisdiction, "clocks", name, each, on) for each in _EVERY}
        last = read(str(late.value), late.unit).last(day)
        return Clock(
            name=name,
            citation=late.reference,
            ends=says["ends"],
            started_at=started_at,
            forecast_at=first_moment(last.subtract(days=says["forecast_before"]), zone),
            late_at=last_moment(last, zone),
            failed_at=last_moment(says["failed_after"].last(day), zone) if says["failed_after"] else None,
            stands_still=says["stands_still"],
        )

    def _value(self, jurisdiction: str, section: str, rule: str, name: str, on: date) -> Any:
        entry = self._entry(jurisdiction, section, rule, name, on)
        return read(str(entry.value), entry.unit) if entry else None

    def _entry(self, jurisdiction: str, section: str, rule: str, name: str, on: date) -> Entry | None:
        for each in (jurisdiction, FEDERAL):
            entries = self._rules[each][section][rule].get(name, ()) if each in self._rules else ()
            if found := at(entries, on):
                return found
        return None
