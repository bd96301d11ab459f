"""`claims demo`: real claims and one of each trouble through the running system, checked."""

import asyncio
import json
import secrets
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer
from rich.console import Console

from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.demo import summary
from claims_cli.demo.board import board
from claims_cli.demo.director import Director
from claims_cli.demo.parts import Part, ordinary
from claims_cli.demo.people import ORDINARY_NUMBERS, People
from claims_cli.demo.stage import stage
from claims_cli.demo.troubles import troubles
from claims_cli.local.options import Options
from claims_cli.local.state import Place

UNCUT = 200


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="Local stack")(demo)


def demo(  # noqa: PLR0917 - typer calls it, by name; each is an option
    data: Data = DATA,
    claims: Annotated[int, typer.Option(min=1, help="How many, the troubles among them.")] = 200,
    store: Annotated[Literal["sqlite", "mongo"] | None, typer.Option(help="As for claims up.")] = None,
    replicas: Annotated[int, typer.Option(min=1, max=16, help="As for claims up.")] = 1,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running afterwards.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds after which what is open counts as not as expected.")] = 240.0,
    as_json: AsJson = False,
) -> None:
    """Start the stack, send claims with known ends through it, show them moving, compare; 0 if all end as expected.

    A stack that runs on --data already is used and left running.
    """
    options = Options(replicas=replicas, store=store)
    if not asyncio.run(_demo(Place(data), options, claims, timeout, keep=keep, as_json=as_json)):
        raise typer.Exit(1)


async def _demo(place: Place, options: Options, claims: int, timeout_s: float, *, keep: bool, as_json: bool) -> bool:
    console = _console(stderr=as_json)
    async with stage(place, options, keep=keep) as found:
        with board(console) as show:
            director = Director(parts(claims), found.state.endpoints, show)
            await director.run(timeout_s)
    play, seconds = director.play, director.seconds
    if as_json:
        typer.echo(json.dumps(summary.as_json(play, seconds), ensure_ascii=False))
        return play.done
    console.print(summary.summary(play, seconds), highlight=False)
    running = keep or not found.ours
    console.print("\nwhere to look next", style="bold")
    named = "" if place.data == Place(DATA).data else f" --data {place.data}"
    for line in summary.where_next(play, found.state.endpoints, named, running=running):
        console.print(f"  {line}", highlight=False, soft_wrap=True)
    return play.done


def parts(claims: int) -> list[Part]:
    """Give the troubles and so many ordinary claims that together they are `claims`, under ids of this run only."""
    run = f"demo-{datetime.now(UTC):%m%d-%H%M%S}"
    people = People(secrets.randbelow(ORDINARY_NUMBERS))
    difficult = list(troubles(run, people))
    return [*difficult, *ordinary(run, max(claims - len(difficult), 0), people)]


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=UNCUT)
