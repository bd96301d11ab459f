"""When a person's wait ends and when they are reminded: the law's windows, or the agency's setting in their stead. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from claims_orchestrator.process import Clocks, Wait
from claims_shared.calendars.deadlines import Days, deadline, zone_of
from claims_shared.law.clock_values import Reminder
from claims_shared.law.statutory import Window
from claims_shared.wire import millis

ONE_DAY: Final = timedelta(days=1)


def when(wait: Wait, answer: Any, jurisdiction: str, now: datetime, clocks: Clocks) -> tuple[int, tuple[int, ...]]:
    """Give the end of a wait that begins now, and the instants of its reminders, in milliseconds; `answer` booked the slot."""
    zone = zone_of(jurisdiction)
    window = clocks.law.window(jurisdiction, wait.kind.value, now.astimezone(ZoneInfo(zone)).date())
    if wait.after_slot:
        due = millis(answer.interview_at + timedelta(minutes=answer.minutes) + window.grace)
        about, reminders = millis(answer.interview_at), window.reminders
    else:
        due = about = _ends(window, now, zone, clocks.evidence_due)
        reminders = window.reminders
        if clocks.evidence_remind is not None:
            reminders = (Reminder(clocks.evidence_remind, before=False),)
    return due, tuple(sorted({at for at in _instants(reminders, millis(now), about) if millis(now) < at < due}))


def ends(window: timedelta, began: int, zone: str) -> int:
    """Give when so long is up: whole days are the agency's, and end with its last one."""
    if window % ONE_DAY:
        return began + window // timedelta(milliseconds=1)
    return deadline(began, Days(window // ONE_DAY), zone)


def _ends(window: Window, now: datetime, zone: str, setting: timedelta | None) -> int:
    if setting is not None:
        return ends(setting, millis(now), zone)
    assert window.days is not None, "the federal file gives every wait without an appointment its days"
    return deadline(millis(now), window.days, zone)


def _instants(reminders: tuple[Reminder, ...], began: int, about: int) -> Iterator[int]:
    for each in reminders:
        span = each.span // timedelta(milliseconds=1)
        yield about - span if each.before else began + span
