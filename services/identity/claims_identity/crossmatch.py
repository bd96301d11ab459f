"""The one-person rule: which earlier claims of one SSN disagree with a claim. Pure: it knows people by keyed digests only.

A hit is not a finding: it opens an issue on both claims, and a person decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from claims_shared.messages.fields import ClaimType
from claims_shared.messages.identity import ConflictKind

DAY: Final = 86_400_000
WEEK: Final = 7 * DAY
FIRST_SUNDAY: Final = 3 * DAY
"""1970 began on a Thursday; the reporting week of unemployment insurance begins on Sunday (ET Handbook 401)."""
BENEFIT_YEAR: Final = 52 * WEEK


class Registration(msgspec.Struct, frozen=True, array_like=True):
    """One claim's hold on an SSN, taken by one effect. `filed_at` in milliseconds; `bearer` digests name and birth date."""

    claim_id: str
    effect_id: str
    claim_type: ClaimType
    filed_at: int
    bearer: bytes


@dataclass(frozen=True, slots=True)
class Crossing:
    """An earlier claim of the same SSN that does not go together with this one."""

    claim_id: str
    kind: ConflictKind


def crossmatch(mine: Registration, earlier: Iterable[Registration]) -> tuple[Crossing, ...]:
    """Give each earlier claim in conflict, in the order of registration, one entry a claim.

    Only the later of two claims finds the pair: so it is found once, and the same again whenever the message comes again.
    """
    newest = {other.claim_id: other for other in earlier if other.claim_id != mine.claim_id}
    kinds = ((other.claim_id, _kind(mine, other)) for other in newest.values())
    return tuple(Crossing(claim_id, kind) for claim_id, kind in kinds if kind is not None)


def _kind(mine: Registration, other: Registration) -> ConflictKind | None:
    if mine.bearer != other.bearer:
        return ConflictKind.DIFFERENT_PERSON
    return ConflictKind.OVERLAPPING_CLAIM if _overlap(mine, other) else None


def _overlap(mine: Registration, other: Registration) -> bool:
    """Two *new* claims overlap where the later is filed within the 52-week benefit year that the earlier one begins.

    The year runs from the Sunday (UTC) of the week in which the earlier claim was filed, so that who files again on the
    first day of the next year is left alone. An additional or transitional claim, workshare and disaster begin no
    benefit year of their own kind and overlap with nothing.
    """
    if not mine.claim_type is other.claim_type is ClaimType.NEW:
        return False
    first, last = sorted((mine.filed_at, other.filed_at))
    begins = first - (first - FIRST_SUNDAY) % WEEK
    return last < begins + BENEFIT_YEAR
