"""Instants as they are written on the wire, in milliseconds. Pure."""

from datetime import datetime
from functools import lru_cache


@lru_cache(maxsize=65_536)
def millis(text: str) -> int:
    """Read an RFC 3339 instant."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def maybe(text: str | None) -> int | None:
    return millis(text) if text else None
