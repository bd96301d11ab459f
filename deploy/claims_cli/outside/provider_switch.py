"""The switch that makes the simulated identity provider slow, throttled, failing or wrong, for a while or for good."""

import time
from collections.abc import Callable
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

Mode: TypeAlias = Literal["normal", "slow", "throttled", "failing", "wrong"]


class Setting(Struct, frozen=True, forbid_unknown_fields=True):
    """How to behave. `scope`: `all`, or `group` for the test numbers 9xx-0x-xxxx only; then entries fail, not requests.

    After `for_seconds` or `for_requests`, whichever is set and comes first, the mode is `normal` again.
    """

    mode: Mode
    scope: Literal["all", "group"] = "all"
    delay_ms: Annotated[int, Meta(ge=0, le=600_000)] = 2_000
    retry_after_s: Annotated[int, Meta(ge=0, le=3_600)] = 2
    status: Annotated[int, Meta(ge=400, le=599)] = 503
    for_seconds: Annotated[float, Meta(gt=0)] | None = None
    for_requests: Annotated[int, Meta(gt=0)] | None = None


NORMAL = Setting("normal")


class Switch:
    """Holds the setting in force and lets it run out."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._setting = NORMAL
        self._ends_at: float | None = None

    def turn(self, setting: Setting) -> None:
        self._setting = setting
        self._ends_at = self._clock() + setting.for_seconds if setting.for_seconds else None

    @property
    def now(self) -> Setting:
        """Give what is in force, with what is left of it."""
        if self._ends_at is not None and self._ends_at <= self._clock():
            self.turn(NORMAL)
        left = None if self._ends_at is None else round(self._ends_at - self._clock(), 3)
        return replace(self._setting, for_seconds=left)

    def use(self) -> Setting:
        """Give what is in force for one request and count it."""
        current = self.now
        if current.for_requests is not None:
            rest = current.for_requests - 1
            self._setting = replace(self._setting, for_requests=rest) if rest else NORMAL
        return current
