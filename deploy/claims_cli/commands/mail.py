"""`claims mail list|show`: what the local stack's citizens have got, as the mail sink keeps it."""

import json
from typing import Annotated, Any, Literal

import httpx2
import typer
from rich.console import Console
from rich.table import Table

from claims_cli import reach
from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.errors import ClaimsError
from claims_cli.outside.mailbox_page import CALENDAR, in_words
from claims_cli.terminal import say, wide

PATIENCE = 10.0

mail = typer.Typer(no_args_is_help=True, help="The local stack's mailbox: what citizens got. As a web page too.")


def add(app: typer.Typer) -> None:
    app.add_typer(mail, name="mail", rich_help_panel="Local stack")


@mail.command("list")
def list_mails(
    data: Data = DATA,
    to: Annotated[str | None, typer.Option(help="Only to this address.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 20,
    as_json: AsJson = False,
) -> None:
    """List the mails, the newest first, and say where the page is on which they are seen."""
    mails = _get(data, "/messages", limit=limit, **({"to": to} if to else {}))
    if as_json:
        typer.echo(json.dumps(mails))
        return
    table = Table("no.", "received", "to", "subject", box=None)
    for each in mails:
        subject = f"{each['subject']}{'  (calendar)' if each['has_calendar'] else ''}"
        table.add_row(str(each["number"]), each["received_at"][:19], ", ".join(each["to"]), subject)
    wide(Console()).print(table)
    say(f"as people see them: {reach.endpoints(data).mail.http}/")


@mail.command()
def show(
    number: Annotated[int, typer.Argument(help="The mail's number.")],
    data: Data = DATA,
    part: Annotated[Literal["text", "html", "calendar"] | None, typer.Option(help="Only this, as it is.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a mail: its head, its text, and in words what it does to the calendar."""
    found = _get(data, f"/messages/{number}")
    if as_json:
        typer.echo(json.dumps(found))
        return
    texts = {each["type"]: each["text"] for each in found["parts"]}
    if part is not None:
        typer.echo(texts.get(CALENDAR if part == "calendar" else f"text/{'plain' if part == 'text' else part}", ""))
        return
    for name in ("From", "To", "Date", "Subject"):
        typer.echo(f"{name}: {found['headers'].get(name, '')}")
    typer.echo(f"\n{texts.get('text/plain', '').strip()}\n")
    for line in in_words(texts[CALENDAR]) if CALENDAR in texts else ():
        typer.echo(f"calendar: {line}")


def _get(data: Any, path: str, **query: Any) -> Any:
    """Ask the sink. Raises ClaimsError."""
    url = reach.endpoints(data).mail.http
    try:
        answer = httpx2.get(f"{url}{path}", params=query, timeout=PATIENCE)
    except httpx2.HTTPError as away:
        raise ClaimsError(f"the mailbox at {url} does not answer: {type(away).__name__}") from None
    if answer.status_code == httpx2.codes.NOT_FOUND:
        raise ClaimsError(f"no mail at {path}")
    return answer.raise_for_status().json()
