"""What `claims up` can be asked for."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from claims_cli.errors import ClaimsError


class Options(Struct, frozen=True):
    """What `claims up` was asked for. `store` None: MongoDB where MONGODB_URI points to one, else SQLite."""

    replicas: int = 1
    store: Literal["sqlite", "mongo"] | None = None
    environment: dict[str, str] = {}
    partitions: int | None = None
    bench: bool = False
    ready_s: float = 60.0


def parse_environment(pairs: Sequence[str]) -> dict[str, str]:
    """Read `KEY=VALUE` words."""
    if wrong := [pair for pair in pairs if not pair.partition("=")[0] or "=" not in pair]:
        raise ClaimsError(f"--env {wrong[0]!r} is not of the form KEY=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
