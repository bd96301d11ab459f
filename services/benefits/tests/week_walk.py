"""A claim's weeks walked through messages: real wire records, read as the service reads them, folded by the real decider.

Week 1 of the claim ends on Saturday 2026-09-19. What was said is told in short: `authorised 1: 395.00`.
"""

import itertools
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec

from claims_benefits.entitlement import Entitlement
from claims_benefits.following import VIEWS
from claims_benefits.ledger import balances
from claims_benefits.week_law import PackLaw
from claims_benefits.weeks import Weeks
from claims_shared.decoding import decode
from claims_shared.documents import Folding, where
from claims_shared.law.loader import load_packs
from claims_shared.messages import certifications, lifecycle
from claims_shared.messages.catalog import BY_WIRE
from claims_shared.messages.fields import Message
from claims_shared.wire import DeadLetter, Output, Received, Record, headers_of, output

CLAIM = "C-1"
EFFECTIVE = date(2026, 9, 13)
NOW = datetime(2026, 9, 28, 12, tzinfo=UTC)
LAW = PackLaw(load_packs())
EVENTS = {
    "approved": lifecycle.ClaimApproved,
    "denied": lifecycle.ClaimDenied,
    "withdrawn": lifecycle.ClaimWithdrawn,
    "progressed": lifecycle.ClaimProgressed,
}
_offsets = itertools.count(1)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entitlement).decode


def received(body: Message, ce_id: str | None = None) -> Received:
    """Through the wire and back."""
    offset = next(_offsets)
    out = output(body, id=ce_id or f"m-{offset}", source="test", at=NOW)
    headers = list(headers_of(out))
    record = Record(BY_WIRE[out.type].topic.name, 0, offset, out.key.encode(), out.body, headers)
    read = decode(record, VIEWS)
    assert isinstance(read, Received), read
    return read


def entry(kind: str, reason: str | None = None) -> lifecycle.OpenEntry:
    return lifecycle.OpenEntry(
        id=f"{CLAIM}/{kind}/1", kind=kind, step=None, owner="adjudication", reason=reason, since=NOW
    )


def told(out: Output) -> str:
    """An event in short."""
    body = json.loads(out.body)
    if out.type.startswith("benefits."):
        return out.type.split(".")[1]
    fact = out.type.split(".")[1]
    number = ((date.fromisoformat(body["week_ending"]) - EFFECTIVE).days + 1) / 7
    what = {"held": ",".join(body.get("reasons", ())), "refused": body.get("code"), "not-payable": body.get("reason")}
    amount = "" if fact == "waiting" else f": {what.get(fact) or body['amount']}"
    return f"{fact} {number:.3g}{amount}"


class Walk:
    """One claim and everything that was said of its weeks."""

    def __init__(self, law=LAW) -> None:
        self.weeks = Weeks(law)
        self.claim: Entitlement | None = None
        self.folding = Folding(None)
        self.outputs: list[Output] = []
        self.letters: list[DeadLetter] = []
        self.sequence = 0
        self.number = 0

    def take(self, message: Received) -> list[str]:
        """Fold one message as the engine does; give what was said."""
        before = None if self.claim is None else _encode(self.claim)
        try:
            self.folding = self.weeks.fold(self.claim, message, NOW)
        except Exception as error:  # noqa: BLE001 - as in the engine
            self.folding = self.weeks.park(self.claim, message, where(error), NOW)
        assert before == (None if self.claim is None else _encode(self.claim)), "the given claim was changed"
        if self.folding.document is not None:
            self.claim = _decode(_encode(self.folding.document))
            self.check()
        said = [*self.folding.outputs, *(each for each in self.folding.letters if isinstance(each, Output))]
        self.letters += [each for each in self.folding.letters if isinstance(each, DeadLetter)]
        self.outputs += said
        for each in said:
            assert json.loads(BY_WIRE[each.type].model.model_validate_json(each.body).model_dump_json()) == json.loads(
                each.body
            )
        return [told(each) for each in said]

    def check(self) -> None:
        held = balances(self.claim.transfers)
        assert sum(held.values()) == 0
        assert all(cents >= 0 for account, cents in held.items() if account != "award"), held

    def certify(self, week: float, earnings="0.00", hours="0", *, able=True, searched=True, at=None, ce_id=None):
        """Certify a week; `at`: days after the Sunday that follows it."""
        ending = EFFECTIVE + timedelta(days=round(7 * week) - 1)
        instant = datetime(ending.year, ending.month, ending.day, 18, tzinfo=UTC) + timedelta(days=1 + (at or 0))
        body = certifications.WeekCertified(
            claim_id=CLAIM,
            week_ending=ending,
            earnings=Decimal(earnings),
            hours=Decimal(hours),
            able_and_available=able,
            searched_for_work=searched,
            certified_at=instant,
        )
        return self.take(received(body, ce_id))

    def hear(self, event: str, *open_entries: lifecycle.OpenEntry, sequence=None, **more):
        """The next life-cycle event."""
        self.sequence = sequence or self.sequence + 1
        kind = EVENTS.get(event, lifecycle.ClaimProgressed)
        phase = {"progressed": "approved", "opened": "open"}.get(event, event)
        plain = {
            "claim_id": CLAIM,
            "sequence": self.sequence,
            "at": NOW,
            "change": event,
            "phase": phase,
            "step": None,
            "portal": "portal",
            "portal_ref": "1",
            "jurisdiction": "UT",
            "claim_type": "new",
            "program": "UI",
            "lane": "standard",
            "lane_reasons": (),
            "open": open_entries,
        }
        return self.take(received(kind(**{**plain, **more})))

    def approve(self, *open_entries, weekly="395.00", maximum="10270.00", **more):
        self.number += 1
        amounts = {
            "determination_number": self.number,
            "effective_on": EFFECTIVE,
            "weekly_benefit_amount": Decimal(weekly) if weekly else None,
            "maximum_benefit_amount": Decimal(maximum) if maximum else None,
            "weeks": 26,
            "interview_at": None,
        }
        return self.hear("approved", *open_entries, **{**amounts, **more})

    def deny(self):
        self.number += 1
        facts = {"determination_number": self.number, "effective_on": EFFECTIVE, "reasons": (), "appeal_by": None}
        return self.hear("denied", **facts)

    def money(self, account: str) -> str:
        return f"{balances(self.claim.transfers)[account] / 100:.2f}"
