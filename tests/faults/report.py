"""What a run injected, what of it was felt, and what was found; as words, and as JSON that several runs are summed from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.invariants.seen import Findings

MUST_BE_FELT: Mapping[str, Sequence[str]] = {
    "kill": ("redelivered and recognised", "records sent again"),
    "pause": ("assignments",),
    "broker": ("producers replaced", "commits failed", "cycles that waited"),
    "store": ("store retries", "cycles that waited"),
    "cut": ("connections reset",),
    "slow": ("pieces delayed",),
    "deaf": ("replies lost",),
    "storm": ("assignments",),
    "roll": ("starts",),
}
"""By kind of fault, where at least one of its effects shows; a fault that nobody felt proves nothing."""


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault. `open`: claims on their way when it came."""

    kind: str
    target: str
    at: datetime
    open: int
    seconds: float = 0.0

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:%H:%M:%S.%f} {self.kind} {self.target}{lasting}, {self.open} claims on their way"


@dataclass(slots=True)
class Report:
    """The run in three parts; `wrong` is everything for which it fails. `seconds`: from the last fault to the end."""

    claims: int
    injected: list[Injected] = field(default_factory=list)
    restarts: Counter[str] = field(default_factory=Counter)
    felt: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    copies: int = 0
    seconds: float = 0.0
    findings: Findings = field(default_factory=Findings)
    left: list[str] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(each.kind for each in self.injected)

    def effects(self) -> Counter[str]:
        """Give everything that was felt, whoever noticed it."""
        seen = {"records sent again": self.findings.repeats.total(), "mails sent again": self.copies}
        return self.felt + Counter(seen | {"restarts": self.restarts.total()})

    def wrong(self) -> list[str]:
        kills = Counter(each.target for each in self.injected if each.kind == "kill")
        return [
            *(
                f"{name} was killed {n} times more than it was started again"
                for name, n in (kills - self.restarts).items()
            ),
            *(f"nobody felt {kind}: no {' or '.join(MUST_BE_FELT[kind])}" for kind in self._unfelt()),
            *self.complaints,
            *(f"{each} has not come to its end" for each in self.left),
            *map(str, self.findings.violations),
        ]

    def _unfelt(self) -> list[str]:
        effects = self.effects()
        return [kind for kind in self.kinds if not any(effects[each] for each in MUST_BE_FELT[kind])]

    def __str__(self) -> str:
        done = f"{self.claims - len(self.left)} of {self.claims}"
        lines = [
            f"injected: {_words(self.kinds)} during {self.claims} claims",
            *(f"  {each}" for each in self.injected),
            f"felt: {_words(self.effects())}",
            f"found: {len(self.wrong())} violations; {done} claims at their end {self.seconds:.0f} s after the last fault",
            *(f"  {each}" for each in self.wrong()[:20]),
        ]
        return "\n".join(lines + ([str(self.findings)] if self.findings.violations else []))

    def record(self) -> dict[str, Any]:
        """Give what is kept of the run."""
        return self.about | {
            "claims": self.claims,
            "injected": dict(self.kinds),
            "felt": dict(self.effects()),
            "sent_again": dict(self.findings.repeats),
            "settled_after_seconds": round(self.seconds, 1),
            "wrong": self.wrong(),
        }


def summed(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Add up what is kept of several runs; they settled as late as the latest."""
    injected, felt, again = Counter[str](), Counter[str](), Counter[str]()
    for each in records:
        injected.update(each["injected"])
        felt.update(each["felt"])
        again.update(each["sent_again"])
    return {
        "runs": len(records),
        "stores": sorted({each["store"] for each in records}),
        "seeds": [each["seed"] for each in records],
        "commits": sorted({each["commit"] for each in records}),
        "claims": sum(each["claims"] for each in records),
        "seconds": round(sum(each["seconds"] for each in records)),
        "injected": dict(injected),
        "felt": dict(felt),
        "sent_again": dict(again),
        "settled_after_seconds": max((each["settled_after_seconds"] for each in records), default=0.0),
        "wrong": [wrong for each in records for wrong in each["wrong"]],
    }


def _words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing"
