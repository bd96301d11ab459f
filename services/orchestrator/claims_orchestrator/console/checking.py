"""Whether what a person wants to do can be done to the claim as it stands: asked of the orchestrator's own decision. Pure."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

from claims_orchestrator.claim import Claim, parked
from claims_orchestrator.console.problems import Problem
from claims_orchestrator.decide import decide
from claims_orchestrator.process import Clocks
from claims_shared.decoding import decode
from claims_shared.documents import Verdict
from claims_shared.messages.catalog import DESK
from claims_shared.messages.lifecycle import Phase
from claims_shared.wire import Output, Received, Record, Undecodable, headers_of

HEARD: Final = "heard"
SENTENCES: Final[Mapping[str, str]] = {
    "not_in_this_phase": "this cannot be done to a claim in phase {phase}",
}


def check(claim: Claim, out: Output, now: datetime, clocks: Clocks) -> bool:
    """Say whether `out` is still to be published: False where this very message was taken before.

    Raises Problem where the claim cannot take it. What is only checked here may be overtaken: the orchestrator decides
    once more, and then refuses openly.
    """
    if claim.phase is Phase.AWAITED:
        raise Problem(HTTPStatus.CONFLICT, "awaited", "the claim itself has not come yet; only messages for it have")
    decision = decide(claim, _received(out), now, clocks)
    if decision.verdict is Verdict.REFUSED:
        raise Problem(HTTPStatus.CONFLICT, decision.code, "; ".join(decision.reasons))
    if decision.verdict is Verdict.IGNORED and decision.code != HEARD:
        sentence = SENTENCES.get(decision.code, f"the claim would ignore this: {decision.code}")
        raise Problem(HTTPStatus.CONFLICT, decision.code, sentence.format(phase=claim.phase.value))
    return decision.code != HEARD


def note(claim: Claim) -> str:
    """Say what happens next to what was just published."""
    if parked(claim):
        return "the claim is parked: an engineer lets it go on, then this is taken"
    return "taken within moments; GET the claim to see what it led to"


def _received(out: Output) -> Received:
    """Read the message exactly as the orchestrator will."""
    record = Record(DESK.name, 0, 0, out.key.encode(), out.body, headers_of(out), out.at)
    received = decode(record)
    if isinstance(received, Undecodable):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, received.code, "; ".join(received.reasons))
    assert isinstance(received, Received), "the desk's topic has no unknown types of ours"
    return received
