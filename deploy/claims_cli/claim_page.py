"""A claim on the terminal: one line of a list, or a page with everything open, decided and past."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Claim = Mapping[str, Any]
PHASES: Final = {"approved": "green", "denied": "red", "withdrawn": "dim", "open": "cyan", "awaited": "yellow"}
CLOCKS: Final = {"running": "", "stopped": "dim", "forecast": "yellow", "late": "bold red", "failed": "bold red"}


def lines(claims: Iterable[Claim]) -> Table:
    shown = _table("claim", "phase", "step", "waits for", "since", "until", "changed")
    for each in claims:
        waiting = each["waiting"]
        shown.add_row(
            each["claim_id"],
            _phase(each),
            each["step"] or "",
            _waits_for(waiting),
            Text.assemble(_at(waiting and waiting["since"]), (_alarm(each), "bold red")),
            _at(waiting and waiting["until"]),
            _at(each["updated_at"]),
        )
    return shown


def page(claim: Claim) -> Group:
    parts: list[RenderableType] = [_head(claim)]
    for title, table, below in (
        ("open", _open(claim["open"]), _alerts(claim["open"])),
        ("clocks of the law", _clocks(claim), _turns(claim["open"])),
        ("appeals", _appeals(claim.get("appeals", ())), ()),
        ("determinations", _determinations(claim["determinations"]), ()),
        ("history", _history(claim["history"]), ()),
    ):
        if table.row_count:
            parts += [Text(f"\n{title}", "bold"), Padding(table, (0, 0, 0, 2), expand=False), *below]
    return Group(*parts)


def standing(claim: Claim) -> str:
    """Say in one line where a claim stands."""
    waiting = claim["waiting"]
    at = f"{claim['phase']}, step {claim['step']}" if claim["step"] else claim["phase"]
    return f"{at}, waits for {_waits_for(waiting)}" if waiting else at


def _head(claim: Claim) -> Group:
    facts = (
        f"{claim['jurisdiction']} {claim['claim_type']} {claim['program']}, {claim['portal_ref']} of {claim['portal']}"
    )
    lane = f"lane {claim['lane']}" + (f" ({'; '.join(claim['lane_reasons'])})" if claim["lane_reasons"] else "")
    plan = " > ".join(f"{step} ✓" if step in claim["done"] else step for step in claim["plan"])
    return Group(
        Text.assemble((claim["claim_id"], "bold"), "  ", _phase(claim)),
        Text(facts),
        Text(
            f"filed {_on(claim['filed_at'])}, accepted {_on(claim['accepted_at'])}, changed {_on(claim['updated_at'])}"
        ),
        Text(lane),
        Text(f"plan {plan}"),
        Text(_waiting(claim["waiting"]), "bold"),
    )


def _waiting(waiting: Mapping[str, Any] | None) -> str:
    if waiting is None:
        return "waits for nothing"
    until = f", until {_at(waiting['until'])}" if waiting["until"] else ""
    return f"waits for {_waits_for(waiting)} since {_at(waiting['since'])}{until}"


def _waits_for(waiting: Mapping[str, Any] | None) -> str:
    if waiting is None:
        return ""
    about = waiting["reason"] or waiting["step"]
    return f"{waiting['on']} ({waiting['kind']}{f': {about}' if about else ''})"


def _open(entries: Iterable[Mapping[str, Any]]) -> Table:
    shown = _table("entry", "owner", "has it", "reason", "since", "due", "retry", "reminder", "attempt")
    for each in entries:
        if each["kind"] == "clock":
            continue
        instants = (_at(each[name]) for name in ("since", "due_at", "retry_at", "remind_at"))
        named = (each["id"], each["owner"], each.get("assignee") or "", about(each))
        shown.add_row(*named, *instants, str(each["attempt"]))
    return shown


def _alerts(entries: Iterable[Mapping[str, Any]]) -> Iterator[Text]:
    for each in entries:
        if each["too_long_since"]:
            name = each["step"] or each["kind"]
            yield Text(f"  {name}: too long since {_at(each['too_long_since'])}. {each['advice']}", "bold red")


def _alarm(claim: Claim) -> str:
    clock = f" {claim['clock']} by the law" if claim["clock"] else ""
    return (" too long" if claim["too_long"] else "") + clock


def _clocks(claim: Claim) -> Table:
    shown = _table("clock", "counted from", "due", "failed after", "shows", "rule")
    for each in claim["clocks"]:
        instants = (_on(each["started_at"]), _on(each["due_at"]), each["failed_at"] and _on(each["failed_at"]))
        shown.add_row(each["name"], *instants, Text(each["state"], CLOCKS[each["state"]]), each["citation"])
    for each in claim["clocks_ended"]:
        ended = f"{each['outcome']}, by {each['ended_by']} {_on(each['ended_at'])}"
        shown.add_row(each["name"], _on(each["started_at"]), _on(each["due_at"]), "", ended, "")
    return shown


def _turns(entries: Iterable[Mapping[str, Any]]) -> Iterator[Text]:
    """Say once whose turn it is where time is short: every clock of a claim says the same."""
    said = dict.fromkeys(each["advice"] for each in entries if each["kind"] == "clock" and each["advice"])
    yield from (Text(f"  {advice}", "bold red") for advice in said)


def _determinations(made: Iterable[Mapping[str, Any]]) -> Table:
    shown = _table("", "at", "outcome", "what", "why")
    for each in made:
        reasons = "\n".join(_reason(reason) for reason in each["reasons"] or ())
        shown.add_row(str(each["number"]), _at(each["at"]), each["outcome"], _given(each), reasons)
    return shown


def _appeals(filed: Iterable[Mapping[str, Any]]) -> Table:
    shown = _table("against", "received", "in time", "decided", "")
    for each in filed:
        shown.add_row(
            str(each["determination_number"]),
            each["received_on"],
            timeliness(each),
            each["decision"] or "open",
            _at(each["decided_at"]),
        )
    return shown


def timeliness(appeal: Mapping[str, Any]) -> str:
    """Say whether an appeal came in time."""
    until = f", until {appeal['appeal_by']}" if appeal["appeal_by"] else ""
    late = f" by {appeal['late_days']} days" if appeal["late_days"] else ""
    return f"{appeal['timeliness'].replace('_', ' ')}{late}{until}"


def about(entry: Mapping[str, Any]) -> str:
    """Say why a person is asked; of an appeal whether it came in time."""
    appeal = entry.get("appeal")
    return f"{entry['reason']}: {timeliness(appeal)}" if appeal else entry["reason"] or ""


def _given(made: Mapping[str, Any]) -> str:
    """Say what a determination gives, or until when it may be appealed."""
    said = (
        made["weekly_benefit_amount"] and f"${made['weekly_benefit_amount']} a week",
        made["maximum_benefit_amount"] and f"${made['maximum_benefit_amount']} in all",
        made["weeks"] and f"{made['weeks']} weeks",
        made["interview_at"] and f"meeting {_at(made['interview_at'])}",
        made["appeal_by"] and f"appeal by {made['appeal_by']}",
    )
    return "\n".join(filter(None, said))


def _reason(reason: Mapping[str, Any]) -> str:
    return f"{reason['sentence']} ({reason['citation']})" if reason["citation"] else str(reason["sentence"])


def _history(moments: Iterable[Mapping[str, Any]]) -> Table:
    shown = _table("", "at", "change", "caused by")
    for each in moments:
        shown.add_row(str(each["number"]), _at(each["at"]), each["change"], Text(each["cause"] or "", "dim"))
    return shown


def _phase(claim: Claim) -> Text:
    return Text(claim["phase"], PHASES.get(claim["phase"], ""))


def _at(instant: str | None) -> str:
    """Write an instant of a claim's course in this terminal's own time."""
    return f"{datetime.fromisoformat(instant).astimezone():%d %b %H:%M:%S}" if instant else ""


def _on(instant: str | None) -> str:
    return f"{datetime.fromisoformat(instant).astimezone():%Y-%m-%d %H:%M}" if instant else "never"


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="dim")
