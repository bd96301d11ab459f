"""Which lane a claim takes: the portal asks, policy decides, the reasons stand on the claim. Pure."""

from typing import Final

from claims_shared.messages.intake import ClaimSubmitted
from claims_shared.messages.lifecycle import Lane

VETERAN: Final = "veteran: agency policy, no federal duty"
HARDSHIP: Final = "hardship: agency policy"
UNFOUNDED: Final = "expedited lane asked without cause"


def lane_of(facts: ClaimSubmitted, *, asked: bool) -> tuple[Lane, tuple[str, ...]]:
    """Give the lane and why; each reason names its authority (38 USC 4215 covers job training, not benefits)."""
    causes = tuple(reason for holds, reason in ((facts.veteran, VETERAN), (bool(facts.hardship), HARDSHIP)) if holds)
    if causes:
        return Lane.EXPEDITED, causes
    return Lane.STANDARD, (UNFOUNDED,) if asked else ()
