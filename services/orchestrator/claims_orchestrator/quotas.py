"""How fast each portal may file: what a source sends beyond its quota is not read now, and waits its turn in the deferred stream.

One portal's flood then costs the others the handing on of its records, which is far cheaper than taking a claim. The quota
counts new claims only: evidence, appeals, withdrawals and the like belong to claims that we have, and their deadlines run.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import Counter

from claims_shared.buckets import Allowance, Bucket
from claims_shared.flow import QUOTA
from claims_shared.messages.catalog import INTAKE, MESSAGES
from claims_shared.messages.intake import ClaimSubmitted
from claims_shared.wire import Headers, Record

DEFERRED: Final = Counter(
    "claims_deferred_total", "Submissions handed on to the deferred stream, beyond their source's quota", ["source"]
)
ABOUT_KNOWN_CLAIMS: Final = frozenset(
    wire.encode() for wire, model in MESSAGES[INTAKE].items() if model is not ClaimSubmitted
)
NAMED: Final = 50
"""Sources with a counter of their own; all others are counted together: their names come from outside."""
MOST: Final = 10_000
"""Sources whose quota is remembered; who comes back after so many others has a fresh one."""


class Quotas:
    """The buckets of one replica, each for its share of the partitions."""

    def __init__(self, partitions: int, clock: Callable[[], float]) -> None:
        """`clock`: seconds. Until `take` says more, everybody may file whatever he likes."""
        self._usual = Allowance(math.inf, math.inf)
        self._own: Mapping[bytes, Allowance] = {}
        self._partitions = partitions
        self._clock = clock
        self._shares: dict[bytes, Allowance] = {}
        self._share = 1.0
        self._buckets: dict[bytes, Bucket] = {}
        self._named: set[bytes] = set()

    def take(self, usual: Allowance, own: Mapping[str, Allowance]) -> None:
        """Let these hold; `own`: of portals that have another quota than the usual one."""
        self._usual, self._own = usual, {source.encode(): each for source, each in own.items()}
        self._shares.clear()
        QUOTA.clear()
        for source, allowance in {"every other": usual, **own}.items():
            QUOTA.labels(source, "rate").set(allowance.rate)
            QUOTA.labels(source, "burst").set(allowance.burst)

    def assigned(self, partitions: frozenset[int]) -> None:
        """Take this replica's share."""
        self._share = len(partitions) / self._partitions
        self._shares.clear()

    def defers(self, record: Record) -> bool:
        """Whether this record must wait its turn; what is allowed counts."""
        if record.topic != INTAKE.name:
            return False
        source, kind = _said(record.headers)
        if kind in ABOUT_KNOWN_CLAIMS:
            return False
        if self._bucket(source).take(self._allowance(source), self._clock()):
            return False
        DEFERRED.labels(self._name(source)).inc()
        return True

    def _allowance(self, source: bytes) -> Allowance:
        found = self._shares.get(source)
        if found is None:
            found = self._own.get(source, self._usual).times(self._share)
            if len(self._shares) >= MOST:
                self._shares.clear()
            self._shares[source] = found
        return found

    def _bucket(self, source: bytes) -> Bucket:
        found = self._buckets.get(source)
        if found is None:
            if len(self._buckets) >= MOST:
                del self._buckets[next(iter(self._buckets))]
            found = self._buckets[source] = Bucket(self._allowance(source), self._clock())
        return found

    def _name(self, source: bytes) -> str:
        if source not in self._named:
            if len(self._named) >= NAMED:
                return "others"
            self._named.add(source)
        return source.decode(errors="replace")[:100]


def _said(headers: Headers) -> tuple[bytes, bytes]:
    """Give source and type as the record names them; of a header that is there twice the last counts, as in decoding."""
    source = kind = b""
    for name, value in headers:
        if name == "ce_source":
            source = value or b""
        elif name == "ce_type":
            kind = value or b""
    return source, kind
