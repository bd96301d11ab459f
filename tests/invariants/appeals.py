"""Appeals: each says against what it is and whether it came in time; only a decision on one turns a determination."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.invariants.clocks import WEEKS as STATES
from tests.invariants.instants import millis
from tests.invariants.names import APPEAL, DECIDED, DETERMINATIONS, PARKED
from tests.invariants.seen import Seen
from tests.invariants.story import Entry, Story

LEAVES: Final = frozenset({("denied", "open"), ("denied", "approved")})
"""What nothing but a decision on an appeal leads to."""
TURNS: Final = {"reverse": LEAVES | {("approved", "denied")}, "modify": LEAVES | {("approved", "approved")}}
ZONES: Final = {state: zone for state, (zone, _) in STATES.items()} | {
    "TX": "America/Chicago",
    "VI": "America/St_Thomas",
}
"""Where the days of the agencies that runs file at begin."""
STANDS: Final = frozenset({"affirm", "dismiss", "continue"})


def judged(story: Story) -> Iterator[str]:
    """An appeal says what it is about as the determination itself and the agency's calendar say it, and keeps saying it."""
    inputs = story.inputs()
    for event in story.life:
        number = event.data["sequence"]
        before = story.opens.get(number - 1, {})
        for name, entry in story.opens[number].items():
            appeal = entry.get("appeal")
            if (appeal is not None) != (entry["kind"] == "referral" and entry["reason"] == "appeal"):
                yield f"{event}: {name} is about {appeal}"
            elif appeal is not None and name in before:
                if appeal != before[name].get("appeal"):
                    yield f"{event}: {name} is now about {appeal}"
            elif appeal is not None:
                filed = [each for each in inputs.get(event.cause, ()) if each.kind == APPEAL]
                wanted = [_wanted(each, event, story) for each in filed]
                if appeal not in wanted:
                    yield f"{event}: {name} is about {appeal}; filed was {wanted}"


def _wanted(filed: Seen, event: Seen, story: Story) -> Mapping[str, Any] | None:
    made = {
        each.data["determination_number"]: each
        for each in story.life
        if each.kind in DETERMINATIONS and each.data["sequence"] < event.data["sequence"]
    }
    number = filed.data.get("determination_number") or max(made, default=0)
    if number not in made:
        return None
    received = min(millis(filed.data["received_at"]), millis(event.data["at"]))
    zone = ZoneInfo(ZONES.get(event.data["jurisdiction"], "UTC"))
    day, last = datetime.fromtimestamp(received / 1000, zone).date(), made[number].data["appeal_by"]
    late = max((day - date.fromisoformat(last)).days, 0) if last else 0
    return {
        "determination_number": number,
        "received_on": str(day),
        "appeal_by": last,
        "timeliness": ("late" if late else "timely") if last else "not_known",
        "late_days": late,
    }


def turned(story: Story) -> Iterator[str]:
    """A determination gives way to a decision on an appeal against it, which is the newest; what stands is not touched."""
    inputs = story.inputs()
    phase = "open"
    for event in sorted(story.life, key=lambda each: each.data["sequence"]):
        change, phase = (phase, event.data["phase"]), event.data["phase"]
        before = story.opens.get(event.data["sequence"] - 1, {})
        decisions = [each for each in inputs.get(event.cause, ()) if each.kind == DECIDED and event.kind != PARKED]
        found = [(each, before[each.data["answers"]]) for each in decisions if each.data["answers"] in before]
        on_appeal = [(each, entry["appeal"]) for each, entry in found if entry.get("appeal")]
        if change in LEAVES and not on_appeal:
            yield f"{event} leads from {change[0]} to {change[1]}, and nobody decided on an appeal"
        for each, appeal in on_appeal:
            yield from (f"{event}: {each} {wrong}" for wrong in _mistaken(each, appeal, change, event, story))


def _mistaken(
    decided: Seen, appeal: Mapping[str, Any], change: tuple[str, str], event: Seen, story: Story
) -> Iterator[str]:
    decision, number = decided.data["decision"], event.data["sequence"]
    made = [each for each in story.life if each.kind in DETERMINATIONS and each.data["sequence"] < number]
    stands = change[0] != "open" and made and made[-1].data["determination_number"] == appeal["determination_number"]
    if stands and change[0] == "withdrawn":
        stands = False
    if bool(stands) == (decision == "continue"):
        yield f"was taken though determination {appeal['determination_number']} {'stands' if stands else 'does not stand'}"
    if decision in STANDS and (change[0] != change[1] or event.kind in DETERMINATIONS):
        yield f"touched the determination: {change}"
    if decision == "dismiss" and appeal["timeliness"] == "timely":
        yield "dismissed what came in time"
    if decision in TURNS and change not in TURNS[decision]:
        yield f"led from {change[0]} to {change[1]}"


def turns(story: Story) -> list[int]:
    """Give the numbers of the events by which a denial gave way to an appeal."""
    found, phase = [], "open"
    for event in sorted(story.life, key=lambda each: each.data["sequence"]):
        if (phase, event.data["phase"]) in LEAVES:
            found.append(event.data["sequence"])
        phase = event.data["phase"]
    return found


def given(story: Story) -> set[tuple[str, str]]:
    """Give the amounts that people gave when they modified a determination, as the wire writes money."""
    return {
        (_money(each.data["weekly_benefit_amount"]), _money(each.data["maximum_benefit_amount"]))
        for each in story.submissions
        if each.kind == DECIDED and each.data.get("decision") == "modify"
    }


def _money(text: str) -> str:
    return f"{Decimal(text):.2f}"


def recorded(story: Story) -> Iterator[str]:
    """The document keeps every appeal that was told of, and what was decided on it; nothing else."""
    if story.document is None:
        return
    told: dict[str, Entry] = {}
    for entries in story.opens.values():
        told |= {name: entry for name, entry in entries.items() if entry.get("appeal")}
    stored = {each["entry"]: each for each in story.document.data.get("appeals", ())}
    if stored.keys() != told.keys():
        yield f"its appeals are {sorted(stored)}; told were {sorted(told)}"
        return
    for name, each in stored.items():
        appeal = told[name]["appeal"]
        kept = (each["against"], each["received_on"], each.get("appeal_by"), each.get("decision") is None)
        said = (appeal["determination_number"], appeal["received_on"], appeal["appeal_by"], name in story.open)
        if kept != said:
            yield f"{name} is stored as {kept}, said was {said}"
