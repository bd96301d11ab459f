"""How fast each portal may file: what a source sends beyond its quota is not read now, and waits its turn in the deferred stream.

Who has gone beyond it of late may also have only few claims in machines' hands: a rate alone knows nothing of how fast the
machines are today. One portal's flood then costs the others the handing on of its records, which is far cheaper than taking a
claim. The quota counts new claims only: evidence, appeals, withdrawals and the like belong to claims that we have, and their
deadlines run.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from prometheus_client import Counter as Metric

from claims_orchestrator.claim import Claim, in_flight
from claims_shared.buckets import Allowance, Bucket
from claims_shared.flow import QUOTA
from claims_shared.messages.catalog import INTAKE, MESSAGES
from claims_shared.messages.intake import ClaimSubmitted
from claims_shared.wire import Headers, Record

DEFERRED: Final = Metric(
    "claims_deferred_total", "Submissions handed on to the deferred stream, beyond their source's quota", ["source"]
)
ABOUT_KNOWN_CLAIMS: Final = frozenset(
    wire.encode() for wire, model in MESSAGES[INTAKE].items() if model is not ClaimSubmitted
)
NAMED: Final = 50
"""Sources with a counter of their own; all others are counted together: their names come from outside."""
CALM_SECONDS: Final = 60.0
"""So long after its last record beyond the quota a source counts as flooding."""
MOST: Final = 10_000
"""Sources whose quota is remembered; who comes back after so many others has a fresh one."""


class Quotas:
    """The buckets of one replica, each for its share of the partitions."""

    def __init__(self, partitions: int, clock: Callable[[], float], in_flight: int = 8) -> None:
        """`in_flight`: claims in machines' hands of a source that floods, over all replicas. `clock`: seconds.

        Until `take` says more, everybody may file whatever he likes.
        """
        self._most_in_flight = in_flight
        self._in_flight: Counter[bytes] = Counter()
        self._flooded: dict[bytes, float] = {}
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
        """Take this replica's share; what is in flight in new partitions is not known by source, and soon over."""
        self._share = len(partitions) / self._partitions
        self._in_flight.clear()
        self._shares.clear()

    def defers(self, record: Record) -> bool:
        """Whether this record must wait its turn; what is allowed counts."""
        if record.topic != INTAKE.name:
            return False
        source, kind = _said(record.headers)
        if kind in ABOUT_KNOWN_CLAIMS:
            return False
        now = self._clock()
        if self._bucket(source).take(self._allowance(source), now):
            if not self._floods(source, now):
                return False
        else:
            self._flooded.pop(source, None)
            self._flooded[source] = now
            _shorten(self._flooded)
        DEFERRED.labels(self._name(source)).inc()
        return True

    def moved(self, portal: str, *, in_flight: bool) -> None:
        """Take note that a claim of this portal came into machines' hands, or left them."""
        source = portal.encode()
        self._in_flight[source] += 1 if in_flight else -1
        if self._in_flight[source] <= 0:
            del self._in_flight[source]

    def claim_moved(self, before: Claim | None, after: Claim) -> None:
        """Take note of one claim's change."""
        was, now = before is not None and in_flight(before), in_flight(after)
        if was != now:
            self.moved(after.portal, in_flight=now)

    def _floods(self, source: bytes, now: float) -> bool:
        """Whether it went beyond its quota of late, and has as many claims in machines' hands as it may have then."""
        since = self._flooded.get(source)
        if since is None or now - since > CALM_SECONDS:
            return False
        return self._in_flight[source] >= max(self._most_in_flight * self._share, 1)

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
            found = self._buckets[source] = Bucket(self._allowance(source), self._clock())
            _shorten(self._buckets)
        return found

    def _name(self, source: bytes) -> str:
        if source not in self._named:
            if len(self._named) >= NAMED:
                return "others"
            self._named.add(source)
        return source.decode(errors="replace")[:100]


def _shorten(mapping: dict[bytes, Any]) -> None:
    """Forget the oldest beyond a limit."""
    if len(mapping) > MOST:
        del mapping[next(iter(mapping))]


def _said(headers: Headers) -> tuple[bytes, bytes]:
    """Give source and type as the record names them; of a header that is there twice the last counts, as in decoding."""
    source = kind = b""
    for name, value in headers:
        if name == "ce_source":
            source = value or b""
        elif name == "ce_type":
            kind = value or b""
    return source, kind
