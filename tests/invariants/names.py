"""The words of the wire that the judge knows: the published contract, written down here a second time on purpose."""

from typing import Final

APPROVED, DENIED, WITHDRAWN = "claim.approved.v1", "claim.denied.v1", "claim.withdrawn.v1"
ACCEPTED, PARKED = "claim.accepted.v1", "claim.parked.v1"
DETERMINATIONS: Final = frozenset({APPROVED, DENIED})
ENDED: Final = frozenset({"approved", "denied", "withdrawn"})

SUBMITTED, WITHDRAWAL, EVIDENCE = "claim.submitted.v1", "claim.withdrawal-requested.v1", "claim.evidence-provided.v1"
RESCHEDULE, APPEAL = "claim.reschedule-requested.v1", "claim.appeal-filed.v1"
DECIDED, HELD, EXPEDITED, RESUMED = "referral.decided.v1", "interview.held.v1", "claim.expedited.v1", "claim.resumed.v1"
ASSIGNED, BEGUN, LET_GO = "task.assigned.v1", "task.claimed.v1", "task.released.v1"
SUPERVISORS: Final = "supervisors"
"""Whose a referral is once it is overdue."""

INTAKE, DEFERRED = "claims.intake.submissions.v1", "claims.intake.submissions.deferred.v1"

FIRED: Final = frozenset(
    {
        "scheduler.deadline-passed.v1",
        "scheduler.retry-due.v1",
        "scheduler.reminder-due.v1",
        "scheduler.held-too-long.v1",
    }
)
"""They name an entry as answers do, and are none."""
INSTANTS: Final = {"due": "due_at", "retry": "retry_at", "remind": "remind_at", "too_long": "limit_at"}
"""Which instant of an open entry a fired wait is about."""

FAILURES: Final = frozenset(
    {
        "identity.check-failed.v1",
        "eligibility.check-failed.v1",
        "benefits.check-failed.v1",
        "scheduler.interview-unavailable.v1",
        "scheduler.notice-failed.v1",
    }
)
"""Asked again, the same effect may still come to something."""

VERIFY, RELEASE = "identity.verify.v1", "identity.release.v1"
SCHEDULE, CANCEL, NOTICE = (
    "scheduler.schedule-interview.v1",
    "scheduler.cancel-interview.v1",
    "scheduler.send-notice.v1",
)
MOVE, MOVED, STRANDED = (
    "scheduler.move-interview.v1",
    "scheduler.interview-moved.v1",
    "scheduler.interview-stranded.v1",
)
VERIFIED, CONFLICT, RELEASED = "identity.verified.v1", "identity.conflict-found.v1", "identity.released.v1"
BOOKED, FREED = "scheduler.interview-scheduled.v1", "scheduler.interview-cancelled.v1"
BOUNCED, UNSENT = "scheduler.notice-bounced.v1", "scheduler.notice-failed.v1"
TOLD, COMPUTED = "scheduler.notice-sent.v1", "benefits.benefit-computed.v1"

FINAL: Final = frozenset(
    {
        VERIFIED,
        CONFLICT,
        RELEASED,
        "identity.evidence-needed.v1",
        "eligibility.claimant-eligible.v1",
        "eligibility.claimant-ineligible.v1",
        "eligibility.issue-found.v1",
        COMPUTED,
        "benefits.benefit-not-payable.v1",
        BOOKED,
        FREED,
        MOVED,
        TOLD,
    }
)

MACHINE: Final = frozenset({"command", "undo", "notice"})
"""Kinds of open entries for which a service was asked."""
COMMANDS: Final = {
    ("command", "identity"): VERIFY,
    ("command", "eligibility"): "eligibility.determine.v1",
    ("command", "benefit"): "benefits.compute.v1",
    ("command", "orientation"): SCHEDULE,
    ("command", "fact_finding"): SCHEDULE,
    ("command", "move"): MOVE,
    ("undo", "identity"): RELEASE,
    ("undo", "orientation"): CANCEL,
    ("undo", "fact_finding"): CANCEL,
    ("notice", None): NOTICE,
}
"""What an open entry asks, by its kind and step."""
CLOSES: Final = {EVIDENCE: "evidence", HELD: "interview", DECIDED: "referral", RESUMED: "park"}
"""The kind of entry that each reply of a person closes."""
MOVES: Final = frozenset(
    {
        ("open", "open"),
        ("open", "approved"),
        ("open", "denied"),
        ("open", "withdrawn"),
        ("approved", "approved"),
        ("approved", "denied"),
        ("approved", "withdrawn"),
        ("denied", "denied"),
        ("denied", "open"),
        ("denied", "approved"),
        ("withdrawn", "withdrawn"),
    }
)
