"""`claims tail|topics`: the life-cycle stream as it happens, and the topics of a broker."""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from claims_cli import reach, topics
from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.records import stream
from claims_cli.records.masking import printable
from claims_cli.records.stream import Event
from claims_cli.terminal import say
from claims_shared.messages.catalog import LIFECYCLE


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="Claims")(tail)
    app.command("topics", rich_help_panel="Local stack")(create_topics)


def tail(  # noqa: PLR0917 - typer calls it, by name; each is an option
    data: Data = DATA,
    as_json: AsJson = False,
    only_type: Annotated[
        str | None, typer.Option("--type", help="Only this ce_type, such as claim.approved.v1.")
    ] = None,
    claim: Annotated[str | None, typer.Option(help="Only this claim.")] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the oldest event, not with the next.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Without following: end at what is the end now.")
    ] = True,
    topic: Annotated[str, typer.Option(help="Another topic of the catalogue.")] = LIFECYCLE.name,
) -> None:
    """Print events as they come: with --json one a line, headers and body, without people's numbers."""
    show = _json if as_json else _line
    wanted = _filter(only_type, claim)
    try:
        asyncio.run(
            _tail(reach.kafka(data), topic, claim, wanted, show, from_start=from_start or not follow, follow=follow)
        )
    except BrokenPipeError:  # whoever read us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def create_topics(
    data: Data = DATA,
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Of new topics; all have the same, never changed.")
    ] = None,
) -> None:
    """Create the catalogue's topics on the broker where they are missing."""
    bootstrap = reach.kafka(data)
    for name in asyncio.run(topics.create(bootstrap, partitions=partitions)):
        typer.echo(name)
    say(f"every topic is on {bootstrap}")


async def _tail(
    bootstrap: str,
    topic: str,
    claim: str | None,
    wanted: Callable[[Event], bool],
    show: Callable[[Event], str],
    *,
    from_start: bool,
    follow: bool,
) -> None:
    async with stream.reading(bootstrap, (topic,), from_start=from_start, claim_id=claim) as events:
        async for event in events.for_ever() if follow else events.to_the_end():
            if wanted(event):
                typer.echo(show(event))
                sys.stdout.flush()


def _filter(only_type: str | None, claim: str | None) -> Callable[[Event], bool]:
    return lambda event: only_type in (None, event.type) and claim in (None, event.key)


def _json(event: Event) -> str:
    return event.as_json()


def _line(event: Event) -> str:
    body = event.body if isinstance(event.body, dict) else {}
    # Only the life cycle says what a claim waits for; any other topic may hold anything under that name.
    waiting = body.get("open", ()) if event.topic == LIFECYCLE.name else ()
    owners = ", ".join(f"{each['owner']} ({each['kind']})" for each in waiting)
    number = f"#{body['sequence']}" if "sequence" in body else f"{event.partition}/{event.offset}"
    what = body.get("change") or body.get("code") or ""
    waits = f"waits for {owners}" if owners else ""
    told = (event.headers.get("ce_time", ""), event.key, number, event.type, str(what), waits)
    return printable("  ".join(told).rstrip())
