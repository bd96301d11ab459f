"""Which lane a claim takes: the portal asks, policy decides, the reasons stand on the claim. A table and its reader; pure.

No class is without an authority. What a claim says of itself decides when it comes in; time left to a deadline decides
later, by the clocks, and a person whenever he likes: both through `Expedite`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from claims_shared.messages.intake import ClaimSubmitted
from claims_shared.messages.lifecycle import Lane


@dataclass(frozen=True, slots=True)
class PolicyClass:
    """A class of claims that is handled apart.

    `authority`: by whose word; `citation`: where that is written, or what was found instead; `since`: claims filed from this
    day on; `holds`: whether a claim says of itself that it belongs here.
    """

    name: str
    lane: Lane
    authority: str
    citation: str
    since: date
    holds: Callable[[ClaimSubmitted], bool]

    @property
    def reason(self) -> str:
        """Give what is said on the claim and in its events."""
        return f"{self.name}: {self.authority}"


CLASSES: Final = (
    PolicyClass(
        "hardship",
        Lane.EXPEDITED,
        authority="agency policy",
        citation="none in federal law; the agency's own",
        since=date(1970, 1, 1),
        holds=lambda facts: bool(facts.hardship),
    ),
    PolicyClass(
        "veteran",
        Lane.EXPEDITED,
        authority="agency policy, no federal duty",
        citation="38 USC 4215 and 20 CFR 1010 give priority in job training, not in benefits",
        since=date(1970, 1, 1),
        holds=lambda facts: facts.veteran,
    ),
)
"""The most urgent first: where several hold, their reasons stand in this order, and the first one's lane counts."""
UNFOUNDED: Final = "expedited lane asked without cause"
PERSON: Final = "expedited by a person"


def lane_of(facts: ClaimSubmitted, *, asked: bool) -> tuple[Lane, tuple[str, ...]]:
    """Give the lane and why; each reason names its authority."""
    found = [each for each in CLASSES if facts.filed_at.date() >= each.since and each.holds(facts)]
    if found:
        return found[0].lane, tuple(each.reason for each in found)
    return Lane.STANDARD, (UNFOUNDED,) if asked else ()
