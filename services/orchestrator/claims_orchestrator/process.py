"""THE PAGE: the plan of every kind of claim, what each step asks, and what each answer, silence or decision means. Data only.

`decide.py` carries it out; the README shows these tables, generated. Nothing here reads a clock, a file or the network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from claims_shared.law.clocks_loader import clock_law
from claims_shared.law.statutory import ClockLaw
from claims_shared.messages import benefits, eligibility, identity, intake, scheduler
from claims_shared.messages.desk import ClaimExpedited, DecisionKind
from claims_shared.messages.fields import ClaimType, Command, Message
from claims_shared.messages.lifecycle import EntryKind, Phase
from claims_shared.messages.scheduler import NoticeKind
from claims_shared.staff.people import Staff

IDENTITY, ELIGIBILITY, BENEFIT = "identity", "eligibility", "benefit"
ORIENTATION, FACT_FINDING, MOVE, ANY = "orientation", "fact_finding", "move", "any"
INTERVIEWS: Final = frozenset({ORIENTATION, FACT_FINDING})
SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=each) for each in (1, 60, 3_600, 86_400))


# --- what may happen to a claim ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    """The step is done; its answer is kept and the plan goes on."""


@dataclass(frozen=True, slots=True)
class Again:
    """The step is undone where it did something, and asked anew with all evidence at hand."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Another step comes right after this one."""

    step: str


@dataclass(frozen=True, slots=True)
class Refer:
    """A person must decide, for this reason; None takes the reason that the answer gives. The citizen is told once a question."""

    reason: str | None
    tell: NoticeKind | None = None


@dataclass(frozen=True, slots=True)
class RetryOr:
    """Ask again by the step's retry plan; what asking again cannot help, or no longer helps, goes to a person."""

    exhausted: Refer


@dataclass(frozen=True, slots=True)
class Determine:
    """A numbered determination against the claim, with the reasons at hand."""


@dataclass(frozen=True, slots=True)
class UndoAll:
    """Everything done, and everything asked and not answered, is undone in reverse; the claim ends so."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Expedite:
    """The claim takes the expedited lane, for this reason; its open command is sent again there."""

    reason: str = "expedited by a person"


@dataclass(frozen=True, slots=True)
class ByPost:
    """A mail came back: the mail room sends it by post. One referral a mail."""


@dataclass(frozen=True, slots=True)
class Notify:
    """The citizen is told."""

    notice: NoticeKind


@dataclass(frozen=True, slots=True)
class Appealed:
    """An appeal: recorded with the day on which it was received and whether that was in time. Late or not, a person decides."""

    refer: Refer


@dataclass(frozen=True, slots=True)
class Uphold:
    """The determination that is appealed stands; the citizen is told."""

    tell: NoticeKind


@dataclass(frozen=True, slots=True)
class Overturn:
    """Another takes its place: a denial for an approval; for a denial the rest of the plan, and its approval."""

    tell: NoticeKind


@dataclass(frozen=True, slots=True)
class Amend:
    """Another takes its place, with the amounts that the decision gives; for a denial after the rest of the plan."""

    tell: NoticeKind


@dataclass(frozen=True, slots=True)
class Move:
    """The claimant's next interview gets another slot, up to `until` before it and so many `times`; otherwise a person decides.

    `later`: so long after the old one, where the claimant does not say from when.
    """

    until: timedelta
    times: int
    later: timedelta
    otherwise: Refer


@dataclass(frozen=True, slots=True)
class NewSlot:
    """The interview has another slot: what waits for it, and what reminds of it, goes by that."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The claim waits for a person outside, as the law's clocks give its kind. `after_slot`: it is about an appointment."""

    kind: EntryKind
    owner: str
    after_slot: bool
    then: Sequence["Effect"]
    silence: Sequence["Effect"]
    ask: NoticeKind | None
    reminder: NoticeKind


