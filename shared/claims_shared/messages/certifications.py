"""The weeks of a claim: what a claimant certifies about each, and what becomes of it. Amounts are dollars.

Of one week at most one authorisation is ever made; what changes afterwards is its own event and never edits what was said.
"""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from claims_shared.messages.fields import STRICT, ClaimId, Code, Hours, Instant, Message, Money, Ordinal

AS_TEXT: Final = Field(strict=False)
"""Numbers that come as text are read by their own rules, which are as strict."""
Arithmetic = tuple[str, ...]
"""The steps from the weekly amount to what is payable, in words."""


class WeekCertified(Message):
    """What a claimant says about one benefit week that is over; `earnings` before deductions, by when they were earned.

    Said again with other facts, and later, it is a correction.
    """

    model_config = STRICT

    claim_id: ClaimId
    week_ending: date
    earnings: Annotated[Money, AS_TEXT]
    hours: Annotated[Hours, AS_TEXT]
    able_and_available: bool
    searched_for_work: bool
    certified_at: Instant


class Week(Message):
    """What every event about one week carries."""

    claim_id: ClaimId
    week_ending: date


class WeekAuthorised(Week):
    """The week is to be paid: so much, once and for good. `amount` is less than `payable` where the award held no more."""

    amount: Money
    payable: Money
    left: Money
    arithmetic: Arithmetic
    citation: str
    pack_hash: str


class WeekWaiting(Week):
    """The week is served as a waiting week: it counts and is not paid."""

    payable: Money
    arithmetic: Arithmetic
    citation: str
    pack_hash: str


class WeekHeld(Week):
    """Nothing is decided about the week until these reasons are gone; other weeks go on.

    `authorised` is what was authorised for it before and stays so; `amount` what is asked for beyond that, where it is known.
    """

    reasons: Annotated[tuple[Code, ...], Field(min_length=1)]
    detail: str = ""
    authorised: Money | None = None
    amount: Money | None = None


class WeekNotPayable(Week):
    """By the law nothing is payable for the week, or the award is used up."""

    reason: Code
    arithmetic: Arithmetic
    citation: str
    pack_hash: str


class WeekReversed(Week):
    """A correction took back so much of what was authorised for the week; `authorised` is what remains."""

    amount: Money
    authorised: Money
    payable: Money
    arithmetic: Arithmetic
    citation: str
    pack_hash: str


class WeekRefused(Message):
    """A certification that could not be taken: which one and why, without its content."""

    ce_id: str | None
    key: str | None
    claim_id: ClaimId | None = None
    week_ending: date | None = None
    code: Code
    reasons: tuple[str, ...]
    refused_at: Instant


class BenefitsExhausted(Message):
    """Every cent of the award is authorised. Said once for each determination that sets the award."""

    claim_id: ClaimId
    determination_number: Ordinal
    week_ending: date
    maximum_benefit_amount: Money


class BenefitYearEnded(Message):
    """The benefit year is over: weeks that end after its last day are another claim's. Said once, by a certification."""

    claim_id: ClaimId
    effective_on: date
    last_day: date
    left: Money
