"""The law's clocks: who is delayed carries them, they count as the law does, say it in order, never early, and end."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.invariants.instants import millis
from tests.invariants.story import Entry, Story

DAY_MS: Final = 86_400_000
WEEKS: Final = {"UT": ("America/Denver", 6), "WI": ("America/Chicago", 6), "NY": ("America/New_York", 0)}
"""Where and on which weekday (Monday is 0) the weeks of claims begin; each of these states has a waiting week."""
FIRST, ISSUE = "first_payment", "nonmonetary_determination"
PAID: Final = frozenset({"new", "transitional"})
ISSUES: Final = frozenset({"identity", "no_answer"})
BESIDE: Final = frozenset({"withdrawal", "appeal", "reschedule", "undeliverable", "undo_failed", "appeal_window"})
"""Referrals that hold nothing up."""
STATES: Final = ("forecast", "late", "failed")
LATE_DAYS, FAILED_DAYS, ISSUE_DAYS, AHEAD_DAYS = 27, 48, 21, 3
"""The first payment's from the first day of the claim's first week: a waiting week, a paid one, then 14 days or 35."""


def carried(story: Story) -> Iterator[str]:
    """Whoever waits for people, or for us, has the clock of the first payment; every issue has its own; nobody else has one."""
    for event in story.life:
        opened = story.opens[event.data["sequence"]].values()
        clocks = [(each["clock"]["name"], each["step"]) for each in opened if each["kind"] == "clock"]
        if len(set(clocks)) != len(clocks):
            yield f"{event} has a clock twice: {clocks}"
        open_ = event.data["phase"] == "open"
        paid = event.data["jurisdiction"] in WEEKS and event.data["claim_type"] in PAID
        if open_ and paid and any(map(_holds_up, opened)) and (FIRST, None) not in clocks:
            yield f"{event} is delayed and has no clock of the first payment"
        for step in {each["step"] for each in opened if _is_issue(each, open_=open_)}:
            if (ISSUE, step) not in clocks:
                yield f"{event} has an issue at {step} without a clock"
        if not open_ and any(name == FIRST for name, _ in clocks):
            yield f"{event} has ended, and its clock runs"


def counted(story: Story) -> Iterator[str]:
    """Each ends with the last moment of the agency's day that the law gives, and is forecast three days before."""
    for event in story.life:
        for entry in story.opens[event.data["sequence"]].values():
            if entry["kind"] == "clock":
                yield from (f"{event}: {entry['id']}: {wrong}" for wrong in _miscounted(event.data, entry, story))


def told(story: Story) -> Iterator[str]:
    """What a clock says is never said early, each once and in order; a forecast gives precedence.

    Early is a wait that was armed for an earlier instant; that it did not fire before that is judged elsewhere.
    """
    said: dict[str, list[str]] = {}
    armed = {each.id: millis(each.data["armed_for"]) for each in story.fired}
    for event in story.life:
        name, _, state = event.data["change"].partition(".")
        if name not in {FIRST, ISSUE}:
            continue
        before = story.opens.get(event.data["sequence"] - 1, {})
        fired = [each for each in story.opens[event.data["sequence"]].values() if _moved(each, before, state)]
        if len(fired) != 1:
            yield f"{event} is said of {[each['id'] for each in fired]}"
            continue
        clock = fired[0]["clock"]
        instant = {"forecast": clock["forecast_at"], "late": clock["due_at"], "failed": clock["failed_at"]}[state]
        if armed.get(event.cause, 0) < millis(instant):
            yield f"{event} is said by what was not armed for {instant}"
        if state == "forecast" and event.data["lane"] != "expedited":
            yield f"{event} gave no precedence"
        said.setdefault(fired[0]["id"], []).append(state)
    for name, states in said.items():
        if states != [each for each in STATES if each in states]:
            yield f"{name} said {states}"


def ended(story: Story) -> Iterator[str]:
    """A clock that is gone was said to have ended, and whether it was met, by the instants."""
    for event in story.life:
        number, at = event.data["sequence"], millis(event.data["at"])
        gone = [each for name, each in story.opens.get(number - 1, {}).items() if name not in story.opens[number]]
        wanted = sorted(
            (each["clock"]["name"], _outcome(each["clock"], at)) for each in gone if each["kind"] == "clock"
        )
        found = sorted((each["name"], each["outcome"]) for each in event.data.get("clocks_ended", ()))
        if found != wanted:
            yield f"{event} says that {found} ended; it was {wanted}"


def _holds_up(entry: Entry) -> bool:
    return entry["kind"] in {"evidence", "interview", "park"} or (
        entry["kind"] == "referral" and entry["reason"] not in BESIDE
    )


def _is_issue(entry: Entry, *, open_: bool) -> bool:
    if entry["kind"] == "referral" and entry["reason"] in ISSUES:
        return True
    return (
        open_ and entry["step"] == "fact_finding" and entry["kind"] in {"command", "interview", "evidence", "referral"}
    )


def _moved(entry: Entry, before: Mapping[str, Entry], state: str) -> bool:
    was = before.get(entry["id"])
    return entry["kind"] == "clock" and entry["clock"]["state"] == state and (not was or was["clock"]["state"] != state)


def _outcome(clock: Mapping[str, Any], at: int) -> str:
    if at <= millis(clock["due_at"]):
        return "met"
    return "failed" if clock["failed_at"] and at > millis(clock["failed_at"]) else "late"


def _miscounted(event: Mapping[str, Any], entry: Entry, story: Story) -> Iterator[str]:
    clock, zone = entry["clock"], ZoneInfo(WEEKS.get(event["jurisdiction"], ("UTC", 0))[0])
    if event["jurisdiction"] not in WEEKS:
        return
    if clock["name"] == FIRST:
        first = _first_day(story, event["jurisdiction"])
        last, failed = first + timedelta(days=LATE_DAYS), first + timedelta(days=FAILED_DAYS)
        if clock["failed_at"] not in (None, _last_moment(failed, zone)):
            yield f"it has failed after {clock['failed_at']}, the law says {_last_moment(failed, zone)}"
    else:
        last = datetime.fromisoformat(entry["since"]).astimezone(zone).date() + timedelta(days=ISSUE_DAYS)
    if clock["due_at"] != _last_moment(last, zone):
        yield f"it is due {clock['due_at']}, the law says {_last_moment(last, zone)}"
    if millis(clock["forecast_at"]) > millis(clock["due_at"]) - AHEAD_DAYS * DAY_MS:
        yield f"it is forecast {clock['forecast_at']}, due {clock['due_at']}"


def _first_day(story: Story, state: str) -> date:
    zone, begins = WEEKS[state]
    filed = next(each.data["filed_at"] for each in story.submissions if each.kind == "claim.submitted.v1")
    day = datetime.fromisoformat(filed).astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=(day.weekday() - begins) % 7)


def _last_moment(day: date, zone: ZoneInfo) -> str:
    at = datetime(day.year, day.month, day.day, 23, 59, 59, 999_000, zone)
    return at.astimezone(ZoneInfo("UTC")).isoformat().replace("+00:00", "Z")
