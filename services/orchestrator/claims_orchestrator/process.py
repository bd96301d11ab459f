"""THE PAGE: the plan of every kind of claim, what each step asks, and what each answer, silence or decision means. Data only.

`decide.py` carries it out; the README shows these tables, generated. Nothing here reads a clock, a file or the network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from claims_shared.messages import benefits, eligibility, identity, intake, scheduler
from claims_shared.messages.desk import ClaimExpedited, DecisionKind, TaskAssigned, TaskClaimed, TaskReleased
from claims_shared.messages.fields import ClaimType, Command, Message
from claims_shared.messages.lifecycle import EntryKind, Phase
from claims_shared.messages.scheduler import NoticeKind
from claims_shared.staff.people import Staff

IDENTITY, ELIGIBILITY, BENEFIT = "identity", "eligibility", "benefit"
ORIENTATION, FACT_FINDING, ANY = "orientation", "fact_finding", "any"
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
    """A person must decide, for this reason; None takes the reason that the answer gives."""

    reason: str | None


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
    """The claim takes the expedited lane; its open command is sent again there."""


@dataclass(frozen=True, slots=True)
class Notify:
    """The citizen is told."""

    notice: NoticeKind


@dataclass(frozen=True, slots=True)
class Wait:
    """The claim waits for a person outside. `due` and `remind` name clocks; `after_slot`: some time after the interview's end."""

    kind: EntryKind
    owner: str
    due: str
    remind: str
    then: Sequence["Effect"]
    silence: Sequence["Effect"]
    ask: NoticeKind | None
    reminder: NoticeKind


Effect: TypeAlias = Done | Again | Insert | Refer | RetryOr | Determine | UndoAll | Expedite | Notify | Wait


# --- clocks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clocks:
    """The agency's own clocks and its staff; settings may change them, the law's clocks stand in the policy packs.

    `task_due`: by a referral's reason. Of an empty `staff` nothing is known: then everybody may take everything.
    """

    evidence_due: timedelta = 10 * DAY
    evidence_remind: timedelta = 3 * DAY
    interview_remind: timedelta = 48 * HOUR
    interview_grace: timedelta = 2 * HOUR
    awaited: timedelta = 24 * HOUR
    overdue_after: timedelta = 5 * MINUTE
    patience: int = 4
    late_after: Mapping[str, timedelta] = field(default_factory=dict)
    too_long_after: Mapping[str, timedelta] = field(default_factory=dict)
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
    due="evidence_due",
    remind="evidence_remind",
    then=(Again(),),
    silence=(Refer("no_answer"),),
    ask=NoticeKind.EVIDENCE_WANTED,
    reminder=NoticeKind.EVIDENCE_REMINDER,
)
INTERVIEW: Final = Wait(
    EntryKind.INTERVIEW,
    owner="claimant",
    due="after_slot",
    remind="interview_remind",
    then=(Refer("adjudicate"),),
    silence=(Refer("adjudicate"),),
    ask=None,
    reminder=NoticeKind.INTERVIEW_REMINDER,
)
WAITS: Final = {wait.kind: wait for wait in (EVIDENCE, INTERVIEW)}

