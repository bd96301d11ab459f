"""`claims expedite`: claims go ahead of others, one or many, for a reason that is kept."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from claims_cli import expediting, reach
from claims_cli.api import Api
from claims_cli.commands.answers import acted, planned
from claims_cli.commands.options import DATA, AsJson, By, Data, DryRun, Rate
from claims_cli.errors import ClaimsError

RATE = 50.0


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="Claims")(expedite)


def expedite(  # noqa: PLR0917 - typer calls it, by name; each is an option
    reason: Annotated[str, typer.Option(help="Why; kept with the claim, told to nobody outside.")],
    claim_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Claims.")] = None,
    wanted: Annotated[
        str | None,
        typer.Option(
            "--query", help="Open claims of the standard lane by step=, owner=, jurisdiction=, claim_type=, program=."
        ),
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="Claim ids, one a line.")] = None,
    dry_run: DryRun = False,
    rate: Rate = RATE,
    *,
    by: By,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Put claims on the expedited lane; what machines were asked is asked again there.

    Ctrl-C stops; the same command goes on with the rest: a claim that is expedited already stays so.
    """
    api = Api(reach.api(data))
    lines = _chosen(api, claim_ids or (), wanted, file)
    if dry_run:
        planned("expedited", len(lines), "where", expediting.steps(lines), as_json=as_json)
        return
    course, refused = asyncio.run(expediting.expedite(api, [each["claim_id"] for each in lines], reason, by, rate))
    acted("expedited", course, refused, as_json=as_json)


def _chosen(api: Api, ids: Sequence[str], wanted: str | None, file: Path | None) -> list[Mapping[str, Any]]:
    if bool(ids) + (wanted is not None) + (file is not None) != 1:
        raise ClaimsError("name claims, or choose by --query, or by --file: one of the three")
    if wanted is not None:
        return expediting.found(api, expediting.wanted(wanted))
    return [api.claim(each) for each in (ids or expediting.listed(file or Path()))]
