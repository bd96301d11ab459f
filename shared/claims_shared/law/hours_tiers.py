"""How a pack writes the part of a week that is payable by the hours worked: `0-10: 1.00, 11-16: 0.75, 17+: 0`. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise

_TIER = re.compile(r"(?P<first>\d+)(-(?P<last>\d+)|\+): (?P<share>\d(\.\d{1,2})?)")


@dataclass(frozen=True, slots=True)
class Tier:
    """Whole hours from the first to the last (None: and more), and the share of the weekly amount that they leave."""

    first: int
    last: int | None
    share: Decimal

    def holds(self, hours: Decimal) -> bool:
        """Say whether so many whole hours lie in this tier."""
        return self.first <= hours and (self.last is None or hours <= self.last)

    def __str__(self) -> str:
        return f"{self.first} or more" if self.last is None else f"{self.first} to {self.last}"


@cache
def read_tiers(value: str) -> tuple[Tier, ...]:
    """Read the tiers, fewest hours first; ValueError says in words what is wrong.

    A share has two decimals at most, so that a share of whole dollars is exact to the cent and needs no rounding.
    """
    tiers = tuple(_tier(part.strip()) for part in value.split(","))
    if tiers[0].first != 0 or tiers[-1].last is not None:
        raise ValueError(f"{value!r} must begin at 0 hours and end with a tier as 31+")
    for fewer, more in pairwise(tiers):
        if fewer.last is None or fewer.last < fewer.first or more.first != fewer.last + 1:
            raise ValueError(f"{value!r}: {more} hours do not follow {fewer} hours")
        if more.share > fewer.share:
            raise ValueError(f"{value!r}: more hours must never pay more")
    if tiers[0].share > 1:
        raise ValueError(f"{value!r}: no share is above 1")
    return tiers


def _tier(part: str) -> Tier:
    found = _TIER.fullmatch(part)
    if not found:
        raise ValueError(f"{part!r} is no tier as 11-16: 0.75")
    last = found["last"]
    return Tier(int(found["first"]), int(last) if last else None, Decimal(found["share"]))