OUTCOMES: Final[Mapping[tuple[str, type[Message]], Sequence[Effect]]] = {
    (IDENTITY, identity.IdentityVerified): (Done(),),
    (IDENTITY, identity.IdentityEvidenceNeeded): (EVIDENCE,),
    (IDENTITY, identity.IdentityConflictFound): (Refer("identity"),),
    (ELIGIBILITY, eligibility.ClaimantEligible): (Done(),),
    (ELIGIBILITY, eligibility.ClaimantIneligible): (Determine(),),  # monetary grounds only
    (ELIGIBILITY, eligibility.EligibilityIssueFound): (Insert(FACT_FINDING), Done()),
    (BENEFIT, benefits.BenefitComputed): (Done(),),
    (BENEFIT, benefits.BenefitNotPayable): (Determine(),),
    (ORIENTATION, scheduler.InterviewScheduled): (Done(),),
    (FACT_FINDING, scheduler.InterviewScheduled): (INTERVIEW,),
    (ANY, identity.IdentityCheckFailed): (RetryOr(Refer("technical")),),
    (ANY, eligibility.EligibilityCheckFailed): (RetryOr(Refer("technical")),),
    (ANY, benefits.BenefitCheckFailed): (RetryOr(Refer("technical")),),
    (ANY, scheduler.InterviewUnavailable): (RetryOr(Refer("technical")),),
    (ANY, scheduler.NoticeFailed): (RetryOr(Refer("undeliverable")),),
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
SPECIAL_DECISIONS: Final[Mapping[str, Mapping[DecisionKind, Sequence[Effect]]]] = {
    "withdrawal": {DecisionKind.CONTINUE: (UndoAll(Phase.WITHDRAWN),), DecisionKind.DENY: ()},
    "appeal": {DecisionKind.CONTINUE: ()},
    "reschedule": {DecisionKind.CONTINUE: ()},
    "undeliverable": {DecisionKind.CONTINUE: ()},
    "undo_failed": {DecisionKind.CONTINUE: ()},
    "appeal_window": {DecisionKind.CONTINUE: (Notify(NoticeKind.DENIED),)},
}
"""Referrals that do not stand for a step of the plan: continue closes them, or does what was asked for."""

# --- messages that nothing asked for, by phase; absent: ignored and counted -------------------------

UNASKED: Final[Mapping[type[Message], Mapping[Phase, Sequence[Effect]]]] = {
    intake.WithdrawalRequested: {
        Phase.OPEN: (UndoAll(Phase.WITHDRAWN),),
        Phase.APPROVED: (Refer("withdrawal"),),
    },
    intake.AppealFiled: {Phase.DENIED: (Refer("appeal"),), Phase.APPROVED: (Refer("appeal"),)},
    intake.RescheduleRequested: {Phase.OPEN: (Refer("reschedule"),), Phase.APPROVED: (Refer("reschedule"),)},
    identity.IdentityConflictFound: {Phase.OPEN: (Refer("identity"),), Phase.APPROVED: (Refer("identity"),)},
    ClaimExpedited: {Phase.OPEN: (Expedite(),)},
}

OUTLIVES: Final = frozenset({"appeal", "undeliverable", "undo_failed"})
"""Referrals that a determination or a withdrawal leaves open: they are not about going on."""

REFERRAL_OWNERS: Final[Mapping[str, str]] = {
    "identity": "identity unit",
    "withdrawal": "adjudication",
    "appeal": "appeals",
    "reschedule": "scheduling",
    "appeal_window": "adjudication",
    "undeliverable": "mail room",
    "no_answer": "adjudication",
    "adjudicate": "adjudication",
}
"""Who decides a referral of this reason; every other goes to the owner of its step."""


def queue_of(reason: str | None, step: str | None) -> str:
    """Give the queue in which people find a referral."""
    return REFERRAL_OWNERS.get(reason or "") or (STEPS[step].owner if step else "adjudication")


# --- a referral is somebody's task -----------------------------------------------------------------

SUPERVISORS: Final = "supervisors"
"""Whose a referral is once its time is up. Who has it keeps it, and it is decided as before: time decides nothing."""
QUEUES: Final = (*sorted({step.owner for step in STEPS.values()} | set(REFERRAL_OWNERS.values())), SUPERVISORS)

TASK_DUE: Final[Mapping[str, timedelta]] = {
    "technical": DAY,
    "late": DAY,
    "undo_failed": DAY,
    "identity": 3 * DAY,
    "withdrawal": 3 * DAY,
    "reschedule": 3 * DAY,
    "undeliverable": 3 * DAY,
    "appeal_window": 3 * DAY,
    "appeal": 5 * DAY,
    "adjudicate": 21 * DAY,
    "no_answer": 21 * DAY,
}
"""How long a person has, by the referral's reason. Whole days are the agency's: they end with the last one."""
TASK_DUE_OTHERWISE: Final = 5 * DAY

DETECTED: Final[Mapping[str, Mapping[str, str]]] = {
    "adjudicate": {FACT_FINDING: "eligibility.issue-found"},
    "no_answer": {IDENTITY: "identity.evidence-needed"},
}
"""Where the days count from the detection of the question and not from its referral: by which change a step's was detected."""


class Held(StrEnum):
    """Who has a referral when somebody does something about it in one caseworker's name."""

    NOBODY = "nobody"
    ASSIGNED = "it is assigned to them"
    CLAIMED = "they work on it"
    ANOTHER = "somebody else"


@dataclass(frozen=True, slots=True)
class Give:
    """The referral is assigned to this caseworker, whatever was done about it by others."""


@dataclass(frozen=True, slots=True)
class Take:
    """This caseworker works on it."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """Nobody has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changes; its sender hears why."""

    code: str


TaskEffect: TypeAlias = Give | Take | LetGo | Refused

TASKS: Final[Mapping[type[Message], Mapping[Held, TaskEffect]]] = {
    TaskAssigned: {
        Held.NOBODY: Give(),
        Held.ASSIGNED: Refused("already_held"),
        Held.CLAIMED: Refused("already_held"),
        Held.ANOTHER: Give(),  # only instead of who is named as having it
    },
    TaskClaimed: {
        Held.NOBODY: Take(),
        Held.ASSIGNED: Take(),
        Held.CLAIMED: Refused("already_held"),
        Held.ANOTHER: Refused("held_by_another"),
    },
    TaskReleased: {
        Held.NOBODY: Refused("not_held"),
        Held.ASSIGNED: LetGo(),
        Held.CLAIMED: LetGo(),
        Held.ANOTHER: Refused("held_by_another"),
    },
}
"""What each message means, by who has the referral. The one who is to have it must be known, present, of its queue, and free of
conflicts of interest; a supervisor where its time is up."""
MOST_HANDS: Final = 2
"""So many people at most have referrals of one claim: the store finds a claim by each of them."""
