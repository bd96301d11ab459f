"""`claims submit`: validates a file of claims, publishes it, and follows it where asked."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from claims_cli import portal, reach, submissions
from claims_cli.api import Api
from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.errors import ClaimsError
from claims_cli.records import following, stream
from claims_cli.records.following import Rest
from claims_cli.submissions import Claim, Wrong
from claims_cli.terminal import counted, say

SHOWN = 20
ASK_AFTER_S, ASKED = 5.0, 200


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="Claims")(submit)


def submit(  # noqa: PLR0917 - typer calls it, by name; each is an option
    file: Annotated[
        Path, typer.Argument(help="One claim a line; a .json file holds one claim or a list; - is standard input.")
    ],
    data: Data = DATA,
    expedited: Annotated[bool, typer.Option("--expedited", help="Ask for the expedited lane; policy decides.")] = False,
    skip_invalid: Annotated[
        bool, typer.Option("--skip-invalid", help="Send what is right, say what is wrong.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Follow every claim until it is decided or a person must look.")
    ] = False,
    timeout: Annotated[float, typer.Option(help="Seconds that --wait waits.")] = 120.0,
    as_json: AsJson = False,
) -> None:
    """Publish claims as a portal would, after checking each; nothing is sent while any is wrong."""
    checked = list(submissions.check(submissions.read(file)))
    wrong = [each for each in checked if isinstance(each, Wrong)]
    _complain(wrong)
    if wrong and not skip_invalid:
        raise ClaimsError(
            f"{counted(len(wrong), 'claim')} of {len(checked)} wrong: nothing was sent; --skip-invalid sends the rest"
        )
    claims = [each for each in checked if isinstance(each, Claim)]
    if wait:
        _wait(data, claims, timeout, expedited=expedited, as_json=as_json)
        return
    asyncio.run(_send(reach.kafka(data), claims, expedited=expedited))
    if as_json:
        typer.echo(json.dumps({"published": [each.claim_id for each in claims]}))


def _wait(data: Path, claims: Sequence[Claim], timeout: float, *, expedited: bool, as_json: bool) -> None:
    """Send everything and tell how each claim comes to rest; raises ClaimsError where one does not in time."""
    tell = _print_json if as_json else _print_line
    if missing := asyncio.run(_follow(data, claims, timeout, tell, expedited=expedited)):
        raise ClaimsError(f"not decided within {timeout:.0f} s: {', '.join(sorted(missing)[:SHOWN])}; see claims show")


def _complain(wrong: Sequence[Wrong]) -> None:
    for each in wrong:
        for reason in each.reasons:
            say(f"line {each.line}: {reason}")


async def _follow(
    data: Path, claims: Sequence[Claim], seconds: float, tell: Callable[[Rest], None], *, expedited: bool
) -> set[str]:
    """Read on from before the first was sent; give those that did not come to rest."""
    bootstrap = reach.kafka(data)
    async with stream.reading(bootstrap, following.STREAMS, from_start=False) as coming:
        await _send(bootstrap, claims, expedited=expedited)
        wanted = {each.claim_id for each in claims}
        missing = await following.until_at_rest(coming, wanted, min(seconds, ASK_AFTER_S), tell)
        for rest in _at_rest_before(data, missing):
            missing.discard(rest.claim_id)
            tell(rest)
        return await following.until_at_rest(coming, missing, seconds - ASK_AFTER_S, tell)


def _at_rest_before(data: Path, missing: Iterable[str]) -> list[Rest]:
    """Ask about those of which nothing is heard: a claim that was submitted before tells nothing new."""
    found = []
    with contextlib.suppress(ClaimsError):  # no API here, or a claim that is not known yet: the stream will tell
        api = Api(reach.api(data))
        found += [rest for name in sorted(missing)[:ASKED] if (rest := following.rest_of_claim(api.claim(name)))]
    return found


async def _send(bootstrap: str, claims: Sequence[Claim], *, expedited: bool) -> None:
    async with portal.connected(bootstrap) as connection:
        outputs = [connection.claim(each.claim_id, each.body, expedited=expedited) for each in claims]
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("publishing", total=len(outputs))
            await connection.send(outputs, lambda count: progress.advance(task, count))
    say(f"{counted(len(outputs), 'claim')} published")


def _print_json(rest: Rest) -> None:
    typer.echo(json.dumps({"claim_id": rest.claim_id, "outcome": rest.outcome, "event": rest.body}))


def _print_line(rest: Rest) -> None:
    body = rest.body
    amounts = (body.get("weekly_benefit_amount"), body.get("maximum_benefit_amount"))
    more = f"  {amounts[0]} a week, {amounts[1]} in all" if any(amounts) else ""
    codes = [each if isinstance(each, str) else each.get("code", "") for each in body.get("reasons", ())]
    typer.echo(f"{rest.claim_id}  {rest.outcome}{more}{'  ' + ', '.join(codes) if codes else ''}")
