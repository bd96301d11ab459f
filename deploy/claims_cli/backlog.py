"""What waits where in a running system, put together from what its processes say of themselves. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table
from rich.text import Text

WHAT: Final = {
    "claims_backlog_records": "waiting",
    "claims_backlog_age_seconds": "oldest",
    "claims_backlog_read_per_second": "pace",
    "claims_at_step": "waiting",
    "claims_leaving_step_per_second": "pace",
}
"""Which metric says what of a queue or a step."""
CLASSES: Final = {
    "answers": "answers and fired waits",
    "expedited": "expedited",
    "standard": "standard",
    "deferred": "deferred: beyond a portal's quota",
}
MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Heap:
    """Something that waits: `records` unread by a service, or `claims` at a step. Seconds; None: not known, or endless."""

    of: str
    kind: str
    waiting: int
    oldest: float | None
    per_second: float
    empty_in: float | None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def heaps(metrics: Iterable[str]) -> list[Heap]:
    """Add up what the replicas say; the oldest is the oldest of all."""
    said: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for text in metrics:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if (what := WHAT.get(sample.name)) is not None:
                    said[_place(sample.labels)][what].append(sample.value)
    return [_heap(*place, values) for place, values in said.items()]


def _place(labels: dict[str, str]) -> tuple[str, str]:
    if "step" in labels:
        return f"step {labels['step'].replace('_', ' ')}", "claims"
    return f"{labels['service']}, {CLASSES.get(labels['class'], labels['class'])}", "records"


def _heap(of: str, kind: str, values: dict[str, list[float]]) -> Heap:
    waiting, pace = int(sum(values["waiting"])), sum(values["pace"])
    empty_in = 0.0 if not waiting else waiting / pace if pace else None
    return Heap(of, kind, waiting, max(values["oldest"]) if values["oldest"] else None, pace, empty_in)


def as_table(found: Sequence[Heap]) -> Table:
    shown = Table("what", "waiting", "oldest", "a minute", "empty", box=None, pad_edge=False, header_style="dim")
    for each in found:
        row = (each.of, f"{each.waiting:,} {each.kind}", _oldest(each), f"{60 * each.per_second:,.0f}", _empty(each))
        shown.add_row(*map(Text, row))
    return shown


def _oldest(heap: Heap) -> str:
    return "" if heap.oldest is None or not heap.waiting else f"{lasting(heap.oldest)} ago"


def _empty(heap: Heap) -> str:
    if not heap.waiting:
        return "now"
    return "nothing moves" if heap.empty_in is None else f"in {lasting(heap.empty_in)}"


def lasting(seconds: float) -> str:
    """Say how long something lasts, as roughly as people need it."""
    for unit, name in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"
