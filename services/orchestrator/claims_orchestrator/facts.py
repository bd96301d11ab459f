"""What a claim holds as it came: what was submitted, what each step answered. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from claims_orchestrator.bodies import read
from claims_orchestrator.claim import Claim
from claims_shared.messages import intake


def facts_of(body: bytes) -> intake.ClaimSubmitted:
    """Give the claim as it was submitted."""
    return read(intake.ClaimSubmitted, body)


def result_of(claim: Claim, step: str) -> Mapping[str, Any]:
    """Give a step's answer as it stands on the wire; empty where there is none."""
    result = claim.results.get(step)
    return plain(result.body) if result else {}


def interview_at(claim: Claim, step: str) -> datetime | None:
    """Give the instant that an interview's step has booked."""
    booked = result_of(claim, step).get("interview_at")
    return datetime.fromisoformat(booked) if booked else None


plain: Final[Callable[[bytes], dict[str, Any]]] = msgspec.json.Decoder(dict[str, Any]).decode
"""A message's body as plain values."""
