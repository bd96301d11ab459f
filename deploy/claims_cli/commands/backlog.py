"""`claims backlog`: what waits where, since when, and when it will be done."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from claims_cli import backlog as heaped
from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.local.metrics import metrics_of
from claims_cli.terminal import say, wide


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="The system")(backlog)


def backlog(
    data: Data = DATA,
    everything: Annotated[bool, typer.Option("--all", help="Also where nothing waits.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits: records that services have not read yet, and claims at each step."""
    found = heaped.heaps([text for _, text in asyncio.run(metrics_of(data))])
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in found]))
        return
    shown = [each for each in found if everything or each.waiting]
    if shown:
        wide(Console()).print(heaped.as_table(shown))
    else:
        say("nothing waits")
