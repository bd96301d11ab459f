"""`claims dlq list|show|redrive|discard`: what could not be used, why, and what becomes of it."""

# ruff: noqa: PLR0917 - typer calls these, by name; each parameter is an option

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType

from claims_cli import reach
from claims_cli.commands.options import DATA, AsJson, By, Data, DryRun, Rate
from claims_cli.errors import ClaimsError
from claims_cli.pacing import Course
from claims_cli.records import letter_box, letter_page, redriving
from claims_cli.records.letters import Letter, Wanted, chosen, grouped, instant
from claims_cli.terminal import counted, say, wide

Places = Annotated[
    list[str] | None, typer.Argument(metavar="[PLACE]...", help="Where the record lay: TOPIC/PARTITION/OFFSET.")
]
Topic = Annotated[str | None, typer.Option(help="The record's topic, or that of the letter.")]
Service = Annotated[str | None, typer.Option(help="The service that could not use it.")]
Code = Annotated[str | None, typer.Option(help="The cause, such as wrong_field.")]
ClaimOf = Annotated[str | None, typer.Option("--claim", help="The record's key.")]
Since = Annotated[str | None, typer.Option(help="Put aside since then: an instant, or so long ago (30m, 2h, 3d).")]
Until = Annotated[str | None, typer.Option(help="Put aside until then.")]
Handled = Annotated[bool, typer.Option("--handled", help="Also those that were redriven or discarded.")]
Everything = Annotated[bool, typer.Option("--all", help="Every open letter; needed where nothing else chooses.")]
SHOWN = 20
RATE = 100.0

dlq = typer.Typer(
    no_args_is_help=True,
    help="Dead letters: records that a service could not use, kept whole with the reason. What was redriven or discarded "
    "is remembered on a topic of its own; the letters themselves stay until their retention ends.",
)


def add(app: typer.Typer) -> None:
    app.add_typer(dlq, name="dlq", rich_help_panel="When things fail")


@dlq.command("list")
def list_letters(
    data: Data = DATA,
    topic: Topic = None,
    service: Service = None,
    code: Code = None,
    claim: ClaimOf = None,
    since: Since = None,
    until: Until = None,
    each: Annotated[bool, typer.Option("--each", help="Single letters instead of causes.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Of --each, the newest.")] = SHOWN,
    handled: Handled = False,
    as_json: AsJson = False,
) -> None:
    """List the open letters by cause: how many, since when, and an example."""
    wanted = _wanted(None, topic, service, code, claim, since, until)
    box = _read(data)
    letters = chosen(box.letters, wanted, box.fates, handled=handled)
    if each:
        newest = sorted(letters, key=lambda letter: letter.at)[-limit:]
        shown = [letter_page.letter_as_json(letter, box.fates) for letter in newest]
        _show(shown, letter_page.letters_as_table(newest, box.fates), as_json=as_json)
    else:
        groups = grouped(letters)
        _show(letter_page.groups_as_json(groups), letter_page.groups_as_table(groups), as_json=as_json)
    if not letters:
        say("no dead letters are open" if wanted.everything else "no such dead letter is open")
    if box.foreign:
        say(f"{box.foreign} records in dead-letter topics are none of ours")


