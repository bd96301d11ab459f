"""Appeals: against which determination, whether in time, what may be decided on each, and why a new one was made. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from claims_orchestrator.claim import Appeal, Claim, Determination, Entry
from claims_orchestrator.facts import plain, result_of
from claims_orchestrator.process import APPEAL, APPEAL_REFUSALS, BENEFIT, ELIGIBILITY, STEPS
from claims_shared.calendars.deadlines import zone_of
from claims_shared.messages import benefits, eligibility, lifecycle
from claims_shared.messages.catalog import BY_MODEL
from claims_shared.messages.desk import DecisionKind
from claims_shared.messages.fields import Reason, utc
from claims_shared.messages.lifecycle import Phase, Timeliness
from claims_shared.wire import millis

AGAINST: Final = frozenset(
    BY_MODEL[model].wire for model in (eligibility.ClaimantIneligible, benefits.BenefitNotPayable)
)
"""Answers after which the law gives no amounts for the wages as they are."""


# --- which, and whether in time ------------------------------------------------------------------


def appealed(claim: Claim, number: int | None) -> Determination | None:
    """Give the determination of this number, the newest for None; None where there is none."""
    made = claim.determinations
    wanted = len(made) if number is None else number
    return made[wanted - 1] if 0 < wanted <= len(made) else None


def judged(claim: Claim, entry: str, against: Determination, received_at: datetime, now: datetime) -> Appeal:
    """Judge an appeal by its determination's own window. What is received cannot have been received later than now."""
    at = min(millis(received_at), millis(now))
    return Appeal(entry, against.number, at, day_of(at, zone_for(claim)), last_day(claim, against))


def last_day(claim: Claim, made: Determination) -> date | None:
    """Give the last day to appeal, as the determination says; one from before approvals said it, as its letter did."""
    event = plain(made.body)
    if "appeal_by" in event:
        return date.fromisoformat(event["appeal_by"]) if event["appeal_by"] else None
    return appeal_by(made.at, result_of(claim, ELIGIBILITY).get("appeal_days"), zone_for(claim))


def appeal_by(at: int, days: int | None, zone: str) -> date | None:
    """Count from the agency's day, which is not always the one in UTC; None where the window is not known."""
    return day_of(at, zone) + timedelta(days=days) if days is not None else None


def day_of(at: int, zone: str) -> date:
    """Give the day in this zone of an instant (milliseconds in UTC)."""
    return utc(at).astimezone(ZoneInfo(zone)).date()


def zone_for(claim: Claim) -> str:
    """Give the agency's zone: as the law's pack says it, else the one of its office."""
    return result_of(claim, ELIGIBILITY).get("agency_time_zone") or zone_of(claim.jurisdiction)


def shown(appeal: Appeal) -> lifecycle.Appeal:
    """Give an appeal as others may see it."""
    late = appeal.late_days
    timeliness = Timeliness.NOT_KNOWN if late is None else Timeliness.LATE if late else Timeliness.TIMELY
    return lifecycle.Appeal(
        determination_number=appeal.against,
        received_on=appeal.received_on,
        appeal_by=appeal.appeal_by,
        timeliness=timeliness,
        late_days=late or 0,
    )


# --- what is decided on it ------------------------------------------------------------------------


class Refusal(NamedTuple):
    """Why this cannot be decided: in one code, and in words."""

    code: str
    sentence: str


def about(claim: Claim, entry: Entry) -> Appeal:
    """Give the appeal that a referral is about; one from before they were recorded is against the newest determination."""
    known = next((each for each in claim.appeals if each.entry == entry.id), None)
    return known or judged(claim, entry.id, claim.determinations[-1], utc(entry.since), utc(entry.since))


def unfit(claim: Claim, entry: Entry, decision: DecisionKind) -> Refusal | None:
    """Say why an appeal cannot be decided so; None: it can."""
    appeal = about(claim, entry)
    found = (code for code in APPEAL_REFUSALS[decision] if _REFUSED[code](claim, appeal))
    return next((Refusal(code, SENTENCES[code].format(number=appeal.against)) for code in found), None)


def decided(claim: Claim, entry: Entry, decision: DecisionKind) -> tuple[Appeal, ...]:
    """Give the claim's appeals with this one decided, each in its place."""
    done = msgspec.structs.replace(about(claim, entry), decision=decision.value, decided_at=claim.updated_at)
    known = {each.entry: each for each in claim.appeals} | {entry.id: done}
    return tuple(known.values())


def place_of(claim: Claim, entry: Entry) -> str:
    """Give the place among the claim's appeals, from 1: what a notice is about, whatever is appealed later."""
    return str([each.entry for each in claim.appeals].index(entry.id) + 1)


def reasons(claim: Claim) -> tuple[Reason, ...]:
    """Say why the next determination takes the place of the newest, where that is because of an appeal."""
    for each in reversed(claim.appeals):
        known = _REASONS.get(each.decision or "") if each.against == len(claim.determinations) else None
        if known is not None:
            code, done = known
            sentence = f"A person at the agency decided on an appeal: determination {each.against} was {done}."
            return (Reason(code=code, sentence=sentence, citation=""),)
    return ()


_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    DecisionKind.REVERSE.value: ("appeal_reversed", "reversed"),
    DecisionKind.MODIFY.value: ("appeal_modified", "modified"),
}


def _stands(claim: Claim, appeal: Appeal) -> bool:
    ended = claim.phase in (Phase.APPROVED, Phase.DENIED)
    return ended and claim.determinations[-1].number == appeal.against


def lacks(claim: Claim, step: str) -> bool:
    """Whether a later step, or the approval, needs a result of this one that the law did not give."""
    needed_by = STEPS[step].needed_by
    if step in claim.done or step not in claim.plan or needed_by is None:
        return False
    if needed_by in STEPS and needed_by not in claim.plan:
        return False
    return step not in claim.results or claim.results[step].wire in AGAINST


def _no_amounts(claim: Claim, _appeal: Appeal) -> bool:
    """Asked again, the law would say the same of the same wages."""
    if claim.phase is not Phase.DENIED:
        return False
    return any(lacks(claim, step) and step in claim.results for step in (ELIGIBILITY, BENEFIT))


SENTENCES: Final[Mapping[str, str]] = {
    "superseded": "determination {number} no longer stands: continue closes the appeal",
    "stands": "determination {number} stands: decide affirm, reverse, modify or dismiss",
    "in_time": "the appeal was received in time: it is not dismissed for lateness",
    "result_missing": "the law gives no amounts for the wages as they are: modify gives them",
    "not_determined": "eligibility was never determined: reverse has it determined first",
    "no_amounts": "a claim of this type has no amounts of its own",
}
"""Why an appeal may not be decided in some way, by the code."""

_REFUSED: Final[Mapping[str, Callable[[Claim, Appeal], bool]]] = {
    "superseded": lambda claim, appeal: not _stands(claim, appeal),
    "stands": _stands,
    "in_time": lambda _claim, appeal: appeal.late_days == 0,
    "result_missing": _no_amounts,
    "not_determined": lambda claim, _appeal: ELIGIBILITY not in claim.results,
    "no_amounts": lambda claim, _appeal: BENEFIT not in claim.plan,
}


def is_appeal(entry: Entry) -> bool:
    """Whether a referral is an appeal."""
    return entry.reason == APPEAL
