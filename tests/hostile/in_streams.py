"""Records on the wrong stream, answers that nobody asked for, numbers far ahead.

Streams of ours have one writer, which the broker's access rules enforce; here everything may write everywhere, and what is
forged well enough to be taken is taken: the outcome then says what that costs, and it must not cost anybody else anything.
"""

from collections.abc import Sequence
from typing import Any, Final

from tests.hostile.shots import (
    APPROVED,
    SKIPPED,
    TIME,
    Hostile,
    Outcome,
    Shot,
    Victim,
    applied,
    dead_lettered,
    ignored,
    refused,
)

from claims_shared.messages.catalog import (
    DESK,
    ELIGIBILITY_COMMANDS,
    IDENTITY_COMMANDS,
    IDENTITY_EVENTS,
    INTAKE,
    LIFECYCLE,
    SCHEDULER_COMMANDS,
    SCHEDULER_EVENTS,
    Topic,
)

UNKNOWN: Final = refused("unknown_type")
WRONG: Final = dead_lettered("wrong_field")
HUGE: Final = 10**30
NEVER_READY: Final = "05"
"""The group of test numbers for which the identity provider is never there: their claims stay with identity."""


def told(name: str, topic: Topic | str, kind: str, outcome: Outcome, why: str = "", /, **body: Any) -> Hostile:
    """Give a class of one record of this type on this topic."""
    stream = topic if isinstance(topic, str) else topic.name
    return Hostile(name, lambda victim: [victim.message(stream, kind, outcome, body)], why)


def waiting(victim: Victim) -> Shot:
    """Give a claim that identity cannot finish."""
    serial = victim.body()["claimant"]["ssn"][-4:]
    return victim.claim(applied(), claimant__ssn=f"90{victim.number // 2 % 10}-{NEVER_READY}-{serial}")


def asked(
    name: str, kind: str, outcome: Outcome, why: str = "", /, topic: Topic = IDENTITY_EVENTS, **body: Any
) -> Hostile:
    """Give a class that meets a claim at its first step; `{}` in a value stands for its open entry."""

    def make(victim: Victim) -> Sequence[Shot]:
        entry = f"{victim.id}/identity/1"
        filled = {each: entry if value == "{}" else value for each, value in body.items()}
        return [waiting(victim), victim.message(topic.name, kind, outcome, filled, after=victim.id)]

    return Hostile(name, make, why, heavy=True)


