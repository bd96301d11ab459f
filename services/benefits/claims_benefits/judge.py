"""What becomes of one certified week: held, waiting, not payable, authorised, corrected. Pure; all money goes by the ledger.

A machine pays, or says what the law does not pay; whatever questions the claimant holds the week for a person, and no other.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from claims_benefits.draft import Draft, day, money
from claims_benefits.entitlement import Award, Entitlement, Facts, State, Week
from claims_benefits.ledger import Account
from claims_benefits.week_law import Pay, Waiting, WeekLaw
from claims_shared.law.rules import Unknown
from claims_shared.messages.catalog import BY_MODEL
from claims_shared.messages.certifications import (
    BenefitsExhausted,
    WeekAuthorised,
    WeekHeld,
    WeekNotPayable,
    WeekReversed,
    WeekWaiting,
)
from claims_shared.messages.fields import Message

MORE: Final = "more_than_authorised"
EXHAUSTED: Final = "exhausted"
WORK: Final = "earnings_or_hours"


def judge(draft: Draft, week_ending: str, law: WeekLaw) -> None:
    """Judge a week by what is certified now; where nothing is different from before, nothing is said."""
    claim, week = draft.claim, draft.claim.weeks[week_ending]
    award = claim.award
    waiting = law.waiting(claim, award) if award else None
    pay = law.payable(claim, award, day(week_ending), week.facts) if award else None
    reasons = (*questions(claim), *doubts(week.facts))
    unknown = next((each for each in (waiting, pay) if isinstance(each, Unknown)), None)
    if reasons or award is None or not isinstance(pay, Pay) or not isinstance(waiting, Waiting):
        had = 0 if week.authorised is None else week.payable
        wanted = max(pay.cents - had, 0) if isinstance(pay, Pay) else 0
        known = reasons or ((unknown.code,) if unknown else ("no_award",))
        _hold(draft, week_ending, known, wanted, unknown.detail if unknown and not reasons else "")
    elif week.authorised is not None:
        _correct(draft, week_ending, week, week.authorised, pay)
    elif not pay.cents:
        _do_not_pay(draft, week_ending, WORK, pay)
    elif _served(claim, week_ending) < waiting.weeks:
        _wait(draft, week_ending, pay)
    else:
        _pay(draft, week_ending, award, pay)


def questions(claim: Entitlement) -> tuple[str, ...]:
    """Give what holds every week of the claim."""
    if not claim.determination and claim.phase != "withdrawn":
        return ("not_determined",)
    closed = (f"claim_{claim.phase}",) if claim.phase in {"denied", "withdrawn"} else ()
    return (*closed, *claim.holds, *(("life_cycle_unread",) if claim.failed else ()))


def doubts(facts: Facts) -> tuple[str, ...]:
    """Give what a person must decide about one week."""
    able = () if facts.able_and_available else ("not_able_and_available",)
    return able if facts.searched_for_work else (*able, "no_work_search")


def judged_again(claim: Entitlement) -> Iterator[str]:
    """Give the weeks, in order, for which a change of the claim may change something."""
    for name, week in claim.weeks.items():
        if week.state is State.HELD or week.reasons == (EXHAUSTED,):
            yield name


def _served(claim: Entitlement, but: str) -> int:
    return sum(week.state is State.WAITING for name, week in claim.weeks.items() if name != but)


def _hold(draft: Draft, name: str, reasons: tuple[str, ...], wanted: int, detail: str = "") -> None:
    week = draft.claim.weeks[name]
    if (week.state, week.reasons, week.wanted, bool(week.told)) == (State.HELD, reasons, wanted, True):
        return
    body = WeekHeld(
        claim_id=draft.claim.id,
        week_ending=day(name),
        reasons=reasons,
        detail=detail,
        authorised=None if week.authorised is None else money(week.authorised),
        amount=money(wanted) if wanted else None,
    )
    _become(draft, name, State.HELD, body, reasons=reasons, wanted=wanted)


def _wait(draft: Draft, name: str, pay: Pay) -> None:
    said = _shown(draft, name, pay)
    _become(draft, name, State.WAITING, WeekWaiting(payable=money(pay.cents), **said), payable=pay.cents)


def _do_not_pay(draft: Draft, name: str, reason: str, pay: Pay) -> None:
    if reason == EXHAUSTED and draft.claim.weeks[name].reasons == (EXHAUSTED,):
        return
    body = WeekNotPayable(reason=reason, **_shown(draft, name, pay))
    _become(draft, name, State.NOT_PAYABLE, body, reasons=(reason,))


def _pay(draft: Draft, name: str, award: Award, pay: Pay) -> None:
    if draft.left:
        _authorise(draft, name, pay)
    else:
        _do_not_pay(draft, name, EXHAUSTED, pay)
    if not draft.left and draft.claim.exhausted < draft.claim.determination:
        number = draft.claim.determination
        draft.change(exhausted=number)
        body = BenefitsExhausted(
            claim_id=draft.claim.id,
            determination_number=number,
            week_ending=day(name),
            maximum_benefit_amount=money(award.maximum),
        )
        draft.tell(body, f"exhausted/{number}")


def _authorise(draft: Draft, name: str, pay: Pay) -> None:
    """The transfer's id is the week's, and so is the event's: whatever comes, there is no second one."""
    cents = min(pay.cents, draft.left)
    draft.move(name, Account.AVAILABLE, Account.AUTHORISED, cents)
    body = WeekAuthorised(
        amount=money(cents), payable=money(pay.cents), left=money(draft.left), **_shown(draft, name, pay)
    )
    paid = {"state": State.AUTHORISED, "reasons": (), "payable": pay.cents, "authorised": cents, "wanted": 0}
    said = draft.tell(body, name)
    draft.put(name, msgspec.structs.replace(draft.claim.weeks[name], **paid, told=said))


