"""The system that the demo plays on: the one that runs on the data directory, else one that it starts and stops again."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import psutil
from msgspec.structs import replace as changed

from claims_cli.errors import ClaimsError
from claims_cli.local import stack
from claims_cli.local.options import Options
from claims_cli.local.state import Place, State

NEEDED: Final[Mapping[str, str]] = {
    "CLAIMS_FILING_AGE_DAYS": "36500",  # the published examples were filed years ago
    "CLAIMS_EVIDENCE_DUE": "PT20S",  # so that a silence can be watched
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A running system; `ours`: the demo started it."""

    state: State
    ours: bool


@asynccontextmanager
async def stage(place: Place, options: Options, *, keep: bool) -> AsyncIterator[Stage]:
    """Give a running system. Raises ClaimsError where one runs that cannot play the demo."""
    found = await _found(place, options)
    try:
        yield found
    finally:
        if found.ours and not keep:
            await stack.down(place)


async def _found(place: Place, options: Options) -> Stage:
    if place.is_supervised():
        state = await stack.up(place, options)
        _check(state)
        return Stage(state, ours=False)
    environment = dict(NEEDED) | options.environment
    return Stage(await stack.up(place, changed(options, environment=environment)), ours=True)


def _check(state: State) -> None:
    """Refuse a stack on which the published claims would be late, or a silence would last ten days."""
    settings: dict[str, str] = {}
    for each in state.processes:
        process = each.process() if each.tier == "service" else None
        settings |= _settings(process) if process else {}
    if missing := [f"--env {name}={value}" for name, value in NEEDED.items() if name not in settings]:
        raise ClaimsError(
            f"the stack that runs was not started for a demo: use another --data, or claims down and then"
            f" claims up --detach {' '.join(missing)}"
        )


def _settings(process: psutil.Process) -> dict[str, str]:
    try:
        return {name: value for name, value in process.environ().items() if name in NEEDED}
    except psutil.Error:
        return {}
