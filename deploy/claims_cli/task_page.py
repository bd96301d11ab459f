"""Tasks on the terminal: open referrals in a list, the least time left first, and what was done about many at once."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from claims_cli.claim_page import about

Line = Mapping[str, Any]
SOON: Final = timedelta(days=1).total_seconds()
UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def lines(tasks: Iterable[Line]) -> Table:
    shown = _table("task", "queue", "reason", "left", "due", "has it", "since")
    for each in tasks:
        shown.add_row(
            each["task"],
            each["queue"] if each["queue"] == each["unit"] else f"{each['queue']} ({each['unit']})",
            each["reason"] or "",
            left(each["left_seconds"]),
            _at(each["due_at"]),
            _holder(each),
            _at(each["claimed_at"]),
        )
    return shown


def left(seconds: int) -> Text:
    """Say how much time is left, or since when there is none."""
    size, unit = next(((size, unit) for size, unit in UNITS if abs(seconds) >= size), UNITS[-1])
    said = f"{abs(seconds) // size} {unit}"
    if seconds <= 0:
        return Text(f"{said} overdue", "bold red")
    return Text(said, "yellow" if seconds < SOON else "")


DONE: Final = frozenset({"assigned", "claimed", "released", "escalated"})
"""How the changes end that are about who has a task."""


def entries(found: Iterable[Line]) -> Table:
    """Show a claim's own tasks."""
    shown = _table("task", "queue", "reason", "since", "due", "has it", "at it since")
    for each in found:
        overdue = each.get("overdue_since")
        due = Text(_at(overdue), "bold red") if overdue else Text(_at(each["due_at"]))
        holder = _holder({"assignee": each.get("assignee"), "claimed_at": each.get("claimed_at")})
        at_it = _at(each.get("claimed_at"))
        shown.add_row(each["id"], each["owner"], about(each), _at(each["since"]), due, holder, at_it)
    return shown


def history(moments: Iterable[Line]) -> Table:
    """Show what was done about them, by which message."""
    shown = _table("", "at", "change", "caused by")
    for each in moments:
        shown.add_row(str(each["number"]), _at(each["at"]), each["change"], Text(each["cause"] or "", "dim"))
    return shown


def moves(moved: Iterable[Line]) -> Table:
    """Show what was done, or would be, about each."""
    shown = _table("task", "queue", "had it", "gets it", "")
    for each in moved:
        shown.add_row(
            each["task"],
            each["queue"],
            each["was"] or "",
            each["to"] or "nobody",
            Text(each["why_not"] or "", "yellow"),
        )
    return shown


def sums(moved: Iterable[Line]) -> Iterator[str]:
    """Say how many each got."""
    counts: dict[str, int] = {}
    for each in moved:
        name = each["to"] if each["to"] and not each["why_not"] else f"nobody: {each['why_not']}"
        counts[name] = counts.get(name, 0) + 1
    for name, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{number:6}  {name}"


def _holder(task: Line) -> Text:
    if task["assignee"] is None:
        return Text("nobody", "dim")
    return Text(task["assignee"], "green" if task["claimed_at"] else "")


def _at(instant: str | None) -> str:
    return f"{datetime.fromisoformat(instant).astimezone():%d %b %H:%M}" if instant else ""


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, pad_edge=False, header_style="dim")
