"""The local stack as its users see it: brought up in the background, looked at, brought down."""

import asyncio
import subprocess
import sys
import time
from typing import Final

import msgspec
from msgspec import Struct

from claims_cli.errors import ClaimsError
from claims_cli.local.log_files import last_line, news
from claims_cli.local.options import Options
from claims_cli.local.probes import OK, ask
from claims_cli.local.processes import Note
from claims_cli.local.state import Place, Recorded, State, living
from claims_cli.local.stopping import gone, stop_process, stop_recorded
from claims_cli.terminal import say

POLL_S: Final = 0.1
DOWN_S: Final = 90.0
PROBES: Final = {"service": "/readyz", "api": "/readyz", "simulator": "/livez"}


class Seen(Struct, frozen=True):
    """One process as `claims ps` shows it; `health` is what it says itself, now."""

    name: str
    service: str
    tier: str
    pid: int
    health: str
    uptime_s: float
    restarts: int
    address: str
    log: str


async def up(place: Place, options: Options, note: Note = say) -> State:
    """Bring the stack up in the background and give it when it is ready; one that runs already is given as it is."""
    if place.is_supervised():
        note(f"a stack runs on {place.data} already")
        return await _ready(place, None, note)
    daemon = _spawn(place, options)
    try:
        return await _ready(place, daemon, note)
    except asyncio.CancelledError:
        daemon.terminate()
        raise


async def down(place: Place, note: Note = say) -> bool:
    """Stop the stack in order; False where none ran. What a dead supervisor left behind is stopped as well."""
    state = place.read()
    supervisor = living(state.pid, state.started) if state and place.is_supervised() else None
    if supervisor is None:
        return await stop_recorded(state, note) > 0
    supervisor.terminate()
    if not await gone(supervisor, DOWN_S):
        raise ClaimsError(
            f"the supervisor (pid {supervisor.pid}) did not stop in {DOWN_S:.0f} s: {place.supervisor_log}"
        )
    return True


def running(place: Place) -> State:
    """Give the state of the stack on `place`; raise ClaimsError where none runs."""
    state = place.read()
    if state is not None and place.is_supervised():
        return state
    left = [each.name for each in state.processes if each.process()] if state else []
    if left:
        raise ClaimsError(f"the supervisor of {place.data} is gone and left {', '.join(left)}: claims down stops them")
    raise ClaimsError(f"no stack runs on {place.data}: start one with claims up, or name another with --data")


async def look(state: State) -> list[Seen]:
    """Ask every process how it is."""
    return list(await asyncio.gather(*map(_seen, state.processes)))


async def restart(place: Place, service: str) -> None:
    """End a service, or one process of it, in order; the supervisor starts it again."""
    await _end(_named(place, service))


async def hold(place: Place, service: str) -> None:
    """Stop a service, or one process of it, and keep it down until `release`."""
    processes = _named(place, service)
    place.holds.mkdir(exist_ok=True)
    (place.holds / service).touch()
    await _end(processes)


def release(place: Place, service: str) -> None:
    """Let a held service run again."""
    _named(place, service)
    (place.holds / service).unlink(missing_ok=True)


async def _end(processes: list[Recorded]) -> None:
    await asyncio.gather(*(stop_process(process) for each in processes if (process := each.process())))


def _named(place: Place, service: str) -> list[Recorded]:
    processes = running(place).processes
    if found := [each for each in processes if service in {each.service, each.name}]:
        return found
    known = ", ".join(dict.fromkeys(each.service for each in processes))
    raise ClaimsError(f"no process is called {service!r}: there are {known}")


def _spawn(place: Place, options: Options) -> subprocess.Popen[bytes]:
    """Start the supervisor in a session of its own, with nothing of this terminal: it outlives us."""
    place.logs.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "claims_cli.local.supervisor",
        str(place.data),
        msgspec.json.encode(options).decode(),
    ]
    with place.supervisor_log.open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own command line, no shell
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


async def _ready(place: Place, daemon: subprocess.Popen[bytes] | None, note: Note) -> State:
    """Follow a start, its progress to `note`, until the stack is ready or has failed."""
    told = 0
    while True:
        lines, told = news(place.supervisor_log, told)
        for line in lines:
            note(line)
        state = place.read()
        if state and state.phase == "ready" and _is_by(state, daemon):
            return state
        if daemon is not None and daemon.poll() == 0:
            daemon = None  # two were started at once, and the other one has the directory
        elif daemon.poll() is not None if daemon else not place.is_supervised():
            raise ClaimsError(_why(place, state))
        await asyncio.sleep(POLL_S)


def _is_by(state: State, daemon: subprocess.Popen[bytes] | None) -> bool:
    return state.pid == daemon.pid if daemon else living(state.pid, state.started) is not None


def _why(place: Place, state: State | None) -> str:
    reason = state.why if state and state.why else last_line(place.supervisor_log)
    return f"the stack did not start: {reason}"


async def _seen(each: Recorded) -> Seen:
    alive = each.process() is not None
    health = await _health(each) if alive else each.status if each.status != "ready" else "down"
    uptime = round(time.time() - each.started, 1) if alive else 0.0
    return Seen(
        each.name,
        each.service,
        each.tier,
        each.pid if alive else 0,
        health,
        uptime,
        each.restarts,
        each.address,
        each.log,
    )


async def _health(each: Recorded) -> str:
    probe = PROBES.get(each.tier)
    if probe is None:
        return each.status
    try:
        status, said = await ask(each.address + probe)
    except OSError:
        return "no answer"
    if status != OK:
        return f"not ready: {said.strip()[:100]}"
    return "ready" if said.strip() in {"ok", ""} else f"ready, but {said.strip()[:200]}"
