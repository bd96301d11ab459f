"""Reads `whole_claims.yaml`: published examples of the law, each a whole claim with the end it must have."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("whole_claims.yaml")


@dataclass(frozen=True, slots=True)
class Example:
    """Wages by quarter, and what the example says comes of them; amounts that it does not give are None."""

    oracle: str
    jurisdiction: str
    filed_on: date
    wages: dict[str, str]
    ends: str
    weekly: str | None
    maximum: str | None
    weeks: int | None


@cache
def examples() -> tuple[Example, ...]:
    """Give all of them, in the order of the file."""
    return tuple(map(_example, yaml.safe_load(FILE.read_text())))


def named(oracle: str) -> Example:
    """Give one by the number of its row."""
    return next(each for each in examples() if each.oracle == oracle)


def _example(row: dict[str, Any]) -> Example:
    return Example(
        row["oracle"],
        row["jurisdiction"],
        row["filed_on"],
        row["wages"],
        row["ends"],
        row.get("weekly"),
        row.get("maximum"),
        row.get("weeks"),
    )