Effect: TypeAlias = (
    Done
    | Again
    | Insert
    | Refer
    | RetryOr
    | Determine
    | UndoAll
    | Expedite
    | ByPost
    | Notify
    | Appealed
    | Uphold
    | Overturn
    | Amend
    | Move
    | NewSlot
    | Wait
)


# --- clocks ----------------------------------------------------------------------------------


AWAITED: Final = 24 * HOUR
"""So long a submission waits for its claim."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """The agency's own clocks and its staff, and the law's clocks: data beside the policy packs.

    `task_due`: by a referral's reason. Of an empty `staff` nothing is known: then everybody may take everything.

    `evidence_due`, `evidence_remind`: the agency's in the stead of the data's.
    """

    evidence_due: timedelta | None = None
    evidence_remind: timedelta | None = None
    awaited: timedelta = AWAITED
    overdue_after: timedelta = 5 * MINUTE
    patience: int = 4
    late_after: Mapping[str, timedelta] = field(default_factory=dict)
    too_long_after: Mapping[str, timedelta] = field(default_factory=dict)
    law: ClockLaw = field(default_factory=clock_law)
    task_due: Mapping[str, timedelta] = field(default_factory=dict)
    staff: Staff = field(default_factory=Staff)


# --- the steps ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """What a step asks, how it is undone, when its answer is late, when it is asked again, who acts when that runs out.

    Held for longer than `too_long_after`, however often it was asked, somebody is alerted, with `advice`.
    """

    command: type[Command]
    undo: type[Command] | None
    late_after: timedelta
    retries: tuple[timedelta, ...]
    owner: str
    service: str
    too_long_after: timedelta
    advice: str
    needed_by: str | None = None


RETRIES: Final = (10 * SECOND, MINUTE, 10 * MINUTE, HOUR)
SLOTS: Final = (MINUTE, 10 * MINUTE, HOUR, HOUR, HOUR)
LONGEST_RETRY: Final = DAY
"""Whatever a service asks for: a claim does not wait longer for a machine."""

NO_SLOTS: Final = "See whether the scheduler is up and caseworkers have free hours; it is asked again by itself."
STEPS: Final[Mapping[str, Step]] = {
    IDENTITY: Step(
        identity.VerifyIdentity,
        identity.ReleaseIdentity,
        late_after=15 * MINUTE,
        retries=RETRIES,
        owner="identity unit",
        service="identity",
        too_long_after=30 * MINUTE,
        advice="See whether the identity service is up and its provider answers; it is asked again by itself.",
    ),
    ELIGIBILITY: Step(
        eligibility.DetermineEligibility,
        None,
        late_after=5 * MINUTE,
        retries=RETRIES,
        owner="adjudication",
        service="eligibility",
        too_long_after=10 * MINUTE,
        advice="See whether the eligibility service is up and keeps up; it is asked again by itself.",
        needed_by=BENEFIT,
    ),
    BENEFIT: Step(
        benefits.ComputeBenefit,
        None,
        late_after=5 * MINUTE,
        retries=RETRIES,
        owner="adjudication",
        service="benefits",
        too_long_after=10 * MINUTE,
        advice="See whether the benefits service is up and keeps up; it is asked again by itself.",
        needed_by="approval",
    ),
    ORIENTATION: Step(
        scheduler.ScheduleInterview,
        scheduler.CancelInterview,
        late_after=HOUR,
        retries=SLOTS,
        owner="scheduling",
        service="scheduler",
        too_long_after=2 * HOUR,
        advice=NO_SLOTS,
    ),
    FACT_FINDING: Step(
        scheduler.ScheduleInterview,
        scheduler.CancelInterview,
        late_after=HOUR,
        retries=SLOTS,
        owner="adjudication",
        service="scheduler",
        too_long_after=2 * HOUR,
        advice=NO_SLOTS,
    ),
    MOVE: Step(
        scheduler.MoveInterview,
        None,
        late_after=HOUR,
        retries=(),
        owner="scheduling",
        service="scheduler",
        too_long_after=2 * HOUR,
        advice="See whether the scheduler is up; until it answers, the old appointment stands.",
    ),
}
NOTICE: Final = Step(
    scheduler.SendNotice,
    None,
    late_after=HOUR,
    retries=RETRIES,
    owner="mail room",
    service="scheduler",
    too_long_after=2 * HOUR,
    advice="See whether the scheduler is up and the mail server takes mail; it is sent again by itself.",
)


def step_of(name: str | None) -> Step:
    """Give the step of this name; what belongs to none is a notice."""
    return STEPS.get(name or "", NOTICE)


PLANS: Final[Mapping[ClaimType, tuple[str, ...]]] = {
    ClaimType.NEW: (IDENTITY, ELIGIBILITY, BENEFIT, ORIENTATION),
    ClaimType.ADDITIONAL: (ELIGIBILITY,),
    ClaimType.TRANSITIONAL: (IDENTITY, ELIGIBILITY, BENEFIT),
    ClaimType.WORKSHARE: (IDENTITY, ELIGIBILITY, BENEFIT),
    ClaimType.DISASTER: (IDENTITY, ELIGIBILITY, BENEFIT, ORIENTATION),
}


# --- what an answer means to the step that asked ---------------------------------------------------

EVIDENCE: Final = Wait(
    EntryKind.EVIDENCE,
    owner="claimant",
    after_slot=False,
    then=(Again(),),
    silence=(Refer("no_answer", NoticeKind.EVIDENCE_MISSED),),
    ask=NoticeKind.EVIDENCE_WANTED,
    reminder=NoticeKind.EVIDENCE_REMINDER,
)
INTERVIEW: Final = Wait(
    EntryKind.INTERVIEW,
    owner="claimant",
    after_slot=True,
    then=(Refer("adjudicate"),),
    silence=(Refer("adjudicate", NoticeKind.INTERVIEW_MISSED),),
    ask=None,
    reminder=NoticeKind.INTERVIEW_REMINDER,
)
WAITS: Final = {wait.kind: wait for wait in (EVIDENCE, INTERVIEW)}

WHO: Final = Refer("identity", NoticeKind.IDENTITY_QUESTION)
STUCK: Final = Refer("technical", NoticeKind.UNDER_REVIEW)

OUTCOMES: Final[Mapping[tuple[str, type[Message]], Sequence[Effect]]] = {
    (IDENTITY, identity.IdentityVerified): (Done(),),
    (IDENTITY, identity.IdentityEvidenceNeeded): (EVIDENCE,),
    (IDENTITY, identity.IdentityConflictFound): (WHO,),
    (ELIGIBILITY, eligibility.ClaimantEligible): (Done(),),
    (ELIGIBILITY, eligibility.ClaimantIneligible): (Determine(),),  # monetary grounds only
    (ELIGIBILITY, eligibility.EligibilityIssueFound): (Insert(FACT_FINDING), Done()),
    (BENEFIT, benefits.BenefitComputed): (Done(),),
    (BENEFIT, benefits.BenefitNotPayable): (Determine(),),
    (ORIENTATION, scheduler.InterviewScheduled): (Done(),),
    (FACT_FINDING, scheduler.InterviewScheduled): (INTERVIEW,),
    (ANY, identity.IdentityCheckFailed): (RetryOr(STUCK),),
    (ANY, eligibility.EligibilityCheckFailed): (RetryOr(STUCK),),
    (ANY, benefits.BenefitCheckFailed): (RetryOr(STUCK),),
    (MOVE, scheduler.InterviewUnavailable): (RetryOr(Refer("reschedule")),),  # the old appointment stands
    (ANY, scheduler.InterviewUnavailable): (RetryOr(STUCK),),
    (ANY, scheduler.NoticeFailed): (RetryOr(Refer("undeliverable")),),
    (ANY, scheduler.InterviewMoved): (NewSlot(),),  # asked for or not
    (ANY, identity.IdentityReleased): (),  # an undo: its entry closes, nothing else
    (ANY, scheduler.InterviewCancelled): (),
    (ANY, scheduler.NoticeSent): (),
}

# --- what a person may decide on a referral --------------------------------------------------------

DECISIONS: Final[Mapping[DecisionKind, Sequence[Effect]]] = {
    DecisionKind.CONTINUE: (Done(),),  # refused where a later step needs the result that is missing
    DecisionKind.DENY: (Determine(),),
    DecisionKind.ASK: (EVIDENCE,),
    DecisionKind.RETRY: (Again(),),
}
APPEAL, DECIDED = "appeal", NoticeKind.APPEAL_DECIDED
SPECIAL_DECISIONS: Final[Mapping[str, Mapping[DecisionKind, Sequence[Effect]]]] = {
    "withdrawal": {DecisionKind.CONTINUE: (UndoAll(Phase.WITHDRAWN),), DecisionKind.DENY: ()},
    APPEAL: {
        DecisionKind.CONTINUE: (),
        DecisionKind.AFFIRM: (Uphold(DECIDED),),
        DecisionKind.REVERSE: (Overturn(DECIDED),),
        DecisionKind.MODIFY: (Amend(DECIDED),),
        DecisionKind.DISMISS: (Uphold(DECIDED),),
    },
    "reschedule": {DecisionKind.CONTINUE: ()},
    "undeliverable": {DecisionKind.CONTINUE: ()},
    "undo_failed": {DecisionKind.CONTINUE: ()},
    "appeal_window": {DecisionKind.CONTINUE: (Notify(NoticeKind.DENIED),)},
}
"""Referrals that do not stand for a step of the plan: continue closes them, or does what was asked for."""

APPEAL_REFUSALS: Final[Mapping[DecisionKind, Sequence[str]]] = {
    DecisionKind.CONTINUE: ("stands",),
    DecisionKind.AFFIRM: ("superseded",),
    DecisionKind.REVERSE: ("superseded", "result_missing"),
    DecisionKind.MODIFY: ("superseded", "no_amounts", "not_determined"),
    DecisionKind.DISMISS: ("superseded", "in_time"),
}
"""Why an appeal may not be decided so; `appeals.py` says when each holds."""
GIVEN_BACK: Final = frozenset({IDENTITY, ORIENTATION})
"""What a denial undoes and an approval must have: asked anew once the denial is reversed."""

ANOTHER_SLOT: Final = Move(until=DAY, times=2, later=DAY, otherwise=Refer("reschedule"))

# --- messages that nothing asked for, by phase; absent: ignored and counted -------------------------

ENDS: Final = (Phase.APPROVED, Phase.DENIED, Phase.WITHDRAWN)
UNASKED: Final[Mapping[type[Message], Mapping[Phase, Sequence[Effect]]]] = {
    intake.WithdrawalRequested: {
        Phase.OPEN: (UndoAll(Phase.WITHDRAWN),),
        Phase.APPROVED: (Refer("withdrawal"),),
    },
    intake.AppealFiled: dict.fromkeys(
        (Phase.DENIED, Phase.APPROVED), (Appealed(Refer(APPEAL, NoticeKind.APPEAL_RECEIVED)),)
    ),
    intake.RescheduleRequested: {Phase.OPEN: (ANOTHER_SLOT,), Phase.APPROVED: (ANOTHER_SLOT,)},
    scheduler.InterviewStranded: {Phase.OPEN: (Refer("reschedule"),), Phase.APPROVED: (Refer("reschedule"),)},
    identity.IdentityConflictFound: {Phase.OPEN: (WHO,), Phase.APPROVED: (WHO,)},
    ClaimExpedited: {Phase.OPEN: (Expedite(),)},
    scheduler.NoticeBounced: dict.fromkeys((Phase.OPEN, *ENDS), (ByPost(),)),
}

OUTLIVES: Final = frozenset({APPEAL, "undeliverable", "undo_failed"})
"""Referrals that a determination or a withdrawal leaves open: they are not about going on."""

ISSUES: Final = frozenset({"identity", "no_answer"})
"""Referrals that are issues, as what fact-finding is about is one: the law gives a clock from detection to the decision."""
