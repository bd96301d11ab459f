"""`claims policy list|show|diff`: the law in the packs, as those read it who answer for it."""

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, TypeAlias, TypeVar

import typer
from rich.console import Console, RenderableType

from claims_cli import policy_json, policy_page
from claims_cli.commands.options import AsJson
from claims_cli.errors import ClaimsError
from claims_cli.terminal import say, wide
from claims_shared.law import reading
from claims_shared.law.in_force import Packs
from claims_shared.law.loader import load_packs
from claims_shared.law.rules import Unknown

Found = TypeVar("Found")
DAY = ["%Y-%m-%d"]
State: TypeAlias = Annotated[
    str, typer.Argument(metavar="JURISDICTION", help="Such as NY; claims policy list has all.")
]
On: TypeAlias = Annotated[
    datetime | None, typer.Option("--on", formats=DAY, help="The day; today where none is named.")
]

policy = typer.Typer(
    no_args_is_help=True,
    help="The law as the services apply it: dated values with their references, how far each is trusted, what is not known.",
)


def add(app: typer.Typer) -> None:
    app.add_typer(policy, name="policy", rich_help_panel="The law")


@policy.command("list")
def list_packs(on: On = None, as_json: AsJson = False) -> None:
    """List the jurisdictions that have a pack, and how much of their law is known on a day."""
    packs, day = load_packs(), _day(on)
    found = [_held(packs, code, reading.summary(packs, code, day)) for code in packs.jurisdictions]
    _show(found, lambda lines: list(map(policy_json.summary, lines)), policy_page.summaries, as_json=as_json)


@policy.command()
def show(jurisdiction: State, on: On = None, as_json: AsJson = False) -> None:
    """Show a jurisdiction's law on a day: every rule in words, every value with its source, what is not known, what is next."""
    packs = load_packs()
    found = _held(packs, jurisdiction, reading.page(packs, jurisdiction.upper(), _day(on)))
    _show(found, policy_json.page, policy_page.page, as_json=as_json)


@policy.command()
def diff(
    jurisdiction: State,
    before: Annotated[datetime, typer.Argument(metavar="DAY", formats=DAY, help="One day.")],
    after: Annotated[datetime, typer.Argument(metavar="OTHER", formats=DAY, help="The other, mostly a later one.")],
    as_json: AsJson = False,
) -> None:
    """Show what is not the same on two days: values before and after, and what became known or unknown."""
    packs = load_packs()
    pack = _held(packs, jurisdiction, packs.pack(jurisdiction.upper()))
    days = before.date(), after.date()
    found = reading.changes(pack, *days)
    if as_json:
        typer.echo(json.dumps(policy_json.diff(pack, *days, found)))
    elif found:
        wide(Console()).print(policy_page.diff(pack, *days, found))
    if not found:
        say(f"the pack of {pack.name} says the same on {days[0]} and on {days[1]}")


def _held(packs: Packs, jurisdiction: str, found: Found | Unknown) -> Found:
    if isinstance(found, Unknown):
        raise ClaimsError(
            f"there is no policy pack for {jurisdiction}; there are packs for {', '.join(packs.jurisdictions)}"
        )
    return found


def _day(on: datetime | None) -> date:
    return (on or datetime.now().astimezone()).date()


def _show(
    found: Found, told: Callable[[Found], object], drawn: Callable[[Found], RenderableType], *, as_json: bool
) -> None:
    if as_json:
        typer.echo(json.dumps(told(found)))
    else:
        wide(Console()).print(drawn(found))
