"""`claims list|show|status|decide`: what stands where, and a person's word on it, through the operators' API."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from claims_cli import claim_page, reach
from claims_cli.api import Api
from claims_cli.commands.answers import accepted, print_json
from claims_cli.commands.options import DATA, AsJson, By, Data
from claims_cli.errors import ClaimsError
from claims_cli.resuming import ENGINEERS
from claims_cli.terminal import say, wide

Decision = Literal["continue", "deny", "ask", "retry", "affirm", "reverse", "modify", "dismiss"]
Amount = Annotated[str | None, typer.Option(help="Dollars, such as 395.00: with modify.")]
ClaimId = Annotated[str, typer.Argument(help="The claim's id, as the portal chose it.")]


def add(app: typer.Typer) -> None:
    app.command("list", rich_help_panel="Claims")(list_claims)
    for verb in (show, status, decide):
        app.command(rich_help_panel="Claims")(verb)


def list_claims(  # noqa: PLR0917 - typer calls it, by name; each is an option
    data: Data = DATA,
    phase: Annotated[str | None, typer.Option(help="awaited, open, approved, denied, withdrawn")] = None,
    step: Annotated[str | None, typer.Option(help="identity, eligibility, benefit, orientation, fact_finding")] = None,
    owner: Annotated[
        str | None, typer.Option(help="Whom the claim waits for, such as claimant or 'identity unit'.")
    ] = None,
    parked: Annotated[
        bool, typer.Option("--parked", help="Those on which our code failed, with what failed where.")
    ] = False,
    too_long: Annotated[
        bool, typer.Option("--too-long", help="Those of which a machine has had something for too long.")
    ] = False,
    forecast: Annotated[bool, typer.Option("--forecast", help="Those that are about to be late by the law.")] = False,
    late: Annotated[bool, typer.Option("--late", help="Those that are late by the law.")] = False,
    failed: Annotated[bool, typer.Option("--failed", help="Those that are later than the law's last measure.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    after: Annotated[str | None, typer.Option(help="Continue behind this page's `next`.")] = None,
    as_json: AsJson = False,
) -> None:
    """List claims, the last changed first."""
    whose = ENGINEERS if parked else owner
    clocks = {"forecast": forecast, "late": late, "failed": failed}
    clock = next((state for state, asked in clocks.items() if asked), None)
    page = Api(reach.api(data)).claims(
        phase=phase, step=step, owner=whose, too_long=too_long or None, clock=clock, limit=limit, after=after
    )
    if as_json:
        print_json(page)
        return
    wide(Console()).print(claim_page.lines(page["claims"]))
    if page["next"]:
        say(f"there are more: --after {page['next']}")


def show(claim_id: ClaimId, data: Data = DATA, as_json: AsJson = False) -> None:
    """Show a claim: where it stands, what it waits for, what was decided, what happened."""
    claim = Api(reach.api(data)).claim(claim_id)
    if as_json:
        print_json(claim)
    else:
        wide(Console()).print(claim_page.page(claim))


def status(
    claim_id: ClaimId,
    data: Data = DATA,
    language: Annotated[str | None, typer.Option(help="en or es; without it the claim's own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what the citizen is told: what happened, what is next, by when, what they must do."""
    told = Api(reach.api(data)).status(claim_id, language)
    if as_json:
        print_json(told)
        return
    for line in (told["stands"], *told["happened"], *told["reasons"], told["next"], *told["you_must"]):
        typer.echo(line)


def decide(
    claim_id: ClaimId,
    decision: Annotated[Decision, typer.Option(help="What is decided; the last four are for appeals.")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
    *,
    by: By,
    referral: Annotated[
        str | None, typer.Option(help="The referral's entry; not needed where only one is open.")
    ] = None,
    weekly: Amount = None,
    maximum: Amount = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Decide a referral: continue with the next step, deny, ask the citizen, or retry the step.

    An appeal: affirm (the determination stands), reverse it, modify it (--weekly and --maximum say what it gives from now on),
    or dismiss it because it was late without good cause; continue closes one whose determination no longer stands.
    """
    api = Api(reach.api(data))
    answers = referral or _only(api.claim(claim_id), "referral", "--referral")
    body = {"answers": answers, "decision": decision, "reason": reason, "decided_by": by}
    amounts = {"weekly_benefit_amount": weekly, "maximum_benefit_amount": maximum}
    body |= {name: amount for name, amount in amounts.items() if amount is not None}
    accepted(api.act(claim_id, "decisions", body), as_json=as_json)


def _only(claim: Mapping[str, Any], kind: str, option: str) -> str:
    """Give the one open entry of this kind; where there are several a person must choose."""
    found = [each for each in claim["open"] if each["kind"] == kind]
    if not found:
        raise ClaimsError(f"claim {claim['claim_id']} has no open {kind}: {claim_page.standing(claim)}")
    if len(found) > 1:
        named = "; ".join(f"{each['id']} ({each['reason']})" for each in found)
        raise ClaimsError(f"claim {claim['claim_id']} has several open {kind}s, choose with {option}: {named}")
    return str(found[0]["id"])
