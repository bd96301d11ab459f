"""Runs a stack: the foundation, then topics, then the services; keeps all alive, writes down its state, stops in order."""

import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Coroutine, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from claims_cli import topics
from claims_cli.errors import ClaimsError
from claims_cli.local.log_files import last_line, set_aside
from claims_cli.local.options import Options
from claims_cli.local.plan import Planner, plan
from claims_cli.local.processes import Kept, Note, Spec
from claims_cli.local.state import Endpoints, Phase, Place, Recorded, State, itself
from claims_cli.local.stopping import STOP_ORDER, stop_recorded
from claims_cli.terminal import say

POLL_S = 0.05


class Supervisor:
    """One stack on one data directory; the caller holds the directory's lock."""

    def __init__(self, place: Place, options: Options, note: Note = say, planner: Planner = plan) -> None:
        self.kept: list[Kept] = []
        self.phase: Phase = "starting"
        self.endpoints = Endpoints()
        self._place = place
        self._options = options
        self._note = note
        self._planner = planner
        self._why = ""
        self._pid, self._started = itself()
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, keep it until `stop` is set, stop everything. Raises ClaimsError where it does not start."""
        self._enter("starting")
        try:
            if await _unless(stop, self._start()):
                self._enter("ready")
                await stop.wait()
        except ClaimsError as failure:
            self._why = str(failure)
            raise
        finally:
            await self._stop()
            self._enter("failed" if self._why else "stopped")

    def state(self) -> State:
        return State(self.phase, self._pid, self._started, self.endpoints, tuple(map(_record, self.kept)), self._why)

    async def _start(self) -> None:
        prepared = await self._planner(self._place.data, self._options)
        self.endpoints = prepared.endpoints
        deadline = time.monotonic() + self._options.ready_s
        await self._run_all(prepared.foundation, deadline)
        created = await topics.create(prepared.endpoints.kafka, partitions=self._options.partitions)
        self._note(f"topics: {len(created)} created" if created else "topics: all there")
        await self._run_all(prepared.services, deadline)

    async def _run_all(self, specs: Iterable[Spec], deadline: float) -> None:
        started = [self._keep(spec) for spec in specs]
        while waiting := [each for each in started if not each.was_ready]:
            _give_up_on_dying(waiting)
            if time.monotonic() > deadline:
                raise ClaimsError(
                    f"{waiting[0].spec.name} is not ready after {self._options.ready_s:.0f} s; {_last_words(waiting[0])}"
                )
            await asyncio.sleep(POLL_S)

    def _keep(self, spec: Spec) -> Kept:
        log = self._place.logs / f"{spec.name}.log"
        holds = [self._place.holds / each for each in (spec.service, spec.name)]
        set_aside(log)
        kept = Kept(spec, log, holds, self._note, self._write)
        self.kept.append(kept)
        self._tasks.append(asyncio.create_task(kept.keep(), name=spec.name))
        return kept

    async def _stop(self) -> None:
        self._enter("stopping")
        for tiers in STOP_ORDER:
            await asyncio.gather(*(each.stop() for each in self.kept if each.spec.tier in tiers))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._note(f"stack {phase}{': ' + self._why if self._why else ''}")
        self._write()

    def _write(self) -> None:
        self._place.write(self.state())


async def _unless(stop: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Do `work`; False where `stop` came first, which cancels it."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
        return working.done()
    finally:
        stopping.cancel()
        working.cancel()


def _give_up_on_dying(waiting: Iterable[Kept]) -> None:
    for each in waiting:
        if each.early_ends >= each.spec.tries:
            raise ClaimsError(f"{each.spec.name} cannot start; {_last_words(each)}")


def _last_words(kept: Kept) -> str:
    return f"the end of its log: {last_line(kept.log)} (more in {kept.log})"


def _record(kept: Kept) -> Recorded:
    spec = kept.spec
    return Recorded(
        spec.name,
        spec.service,
        spec.tier,
        kept.status,
        kept.pid,
        kept.started,
        kept.restarts,
        spec.address,
        str(kept.log),
    )


async def supervise(place: Place, options: Options, note: Note = say, planner: Planner = plan) -> None:
    """Run a stack on a directory that this process has claimed until SIGTERM or SIGINT; leftovers of a dead one go first."""
    await stop_recorded(place.read(), note)
    shutil.rmtree(place.holds, ignore_errors=True)
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stop.set)
    await Supervisor(place, options, note, planner).run(stop)


def stamped(line: str) -> None:
    say(f"{datetime.now(UTC):%H:%M:%S} {line}")


def main() -> None:
    """Be the daemon behind `claims up --detach`: `python -m claims_cli.local.supervisor DATA OPTIONS`."""
    place, options = Place(Path(sys.argv[1])), msgspec.json.decode(sys.argv[2], type=Options)
    if place.claim() is None:
        stamped("another supervisor was quicker")
        return
    try:
        asyncio.run(supervise(place, options, stamped))
    except ClaimsError:
        sys.exit(1)  # the state says why


if __name__ == "__main__":
    main()
