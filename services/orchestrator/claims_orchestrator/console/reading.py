"""The reading routes: claims in a list, one claim, and its status in the citizen's words."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from claims_orchestrator.console.parameters import ClaimId, TheDesk
from claims_orchestrator.console.problems import Problem
from claims_orchestrator.console.status import Status, status
from claims_orchestrator.console.views import Lines, Whole, line, whole
from claims_shared.messages.lifecycle import Phase

router = APIRouter(tags=["reading"])


@router.get("/claims")
async def claims(  # noqa: PLR0917 - FastAPI reads the parameters of the query from here
    desk: TheDesk,
    phase: Phase | None = None,
    step: str | None = None,
    owner: Annotated[str | None, Query(description="whom the claim waits for")] = None,
    too_long: Annotated[bool, Query(description="only where a machine has had something for too long")] = False,
    clock: Annotated[
        Literal["forecast", "late", "failed"] | None, Query(description="the worst that a clock of the law has said")
    ] = None,
    after: Annotated[str | None, Query(description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Lines:
    """Claims, the last changed first."""
    where = {
        "phase": phase.value if phase else None,
        "step": step,
        "owner": owner,
        "too_long": too_long,
        "clock": clock,
    }
    try:
        found, following = await desk.claims({name: value for name, value in where.items() if value}, after, limit)
    except ValueError as wrong:
        raise Problem(HTTPStatus.BAD_REQUEST, "wrong_page", str(wrong)) from wrong
    return Lines(claims=[line(each) for each in found], next=following)


@router.get("/claims/{claim_id}")
async def claim(desk: TheDesk, claim_id: ClaimId) -> Whole:
    """One claim: where it stands, what it waits for, what was decided, what happened."""
    return whole(await desk.claim(claim_id))


@router.get("/claims/{claim_id}/status")
async def citizen(
    desk: TheDesk,
    claim_id: ClaimId,
    language: Annotated[str | None, Query(description="en or es; without it the claim's own")] = None,
) -> Status:
    """The claim in the citizen's words: what happened, what is next, by when, what they must do."""
    return status(await desk.claim(claim_id), language)