TYPES: Final = (
    told("an unknown type on submissions", INTAKE, "claim.imagined.v1", UNKNOWN),
    told("a later version of a known type", INTAKE, "claim.submitted.v2", UNKNOWN, "kept, for a mixed upgrade"),
    told("a type that is no name", INTAKE, "<script>900-12-3456</script>", UNKNOWN, "the reason does not repeat it"),
    told("an event on submissions", INTAKE, "claim.approved.v1", UNKNOWN),
    told(
        "a person's decision on portals' submissions", INTAKE, "referral.decided.v1", UNKNOWN, "people decide elsewhere"
    ),
    told("a submission among people's decisions", DESK, "claim.submitted.v1", UNKNOWN),
    told("a submission among commands", IDENTITY_COMMANDS, "claim.submitted.v1", dead_lettered("unknown_type")),
    told("a submission among events", IDENTITY_EVENTS, "claim.submitted.v1", SKIPPED),
    told("a submission on the life cycle", LIFECYCLE, "claim.submitted.v1", SKIPPED),
    told(
        "an unknown type among events", SCHEDULER_EVENTS, "scheduler.imagined.v1", SKIPPED, "readers skip and count it"
    ),
    Hostile(
        "the expedited lane without cause",
        lambda victim: [victim.claim(APPROVED, shot__topic=INTAKE.expedited)],
        "it goes standard and says so",
    ),
    told(
        "a command on the expedited lane that is none",
        IDENTITY_COMMANDS.expedited,
        "identity.verified.v1",
        dead_lettered("unknown_type"),
    ),
)
UNASKED: Final = (
    told(
        "an answer for a claim that is not there",
        IDENTITY_EVENTS,
        "identity.verified.v1",
        ignored("unknown_claim"),
        answers="x/identity/1",
        attempt=1,
        checked_at=TIME,
    ),
    told(
        "a wait of a claim that is not there",
        SCHEDULER_EVENTS,
        "scheduler.deadline-passed.v1",
        ignored("unknown_claim"),
        answers="x/identity/1",
        wait="due",
        armed_for=TIME,
    ),
    told("an answer without a body", IDENTITY_EVENTS, "identity.verified.v1", WRONG),
    asked(
        "an answer to an entry that is not open",
        "identity.verified.v1",
        ignored("not_open"),
        answers="elsewhere/identity/1",
        attempt=1,
        checked_at=TIME,
    ),
    asked(
        "another service's answer to an entry",
        "scheduler.interview-scheduled.v1",
        ignored("unexpected"),
        topic=SCHEDULER_EVENTS,
        answers="{}",
        attempt=1,
        interview_at=TIME,
        minutes=30,
        caseworker_ref="C",
    ),
    asked(
        "a failure of an attempt that nobody made",
        "identity.check-failed.v1",
        ignored("attempt_ahead"),
        answers="{}",
        attempt=99,
        kind="permanent",
        reason="forged",
    ),
    asked(
        "an answer to an attempt that nobody made",
        "identity.verified.v1",
        ignored("attempt_ahead"),
        "what was never asked cannot be answered",
        answers="{}",
        attempt=99,
        checked_at=TIME,
    ),
    asked(
        "a failure that asks for a wait of 10^30 seconds",
        "identity.check-failed.v1",
        applied(),
        "it waits for a day at the most",
        answers="{}",
        attempt=1,
        kind="throttled",
        reason="forged",
        retry_after_seconds=HUGE,
    ),
    asked(
        "a wait armed for another instant",
        "scheduler.deadline-passed.v1",
        ignored("wait_is_over"),
        "the newest event is published again",
        topic=SCHEDULER_EVENTS,
        answers="{}",
        wait="due",
        armed_for=TIME,
    ),
    asked(
        "evidence for an entry that is not open",
        "claim.evidence-provided.v1",
        refused("not_open"),
        topic=INTAKE,
        answers="{}",
        provided_at=TIME,
    ),
    asked(
        "a decision on a referral that is not there",
        "referral.decided.v1",
        refused("not_open"),
        topic=DESK,
        answers="{}",
        decision="deny",
        reason="forged",
        decided_by="Eve",
        decided_at=TIME,
    ),
    asked(
        "a resumption of a claim that is not parked",
        "claim.resumed.v1",
        refused("not_open"),
        topic=DESK,
        answers="{}",
        resumed_by="Eve",
        resumed_at=TIME,
    ),
    asked(
        "an appeal against determination 10^30",
        "claim.appeal-filed.v1",
        refused("wrong_field"),
        topic=INTAKE,
        determination_number=HUGE,
        received_at=TIME,
    ),
)
COMMANDS: Final = (
    told("a command that nobody sent", ELIGIBILITY_COMMANDS, "eligibility.determine.v1", WRONG),
    told(
        "a command's attempt of 30 digits",
        SCHEDULER_COMMANDS,
        "scheduler.cancel-interview.v1",
        WRONG,
        effect_id="x",
        attempt=HUGE,
        undoes="y",
    ),
    told(
        "a release of what was never taken",
        IDENTITY_COMMANDS,
        "identity.release.v1",
        applied(),
        "a tombstone; nobody asked, so the answer is ignored",
        effect_id="x/identity/2",
        attempt=1,
        undoes="x/identity/1",
    ),
)
STREAMS: Final = (*TYPES, *UNASKED, *COMMANDS)
