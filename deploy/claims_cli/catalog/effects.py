"""What the process does to a claim, as a claims officer says it."""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from claims_cli.catalog.markdown import code
from claims_orchestrator import process, referrals
from claims_orchestrator.process import Clocks, Effect
from claims_shared.calendars.deadlines import Counted, Days
from claims_shared.law.statutory import FEDERAL, Window
from claims_shared.messages.fields import Message
from claims_shared.messages.scheduler import NoticeKind

UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def said(effects: Sequence[Effect]) -> str:
    """Say what follows, in order; nothing is said too."""
    sentences = [_SAID[type(effect)](effect) for effect in effects]
    return "; then ".join(sentences) or "nothing more"


def duration(time: timedelta) -> str:
    """Give a duration in its largest whole unit."""
    seconds = int(time.total_seconds())
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}" + ("s" if count != 1 else "")


def name_of(message: type[Message]) -> str:
    """Give a message's name in words: IdentityEvidenceNeeded becomes identity evidence needed."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", message.__name__).lower()


def words(name: str) -> str:
    """Give a code in words."""
    return name.replace("_", " ")


def due(wait: process.Wait) -> str:
    """Say how long a wait lasts."""
    window = window_of(wait)
    return f"{duration(window.grace)} after the appointment" if window.days is None else days(window.days)


def reminder(wait: process.Wait) -> str:
    """Say when the citizen is reminded."""
    said = (
        duration(each.span) + (" before it" if each.before else " after it began") for each in window_of(wait).reminders
    )
    return ", ".join(said)


def window_of(wait: process.Wait) -> Window:
    """Give what the federal file gives a wait now."""
    return Clocks().law.window(FEDERAL, wait.kind.value, date.max)


def days(window: Days) -> str:
    """Give a window of days in words."""
    business = "business " if window.counted is Counted.BUSINESS else ""
    plural = "s" if window.number != 1 else ""
    return f"{window.number} {business}day{plural}" + (", rolled on" if window.rolls else "")


def _told(notice: NoticeKind) -> str:
    return f"the citizen gets the notice {code(notice.value)}"


def _refer(effect: process.Refer) -> str:
    if effect.reason is None:
        return "a person decides, for the reason given"
    owner = referrals.REFERRAL_OWNERS.get(effect.reason, "the step's owner")
    told = f"; {_told(effect.tell)}" if effect.tell else ""
    return f"a person decides ({code(effect.reason)}, {owner}){told}"


def _retry(effect: process.RetryOr) -> str:
    return f"asked again as planned; where that cannot help, or no longer helps, {_refer(effect.exhausted)}"


def _move(effect: process.Move) -> str:
    within = f"up to {duration(effect.until)} before it and {effect.times} times"
    return f"the next interview gets another slot, {within}; otherwise {_refer(effect.otherwise)}"


_SAID: Final[dict[type, Callable[[Any], str]]] = {
    process.Done: lambda _: "the step is done",
    process.Again: lambda _: "what the step did is undone and it is asked anew",
    process.Insert: lambda effect: f"{words(effect.step)} is added to the plan, right after it",
    process.Refer: _refer,
    process.RetryOr: _retry,
    process.Determine: lambda _: "the claim is **denied**, with the reasons at hand",
    process.UndoAll: lambda effect: f"everything is undone, in reverse, and the claim is **{effect.phase.value}**",
    process.Expedite: lambda _: "the claim takes the expedited lane; what machines were asked is asked again there",
    process.ByPost: lambda _: (
        f"it goes by post ({code('undeliverable')}, {referrals.REFERRAL_OWNERS['undeliverable']})"
    ),
    process.Notify: lambda effect: _told(effect.notice),
    process.Appealed: lambda effect: (
        f"recorded with the day it was received on, in time or not; {_refer(effect.refer)}"
    ),
    process.Uphold: lambda effect: f"the determination stands; {_told(effect.tell)}",
    process.Overturn: lambda effect: (
        f"an approval is **denied**; a denied claim goes on with what is missing, to its approval; {_told(effect.tell)}"
    ),
    process.Amend: lambda effect: (
        f"**approved** with the amounts given; a denied claim first goes on with what is missing; {_told(effect.tell)}"
    ),
    process.Move: _move,
    process.NewSlot: lambda _: "the claim goes by the new appointment, its wait and its reminder too",
    process.Wait: lambda effect: (
        f"the claim waits for the {effect.owner}: {effect.kind.value}, until {due(effect)}"
        if effect.after_slot
        else f"the claim waits for the {effect.owner}: {effect.kind.value}, for {due(effect)}"
    ),
}
