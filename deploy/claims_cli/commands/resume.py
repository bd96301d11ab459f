"""`claims resume`: parked claims go on, one or many."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from claims_cli import reach, resuming
from claims_cli.api import Api
from claims_cli.commands.answers import acted, planned
from claims_cli.commands.options import DATA, AsJson, By, Data, DryRun, Rate
from claims_cli.errors import ClaimsError
from claims_cli.resuming import Query, query

RATE = 50.0


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="When things fail")(resume)


def resume(  # noqa: PLR0917 - typer calls it, by name; each is an option
    claim_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Parked claims.")] = None,
    wanted: Annotated[
        str | None,
        typer.Option("--query", help="Parked claims by phase=, step=, cause=, jurisdiction=, claim_type=."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every parked claim.")] = False,
    skip: Annotated[bool, typer.Option("--skip", help="Leave out the message on which our code failed.")] = False,
    dry_run: DryRun = False,
    rate: Rate = RATE,
    *,
    by: By,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Let parked claims go on, once our code is mended: what waited is read again, in order.

    A claim on which it fails again is parked again where it fails. Ctrl-C stops; the same command goes on with the rest.
    """
    api = Api(reach.api(data))
    lines = _chosen(api, claim_ids or (), wanted, everything=everything)
    if dry_run:
        planned("resumed", len(lines), "causes", resuming.causes(lines), as_json=as_json)
        return
    mode = "skip" if skip else "replay"
    course, refused = asyncio.run(resuming.resume(api, lines, mode, by, rate))
    then = "; claims list --parked shows which are parked again"
    acted("resumed", course, refused, as_json=as_json, then=then)


def _chosen(api: Api, ids: Sequence[str], wanted: str | None, *, everything: bool) -> list[Mapping[str, Any]]:
    if ids:
        return [_parked(api.claim(each)) for each in ids]
    if wanted is None and not everything:
        raise ClaimsError("name parked claims, or choose by --query, or --all; claims list --parked shows them")
    return resuming.parked(api, query(wanted) if wanted else Query())


def _parked(claim: Mapping[str, Any]) -> Mapping[str, Any]:
    if (claim["waiting"] or {}).get("kind") != "park":
        raise ClaimsError(f"claim {claim['claim_id']} is not parked")
    return claim
