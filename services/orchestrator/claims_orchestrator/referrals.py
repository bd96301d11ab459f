"""Referrals as somebody's tasks: whose they are, how long that person has, what each message about one means. Data only.

The page says when a person is asked; this says who, and until when. The README shows these tables too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from claims_orchestrator.process import APPEAL, DAY, FACT_FINDING, IDENTITY, STEPS
from claims_shared.messages.desk import TaskAssigned, TaskClaimed, TaskReleased
from claims_shared.messages.fields import Message

REFERRAL_OWNERS: Final[Mapping[str, str]] = {
    "identity": "identity unit",
    "withdrawal": "adjudication",
    APPEAL: "appeals",
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
    APPEAL: 5 * DAY,
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
