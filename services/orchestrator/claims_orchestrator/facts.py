"""What a claim holds as it came: what was submitted, what each step answered. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from claims_orchestrator.bodies import read
from claims_orchestrator.claim import Claim
from claims_orchestrator.process import BENEFIT
from claims_shared.messages import intake


def facts_of(body: bytes) -> intake.ClaimSubmitted:
    """Give the claim as it was submitted."""
    return read(intake.ClaimSubmitted, body)


def result_of(claim: Claim, step: str) -> Mapping[str, Any]:
    """Give a step's answer as it stands on the wire; empty where there is none."""
    result = claim.results.get(step)
    return plain(result.body) if result else {}


def amounts_of(claim: Claim) -> dict[str, Any]:
    """Give what the benefit pays: as the law computed it, or as a person decided on an appeal; None where it has none."""
    found = result_of(claim, BENEFIT)
    weekly, maximum = found.get("weekly_benefit_amount"), found.get("maximum_benefit_amount")
    weeks = found.get("weeks")
    if weekly is not None and maximum is not None and weeks is None:  # a person gives no weeks, and writes as people do
        weeks = int(Decimal(maximum) // Decimal(weekly))
        weekly, maximum = f"{Decimal(weekly):.2f}", f"{Decimal(maximum):.2f}"
    return {"weekly_benefit_amount": weekly, "maximum_benefit_amount": maximum, "weeks": weeks}


def interview_at(claim: Claim, step: str) -> datetime | None:
    """Give the instant that an interview's step has booked."""
    booked = result_of(claim, step).get("interview_at")
    return datetime.fromisoformat(booked) if booked else None


plain: Final[Callable[[bytes], dict[str, Any]]] = msgspec.json.Decoder(dict[str, Any]).decode
"""A message's body as plain values."""
