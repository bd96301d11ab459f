"""What `claims up` can be asked for."""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from claims_cli.errors import ClaimsError

SERVICES: Final = ("orchestrator", "identity", "eligibility", "benefits", "scheduler")
READY_S: Final = 180.0
"""On two busy cores the imports of five services beside a starting JVM have taken more than 60."""


class Options(Struct, frozen=True):
    """What `claims up` was asked for.

    `store` None: MongoDB where MONGODB_URI points to one, else SQLite. `forwarded`: a second port of the broker, and the port
    of the proxy before it.
    """

    replicas: int = 1
    store: Literal["sqlite", "mongo"] | None = None
    environment: dict[str, str] = {}
    partitions: int | None = None
    bench: bool = False
    ready_s: float = READY_S
    scale: dict[str, int] = {}
    forwarded: tuple[int, int] | None = None

    def count(self, service: str) -> int:
        """Give how many processes a service has."""
        return self.scale.get(service, self.replicas)


def parse_scale(pairs: Sequence[str], services: Sequence[str]) -> dict[str, int]:
    """Read `SERVICE=N` words."""
    scale = {}
    for pair in pairs:
        service, _, number = pair.partition("=")
        if service not in services or not number.isdecimal() or int(number) < 1:
            raise ClaimsError(f"--scale {pair!r} is not of the form SERVICE=N, with one of {', '.join(services)}")
        scale[service] = int(number)
    return scale


def parse_forwarded(pair: str | None) -> tuple[int, int] | None:
    """Read `PORT=PROXY`."""
    port, _, proxy = (pair or "").partition("=")
    if pair and not (port.isdecimal() and proxy.isdecimal()):
        raise ClaimsError(f"--forwarded {pair!r} is not of the form PORT=PROXY, two port numbers")
    return (int(port), int(proxy)) if pair else None


def parse_environment(pairs: Sequence[str]) -> dict[str, str]:
    """Read `KEY=VALUE` words."""
    if wrong := [pair for pair in pairs if not pair.partition("=")[0] or "=" not in pair]:
        raise ClaimsError(f"--env {wrong[0]!r} is not of the form KEY=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
