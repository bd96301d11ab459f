"""`claims tasks list|show|claim|release|assign|reassign|decide`: what people must do, who has it, and until when."""

# ruff: noqa: PLR0917 - typer calls these, by name; each parameter is an option

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from claims_cli import bulk, moving, reach, task_page
from claims_cli.api import Api
from claims_cli.commands.answers import accepted, print_json
from claims_cli.commands.claims import ClaimId, decide
from claims_cli.commands.options import DATA, AsJson, By, Data, DryRun
from claims_cli.errors import ClaimsError
from claims_cli.terminal import counted, say, wide

TaskId = Annotated[str | None, typer.Option("--task", help="Which; not needed where the claim has only one.")]
Queue = Annotated[str | None, typer.Option(help="Whose they are, such as adjudication or supervisors.")]
Why = Annotated[str, typer.Option("--reason", help="Why; kept with what is done.")]

tasks = typer.Typer(
    no_args_is_help=True,
    help="What people must decide: each referral is a task with a queue, a due instant and somebody who has it. Overdue, "
    "it is the supervisors'; nothing is ever decided by time.",
)
tasks.command()(decide)


def add(app: typer.Typer) -> None:
    app.add_typer(tasks, name="tasks", rich_help_panel="Claims")


@tasks.command("list")
def list_tasks(
    data: Data = DATA,
    queue: Queue = None,
    assignee: Annotated[str | None, typer.Option(help="Who has them.")] = None,
    unassigned: Annotated[bool, typer.Option("--unassigned", help="Those that nobody has.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Those whose time is up.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    after: Annotated[str | None, typer.Option(help="Continue behind this page's `next`.")] = None,
    as_json: AsJson = False,
) -> None:
    """List tasks, the least time left first."""
    page = Api(reach.api(data)).tasks(
        queue=queue,
        assignee=assignee,
        unassigned=unassigned or None,
        overdue=overdue or None,
        limit=limit,
        after=after,
    )
    if as_json:
        print_json(page)
        return
    wide(Console()).print(task_page.lines(page["tasks"]))
    if page["next"]:
        say(f"there are more: --after {page['next']}")


@tasks.command()
def show(claim_id: ClaimId, data: Data = DATA, as_json: AsJson = False) -> None:
    """Show a claim's tasks, and what was done about them so far."""
    claim = Api(reach.api(data)).claim(claim_id)
    found = [each for each in claim["open"] if each["kind"] == "referral"]
    done = [each for each in claim["history"] if each["change"].rsplit(".", 1)[-1] in task_page.DONE]
    if as_json:
        print_json({"claim_id": claim_id, "tasks": found, "history": done})
        return
    console = wide(Console())
    console.print(task_page.entries(found))
    if done:
        console.print()
        console.print(task_page.history(done))


@tasks.command()
def claim(
    claim_id: ClaimId,
    *,
    by: By,
    task: TaskId = None,
    reason: Why = "",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Begin with a task: from now on nobody else decides it, supervisors apart. --by is the caseworker's reference."""
    api = Api(reach.api(data))
    body = {"answers": _task(api, claim_id, task)["id"], "caseworker_ref": by, "reason": reason}
    accepted(api.act(claim_id, "tasks/claim", body), as_json=as_json)


@tasks.command()
def release(
    claim_id: ClaimId,
    reason: Why,
    *,
    by: By,
    of: Annotated[str | None, typer.Option(help="Who has it; without, whoever does.")] = None,
    task: TaskId = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Let go of a task: it is anybody's again."""
    api = Api(reach.api(data))
    found = _task(api, claim_id, task)
    who = of or found.get("assignee") or by
    body = {"answers": found["id"], "caseworker_ref": who, "released_by": by, "reason": reason}
    accepted(api.act(claim_id, "tasks/release", body), as_json=as_json)


@tasks.command()
def assign(
    claim_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One claim's task; without, all.")] = None,
    to: Annotated[str | None, typer.Option(help="The caseworker who gets the task of one claim.")] = None,
    instead_of: Annotated[str | None, typer.Option(help="Who has it now and loses it.")] = None,
    task: TaskId = None,
    queue: Queue = None,
    reason: Why = "it was nobody's",
    dry_run: DryRun = False,
    *,
    by: By,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Give a task to a caseworker; without a claim, all that nobody has to whom they suit best.

    Those with the least time left go first. Queue, agency, skills, language, conflicts, leave and capacity are kept to; the rest
    is weighed: who has many gets fewer. Ctrl-C stops between pages; the same command goes on with the rest.
    """
    api = Api(reach.api(data))
    if claim_id is None:
        if to or instead_of or task:
            raise ClaimsError("--to, --instead-of and --task are for one claim's task: name the claim")
        total = sum(1 for _ in bulk.listed(api.tasks, "tasks", queue=queue, unassigned="true"))
        _moved(api, "assign", {"queue": queue, "assigned_by": by, "reason": reason}, total, dry_run, as_json=as_json)
        return
    if to is None or dry_run or queue:
        raise ClaimsError(f"say who gets the task of {claim_id} with --to; --queue and --dry-run are for many tasks")
    found = _task(api, claim_id, task)["id"]
    body = {"answers": found, "caseworker_ref": to, "instead_of": instead_of, "assigned_by": by, "reason": reason}
    accepted(api.act(claim_id, "tasks/assign", body), as_json=as_json)


@tasks.command()
def reassign(
    who: Annotated[
        str, typer.Argument(metavar="CASEWORKER", help="Who leaves, or is away: all that they have is moved.")
    ],
    reason: Why,
    to: Annotated[str | None, typer.Option(help="Who gets it all; without, whom it suits best.")] = None,
    dry_run: DryRun = False,
    *,
    by: By,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Give everything that a caseworker has to others; what nobody fits for goes back to its queue."""
    api = Api(reach.api(data))
    total = sum(1 for _ in bulk.listed(api.tasks, "tasks", assignee=who))
    body = {"caseworker_ref": who, "to": to, "assigned_by": by, "reason": reason}
    _moved(api, "reassign", body, total, dry_run, as_json=as_json)


def _moved(api: Api, what: str, body: Mapping[str, Any], total: int, dry_run: bool, *, as_json: bool) -> None:
    course, moved = asyncio.run(moving.move(api, what, {**body, "dry_run": dry_run}, total))
    if as_json:
        print_json({"dry_run": dry_run, "of": course.total, "stopped": course.stopped, "tasks": moved})
    else:
        wide(Console()).print(task_page.moves(moved))
    for line in task_page.sums(moved):
        say(line)
    given = sum(1 for each in moved if each["to"] and not each["why_not"])
    verb = "would be" if dry_run else "are"
    say(f"{given} of {counted(len(moved), 'task')} {verb} assigned{course.remark}")
    course.exit()


def _task(api: Api, claim_id: str, name: str | None) -> Mapping[str, Any]:
    """Give the claim's task of this name, or its only one."""
    found = [each for each in api.claim(claim_id)["open"] if each["kind"] == "referral"]
    chosen = [each for each in found if name in (None, each["id"])]
    if len(chosen) == 1:
        return dict(chosen[0])
    if not found:
        raise ClaimsError(f"claim {claim_id} has no task: nobody is asked about it")
    named = "; ".join(f"{each['id']} ({each['reason']}, {each['owner']})" for each in found)
    raise ClaimsError(f"choose one of the tasks of claim {claim_id} with --task: {named}")