def _correct(draft: Draft, name: str, week: Week, authorised: int, pay: Pay) -> None:
    """After the authorisation a lower amount is taken back at once; a higher one is a person's."""
    if pay.cents > week.payable:
        _hold(draft, name, (MORE,), pay.cents - week.payable)
    elif back := max(authorised - pay.cents, 0):
        left = authorised - back
        number = week.events + 1
        draft.move(f"{name}/reversed/{number}", Account.AUTHORISED, Account.REVERSED, back)
        said = _shown(draft, name, pay)
        body = WeekReversed(amount=money(back), authorised=money(left), payable=money(pay.cents), **said)
        _become(draft, name, State.AUTHORISED, body, payable=pay.cents, authorised=left)
    else:
        _stand(draft, name, week, pay)


def _stand(draft: Draft, name: str, week: Week, pay: Pay) -> None:
    """Nothing moves; where something more was asked for before, it no longer is."""
    authorised = money(week.authorised or 0)
    if week.state is State.HELD:
        body = WeekReversed(
            amount=money(0), authorised=authorised, payable=money(pay.cents), **_shown(draft, name, pay)
        )
        _become(draft, name, State.AUTHORISED, body, payable=pay.cents)
    else:
        draft.put(name, msgspec.structs.replace(week, payable=pay.cents))


def _become(draft: Draft, name: str, state: State, body: Message, **fields: Any) -> None:
    """Say what became of the week, and keep it to say it again; the event's id counts what was said about the week."""
    week = draft.claim.weeks[name]
    number, fact = week.events + 1, BY_MODEL[type(body)].wire.split(".")[1]
    said = draft.tell(body, f"{name}/{fact}/{number}")
    fresh = {"reasons": (), "wanted": 0, **fields}
    draft.put(name, msgspec.structs.replace(week, state=state, events=number, told=said, **fresh))


def _shown(draft: Draft, name: str, pay: Pay) -> dict[str, Any]:
    return {
        "claim_id": draft.claim.id,
        "week_ending": day(name),
        "arithmetic": pay.steps,
        "citation": pay.citation,
        "pack_hash": pay.pack_hash,
    }
