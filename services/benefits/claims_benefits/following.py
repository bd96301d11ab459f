"""The claim's life cycle as far as its weeks go by it: what was determined, and what questions the claim. Pure."""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec

from claims_benefits.certify import refused_late, why_not
from claims_benefits.draft import Draft
from claims_benefits.entitlement import Award, Entitlement
from claims_benefits.judge import judge, judged_again
from claims_benefits.week_law import WeekLaw
from claims_shared.documents import Folding, Verdict
from claims_shared.messages.catalog import BY_MODEL, LIFECYCLE, MESSAGES
from claims_shared.messages.fields import CODE_PATTERN, MONEY_PATTERN, MOST, Message
from claims_shared.messages.lifecycle import ClaimApproved, EntryKind, Phase
from claims_shared.wire import Received

APPROVED: Final = BY_MODEL[ClaimApproved].wire
OTHER_MATTERS: Final = frozenset(
    {"appeal", "appeal_window", "late", "reschedule", "technical", "undeliverable", "undo_failed"}
)
"""Referrals that do not question whether the claimant is eligible; every other holds the weeks.

A claimant who was found eligible is paid while an appeal, a letter or an appointment is sorted out (UIPL 04-01, 01-16).
"""

_Code = Annotated[str, msgspec.Meta(pattern=CODE_PATTERN)]
_Dollars = Annotated[str, msgspec.Meta(pattern=MONEY_PATTERN)]
_Number = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


class _Entry(msgspec.Struct, frozen=True):
    kind: EntryKind
    reason: _Code | None = None


class Seen(msgspec.Struct, frozen=True):
    """What weeks need of a life-cycle event, whichever it is."""

    claim_id: str
    sequence: _Number
    phase: Phase
    jurisdiction: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$")]
    program: str
    claim_type: str
    open: tuple[_Entry, ...]
    determination_number: _Number | None = None
    effective_on: date | None = None
    weekly_benefit_amount: _Dollars | None = None
    maximum_benefit_amount: _Dollars | None = None


VIEWS: Final = dict.fromkeys(MESSAGES[LIFECYCLE].values(), msgspec.json.Decoder(Seen).decode)
_UNDETERMINED: Final = frozenset({Phase.AWAITED, Phase.OPEN})


def seen(body: Seen | Message) -> Seen:
    """Give the view of an event, also where its model had to read it."""
    return body if isinstance(body, Seen) else msgspec.convert(body.model_dump(mode="json"), Seen)


def is_before_determination(event: Seen) -> bool:
    """Whether nothing of this event matters to weeks: a determination carries everything that is open then."""
    return event.phase in _UNDETERMINED


def follow(claim: Entitlement | None, message: Received, law: WeekLaw, now: datetime) -> Folding[Entitlement]:
    """Take one life-cycle event; numbers already seen are passed over, except a determination that was not known."""
    event = seen(message.body)
    if is_before_determination(event):
        return Folding(None)
    known = claim or Entitlement(id=event.claim_id)
    after = _determined(_moved(known, event), event, approved=message.type == APPROVED)
    if (after.phase, after.holds, after.determination, after.failed) == (
        known.phase,
        known.holds,
        known.determination,
        known.failed,
    ):
        return Folding(None, (), Verdict.IGNORED, "nothing_new")
    draft = Draft(after, message.id, now)
    if after.determination != known.determination and after.award:
        draft.grant(after.award)
    _look_again(draft, law)
    return Folding(draft.claim, draft.outputs)


def _moved(claim: Entitlement, event: Seen) -> Entitlement:
    if event.sequence <= claim.sequence:
        return claim
    return msgspec.structs.replace(
        claim,
        sequence=event.sequence,
        failed=claim.failed if event.sequence < claim.failed else 0,
        phase=event.phase.value,
        holds=_holds(event),
    )


def _determined(claim: Entitlement, event: Seen, *, approved: bool) -> Entitlement:
    """A later number supersedes an earlier one, whichever is read first."""
    number = event.determination_number or 0
    if number <= claim.determination:
        return claim
    determined = msgspec.structs.replace(claim, determination=number)
    if not approved:
        return determined
    words = {"jurisdiction": event.jurisdiction, "program": event.program, "claim_type": event.claim_type}
    return msgspec.structs.replace(determined, award=_award(event) or claim.award, **words)


def _award(event: Seen) -> Award | None:
    weekly, maximum = event.weekly_benefit_amount, event.maximum_benefit_amount
    if event.effective_on is None or weekly is None or maximum is None:
        return None
    return Award(event.effective_on, _cents(weekly), _cents(maximum))


def _cents(dollars: str) -> int:
    return int(dollars.replace(".", ""))


def _holds(event: Seen) -> tuple[str, ...]:
    referrals = {each.reason or "referral" for each in event.open if each.kind is EntryKind.REFERRAL} - OTHER_MATTERS
    parks = {"parked" for each in event.open if each.kind is EntryKind.PARK}
    return tuple(sorted(referrals | parks))


def _look_again(draft: Draft, law: WeekLaw) -> None:
    """Judge in the order of weeks what waited; what was kept and is no week of the claim is refused now."""
    for name in list(judged_again(draft.claim)):
        code = why_not(draft.claim, name, draft.claim.weeks[name].said[-1], law)
        if code and draft.claim.weeks[name].authorised is None:
            refused_late(draft, name, code)
        else:
            judge(draft, name, law)
    draft.earmark()
