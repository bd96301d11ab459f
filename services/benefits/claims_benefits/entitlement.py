"""What benefits keeps of one claim: award, what holds its weeks, every certification, the ledger. Money in whole cents."""

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from claims_benefits.ledger import Transfer
from claims_shared.documents import Document
from claims_shared.ports import Shape
from claims_shared.wire import Output

SHAPE: Final = Shape("entitlements")


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What was certified about a week: cents earned, hundredths of hours worked."""

    earnings: int
    hours: int
    able_and_available: bool
    searched_for_work: bool


class Said(msgspec.Struct, frozen=True, array_like=True):
    """One certification: its facts, when it was made (microseconds), and the `ce_id` it came under."""

    facts: Facts
    at: int
    ce_id: str


class State(StrEnum):
    """What became of a week."""

    HELD = "held"
    WAITING = "waiting"
    AUTHORISED = "authorised"
    NOT_PAYABLE = "not-payable"


class Week(msgspec.Struct, frozen=True, array_like=True):
    """One week of a claim. Certifications stand in order, the newest last.

    `authorised`: cents that are and stay authorised; None: it never was. `payable`: what the law gave when money last moved
    for it. `wanted`: cents that wait for a decision. `told`: the last event about it.
    """

    said: tuple[Said, ...]
    state: State = State.HELD
    reasons: tuple[str, ...] = ()
    payable: int = 0
    authorised: int | None = None
    wanted: int = 0
    events: int = 0
    told: Output | None = None

    @property
    def facts(self) -> Facts:
        """What counts now."""
        return self.said[-1].facts


class Award(msgspec.Struct, frozen=True, array_like=True):
    """What the newest determination gives, in cents, and since when."""

    effective_on: date
    weekly: int
    maximum: int


class Entitlement(Document):
    """The document of one claim, by its id.

    `sequence`: the newest life-cycle number that changed something here. `failed`: one on which our code failed, until a later
    one is known. `determination`: the newest; `award` is None where it gives none of its own. `holds`: what questions the
    claim as a whole. `exhausted`: the determination for which it was said. `earmarks`: how often money was held or freed.
    """

    sequence: int = 0
    failed: int = 0
    phase: str = ""
    determination: int = 0
    jurisdiction: str = ""
    program: str = ""
    claim_type: str = ""
    award: Award | None = None
    holds: tuple[str, ...] = ()
    exhausted: int = 0
    year_ended: bool = False
    earmarks: int = 0
    transfers: tuple[Transfer, ...] = ()
    weeks: dict[str, Week] = msgspec.field(default_factory=dict)
