"""One process of one service: production code from the consumer down to the ports, that can be killed, frozen and restarted."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import KafkaConnectionError
from tests.simulation.alarms import alarms
from tests.simulation.client import Client, Sender
from tests.simulation.services import BUILD, EngineFailure
from tests.simulation.striking import NOW, STRUCK, lasting
from tests.simulation.timeline import SECOND, Loop
from tests.simulation.topics import SESSION
from tests.simulation.weather import STORE_CALLS

from claims_shared.documents import where
from claims_shared.engine import Cycled, Engine
from claims_shared.kafka import Consumption
from claims_shared.ports import StoreUnavailable

if TYPE_CHECKING:
    from tests.simulation.world import World

DRAIN_SECONDS: Final = 10.0
LEAVE: Final = 25 * SECOND


class Gone(BaseException):
    """Thrown into what a dead process was about to do."""


class Replica:
    """A place in which one process of a service runs, one after the other."""

    def __init__(self, world: "World", service: str, number: int) -> None:
        self.world = world
        self.service = service
        self.timeline = world.timeline
        self.weather = world.weather
        self.place = f"{service}-{number}"
        self.skew = 0
        self.started = 0
        self.start()

    def start(self) -> None:
        """Start a process with nothing remembered."""
        self.started += 1
        self.process = Process(self, f"{self.place}.{self.started}")


class Process:
    """One life of a replica. `slept`: it was frozen and has not joined its group again since."""

    def __init__(self, replica: Replica, name: str) -> None:
        world = replica.world
        self.replica = replica
        self.world = world
        self.name = name
        self.timeline, self.weather = world.timeline, world.weather
        self.loop = Loop(world.timeline, alarms(self))
        self.slept = self.stopped = False
        self.memory: Any = None
        self.returns: Any = None
        self.register: Any = None
        self.leaves: Any = None
        self.lending: Any = None
        self.client = Client(self, world.groups[replica.service], world.topics)
        self.producer = Sender(world.kafka, self, world.topics)
        self.consumption = Consumption(world.kafka, self.producer, lambda: self.client)
        self.consumption.notes = self.client.notes
        self.client.listener = self.consumption
        self.built = BUILD[replica.service](self)
        self.built.attach(self.consumption)
        self.consumption.on_cycle = self._cycled
        self.engine = Engine(
            replica.service, self.consumption, self.built.processors, self.clock, self.built.answer_undecodable
        )
        self._engine = self._watch(self.consumption.run(self.engine))
        self._beside = [self._watch(task()) for task in (self.client.coordinate, *self.built.tasks)]

    def clock(self) -> Any:
        return self.timeline.clock(self.replica.skew)

    # --- calls to the outside ---------------------------------------------------------------------

    def at(self, call: str, moment: str) -> Awaitable[None]:
        """Give what a call must wait for at one of its moments: it takes its time, fails, or its process ends there."""
        weather = self.weather
        if not weather.calm:
            if (struck := weather.strike(call, moment)) is not None:
                return STRUCK.get(struck, lasting)(self, struck)
            if moment == "before" and weather.outages:
                if call in STORE_CALLS and weather.lasts("store away", self.replica.service):
                    return self.fails("store away", StoreUnavailable("away"))
                if call == "produce" and weather.lasts("broker away"):
                    return self.fails("broker away", KafkaConnectionError())
        return self.pause(weather.latency()) if weather.pauses(moment) else NOW

    def pause(self, micros: int) -> Awaitable[None]:
        waiting = self.loop.create_future()
        self.timeline.after(micros, _go_on, waiting)
        return waiting

    async def fails(self, name: str, error: Exception) -> None:
        """Raise, after a while."""
        await self.pause(self.weather.latency())
        self.weather.felt[name] += 1
        raise error

    # --- life and death -----------------------------------------------------------------------------------

    def die(self, restart: int) -> None:
        """End at once, in the middle of whatever is being done."""
        if self.loop.dead:
            return
        self.loop.dead = True
        self.timeline.after(0, self.bury)
        self.timeline.after(SESSION, self.client.expire)
        self.timeline.after(restart, self.replica.start)

    def wake(self) -> None:
        if self.loop.frozen and not self.loop.dead:
            self.loop.thaw()
            self.loop.touch()
            self.client.thawed()

    async def stop(self, restart: int) -> None:
        """Leave as after SIGTERM: the running batch ends and is committed; who does not manage in time is ended."""
        self.timeline.after(LEAVE, self.die, restart)
        self.stopped = True
        self.world.stopped.add(self.name)
        draining = asyncio.ensure_future(self.consumption.drain(DRAIN_SECONDS))
        self.client.stop_waiting()
        self.loop.touch()
        await draining
        await asyncio.wait([self._engine], timeout=DRAIN_SECONDS)
        for task in self._beside:
            task.cancel()
        self.client.leave()
        self.die(restart)

    def bury(self) -> None:
        """Let go of everything that the process was about to do; none of it reaches the outside any more."""
        bury(self.loop)

    def _watch(self, work: Any) -> Any:
        task = self.loop.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: Any) -> None:
        """A task that raises ends its process, as in production; where no failure was planted, that is a defect."""
        if not task.cancelled() and (error := task.exception()) is not None:
            if not isinstance(error, EngineFailure):
                self.world.defects.append(f"{self.name}: {where(error)}: {error!r}")
            self.die(SECOND)

    # --- what is seen of it ---------------------------------------------------------------------------------

    def refused(self) -> None:
        self.weather.felt["freeze" if self.slept else "rebalance"] += 1

    def _cycled(self, cycled: Cycled, _seconds: float) -> None:
        self.loop.touch()
        self.world.cycled(self, cycled)


def bury(loop: Loop) -> None:
    """End all that is under way on a loop."""
    loop.dead = True
    for task in list(loop.tasks):
        if not task.done():
            task._log_destroy_pending = False
            _end(task.get_coro())


def _go_on(waiting: Any) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _end(work: Any) -> None:
    """Unwind a coroutine; where it waits for something on its way out, it does not get it."""
    for _ in range(20):
        try:
            work.throw(Gone())
        except (Gone, StopIteration, RuntimeError):
            return
