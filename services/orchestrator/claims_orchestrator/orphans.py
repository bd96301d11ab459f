"""Waits that nobody watches any more: their instant is long past, and their entry still holds it. Pure.

Every open entry with an instant has a wait at the scheduler, and when it fires the entry changes. The scheduler cannot know
what it has lost; only the claim's document says which instants count. So it is asked here: an instant that is held long after
it has passed has no live wait behind it, whatever the reason. The document stands in the store's index by that instant: what
is overdue is found without looking at the claims that are not.
"""

from claims_orchestrator.claim import Claim
from claims_shared.messages.fields import ClaimId, Message
from claims_shared.messages.lifecycle import EntryKind


class WaitOverdue(Message):
    """Said by the orchestrator to itself: a wait of this claim should have fired long ago."""

    claim_id: ClaimId


def overdue_at(claim: Claim, after: int) -> int | None:
    """Give the instant from which a wait counts as lost, `after` milliseconds behind its own; None where none is held.

    What fires for a parked claim waits in its inbox, and leaves the entry as it is.
    """
    earliest: int | None = None
    for entry in claim.open.values():
        if entry.kind is EntryKind.PARK:
            return None
        for at in entry.instants.values():
            if at is not None and (earliest is None or at < earliest):
                earliest = at
    return None if earliest is None else max(earliest + after, claim.look_again or 0)
