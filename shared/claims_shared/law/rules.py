"""What the functions of the law speak in: one rule as it stands on a day, a finding against a claim, the lack of knowledge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

ROUNDINGS: Mapping[str, tuple[str, Decimal]] = {
    "down_to_dollar": (ROUND_FLOOR, Decimal(1)),
    "down_to_cent": (ROUND_FLOOR, Decimal("0.01")),
    "up_to_dollar": (ROUND_CEILING, Decimal(1)),
    "up_to_hour": (ROUND_CEILING, Decimal(1)),
    "to_nearest_dollar_half_up": (ROUND_HALF_UP, Decimal(1)),
    "to_nearest_dollar_half_down": (ROUND_HALF_DOWN, Decimal(1)),
    "to_nearest_cent_half_up": (ROUND_HALF_UP, Decimal("0.01")),
}
"""Every rounding that a pack may name: the mode and the step."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule on one day: its name chooses the function, its numbers and words are the pack's, `missing` is not known then."""

    name: str
    numbers: Mapping[str, Decimal]
    words: Mapping[str, str]
    citation: str
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a claim does not meet, in words for the claimant, with what was found and what is required."""

    code: str
    sentence: str
    citation: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The law cannot be applied: `code` says why (no_pack, gap, not_known_after, ...), `detail` in a sentence."""

    code: str
    detail: str


class NotKnown(Exception):  # noqa: N818 - the claim is referred with this reason; nothing has failed
    """The law is in force, and what it asks about this claim is not known: a bracket, the weeks worked."""

    def __init__(self, code: str, detail: str) -> None:
        """`code`: for machines; `detail`: a sentence."""
        super().__init__(detail)
        self.unknown = Unknown(code, detail)


def rounded(amount: Decimal, rounding: str) -> Decimal:
    """Round as the pack names it."""
    mode, step = ROUNDINGS[rounding]
    return amount.quantize(step, mode)


def dollars(amount: Decimal) -> str:
    """Show money to a person; a requirement between two cents shows the cent that meets it."""
    return f"${amount.quantize(Decimal('0.01'), ROUND_CEILING):,}"
