"""The field types of the wire: identifiers, money, instants, and the few values that several messages carry."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

STRICT: Final = ConfigDict(strict=True)
"""What a portal files is taken as it is meant: no number for a date, no "yes" for true."""


class Message(BaseModel):
    """What every body shares: unknown fields are ignored, nothing changes after reading, errors never echo the input."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


_MONEY: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def _as_written(value: Any) -> Any:
    """Refuse JSON numbers for money, which have passed through a float, and spellings such as 1e3."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise ValueError('money is a string with two decimals, such as "1250.00"')
    return value


def _two_decimals(value: Decimal) -> str:
    return f"{value:.2f}"


MONEY_PATTERN = r"^[0-9]{1,10}\.[0-9]{2}$"
Money = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),  # first: behind a function the limits would be checked in Python
    BeforeValidator(_as_written),
    PlainSerializer(_two_decimals, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": MONEY_PATTERN}),
]
"""Dollars with two decimals, never negative; a string on the wire."""


HOURS_PATTERN = r"^[0-9]{1,3}(\.[0-9]{1,2})?$"
_HOURS: Final = re.compile(HOURS_PATTERN)


def _hours_as_written(value: Any) -> Any:
    """Refuse JSON numbers, as for money: tiers of hours are thresholds of the law."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _HOURS.fullmatch(value):
        raise ValueError('hours are a string with at most two decimals, such as "16.5"')
    return value


Hours = Annotated[
    Decimal,
    Field(ge=0, le=168, decimal_places=2),
    BeforeValidator(_hours_as_written),
    PlainSerializer(lambda value: f"{value:f}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": HOURS_PATTERN}),
]
"""Hours of one week, a string on the wire."""


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is UTC:
        return instant
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:  # pydantic passes on what is no ValueError
        raise ValueError("an instant lies in the years 1 to 9999, also in UTC") from error


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant in UTC, RFC 3339 on the wire."""

CLAIM_ID_PATTERN = r"^[A-Za-z0-9._-]{1,64}$"
ClaimId = Annotated[str, Field(pattern=CLAIM_ID_PATTERN)]
EffectId = Annotated[str, Field(min_length=1, max_length=160)]
"""The id of an open entry, `claim/kind/n`: also the id of the effect at the service that is asked."""
CODE_PATTERN: Final = r"^[a-z0-9_.-]{1,80}$"
Code = Annotated[str, Field(pattern=CODE_PATTERN)]
MOST: Final = 2**31 - 1
"""The largest number on the wire. A store cannot write one of thirty digits: the service that took it would end at each try."""
Ordinal = Annotated[int, Field(ge=1, le=MOST)]
Count = Annotated[int, Field(ge=0, le=MOST)]
Days = Annotated[int, Field(ge=0, le=3660)]
"""A span that can be added to any date of a claim."""
Jurisdiction = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
CaseworkerRef = Annotated[str, Field(min_length=1, max_length=100)]
"""A caseworker, as the agency numbers them."""
Quarter = Annotated[str, Field(pattern=r"^(19|20)[0-9]{2}Q[1-4]$")]
Ssn = Annotated[str, Field(pattern=r"^[0-9]{3}-[0-9]{2}-[0-9]{4}$", repr=False)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
TimeZone = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+){0,2}$", max_length=64)]


class ClaimType(StrEnum):
    """What kind of claim is filed: it chooses the plan."""

    NEW = "new"
    ADDITIONAL = "additional"
    TRANSITIONAL = "transitional"
    WORKSHARE = "workshare"
    DISASTER = "disaster"


class Program(StrEnum):
    """Who pays: the state, or the federal government for its civilians and former soldiers."""

    UI = "UI"
    UCFE = "UCFE"
    UCX = "UCX"


class FailureKind(StrEnum):
    """Why a check could not be made; decides whether asking again can help."""

    TRANSIENT = "transient"
    THROTTLED = "throttled"
    NOT_READY = "not_ready"
    PERMANENT = "permanent"
    DENIED = "denied"


class Wage(Message):
    """What one employer reported for one calendar quarter."""

    quarter: Quarter
    amount: Money
    employer: Annotated[str, Field(min_length=1, max_length=64)]
    weeks_worked: Annotated[int, Field(ge=0, le=14)] | None = None


class Dependents(Message):
    """Whom the claimant supports."""

    model_config = STRICT

    children: Annotated[int, Field(ge=0, le=30)]
    spouse: bool


class SeparationReason(StrEnum):
    """Why the last job ended, in the portal's words."""

    LACK_OF_WORK = "lack_of_work"
    QUIT = "quit"
    DISCHARGE = "discharge"
    LABOR_DISPUTE = "labor_dispute"
    REDUCED_HOURS = "reduced_hours"


class Reason(Message):
    """One failed rule of a determination: what was required, what was found, where the law says so."""

    code: Code
    sentence: str
    citation: str
    values: Mapping[str, str] = Field(default_factory=dict)


class Command(Message):
    """Asks one service for one effect; a repeat of the same `effect_id` is the same effect."""

    claim_id: ClaimId
    effect_id: EffectId
    attempt: Ordinal


class Answer(Message):
    """A service's reply: `answers` names the open entry, `attempt` the try it belongs to."""

    claim_id: ClaimId
    answers: EffectId
    attempt: Ordinal


class Failure(Answer):
    """A check that could not be made. Not final: it counts only for the newest attempt."""

    kind: FailureKind
    reason: Code
    retry_after_seconds: Annotated[int, Field(ge=0)] | None = None


def is_none(value: object) -> bool:
    """Say whether there is nothing to write."""
    return value is None


RARE: Final = Field(exclude_if=is_none)
"""What most messages do not have is not written where it is not there."""


def utc(milliseconds: int) -> datetime:
    """Give the instant of this many milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
