"""The routes of tasks: open referrals in lists, and who has them: one by one, or a page at once."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from claims_orchestrator.console.giver import move_id
from claims_orchestrator.console.parameters import ClaimId, Key, TheDesk, TheGiver
from claims_orchestrator.console.problems import Problem
from claims_orchestrator.console.requests import (
    Accepted,
    AssignTask,
    ClaimTask,
    Moves,
    Reassign,
    ReleaseTask,
    Spread,
)
from claims_orchestrator.console.task_lists import Task, Wanted
from claims_orchestrator.console.task_views import Lines, line
from claims_orchestrator.tasks import tasks_of
from claims_shared.messages.desk import TaskAssigned, TaskClaimed, TaskReleased

router = APIRouter(tags=["tasks"])


@router.get("/tasks")
async def tasks(  # noqa: PLR0917 - FastAPI reads the parameters of the query from here
    desk: TheDesk,
    queue: Annotated[str | None, Query(description="whose they are: a unit of the agency, or its supervisors")] = None,
    assignee: Annotated[str | None, Query(description="who has them")] = None,
    unassigned: Annotated[bool, Query(description="only what nobody has")] = False,
    overdue: Annotated[bool, Query(description="only those whose time is up")] = False,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Lines:
    """Open referrals, the least time left first; those of one claim stand together."""
    try:
        found, following = await desk.tasks(Wanted(queue, assignee, unassigned, overdue), after, limit)
    except ValueError as wrong:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong_page", str(wrong)) from wrong
    return Lines(tasks=[line(each, desk.now()) for each in found], next=following)


@router.post("/claims/{claim_id}/tasks/assign", status_code=HTTPStatus.ACCEPTED)
async def assign(desk: TheDesk, claim_id: ClaimId, asked: AssignTask, response: Response, key: Key = None) -> Accepted:
    """Give a referral to a caseworker."""
    message = TaskAssigned(claim_id=claim_id, assigned_at=desk.now(), **asked.model_dump())
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, message, await _named(desk, claim_id, asked, "assigned", key))


@router.post("/claims/{claim_id}/tasks/claim", status_code=HTTPStatus.ACCEPTED)
async def claim(desk: TheDesk, claim_id: ClaimId, asked: ClaimTask, response: Response, key: Key = None) -> Accepted:
    """Begin with a referral: from now on nobody else decides it, supervisors apart."""
    message = TaskClaimed(claim_id=claim_id, claimed_at=desk.now(), **asked.model_dump())
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, message, await _named(desk, claim_id, asked, "claimed", key))


@router.post("/claims/{claim_id}/tasks/release", status_code=HTTPStatus.ACCEPTED)
async def release(
    desk: TheDesk, claim_id: ClaimId, asked: ReleaseTask, response: Response, key: Key = None
) -> Accepted:
    """Let go of a referral."""
    message = TaskReleased(claim_id=claim_id, released_at=desk.now(), **asked.model_dump())
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, message, await _named(desk, claim_id, asked, "released", key))


@router.post("/tasks/assign", status_code=HTTPStatus.ACCEPTED)
async def spread(giver: TheGiver, asked: Spread) -> Moves:
    """Assign a page of what nobody has at the least cost in all: by queue, skills, language, conflicts, leave and load."""
    return await _page(giver.spread(asked))


@router.post("/tasks/reassign", status_code=HTTPStatus.ACCEPTED)
async def reassign(giver: TheGiver, asked: Reassign) -> Moves:
    """Give a page of what a caseworker has to others; what nobody fits for goes back to its queue."""
    return await _page(giver.reassign(asked))


async def _page(moving: Awaitable[Moves]) -> Moves:
    try:
        return await moving
    except ValueError as wrong:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong_page", str(wrong)) from wrong


async def _named(
    desk: TheDesk, claim_id: str, asked: AssignTask | ClaimTask | ReleaseTask, what: str, key: str | None
) -> str:
    """The same again, to the claim as it stands, is the same message; so is whatever bears the same key."""
    claim = await desk.claim(claim_id)
    entry = next((each for each in tasks_of(claim) if each.id == asked.answers), None)
    if key or entry is None:
        return f"{asked.answers}/{what}/{asked.caseworker_ref}/{key or 'none'}"
    return move_id(Task(claim, entry), what, asked.caseworker_ref)
