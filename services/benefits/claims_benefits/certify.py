"""A certification folded into its claim's entitlement: taken, answered again, or refused with its code. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from claims_benefits.draft import SOURCE, Draft, day, money
from claims_benefits.entitlement import Award, Entitlement, Facts, Said, Week
from claims_benefits.judge import judge
from claims_benefits.week_law import DAY, YEAR_WEEKS, Waiting, WeekLaw
from claims_shared.documents import Folding, Verdict
from claims_shared.law.rules import Unknown
from claims_shared.law.weeks import WEEK
from claims_shared.messages.catalog import CERTIFICATIONS
from claims_shared.messages.certifications import BenefitYearEnded, WeekCertified, WeekRefused
from claims_shared.wire import DeadLetter, Output, Received, Record, Undecodable, output

MOST_WEEKS: Final = 60
"""So many weeks of a claim wait for its determination; a benefit year has fewer."""
MOST_CORRECTIONS: Final = 20
"""So often one week is certified anew; each certification stays in the document."""
REFUSALS: Final = {
    "no_award": "an additional claim has no weeks of its own: certify them under the claim that its benefit year began with",
    "not_a_week_end": "this is not the last day of a benefit week of this claim",
    "outside_benefit_year": "this week is not in the benefit year of this claim",
    "not_over": "the week was not over where the agency is when it was certified",
    "too_many_weeks": f"{MOST_WEEKS} other weeks of this claim wait for its determination",
    "too_many_corrections": f"this week was certified {MOST_CORRECTIONS} times with other facts",
    "overtaken": "a certification of this week with other facts was made later, and counts",
    "contradicts": "another certification of this week with other facts was made at the same instant",
    "internal_error": "our code failed on it; an engineer looks",
}
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def certify(claim: Entitlement | None, message: Received, law: WeekLaw, now: datetime) -> Folding[Entitlement]:
    """Take one certification. Said again with the same facts it is answered as before, and nothing moves."""
    body: WeekCertified = message.body  # type: ignore[assignment] # nothing else is on this topic
    known = claim or Entitlement(id=body.claim_id)
    name, said = body.week_ending.isoformat(), said_by(body, message.id)
    week = known.weeks.get(name)
    if week and (said.facts == week.facts or (said.facts, said.at) in [(each.facts, each.at) for each in week.said]):
        return _again(known, name, week, said)
    code = _out_of_order(week, said) or why_not(known, name, said, law)
    if code:
        return refuse(message, code, now)
    draft = Draft(known, message.id, now)
    before = week.said if week else ()
    draft.put(name, msgspec.structs.replace(week, said=(*before, said)) if week else Week((said,)))
    take(draft, name, law)
    told = draft.claim.weeks[name].told
    outputs = draft.outputs or ([told] if told else [])
    return Folding(draft.claim, outputs, Verdict.APPLIED, "corrected" if week else "certified")


def take(draft: Draft, name: str, law: WeekLaw) -> None:
    """Judge a week that was certified just now, hold what asks to be held, and say so where it ends the benefit year."""
    judge(draft, name, law)
    draft.earmark()
    _end_year(draft, name, law)


def said_by(body: WeekCertified, ce_id: str) -> Said:
    """Give a certification as it is kept."""
    facts = Facts(int(body.earnings * 100), int(body.hours * 100), body.able_and_available, body.searched_for_work)
    return Said(facts, (body.certified_at - _EPOCH) // timedelta(microseconds=1), ce_id)


def why_not(claim: Entitlement, name: str, said: Said, law: WeekLaw) -> str | None:
    """Give the code for which a week cannot be taken, as far as the claim and its law are known by now."""
    if not claim.award:
        if claim.determination and claim.phase == "approved":
            return "no_award"
        return "too_many_weeks" if name not in claim.weeks and len(claim.weeks) >= MOST_WEEKS else None
    return _outside(claim.award, day(name)) or _too_early(claim, claim.award, name, said, law)


def _outside(award: Award, week_ending: date) -> str | None:
    days = (week_ending - award.effective_on + DAY).days
    if not 0 < days <= YEAR_WEEKS * WEEK.days:
        return "outside_benefit_year"
    return "not_a_week_end" if days % WEEK.days else None


def _too_early(claim: Entitlement, award: Award, name: str, said: Said, law: WeekLaw) -> str | None:
    """Where the law is not known, nobody knows the agency's day: then the week is held."""
    waiting = law.waiting(claim, award)
    return "not_over" if isinstance(waiting, Waiting) and said_on(said, waiting) <= day(name) else None


