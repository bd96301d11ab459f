"""What the scheduler is asked, what it answers, and the waits that it fires."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from claims_shared.messages.fields import (
    Answer,
    ClaimId,
    Code,
    Command,
    Count,
    EffectId,
    Failure,
    Instant,
    Jurisdiction,
    Language,
    Message,
    Ordinal,
    TimeZone,
)
from claims_shared.messages.intake import Email, Name


class InterviewKind(StrEnum):
    """Orientation only has to be booked; after fact-finding a person decides."""

    ORIENTATION = "orientation"
    FACT_FINDING = "fact_finding"


class ScheduleInterview(Command):
    """Book the earliest free slot and invite the citizen.

    Whoever holds it knows the kind and all `issues`, speaks the language, and has no interest in the claim or the `employer`.
    """

    kind: InterviewKind
    jurisdiction: Jurisdiction
    language: Language
    time_zone: TimeZone
    first_name: Name
    last_name: Name
    email: Email | None = None
    issues: tuple[Code, ...] = ()
    employer: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class CancelInterview(Command):
    """Free the slot that `undoes` (an earlier effect) booked; a tombstone stays."""

    undoes: EffectId


class MoveInterview(Command):
    """Give the interview that `moves` (an earlier effect) booked another slot; until that is held, the old one stands."""

    moves: EffectId
    not_before: Instant | None = None


class NoticeKind(StrEnum):
    """What a notice tells the citizen."""

    EVIDENCE_WANTED = "evidence_wanted"
    EVIDENCE_REMINDER = "evidence_reminder"
    EVIDENCE_MISSED = "evidence_missed"
    IDENTITY_QUESTION = "identity_question"
    UNDER_REVIEW = "under_review"
    INTERVIEW_REMINDER = "interview_reminder"
    INTERVIEW_MISSED = "interview_missed"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    APPEAL_RECEIVED = "appeal_received"
    APPEAL_DECIDED = "appeal_decided"


class SendNotice(Command):
    """Tell the citizen, in their language; `values` are the words that the template needs.

    `supersedes`: earlier notices that are no longer true; what of them is not sent yet is not sent after this one.
    """

    notice: NoticeKind
    jurisdiction: Jurisdiction
    language: Language
    time_zone: TimeZone
    first_name: Name
    last_name: Name
    email: Email | None = None
    portal_ref: str
    values: Mapping[str, str] = Field(default_factory=dict)
    sentences: tuple[str, ...] = ()
    supersedes: tuple[EffectId, ...] = ()


class InterviewScheduled(Answer):
    """A slot is held; the invite follows by mail and is not waited for."""

    interview_at: Instant
    minutes: Annotated[int, Field(ge=0, le=1_440)]
    caseworker_ref: str


class InterviewUnavailable(Failure):
    """No free slot now, or none ever: nobody knows and speaks what it takes, or works when the citizen is awake."""


class MovedBy(StrEnum):
    """Who wanted another slot."""

    CLAIMANT = "claimant"
    AGENCY = "agency"


class InterviewMoved(Message):
    """The interview (the effect that booked it) has another slot; the invite's next version follows, numbered `sequence`.

    `answers` is None where nobody asked: its caseworker is away then.
    """

    claim_id: ClaimId
    answers: EffectId | None = None
    attempt: Ordinal | None = None
    interview: EffectId
    sequence: Ordinal
    interview_at: Instant
    minutes: Annotated[int, Field(ge=0, le=1_440)]
    caseworker_ref: str
    moved_by: MovedBy


class InterviewStranded(Message):
    """The caseworker of this interview is away then, and there is no other slot: a person must see to it."""

    claim_id: ClaimId
    interview: EffectId
    interview_at: Instant
    caseworker_ref: str
    reason: Code


class InterviewCancelled(Answer):
    """The slot is free again, or was never taken."""


class NoticeSent(Answer):
    """The mail server has taken the notice."""

    message_id: str
    sent_at: Instant


class NoticeFailed(Failure):
    """The notice cannot be delivered."""


class NoticeBounced(Message):
    """A mail that the mail server had taken came back for good: a notice, or an interview's invite or cancellation.

    `mail`: which of the effect's mails, 0 the first; `status`: why (RFC 3463).
    """

    claim_id: ClaimId
    effect_id: EffectId
    mail: Count
    status: Annotated[str, Field(pattern=r"^5\.[0-9]{1,3}\.[0-9]{1,3}$")]
    bounced_at: Instant


class WaitKind(StrEnum):
    """Which instant of an open entry came."""

    DUE = "due"
    RETRY = "retry"
    REMIND = "remind"
    TOO_LONG = "too_long"


class _Fired(Message):
    """A wait that fired: the entry, and the instant it was armed for."""

    claim_id: ClaimId
    answers: EffectId
    wait: WaitKind
    armed_for: Instant
    step: Code | None = None


class DeadlinePassed(_Fired):
    """An entry's due instant has passed."""


class RetryDue(_Fired):
    """It is time to ask again."""


class ReminderDue(_Fired):
    """It is time to remind."""


class HeldTooLong(_Fired):
    """A machine's entry has been open for longer than its step may be held."""
