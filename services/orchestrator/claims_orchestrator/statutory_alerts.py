"""Who is told what the law's clocks say: a line in the log, counters, and how many claims stand so now.

What says it durably is the claim's life cycle; this is told once by the process that wrote it, and not again after a crash.
"""

from collections.abc import Mapping
from typing import Final

from prometheus_client import Counter, Gauge

from claims_orchestrator.claim import Claim, Clock
from claims_orchestrator.statutory import advice, worst
from claims_shared.messages.fields import utc
from claims_shared.messages.lifecycle import ClockState
from claims_shared.telemetry import log

STATES: Final = (ClockState.FORECAST, ClockState.LATE, ClockState.FAILED)
SAID: Final = Counter(
    "claims_statutory_said_total",
    "What clocks of the law said: a breach ahead (forecast), that it is there (late), that the clock has failed",
    ["clock", "jurisdiction", "state"],
)
ENDED: Final = Counter(
    "claims_statutory_ended_total",
    "Clocks of the law that ended on claims which something had delayed, by what became of them",
    ["clock", "jurisdiction", "outcome"],
)
STAND: Final = Gauge(
    "claims_statutory", "Claims by the worst that a clock of theirs has said, in this replica's partitions", ["state"]
)


class StatutoryAlerts:
    """Counts by difference between recounts from the store, as the window does."""

    def __init__(self) -> None:
        self._stand = dict.fromkeys(STATES, 0)

    def moved(self, before: Claim | None, after: Claim) -> None:
        """Take note of one claim's change; most carry no clock, and that is all that is looked at then."""
        was, now = _clocks(before), _clocks(after)
        if not (was or now):
            return
        for name, clock in now.items():
            if clock.said in STATES and (name not in was or was[name].said is not clock.said):
                _alert(after, name, clock)
        if was.keys() - now.keys():
            for lapse in after.history[-1].clocks:
                ENDED.labels(lapse.name, after.jurisdiction, lapse.outcome.value).inc()
        stood, stands = worst(before) if before else None, worst(after)
        self.count({state: self._stand[state] + (state is stands) - (state is stood) for state in STATES})

    def count(self, stand: Mapping[ClockState, int]) -> None:
        """Take the numbers of claims that stand so."""
        self._stand = dict(stand)
        for state, number in self._stand.items():
            STAND.labels(state.value).set(number)


def _clocks(claim: Claim | None) -> dict[str, Clock]:
    found: dict[str, Clock] = {}
    for name, entry in claim.open.items() if claim else ():
        if entry.clock is not None:
            found[name] = entry.clock
    return found


def _alert(claim: Claim, name: str, clock: Clock) -> None:
    SAID.labels(clock.name, claim.jurisdiction, clock.said.value).inc()
    log().warning(
        "statutory_clock",
        claim=claim.id,
        clock=clock.name,
        state=clock.said.value,
        due=utc(clock.late_at).isoformat(),
        citation=clock.citation,
        advice=advice(claim, claim.open[name]),
    )
