"""What operators may change while everything runs: limits of each outside dependency, quotas of portals. A watched YAML file.

The setting CLAIMS_FLOW names it; each replica looks at it once a second. What the file does not say, the settings say. A file
that cannot be taken changes nothing: the last good one stays, the log says what is wrong, `claims_flow_refused` is 1.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from prometheus_client import Gauge
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from claims_shared.telemetry import log

LOOK_SECONDS: Final = 1.0
LARGEST: Final = 64 * 1024
"""Bytes of a file that is read at all."""
REFUSED: Final = Gauge("claims_flow_refused", "1 while the flow file cannot be taken and the last good one stays")
LIMIT: Final = Gauge("claims_flow_limit", "Limits of an outside dependency that hold now", ["dependency", "limit"])
QUOTA: Final = Gauge("claims_quota_limit", "Quotas of portals that hold now, over all replicas", ["source", "limit"])

Positive = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=512)]


class _Strict(BaseModel):
    """A word that we do not know is a mistake of whoever wrote it, not something to pass over."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limits(_Strict):
    """Of one outside dependency; what is left out is as the settings say.

    `concurrency`: calls at a time, in each process. `rate`: checks or mails a second, over all replicas. The breaker opens after
    `breaker_failures` in a row; `breaker_seconds` later one call goes to see.
    """

    concurrency: Annotated[int, Field(ge=1, le=64)] | None = None
    rate: Positive | None = None
    breaker_failures: Annotated[int, Field(ge=1, le=1_000)] | None = None
    breaker_seconds: Annotated[float, Field(gt=0, le=3_600)] | None = None

    def over(self, usual: "Limits") -> "Limits":
        """Give these where they say something, else the usual ones."""
        return usual.model_copy(update=self.model_dump(exclude_none=True))


class Quota(_Strict):
    """How many claims a second a portal may file in the long run, and at once after a rest; over all replicas."""

    rate: Positive
    burst: Annotated[float, Field(ge=1, le=1_000_000, allow_inf_nan=False)]


class Portals(_Strict):
    """The quota that holds where a portal has none of its own, and those that have one, by `ce_source`."""

    usual: Quota | None = None
    own: dict[Name, Quota] = Field(default_factory=dict, max_length=1_000)


class FlowFile(_Strict):
    """The whole file."""

    identity: Limits = Limits()
    mail: Limits = Limits()
    portals: Portals = Portals()


class FlowRefused(ValueError):  # noqa: N818 - what the operator reads is its sentence
    """A file that must not be used: says what is wrong where, never a value."""


def read(content: bytes) -> FlowFile:
    """Read a file's content; raises FlowRefused. Nothing at all is a file that says nothing."""
    if len(content) > LARGEST:
        raise FlowRefused(f"it is larger than {LARGEST} bytes")
    try:
        return FlowFile.model_validate(yaml.safe_load(content) or {})
    except (yaml.YAMLError, RecursionError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        raise FlowRefused(f"it is no YAML{f' (line {mark.line + 1})' if mark else ''}") from None
    except ValidationError as wrong:
        found = wrong.errors(include_url=False, include_input=False, include_context=False)
        raise FlowRefused("; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)) from None


class Flow:
    """The file as it holds now. `changed` is told of every new one."""

    def __init__(self, path: str) -> None:
        """`path`: empty where there is none."""
        self._path = Path(path) if path else None
        self._seen: bytes | None = None
        self.now = FlowFile()
        self.changed: list[Callable[[FlowFile], None]] = []
        self.look()

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        """Take the file, if it is another one than before. One that is gone changes nothing: it may be in an editor's hands."""
        if self._path is None or (content := self._content(self._path)) is None or content == self._seen:
            return
        self._seen = content
        try:
            found = read(content)
        except FlowRefused as why:
            REFUSED.set(1)
            log().error("flow_refused", file=str(self._path), why=str(why))
            return
        REFUSED.set(0)
        if found != self.now:
            log().info("flow_changed", file=str(self._path), **found.model_dump(exclude_defaults=True))
            self.now = found
            for told in self.changed:
                told(found)

    def _content(self, path: Path) -> bytes | None:
        """Give what is in it; None where it is not there, or cannot be read at the moment."""
        try:
            with path.open("rb") as file:
                return file.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as away:
            log().warning("flow_not_read", file=str(path), error=type(away).__name__)
            return None


def follow(flow: Flow, of: Callable[[FlowFile], Any], take: Callable[[Any], None]) -> None:
    """Let a part of the file hold, from now on and whenever it changes."""
    flow.changed.append(lambda found: take(of(found)))
    take(of(flow.now))


def show(dependency: str, limits: Limits) -> None:
    """Say in the metrics what holds."""
    for name, value in limits.model_dump().items():
        LIMIT.labels(dependency, name).set(float("inf") if value is None else value)
