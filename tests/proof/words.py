"""Sums of records, and how a page says numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

Record = Mapping[str, Any]
FAULTS: Final = {
    "kill": "kills -9",
    "pause": "pauses past the session",
    "broker": "broker kills",
    "store": "store kills (SQLite: its files locked)",
    "storm": "rebalance storms",
    "roll": "rolling restarts",
    "cut": "connections cut",
    "slow": "links slowed",
    "deaf": "links that lost replies",
}


def summed(runs: Iterable[Record], *names: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in runs:
        total.update({name: each[name] for name in names})
    return total


def added(runs: Iterable[Record], name: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in runs:
        total.update(each[name])
    return total


def joined(spans: Iterable[str]) -> list[str]:
    """Join spans of seeds that follow one another: 0:5 and 5:9 are 0:9."""
    joined: list[list[int]] = []
    for first, end in sorted(tuple(map(int, each.split(":"))) for each in spans):
        if joined and joined[-1][1] == first:
            joined[-1][1] = end
        else:
            joined.append([first, end])
    return [f"{first}:{end}" for first, end in joined]


def injected(kinds: Mapping[str, int]) -> str:
    return counted({words: kinds[kind] for kind, words in FAULTS.items() if kind in kinds})


def counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "nothing"


def rows(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, f"{count:,}") for name, count in sorted(counts.items(), key=lambda each: -each[1])]


def commits(runs: Iterable[Record]) -> str:
    return ", ".join(dict.fromkeys(each["commit"] for each in runs))


def when(runs: Iterable[Record]) -> str:
    days = sorted({each["ended_at"][:10] for each in runs})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def hours(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
