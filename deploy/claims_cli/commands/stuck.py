"""`claims stuck|skip`: partitions that stand still on a record which cannot be read, and the way past it."""

import asyncio
import json
from typing import Annotated

import typer
from rich.console import Console

from claims_cli import reach
from claims_cli.commands.options import DATA, AsJson, By, Data
from claims_cli.local.stack import running
from claims_cli.local.state import Place as Directory
from claims_cli.records import stuck as asking
from claims_cli.terminal import say, wide

WAIT_S = 20.0
PANEL = "When things fail"


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(stuck)
    app.command(rich_help_panel=PANEL)(skip)


def stuck(
    data: Data = DATA,
    at: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Ask these processes instead of the stack's; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show partitions that stand still: a record's bytes are broken, so that nobody can read on."""
    found, silent = asyncio.run(asking.stuck([(each, each.rstrip("/")) for each in at] if at else _services(data)))
    if as_json:
        typer.echo(json.dumps([each.as_json() for each in found]))
    elif found:
        wide(Console()).print(asking.as_table(found))
        say("to let a service pass over it: claims skip PLACE --reason WHY")
    else:
        say("no partition stands still")
    if silent:
        say(f"no answer from {', '.join(silent)}")


def skip(
    place: Annotated[str, typer.Argument(help="Where it stands: TOPIC/PARTITION/OFFSET, as claims stuck says.")],
    reason: Annotated[str, typer.Option(help="Why it may be passed over; kept.")],
    service: Annotated[str | None, typer.Option(help="Whose partition; needed where several read the topic.")] = None,
    *,
    by: By,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Let a service pass over a record that cannot be read; its bytes go to the dead letters, its sender is told.

    Nothing is skipped but where a partition stands still. A service that is down hears of it when it runs again.
    """
    at = asking.place_of(place)
    reader = asking.reader_of(at.topic, service)
    bootstrap = reach.kafka(data)
    asyncio.run(asking.skip(bootstrap, at, reader, reason, by))
    passed = asyncio.run(asking.passed(bootstrap, at, reader, WAIT_S))
    if as_json:
        typer.echo(json.dumps({"place": place, "service": reader, "passed": passed}))
    say(f"{reader} is past it" if passed else f"said; {reader} is not past it yet: claims stuck, claims ps")


def _services(data: Data) -> list[tuple[str, str]]:
    return [(each.name, each.address) for each in running(Directory(data)).processes if each.tier == "service"]