def said_on(said: Said, waiting: Waiting) -> date:
    """Give the agency's day on which a certification was made."""
    return (_EPOCH + timedelta(microseconds=said.at)).astimezone(waiting.zone).date()


def _out_of_order(week: Week | None, said: Said) -> str | None:
    if week is None or said.at > week.said[-1].at:
        return "too_many_corrections" if week and len(week.said) >= MOST_CORRECTIONS else None
    return "overtaken" if said.at < week.said[-1].at else "contradicts"


def _again(claim: Entitlement, name: str, week: Week, said: Said) -> Folding[Entitlement]:
    """Answer from what is stored. Said later again, the same facts count from then on, against what was said in between."""
    told = [week.told] if week.told else []
    if said.facts != week.facts or said.at <= week.said[-1].at:
        return Folding(None, told, Verdict.IGNORED, "answered_again")
    newer = msgspec.structs.replace(week, said=(*week.said[:-1], said))
    return Folding(
        msgspec.structs.replace(claim, weeks={**claim.weeks, name: newer}), told, Verdict.APPLIED, "answered_again"
    )


def _end_year(draft: Draft, name: str, law: WeekLaw) -> None:
    claim = draft.claim
    if claim.year_ended or not claim.award:
        return
    waiting = law.waiting(claim, claim.award)
    last = claim.award.effective_on + YEAR_WEEKS * WEEK - DAY
    if isinstance(waiting, Unknown) or said_on(claim.weeks[name].said[-1], waiting) <= last:
        return
    draft.change(year_ended=True)
    body = BenefitYearEnded(
        claim_id=claim.id, effective_on=claim.award.effective_on, last_day=last, left=money(draft.left)
    )
    draft.tell(body, "year-ended")


# --- refusals --------------------------------------------------------------------------------------


def refuse(message: Received, code: str, now: datetime, verdict: Verdict = Verdict.REFUSED) -> Folding[Entitlement]:
    """Keep the record that is not taken, and tell its sender why: nothing refused is silent."""
    body: WeekCertified = message.body  # type: ignore[assignment] # as above
    letter = DeadLetter(message.record, "benefits", code, (REFUSALS[code],))
    told = refusal(message.record, message.id, code, (REFUSALS[code],), now, week_ending=body.week_ending)
    return Folding(None, (), verdict, code, (letter, told))


def refused_late(draft: Draft, name: str, code: str) -> None:
    """Take out a week that was kept, and turns out not to be one of the claim's."""
    body = WeekRefused(
        ce_id=draft.claim.weeks[name].said[-1].ce_id,
        key=draft.claim.id,
        claim_id=draft.claim.id,
        week_ending=day(name),
        code=code,
        reasons=(REFUSALS[code],),
        refused_at=draft.now,
    )
    draft.tell(body, f"{name}/refused/{draft.claim.determination}")
    draft.put(name, None)


def answer_undecodable(undecodable: Undecodable, now: datetime) -> Sequence[Output]:
    """Tell the sender of a certification that could not be read; the engine keeps the record."""
    record = undecodable.record
    if record.topic not in CERTIFICATIONS.streams:
        return ()
    return (refusal(record, undecodable.id, undecodable.code, undecodable.reasons, now),)


def refusal(
    record: Record,
    ce_id: str | None,
    code: str,
    reasons: tuple[str, ...],
    now: datetime,
    *,
    week_ending: date | None = None,
) -> Output:
    """Say which certification was not taken and why, without its content."""
    key = record.shown_key
    body = WeekRefused(
        ce_id=ce_id,
        key=key,
        claim_id=key if week_ending else None,
        week_ending=week_ending,
        code=code,
        reasons=reasons,
        refused_at=now,
    )
    return output(body, id=f"{record.place}/refused", source=SOURCE, at=now, key=key or "")
