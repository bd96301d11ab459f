"""The one table of everything on the wire: which message travels where, who alone writes it, who reads it, how long it stays.

From it come the topics, the JSON Schemas, the AsyncAPI document and the catalogue page; services route by it.
"""

from dataclasses import dataclass
from datetime import timedelta

from claims_shared.messages import (
    benefits,
    certifications,
    desk,
    eligibility,
    identity,
    intake,
    lifecycle,
    operations,
    scheduler,
)
from claims_shared.messages.fields import Message

DAY = timedelta(days=1)
LIMIT = 512 * 1024
"""The largest body that we send, in bytes."""
SUBMISSION_LIMIT = 256 * 1024
"""The largest body that we take from outside; a larger one still fits its topic, so that it can be refused with a reason."""
BROKER_LIMIT = 1024 * 1024
DEAD_LETTER_BROKER_LIMIT = 2 * BROKER_LIMIT
"""`max.message.bytes`: a dead letter is the whole record and the reasons."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A stream with one writer. `lanes`: there is an expedited twin. `dead_letters`: services that put records aside.

    `defers`: there is a third stream, which its only reader writes itself: what came from senders beyond their quota.
    """

    name: str
    writer: str
    readers: tuple[str, ...]
    keep: timedelta
    lanes: bool = False
    dead_letters: tuple[str, ...] = ()
    cleanup: str = "delete"
    defers: bool = False

    @property
    def expedited(self) -> str:
        """Give the name of the expedited lane: `.expedited` before the version."""
        return self._beside("expedited")

    @property
    def deferred(self) -> str:
        """Give the name of the stream for what is beyond its sender's quota."""
        return self._beside("deferred")

    def _beside(self, word: str) -> str:
        stem, version = self.name.rsplit(".", 1)
        return f"{stem}.{word}.{version}"

    def stream(self, *, expedited: bool) -> str:
        """Give the lane that a message takes; a topic without lanes has one way for all."""
        return self.expedited if expedited and self.lanes else self.name

    def writer_of(self, stream: str) -> str:
        """Give who alone writes a stream: what is deferred, its reader has put there."""
        return self.readers[0] if self.defers and stream == self.deferred else self.writer

    @property
    def streams(self) -> tuple[str, ...]:
        """Give the topic, its lane, and the stream of what is deferred."""
        lane = (self.expedited,) if self.lanes else ()
        return (self.name, *lane, self.deferred) if self.defers else (self.name, *lane)

    @property
    def letters(self) -> tuple[str, ...]:
        """Give the dead-letter topics of all its streams."""
        return tuple(dead_letter_topic(name, service) for service in self.dead_letters for name in self.streams)


def group_of(service: str) -> str:
    """Give the consumer group of a service."""
    return f"claims.{service}"


def dead_letter_topic(topic: str, service: str) -> str:
    """Give the topic where this service puts what it could not use from `topic`."""
    return f"{topic}.dlq.{group_of(service)}"


def _commands(owner: str) -> Topic:
    return Topic(f"claims.{owner}.commands.v1", "orchestrator", (owner,), 14 * DAY, lanes=True, dead_letters=(owner,))


def _events(owner: str) -> Topic:
    readers = ("orchestrator", "analysts")
    return Topic(f"claims.{owner}.events.v1", owner, readers, 90 * DAY, dead_letters=("orchestrator",))


INTAKE = Topic(
    "claims.intake.submissions.v1",
    "portals",
    ("orchestrator",),
    90 * DAY,
    lanes=True,
    dead_letters=("orchestrator",),
    defers=True,
)
REFUSALS = Topic("claims.intake.refusals.v1", "orchestrator", ("portals",), 90 * DAY)
DESK = Topic(
    "claims.desk.submissions.v1", "operators' API", ("orchestrator",), 90 * DAY, dead_letters=("orchestrator",)
)
IDENTITY_COMMANDS, IDENTITY_EVENTS = _commands("identity"), _events("identity")
ELIGIBILITY_COMMANDS, ELIGIBILITY_EVENTS = _commands("eligibility"), _events("eligibility")
BENEFITS_COMMANDS, BENEFITS_EVENTS = _commands("benefits"), _events("benefits")
SCHEDULER_COMMANDS, SCHEDULER_EVENTS = _commands("scheduler"), _events("scheduler")
LIFECYCLE = Topic(
    "claims.lifecycle.events.v1",
    "orchestrator",
    ("scheduler", "benefits", "portals", "analysts", "console"),
    3650 * DAY,
    dead_letters=("scheduler", "benefits"),
)
CERTIFICATIONS = Topic(
    "claims.certifications.submissions.v1", "portals", ("benefits",), 90 * DAY, dead_letters=("benefits",)
)
WEEKS = Topic("claims.certifications.events.v1", "benefits", ("portals", "analysts"), 3650 * DAY)
"""Kept as long as the life cycle: what was authorised stands here and nowhere else on the wire."""
OPERATIONS = Topic(
    "claims.operations.events.v1", "operators' tools", ("services", "operators' tools", "analysts"), 3650 * DAY
)
"""Kept as long as the longest dead letter: what is not here is open. Services read it only where a partition stands still."""

TOPICS = (
    INTAKE,
    REFUSALS,
    DESK,
    IDENTITY_COMMANDS,
    IDENTITY_EVENTS,
    ELIGIBILITY_COMMANDS,
    ELIGIBILITY_EVENTS,
    BENEFITS_COMMANDS,
    BENEFITS_EVENTS,
    SCHEDULER_COMMANDS,
    SCHEDULER_EVENTS,
    LIFECYCLE,
    CERTIFICATIONS,
    WEEKS,
    OPERATIONS,
)

