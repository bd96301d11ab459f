"""A referral as people see it in their lists: whose it is, how much time is left. Pure; no facts, no free text."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from claims_orchestrator.console.task_lists import Task
from claims_orchestrator.tasks import due_of, unit_of
from claims_shared.messages.fields import utc
from claims_shared.messages.lifecycle import Lane, Phase


class Line(BaseModel):
    """A referral in a list. `queue`: whose it is now; `unit`: the queue it is from. `left_seconds` below 0: it is overdue."""

    task: str
    claim_id: str
    portal_ref: str
    jurisdiction: str
    phase: Phase
    lane: Lane
    queue: str
    unit: str
    reason: str | None
    step: str | None
    since: datetime
    due_at: datetime
    left_seconds: int
    overdue: bool
    assignee: str | None
    claimed_at: datetime | None


class Lines(BaseModel):
    """A page of a list; `next` continues it and is None at the end."""

    tasks: Sequence[Line]
    next: str | None


def line(task: Task, now: datetime) -> Line:
    """Give a referral as one line."""
    claim, entry = task
    due = utc(due_of(entry))
    return Line(
        task=entry.id,
        claim_id=claim.id,
        portal_ref=claim.portal_ref,
        jurisdiction=claim.jurisdiction,
        phase=claim.phase,
        lane=claim.lane,
        queue=entry.owner,
        unit=unit_of(entry),
        reason=entry.reason,
        step=entry.step,
        since=utc(entry.since),
        due_at=due,
        left_seconds=int((due - now).total_seconds()),
        overdue=due <= now,
        assignee=entry.assignee,
        claimed_at=utc(entry.claimed_at) if entry.claimed_at else None,
    )
