"""The decider of weeks in the batch cycle: certifications and the claim's life cycle, folded into one document a claim."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from claims_benefits.certify import certify, refuse
from claims_benefits.entitlement import Entitlement
from claims_benefits.following import APPROVED, Seen, follow, is_before_determination, seen
from claims_benefits.week_law import WeekLaw
from claims_shared.documents import Folding, Verdict
from claims_shared.messages.certifications import WeekCertified
from claims_shared.ports import Scalar
from claims_shared.wire import DeadLetter, Received


class Weeks:
    """What is certified is kept or paid once; nothing outside is asked."""

    document = Entitlement
    keeps_outbox = True

    def __init__(self, law: WeekLaw) -> None:
        self._law = law

    def creates(self, message: Received) -> bool:
        """An approval begins most documents; before it, an event changes none and needs none."""
        return message.type == APPROVED or (isinstance(message.body, Seen) and is_before_determination(message.body))

    async def prepare(self, messages: Sequence[Received], documents: Mapping[str, Entitlement]) -> None:
        """Nothing outside is needed."""

    def fold(self, document: Entitlement | None, message: Received, now: datetime) -> Folding[Entitlement]:
        """Take a certification, or follow the claim."""
        if isinstance(message.body, WeekCertified):
            return certify(document, message, self._law, now)
        return follow(document, message, self._law, now)

    def park(self, document: Entitlement | None, message: Received, error: str, now: datetime) -> Folding[Entitlement]:
        """Put the record aside for an engineer: a certification is refused, an event holds all weeks until a later one."""
        if isinstance(message.body, WeekCertified):
            letter = DeadLetter(message.record, "benefits", "raised", (error,))
            told = refuse(message, "internal_error", now).letters[-1]
            return Folding(None, (), Verdict.PARKED, "raised", (letter, told))
        letter = DeadLetter(message.record, "benefits", "raised", (error,))
        known = document or Entitlement(id=message.claim_id)
        failed = max(known.failed, seen(message.body).sequence)
        return Folding(msgspec.structs.replace(known, failed=failed), (), Verdict.PARKED, "raised", (letter,))

    def fields(self, document: Entitlement) -> Mapping[str, Scalar]:  # noqa: ARG002 - found by id alone
        """Give nothing."""
        return {}

    def due_at(self, document: Entitlement) -> int | None:  # noqa: ARG002 - weeks wait for people and for the claim, not for an instant
        """Give nothing."""
        return None

    def installed(self, before: Entitlement | None, after: Entitlement) -> None:
        """Count nothing."""