MESSAGES: dict[Topic, dict[str, type[Message]]] = {
    INTAKE: {
        "claim.submitted.v1": intake.ClaimSubmitted,
        "claim.withdrawal-requested.v1": intake.WithdrawalRequested,
        "claim.evidence-provided.v1": intake.EvidenceProvided,
        "claim.reschedule-requested.v1": intake.RescheduleRequested,
        "claim.appeal-filed.v1": intake.AppealFiled,
    },
    REFUSALS: {"submission.refused.v1": intake.SubmissionRefused},
    DESK: {
        "referral.decided.v1": desk.ReferralDecided,
        "task.assigned.v1": desk.TaskAssigned,
        "task.claimed.v1": desk.TaskClaimed,
        "task.released.v1": desk.TaskReleased,
        "interview.held.v1": desk.InterviewHeld,
        "claim.expedited.v1": desk.ClaimExpedited,
        "claim.resumed.v1": desk.ClaimResumed,
    },
    IDENTITY_COMMANDS: {
        "identity.verify.v1": identity.VerifyIdentity,
        "identity.release.v1": identity.ReleaseIdentity,
    },
    IDENTITY_EVENTS: {
        "identity.verified.v1": identity.IdentityVerified,
        "identity.evidence-needed.v1": identity.IdentityEvidenceNeeded,
        "identity.conflict-found.v1": identity.IdentityConflictFound,
        "identity.released.v1": identity.IdentityReleased,
        "identity.check-failed.v1": identity.IdentityCheckFailed,
    },
    ELIGIBILITY_COMMANDS: {"eligibility.determine.v1": eligibility.DetermineEligibility},
    ELIGIBILITY_EVENTS: {
        "eligibility.claimant-eligible.v1": eligibility.ClaimantEligible,
        "eligibility.claimant-ineligible.v1": eligibility.ClaimantIneligible,
        "eligibility.issue-found.v1": eligibility.EligibilityIssueFound,
        "eligibility.check-failed.v1": eligibility.EligibilityCheckFailed,
    },
    BENEFITS_COMMANDS: {"benefits.compute.v1": benefits.ComputeBenefit},
    BENEFITS_EVENTS: {
        "benefits.benefit-computed.v1": benefits.BenefitComputed,
        "benefits.benefit-not-payable.v1": benefits.BenefitNotPayable,
        "benefits.check-failed.v1": benefits.BenefitCheckFailed,
    },
    SCHEDULER_COMMANDS: {
        "scheduler.schedule-interview.v1": scheduler.ScheduleInterview,
        "scheduler.cancel-interview.v1": scheduler.CancelInterview,
        "scheduler.move-interview.v1": scheduler.MoveInterview,
        "scheduler.send-notice.v1": scheduler.SendNotice,
    },
    SCHEDULER_EVENTS: {
        "scheduler.interview-scheduled.v1": scheduler.InterviewScheduled,
        "scheduler.interview-unavailable.v1": scheduler.InterviewUnavailable,
        "scheduler.interview-cancelled.v1": scheduler.InterviewCancelled,
        "scheduler.interview-moved.v1": scheduler.InterviewMoved,
        "scheduler.interview-stranded.v1": scheduler.InterviewStranded,
        "scheduler.notice-sent.v1": scheduler.NoticeSent,
        "scheduler.notice-failed.v1": scheduler.NoticeFailed,
        "scheduler.notice-bounced.v1": scheduler.NoticeBounced,
        "scheduler.deadline-passed.v1": scheduler.DeadlinePassed,
        "scheduler.retry-due.v1": scheduler.RetryDue,
        "scheduler.reminder-due.v1": scheduler.ReminderDue,
        "scheduler.held-too-long.v1": scheduler.HeldTooLong,
    },
    LIFECYCLE: {
        "claim.accepted.v1": lifecycle.ClaimAccepted,
        "claim.progressed.v1": lifecycle.ClaimProgressed,
        "claim.referred.v1": lifecycle.ClaimReferred,
        "claim.parked.v1": lifecycle.ClaimParked,
        "claim.approved.v1": lifecycle.ClaimApproved,
        "claim.denied.v1": lifecycle.ClaimDenied,
        "claim.withdrawn.v1": lifecycle.ClaimWithdrawn,
    },
    CERTIFICATIONS: {"week.certified.v1": certifications.WeekCertified},
    WEEKS: {
        "week.authorised.v1": certifications.WeekAuthorised,
        "week.waiting.v1": certifications.WeekWaiting,
        "week.held.v1": certifications.WeekHeld,
        "week.not-payable.v1": certifications.WeekNotPayable,
        "week.reversed.v1": certifications.WeekReversed,
        "week.refused.v1": certifications.WeekRefused,
        "benefits.exhausted.v1": certifications.BenefitsExhausted,
        "benefits.year-ended.v1": certifications.BenefitYearEnded,
    },
    OPERATIONS: {
        "letter.redriven.v1": operations.LetterRedriven,
        "letter.discarded.v1": operations.LetterDiscarded,
        "record.skipped.v1": operations.RecordSkipped,
    },
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One message of the catalogue."""

    wire: str
    model: type[Message]
    topic: Topic


BY_WIRE = {wire: Listing(wire, model, topic) for topic, kinds in MESSAGES.items() for wire, model in kinds.items()}
BY_MODEL = {listing.model: listing for listing in BY_WIRE.values()}
BY_STREAM = {stream: topic for topic in TOPICS for stream in topic.streams}


def inputs_of(service: str) -> tuple[Topic, ...]:
    """Give the topics that a service reads."""
    return tuple(topic for topic in TOPICS if service in topic.readers)