@dlq.command()
def show(
    place: Annotated[str, typer.Argument(help="Where the record lay: TOPIC/PARTITION/OFFSET.")],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Show one letter: reasons, headers, body. Numbers of people are never printed."""
    box = _read(data)
    found = _named(box.letters, [place])
    letter, record = asyncio.run(_first(reach.kafka(data), found))
    told = letter_page.whole_as_json(letter, record, box.fates)
    _show(told, letter_page.whole_as_page(letter, record, box.fates), as_json=as_json)


@dlq.command()
def redrive(
    places: Places = None,
    data: Data = DATA,
    topic: Topic = None,
    service: Service = None,
    code: Code = None,
    claim: ClaimOf = None,
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    handled: Handled = False,
    dry_run: DryRun = False,
    rate: Rate = RATE,
    *,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Put records into their topics again: the same bytes, headers, key, id and partition, in order.

    A record that was taken meanwhile is recognised by its id, so that redriving twice is harmless. Ctrl-C stops after the
    running part; the same command then goes on with the rest. Letters that are named are redriven again where asked.
    """
    wanted = _wanted(places, topic, service, code, claim, since, until)
    letters, raw = _selected(data, wanted, everything=everything, handled=handled or bool(places))
    if raw:
        say(
            f"left: {counted(raw, 'letter')} without a record that could be sent (no client can read it); see claims dlq show"
        )
    if dry_run:
        _plan("redriven", letters, as_json=as_json)
        return
    course = asyncio.run(redriving.redrive(reach.kafka(data), letters, by, rate))
    _told("redriven", course, as_json=as_json)


@dlq.command()
def discard(
    reason: Annotated[str, typer.Option(help="Why nothing more is done about them; kept.")],
    places: Places = None,
    data: Data = DATA,
    topic: Topic = None,
    service: Service = None,
    code: Code = None,
    claim: ClaimOf = None,
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    dry_run: DryRun = False,
    *,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Close letters without redriving them, with the reason; they stay readable until their retention ends."""
    wanted = _wanted(places, topic, service, code, claim, since, until)
    letters, _ = _selected(data, wanted, everything=everything, handled=bool(places), also_raw=True)
    if dry_run:
        _plan("discarded", letters, as_json=as_json)
        return
    course = asyncio.run(redriving.discard(reach.kafka(data), letters, by, reason))
    _told("discarded", course, as_json=as_json)


def _wanted(places: Sequence[str] | None, *filters: str | None) -> Wanted:
    topic, service, code, claim, since, until = filters
    now = datetime.now(UTC)
    return Wanted(
        frozenset(places or ()),
        topic,
        service,
        code,
        claim,
        instant(since, now) if since else None,
        instant(until, now) if until else None,
    )


def _read(data: Path) -> Any:
    return asyncio.run(letter_box.read(reach.kafka(data)))


async def _first(bootstrap: str, letters: Sequence[Letter]) -> tuple[Letter, Any]:
    async for found in letter_box.whole(bootstrap, letters[:1]):
        return found
    raise ClaimsError("its retention has ended: the letter is gone")


def _selected(
    data: Path, wanted: Wanted, *, everything: bool, handled: bool, also_raw: bool = False
) -> tuple[list[Letter], int]:
    """Give what is chosen, and how many of it cannot be sent; raises ClaimsError where nothing chooses."""
    if wanted.everything and not everything:
        raise ClaimsError("name letters, or choose by --topic, --service, --code, --claim, --since, --until; or --all")
    box = _read(data)
    if wanted.places:
        _named(box.letters, sorted(wanted.places))
    found = chosen(box.letters, wanted, box.fates, handled=handled)
    letters = [each for each in found if also_raw or not each.raw]
    return letters, len(found) - len(letters)


def _named(letters: Sequence[Letter], places: Sequence[str]) -> list[Letter]:
    """Give the letters at these places; raises ClaimsError where there is none."""
    for place in places:
        if not any(Wanted(frozenset({place})).takes(each) for each in letters):
            raise ClaimsError(f"no dead letter is about {place}; claims dlq list --each names them")
    return [each for each in letters if Wanted(frozenset(places)).takes(each)]


def _plan(what: str, letters: Sequence[Letter], *, as_json: bool) -> None:
    groups = grouped(letters)
    told = {"would_be": what, "count": len(letters), "groups": letter_page.groups_as_json(groups)}
    _show(told, letter_page.groups_as_table(groups), as_json=as_json)
    say(f"nothing was done; {counted(len(letters), 'letter')} would be {what}")


def _told(what: str, course: Course, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({what: course.done, "of": course.total, "stopped": course.stopped}))
    say(f"{counted(course.done, 'letter')} of {course.total} {what}{course.remark}")
    course.exit()


def _show(told: object, page: RenderableType, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told))
    else:
        wide(Console()).print(page)
