"""What a notice's template needs to say: values and sentences from the facts of the claim, never free text. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from claims_orchestrator.appeals import last_day
from claims_orchestrator.claim import Appeal, Claim, Determination, Entry
from claims_orchestrator.facts import facts_of, plain, result_of
from claims_orchestrator.process import ELIGIBILITY, FACT_FINDING
from claims_shared.messages import scheduler
from claims_shared.messages.fields import utc
from claims_shared.messages.lifecycle import Phase

DETERMINED: Final = (
    "weekly_benefit_amount",
    "maximum_benefit_amount",
    "weeks",
    "effective_on",
    "appeal_by",
    "interview_at",
    "wages",
)


def words(claim: Claim, entry: Entry) -> tuple[Mapping[str, str], Sequence[str]]:
    """Give the values and sentences that a notice's template needs; facts of the claim, never free text."""
    kind = scheduler.NoticeKind(entry.notice or "")
    if kind in {scheduler.NoticeKind.EVIDENCE_WANTED, scheduler.NoticeKind.EVIDENCE_REMINDER}:
        return _evidence_words(claim, claim.open.get(entry.of or ""))
    if kind in {scheduler.NoticeKind.INTERVIEW_REMINDER, scheduler.NoticeKind.INTERVIEW_MISSED}:
        return {"interview_at": result_of(claim, FACT_FINDING).get("interview_at", "")}, ()
    if kind in {scheduler.NoticeKind.APPROVED, scheduler.NoticeKind.DENIED}:
        return _determination_words(claim, claim.determinations[int(entry.of or 0) - 1])
    if kind is scheduler.NoticeKind.APPEAL_RECEIVED:
        return {"received_at": _instant(entry.since)}, ()
    if kind is scheduler.NoticeKind.APPEAL_DECIDED:
        return _appeal_words(claim.appeals[int(entry.of or 0) - 1]), ()
    return {}, ()


def _appeal_words(appeal: Appeal) -> Mapping[str, str]:
    """Say what was decided on which appeal. Whether it goes further is not in the data, so nothing is said of it."""
    return {
        "determination_number": str(appeal.against),
        "decision": appeal.decision or "",
        "received_on": str(appeal.received_on),
        "appeal_by": str(appeal.appeal_by or ""),
    }


def _evidence_words(claim: Claim, waiting: Entry | None) -> tuple[Mapping[str, str], Sequence[str]]:
    due = _instant(waiting.due) if waiting and waiting.due else ""
    found = result_of(claim, waiting.step) if waiting and waiting.step else {}
    return {"due_at": due, "reference": waiting.id if waiting else ""}, found.get("wanted", ())


def _instant(at: int) -> str:
    return utc(at).isoformat().replace("+00:00", "Z")


def _determination_words(claim: Claim, told: Determination) -> tuple[Mapping[str, str], Sequence[str]]:
    """Of an approval also until when it may be appealed, and the wages that it was computed from: both may be wrong for her."""
    event = plain(told.body)
    if told.outcome is Phase.APPROVED:
        event |= {"appeal_by": last_day(claim, told), "wages": _base_period(claim, result_of(claim, ELIGIBILITY))}
    values = {"determination_number": str(told.number)}
    for name in DETERMINED:
        value = event.get(name)
        values[name] = "" if value is None else str(value)
    if told.number > 1:
        values["replaces"] = str(told.number - 1)
    return values, [_cited(reason) for reason in event["reasons"]]


def _base_period(claim: Claim, found: Mapping[str, Any]) -> str:
    """Give the wages that counted, by quarter: `2025Q2=9750.00 2025Q3=10400.00`."""
    monetary = found.get("monetary") or {}
    amounts = dict.fromkeys(monetary.get("quarters", ()), Decimal(0))
    for wage in facts_of(claim.facts).wages if amounts else ():
        if wage.quarter in amounts:
            amounts[wage.quarter] += wage.amount
    return " ".join(f"{quarter}={amount:.2f}" for quarter, amount in amounts.items())


def _cited(reason: Mapping[str, str]) -> str:
    return f"{reason['sentence']} ({reason['citation']})" if reason["citation"] else reason["sentence"]
