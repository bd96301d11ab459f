"""Whether a caseworker may have a referral, and who may decide it: the page's table of tasks, and the agency's staff. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from claims_orchestrator.claim import Claim, Entry
from claims_orchestrator.facts import facts_of
from claims_orchestrator.referrals import MOST_HANDS, SUPERVISORS, TASKS, Held, LetGo, Refused, TaskEffect, queue_of
from claims_shared.messages.lifecycle import EntryKind
from claims_shared.staff.people import Caseworker, Staff


class Refusal(NamedTuple):
    """Why nothing changes: in one code, and in words."""

    code: str
    sentence: str


SENTENCES: Final = {
    "already_held": "{who} has it already",
    "held_by_another": "{holder} has it",
    "not_held": "nobody has it",
    "unknown_caseworker": "no caseworker {who} is known",
    "on_leave": "{who} is on leave",
    "not_their_queue": "{who} does not work in the queue {queue}",
    "conflict_of_interest": "{who} must not handle this claim",
    "supervisors_only": "its time is up: only a supervisor of {queue} takes it now",
    "too_many_hands": "so many others have referrals of this claim already",
}


def tasks_of(claim: Claim) -> Iterator[Entry]:
    """Give the open referrals."""
    return (entry for entry in claim.open.values() if entry.kind is EntryKind.REFERRAL)


def asks_people(claim: Claim) -> bool:
    """Whether a referral is open: asked of every claim at every write, nearly always in vain."""
    for entry in claim.open.values():  # noqa: SIM110 - a generator would cost five times as much
        if entry.kind is EntryKind.REFERRAL:
            return True
    return False


def due_of(entry: Entry) -> int:
    """Give when a referral is, or was, due; one from before there were tasks is due since it is open."""
    return entry.due or entry.overdue or entry.since


def unit_of(entry: Entry) -> str:
    """Give the queue that a referral is from, whoever has it by now."""
    return queue_of(entry.reason, entry.step)


def effect_of(claim: Claim, entry: Entry, asked: Any, now: datetime, staff: Staff) -> TaskEffect | Refusal:
    """Say what a message about a referral leads to."""
    who, held = asked.caseworker_ref, _held(entry, asked.caseworker_ref)
    effect = TASKS[type(asked)][held]
    if isinstance(effect, Refused):
        code: str | None = effect.code
    elif getattr(asked, "instead_of", entry.assignee) != entry.assignee:
        code = "held_by_another" if entry.assignee else "not_held"
    else:
        code = None if isinstance(effect, LetGo) else unfit(claim, entry, who, now, staff)
    if code is None:
        return effect
    return Refusal(code, SENTENCES[code].format(who=who, holder=entry.assignee, queue=unit_of(entry)))


def _held(entry: Entry, who: str) -> Held:
    if entry.assignee is None:
        return Held.NOBODY
    if entry.assignee != who:
        return Held.ANOTHER
    return Held.CLAIMED if entry.claimed_at else Held.ASSIGNED


def unfit(claim: Claim, entry: Entry, who: str, now: datetime, staff: Staff) -> str | None:
    """Say in one code why this caseworker must not have the referral; None: they may."""
    if len({each.assignee for each in tasks_of(claim) if each.assignee not in (None, who) and each.id != entry.id}) >= (
        MOST_HANDS
    ):
        return "too_many_hands"
    if not len(staff):
        return None
    worker = staff.get(who)
    if worker is None:
        return "unknown_caseworker"
    if on_leave(worker, now):
        return "on_leave"
    return _unable(claim, entry, worker, staff)


def on_leave(worker: Caseworker, now: datetime) -> bool:
    """Whether it is away today, where it works."""
    return worker.away(now.astimezone(ZoneInfo(worker.zone)).date())


def _unable(claim: Claim, entry: Entry, worker: Caseworker, staff: Staff) -> str | None:
    unit, place = unit_of(entry), claim.jurisdiction
    if not worker.serves(place):
        return "not_their_queue"
    above = supervisors(staff, unit, place)
    if unit not in worker.units and worker.ref not in above:
        return "not_their_queue"
    if worker.conflicts & concerns(claim):
        return "conflict_of_interest"
    if entry.owner == SUPERVISORS and above and worker.ref not in above and worker.ref != entry.assignee:
        return "supervisors_only"
    return None


def concerns(claim: Claim) -> frozenset[str]:
    """Give the claim and the employers that it is about, as conflicts of interest name them."""
    facts = facts_of(claim.facts)
    return frozenset({claim.id, facts.separation.employer, *(wage.employer for wage in facts.wages)})


def supervisors(staff: Staff, unit: str, place: str) -> frozenset[str]:
    """Give those to whom somebody of this queue reports, by their references."""
    return frozenset(each.supervisor for each in staff if each.supervisor and unit in each.units and each.serves(place))


def may_decide(claim: Claim, entry: Entry, who: str, staff: Staff) -> bool:
    """Whether this person may decide: anybody while nobody works on it; then who does, or a supervisor."""
    if entry.claimed_at is None or who == entry.assignee:
        return True
    return who in supervisors(staff, unit_of(entry), claim.jurisdiction)
