"""Who is told that a machine has had something for too long: an alert in the log, a counter, and how many claims stand so now.

What says it durably is the claim's life cycle; this is told once by the process that wrote it, and not again after a crash.
"""

from collections.abc import Mapping
from typing import Final

from prometheus_client import Counter, Gauge

from claims_orchestrator.claim import Claim, Entry
from claims_orchestrator.process import step_of
from claims_shared.messages.fields import utc
from claims_shared.telemetry import log

ALERTS: Final = Counter(
    "claims_too_long_alerts_total",
    "Alerts: a machine has had something for longer than its step allows",
    ["step", "owner"],
)
HELD: Final = Gauge(
    "claims_held_too_long", "Claims of which a machine has had something for too long, in this replica's partitions"
)


class Alerts:
    """Counts by difference between recounts from the store, as the window does."""

    def __init__(self) -> None:
        self._held = 0

    def moved(self, before: Claim | None, after: Claim) -> None:
        """Take note of one claim's change."""
        was, now = held_too_long(before), held_too_long(after)
        for name in now.keys() - was.keys():
            _alert(after, now[name])
        self.count(self._held + bool(now) - bool(was))

    def count(self, held: int) -> None:
        """Take the number of claims that stand so."""
        self._held = held
        HELD.set(held)


def held_too_long(claim: Claim | None) -> Mapping[str, Entry]:
    """Give the open entries about which somebody was alerted."""
    return {} if claim is None else {name: entry for name, entry in claim.open.items() if entry.too_long is not None}


def _alert(claim: Claim, entry: Entry) -> None:
    step = entry.step or entry.kind.value
    ALERTS.labels(step, entry.owner).inc()
    log().warning(
        "held_too_long",
        claim=claim.id,
        step=step,
        owner=entry.owner,
        since=utc(entry.since).isoformat(),
        advice=step_of(entry.step).advice,
    )
