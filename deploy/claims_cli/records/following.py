"""Follows claims on the life-cycle and refusal streams until each has come to rest: ended, or waiting for a person."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from claims_cli.records.stream import Event, Stream
from claims_shared.messages.catalog import LIFECYCLE, REFUSALS

AT_REST: Final[Mapping[str, str]] = {
    "claim.approved.v1": "approved",
    "claim.denied.v1": "denied",
    "claim.withdrawn.v1": "withdrawn",
    "claim.referred.v1": "referred",
    "claim.parked.v1": "parked",
    "submission.refused.v1": "refused",
}
"""Where nothing more happens by itself, or not soon."""
ENDED: Final = frozenset({"approved", "denied", "withdrawn"})
STREAMS: Final = (LIFECYCLE.name, REFUSALS.name)


@dataclass(frozen=True, slots=True)
class Rest:
    """How a claim came to rest, and the event that says so."""

    claim_id: str
    outcome: str
    body: Mapping[str, Any]


def rest_of(event: Event) -> Rest | None:
    """Say whether this event brings its claim to rest: it ended, or people outside the machines must act."""
    body = event.body if isinstance(event.body, dict) else {}
    outcome = AT_REST.get(event.type) or _waits_for_the_citizen(body)
    return Rest(event.claim_id, outcome, body) if outcome else None


def _waits_for_the_citizen(body: Mapping[str, Any]) -> str | None:
    kinds = {each["kind"] for each in body.get("open", ())}
    return next((f"waits for {kind}" for kind in ("evidence", "interview") if kind in kinds), None)


RESTING: Final[Mapping[str, str]] = {
    "referral": "referred",
    "park": "parked",
    "evidence": "waits for evidence",
    "interview": "waits for interview",
}


def rest_of_claim(claim: Mapping[str, Any]) -> Rest | None:
    """Say the same of a claim as the API shows it."""
    waiting = claim["waiting"] or {}
    outcome = claim["phase"] if claim["phase"] in ENDED else RESTING.get(waiting.get("kind", ""))
    told = claim["determinations"][-1] if claim["determinations"] else {}
    return Rest(claim["claim_id"], outcome, told) if outcome else None


async def until_at_rest(
    stream: Stream, wanted: Collection[str], seconds: float, tell: Callable[[Rest], None]
) -> set[str]:
    """Tell each claim's first rest; give those that came to none within the time."""
    missing = set(wanted)
    deadline = time.monotonic() + seconds
    while missing and time.monotonic() < deadline:
        for event in await stream.poll():
            rest = rest_of(event)
            if rest is not None and rest.claim_id in missing:
                missing.discard(rest.claim_id)
                tell(rest)
        await asyncio.sleep(0)
    return missing
