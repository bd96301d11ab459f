"""What a claim waits for, and whether that stops its plan. Pure."""

from claims_orchestrator.claim import Claim, Entry, parked
from claims_orchestrator.process import SPECIAL_DECISIONS
from claims_shared.messages.lifecycle import EntryKind


def blocks(entry: Entry) -> bool:
    """Whether the plan waits for it: undos, notices, clocks and referrals that stand for no step run beside the plan."""
    if entry.kind is EntryKind.REFERRAL:
        return entry.reason not in SPECIAL_DECISIONS
    return entry.kind not in (EntryKind.UNDO, EntryKind.NOTICE, EntryKind.CLOCK)


def waiting_entry(claim: Claim) -> Entry | None:
    """Give the entry that the claim waits for: a person's before a machine's, the oldest first."""
    if len(claim.open) == 1:
        return next(iter(claim.open.values()))
    waiting = [entry for entry in claim.open.values() if entry.clock is None]
    blocking = [entry for entry in waiting if blocks(entry)] or waiting
    return min(blocking, key=lambda entry: (entry.kind is EntryKind.COMMAND, entry.since), default=None)


def holding_entry(claim: Claim) -> Entry | None:
    """Give what operators see it wait for: a parked claim waits for an engineer, whatever a citizen still owes."""
    return parked(claim) or waiting_entry(claim)
