"""`claims staff show|check|leave`: who works at the agency, whether a staff file can be used, and leave that is entered."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.errors import ClaimsError
from claims_cli.local.plan import STAFF
from claims_cli.local.state import Place
from claims_cli.staffing.editing import with_leave
from claims_cli.staffing.load import DAYS, interviews
from claims_cli.terminal import say, wide
from claims_scheduler.calendar import Rules
from claims_shared.ports import StoreUnavailable
from claims_shared.staff.loading import StaffError, load_staff
from claims_shared.staff.people import UNBOUNDED, Caseworker, Staff

PANEL = "People"
SHOWN = ("ref", "name", "jurisdictions", "zone", "units", "skills", "languages", "leave", "interviews")


def add(app: typer.Typer) -> None:
    staff = typer.Typer(help="Caseworkers: who is where, with what skills, leave and load.", no_args_is_help=True)
    staff.command()(show)
    staff.command()(check)
    staff.command()(leave)
    app.add_typer(staff, name="staff", rich_help_panel=PANEL)


def show(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show the caseworkers of the stack's staff file, and how many interviews each has in the next seven days."""
    people = list(_read(_file(data)))
    loads = _loads(data, people)
    rows = [_row(each, loads) for each in people]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    heads = ("ref", "name", "agencies", "zone", "units", "skills", "languages", "leave", f"interviews, {DAYS} days")
    shown = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*(_cell(row[name]) for name in SHOWN))
    wide(Console()).print(shown)


def check(file: Annotated[Path, typer.Argument(help="A staff file.")], as_json: AsJson = False) -> None:
    """Say whether a staff file can be used, and what is wrong where it cannot."""
    staff = _read(file)
    if as_json:
        typer.echo(json.dumps({"file": str(file), "caseworkers": len(staff)}))
    say(f"{file} can be used: {len(staff)} caseworkers")


def leave(
    ref: Annotated[str, typer.Argument(help="The caseworker.")],
    first: Annotated[datetime, typer.Argument(metavar="FROM", formats=["%Y-%m-%d"], help="The first day away.")],
    last: Annotated[datetime, typer.Argument(metavar="TO", formats=["%Y-%m-%d"], help="The last day away.")],
    data: Data = DATA,
) -> None:
    """Enter leave into the stack's staff file; the scheduler moves the interviews that it breaks within moments."""
    file = _file(data)
    _read(file)
    edited = with_leave(file.read_text("utf-8"), file.name, ref, first.date(), last.date())
    beside = file.with_suffix(".new")
    beside.write_text(edited, "utf-8")
    beside.replace(file)
    say(f"{ref} is away from {first.date()} to {last.date()}: {file}")


def _file(data: Path) -> Path:
    """Give the staff file that the stack of this directory uses."""
    file = Path(os.environ.get("CLAIMS_STAFF") or data / STAFF)
    if not file.exists():
        raise ClaimsError(
            f"there is no staff file {file}: everybody can do everything; write one, check it with "
            f"`claims staff check`, and start the stack anew"
        )
    return file


def _read(file: Path) -> Staff:
    try:
        return load_staff(file)
    except StaffError as wrong:
        raise ClaimsError(str(wrong)) from None


def _loads(data: Path, people: list[Caseworker]) -> dict[str, int] | None:
    """Give the interviews by caseworker; None where no stack has stored any."""
    state = Place(data).read()
    if state is None:
        return None
    try:
        return dict(asyncio.run(interviews(state.endpoints.store, people, Rules(), datetime.now(UTC))))
    except StoreUnavailable as away:
        raise ClaimsError(f"the store is away: {away}") from None


def _row(each: Caseworker, loads: dict[str, int] | None) -> dict[str, Any]:
    today = datetime.now(ZoneInfo(each.zone)).date()
    return {
        "ref": each.ref,
        "name": each.name,
        "jurisdictions": sorted(each.jurisdictions),
        "zone": each.zone,
        "units": sorted(each.units),
        "skills": sorted(each.skills),
        "languages": sorted(each.languages),
        "leave": [[str(away.first), str(away.last)] for away in each.leave if away.last >= today],
        "interviews": None if loads is None else loads.get(each.ref, 0),
        **({} if each.interviews >= UNBOUNDED else {"interviews_a_day": each.interviews}),
    }


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(" to ".join(each) if isinstance(each, list) else str(each) for each in value)
    return "" if value is None else str(value)
