"""What the faults did to the services, by the lines that they log: a killed process leaves these, and no counters."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from claims_cli.local.state import Recorded

Marks = Mapping[str, int]
"""How far the log of each process went at some instant."""
WAITED_MS = 1_000
"""No cycle takes so long by its own work: a client library was waiting for somebody to come back."""
RECOGNISED = ("ignored:duplicate", "ignored:answered_again", "ignored:old_sequence")
"""What services call a record that they have had before."""
LINES = {
    "produce_failed": "producers replaced",
    "commit_refused": "commits refused",
    "commit_failed": "commits failed",
    "waits_store_away": "store retries",
    "assigned": "assignments",
    "starting": "starts",
    "service_failed": "services that gave up",
    "decision_raised": "decisions that raised",
}
"""Events of the log, and what they are called in a report."""


def mark(processes: Sequence[Recorded]) -> Marks:
    return {each.log: Path(each.log).stat().st_size for each in processes}


def since(marks: Marks) -> Counter[str]:
    """Count what was felt after `marks`."""
    felt: Counter[str] = Counter()
    for log, start in marks.items():
        for line in _lines(Path(log), start):
            felt.update(_meaning(line))
    return felt


def complaints(marks: Marks) -> list[str]:
    """Give the lines in which a service says that it itself is wrong."""
    lines = [line for log, start in marks.items() for line in _lines(Path(log), start)]
    wrong = [each for each in lines if each.get("event") in {"service_failed", "decision_raised"}]
    return [f"{each['service']} (pid {each['pid']}) {each['event']}: {each['error']}" for each in wrong]


def _meaning(line: Mapping[str, Any]) -> Mapping[str, int]:
    event = line.get("event", "")
    if event == "batch":
        reasons = line.get("reasons") or {}
        recognised = sum(reasons.get(each, 0) for each in RECOGNISED)
        waited = line["ms"] > WAITED_MS
        return {
            "compare-and-sets lost": line["lost"],
            "redelivered and recognised": recognised,
            "cycles that waited": waited,
        }
    if event == "dependency_away":
        return {"store retries": 1} if line["why"].startswith("store") else {"other retries": 1}
    return {LINES[event]: 1} if LINES.get(event) else {}


def _lines(log: Path, start: int) -> Iterator[Mapping[str, Any]]:
    """Give what is JSON after an offset; a killed process may have left half a line."""
    with log.open("rb") as lines:
        lines.seek(start)
        for each in lines:
            if each.startswith(b'{"') and each.endswith(b"}\n"):
                yield json.loads(each)
