"""The supervisor with stand-ins for services: deaths, holds, failures to start, leftovers."""

import asyncio
import contextlib
import os
import signal
import sys
from functools import partial

import psutil
import pytest

from claims_cli.errors import ClaimsError
from claims_cli.local import stack
from claims_cli.local.addresses import LOOPBACK, free_ports
from claims_cli.local.options import Options
from claims_cli.local.plan import Plan
from claims_cli.local.probes import answers
from claims_cli.local.processes import Spec
from claims_cli.local.state import Endpoints, Place, Recorded, State, itself, living
from claims_cli.local.stopping import stop_recorded
from claims_cli.local.supervisor import Supervisor


def server(name, tmp_path, tier="service"):
    """A process that says 200 on /readyz."""
    (tmp_path / "readyz").write_text("ok")
    port = free_ports(1)[0]
    command = (sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK, "--directory", str(tmp_path))
    url = f"http://{LOOPBACK}:{port}"
    return Spec(f"{name}.1", name, tier, command, partial(answers, f"{url}/readyz"), {}, url)


def script(name, text):
    async def never():
        await asyncio.Event().wait()

    return Spec(f"{name}.1", name, "service", (sys.executable, "-c", text), never)


@contextlib.asynccontextmanager
async def supervised(kafka, tmp_path, *specs, ready_s=30.0, notes=None):
    """A stack of these; left with everything stopped. Raises what the supervisor raised."""

    async def planner(_data, _options):
        return Plan(Endpoints(kafka), [], specs)

    place, stop = Place(tmp_path), asyncio.Event()
    lock = place.claim()
    note = notes.append if notes is not None else lambda _line: None
    supervisor = Supervisor(place, Options(ready_s=ready_s), note, planner)
    running = asyncio.create_task(supervisor.run(stop))
    try:
        await until(lambda: running.done() or supervisor.phase == "ready")
        if running.done():
            await running
        yield place, supervisor
    finally:
        stop.set()
        await asyncio.wait([running])
        os.close(lock)


async def until(condition):
    async with asyncio.timeout(40):
        while not condition():
            await asyncio.sleep(0.05)


async def test_a_killed_process_is_started_again_at_the_same_address(kafka, tmp_path):
    notes = []
    async with supervised(kafka, tmp_path, server("identity", tmp_path), notes=notes) as (place, supervisor):
        (kept,) = supervisor.kept
        first = kept.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: kept.pid != first and kept.status == "ready")
        (recorded,) = place.read().processes
        assert (recorded.pid, recorded.restarts, recorded.address) == (kept.pid, 1, kept.spec.address)
        assert [each.health for each in await stack.look(place.read())] == ["ready"]
    assert any("identity.1 was ended by signal 9, starts again" in note for note in notes)
    assert (place.read().phase, living(kept.pid, kept.started)) == ("stopped", None)


async def test_a_held_process_stays_down_until_it_is_released(kafka, tmp_path):
    async with supervised(kafka, tmp_path, server("identity", tmp_path)) as (place, supervisor):
        (kept,) = supervisor.kept
        await stack.hold(place, "identity")
        await until(lambda: kept.status == "held")
        assert place.read().services() == {"identity": []}
        stack.release(place, "identity")
        await until(lambda: kept.status == "ready")


async def test_an_unknown_name_is_said_with_those_that_exist(kafka, tmp_path):
    async with supervised(kafka, tmp_path, server("identity", tmp_path)) as (place, _):
        with pytest.raises(ClaimsError, match="'identiy': there are identity"):
            await stack.restart(place, "identiy")


async def test_a_process_that_cannot_start_ends_the_start_with_its_own_words(kafka, tmp_path):
    dying = script("benefits", "raise SystemExit('cannot start: setting CLAIMS_PACKS names no folder')")
    healthy = server("identity", tmp_path)
    with pytest.raises(ClaimsError, match=r"benefits\.1 cannot start.* setting CLAIMS_PACKS names no folder"):
        async with supervised(kafka, tmp_path, healthy, dying):
            pass
    state = Place(tmp_path).read()
    assert (state.phase, state.services()) == ("failed", {"identity": [], "benefits": []})


async def test_a_process_that_never_gets_ready_is_named_with_its_last_line(kafka, tmp_path):
    deaf = script("scheduler", "print('waiting for the moon', flush=True); import time; time.sleep(60)")
    with pytest.raises(ClaimsError, match=r"scheduler\.1 is not ready after 2 s; .* waiting for the moon"):
        async with supervised(kafka, tmp_path, deaf, ready_s=2):
            pass


async def test_who_ignores_the_request_to_stop_is_killed(kafka, tmp_path):
    deaf, notes = tmp_path / "deaf", []
    ignoring = "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    command = (sys.executable, "-c", f"{ignoring}; pathlib.Path({str(deaf)!r}).touch(); time.sleep(60)")
    spec = Spec("api", "api", "api", command, partial(until, deaf.exists), stop_s=0.5)
    async with supervised(kafka, tmp_path, spec, notes=notes):
        pass
    assert "api did not stop in 0.5 s and is killed" in notes


async def test_a_directory_has_one_supervisor(tmp_path):
    place = Place(tmp_path)
    lock = place.claim()
    assert (place.claim(), place.is_supervised()) == (None, True)
    os.close(lock)
    assert not place.is_supervised()


async def test_leftovers_are_said_and_stopped_and_a_recycled_pid_is_not(tmp_path):
    left = await asyncio.create_subprocess_exec(sys.executable, "-c", "import time; time.sleep(60)")
    pid, started = itself()
    state = State(
        "ready", 0, 0.0, processes=(recorded("mail", left.pid, started_of(left.pid)), recorded("us", pid, started - 60))
    )
    Place(tmp_path).write(state)
    with pytest.raises(ClaimsError, match="is gone and left mail: claims down"):
        stack.running(Place(tmp_path))
    assert await stop_recorded(state, lambda _line: None) == 1
    assert await left.wait() == -signal.SIGTERM
    assert living(pid, started)


def recorded(name, pid, started):
    return Recorded(name, name, "simulator", "ready", pid, started, 0, "", "")


def started_of(pid):
    return psutil.Process(pid).create_time()


async def test_nothing_running_is_one_clear_line(tmp_path):
    with pytest.raises(ClaimsError, match="no stack runs on"):
        stack.running(Place(tmp_path))
    assert not await stack.down(Place(tmp_path))
