"""`claims flow`: the limits of what lies outside, and the portals' quotas, changed while everything runs."""

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from claims_cli import flow_file
from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.errors import ClaimsError
from claims_cli.local.metrics import metrics_of
from claims_cli.local.state import Place
from claims_cli.terminal import say, wide

PANEL = "The system"
What = Annotated[
    Literal["identity", "mail", "portals"], typer.Argument(help="identity, mail, or portals: their quotas.")
]


def add(app: typer.Typer) -> None:
    group = typer.Typer(help="Limits of outside dependencies and quotas of portals, changed without a restart.")
    for verb in (show, reset):
        group.command()(verb)
    group.command("set")(set_limits)
    app.add_typer(group, name="flow", rich_help_panel=PANEL)


def show(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show what the file says, and what holds in each process."""
    path = Place(data).flow
    holds = flow_file.in_effect(asyncio.run(metrics_of(data)))
    try:
        says: dict[str, Any] | None = flow_file.content(path)
    except ClaimsError as wrong:
        says = None
        say(str(wrong))
    if as_json:
        typer.echo(json.dumps({"file": str(path), "says": says, "in_effect": holds}))
        return
    wide(Console()).print(_table(holds))
    if says is not None:
        say(f"{path} says {json.dumps(says) if says else 'nothing: the settings hold'}")


def set_limits(  # noqa: PLR0917 - typer calls it, by name; each is an option
    what: What,
    rate: Annotated[float | None, typer.Option(help="Checks, mails or claims a second, over all replicas.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Calls or connections at a time, in each process.")] = None,
    breaker_failures: Annotated[int | None, typer.Option(help="Failures in a row that open the breaker.")] = None,
    breaker_seconds: Annotated[float | None, typer.Option(help="How long nobody asks then.")] = None,
    burst: Annotated[float | None, typer.Option(help="Of portals: claims at once after a rest.")] = None,
    portal: Annotated[
        str | None, typer.Option(help="Of portals: this ce_source alone, instead of every other.")
    ] = None,
    data: Data = DATA,
) -> None:
    """Change limits; what is not named stays. Every replica takes them within moments."""
    given = {
        "rate": rate,
        "concurrency": concurrency,
        "breaker_failures": breaker_failures,
        "breaker_seconds": breaker_seconds,
        "burst": burst,
    }
    values = {name: value for name, value in given.items() if value is not None}
    if not values:
        raise ClaimsError("say what to change: --rate, --concurrency, --breaker-failures, --breaker-seconds, --burst")
    if portal is not None and what != "portals":
        raise ClaimsError("--portal belongs to portals")
    where: tuple[str, ...] = (what,)
    if what == "portals":
        where += ("own", portal) if portal is not None else ("usual",)
    path = Place(data).flow
    flow_file.write(path, flow_file.changed(flow_file.content(path), where, values))
    say(f"said in {path}; claims flow show tells what holds")


def reset(data: Data = DATA) -> None:
    """Let the settings hold again, also where the file cannot be taken."""
    path = Place(data).flow
    flow_file.write(path, {})
    say(f"{path} says nothing any more")


def _table(holds: Mapping[str, Any]) -> Table:
    shown = Table("process", "of", "holds", box=None, pad_edge=False, header_style="dim")
    for process, held in holds.items():
        for about, what in held.items():
            shown.add_row(*map(Text, (process, about, what if isinstance(what, str) else _words(what))))
    return shown


def _words(limits: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {'any' if value is None else f'{value:g}'}" for name, value in limits.items())
