"""The acting routes: what a person decides is checked against the claim, then published for the orchestrator."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from claims_orchestrator.console.parameters import ClaimId, Key, TheDesk
from claims_orchestrator.console.requests import Accepted, Decide, Expedite, Hold, Resume
from claims_shared.messages.desk import ClaimExpedited, ClaimResumed, InterviewHeld, ReferralDecided

router = APIRouter(tags=["acting"], prefix="/claims/{claim_id}")


@router.post("/decisions", status_code=HTTPStatus.ACCEPTED)
async def decisions(desk: TheDesk, claim_id: ClaimId, asked: Decide, response: Response, key: Key = None) -> Accepted:
    """Decide a referral: continue, deny, ask the citizen, or retry the step; an appeal: affirm, reverse, modify or dismiss."""
    message = ReferralDecided(claim_id=claim_id, decided_at=desk.now(), **asked.model_dump())
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, message, _id(asked.answers, asked.decision.value, key))


@router.post("/interviews", status_code=HTTPStatus.ACCEPTED)
async def interviews(desk: TheDesk, claim_id: ClaimId, asked: Hold, response: Response, key: Key = None) -> Accepted:
    """Say that a fact-finding interview was held."""
    given = asked.model_dump() | {"held_at": asked.held_at or desk.now()}
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, InterviewHeld(claim_id=claim_id, **given), _id(asked.answers, "held", key))


@router.post("/expedite", status_code=HTTPStatus.ACCEPTED)
async def expedite(desk: TheDesk, claim_id: ClaimId, asked: Expedite, response: Response, key: Key = None) -> Accepted:
    """Put the claim on the expedited lane."""
    message = ClaimExpedited(claim_id=claim_id, expedited_at=desk.now(), **asked.model_dump())
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, message, _id(claim_id, "expedited", key))


@router.post("/resume", status_code=HTTPStatus.ACCEPTED)
async def resume(desk: TheDesk, claim_id: ClaimId, asked: Resume, response: Response, key: Key = None) -> Accepted:
    """Let a parked claim go on."""
    message = ClaimResumed(claim_id=claim_id, resumed_at=desk.now(), **asked.model_dump())
    response.headers["Location"] = f"/claims/{claim_id}"
    return await desk.publish(claim_id, message, _id(asked.answers, asked.mode.value, key))


def _id(about: str, what: str, key: str | None) -> str:
    """Compose the message's id from what is decided on and how: the same again is the same message."""
    return f"{about}/{what}/{key}" if key else f"{about}/{what}"
