"""Virtual time: everything that is to happen, in order, and an event loop for each simulated process.

No thread, no socket, no real clock. Production code runs on it unchanged: locks, timeouts and tasks are asyncio's own.
"""

import asyncio
import heapq
import sys
from asyncio import events, futures, tasks
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context
from datetime import datetime, timedelta
from typing import Any, Final
from weakref import WeakSet

SECOND: Final = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
LONGEST_NAP: Final = 10 * SECOND
STRETCH: Final = 2
SNOOZE, LONGEST_SNOOZE = SECOND // 10, MINUTE
SOON: Final = SECOND // 20
NAPPERS: Final = frozenset({"Watch._pause", "Window.keep_counted"})
"""Functions that nap for the task that calls them."""
NAPS: Final = (futures._set_result_unless_cancelled, tasks._release_waiter)
"""What asyncio calls at the end of a `sleep`, and of a `wait_for`."""


class Timeline:
    """What is to happen, by instant (microseconds since the world began), then in the order in which it was planned."""

    def __init__(self, epoch: datetime) -> None:
        self.now = 0
        self._epoch = epoch
        self.epoch_ms = round(epoch.timestamp() * 1000)
        self.ready: deque[tuple[Loop, Call]] = deque()
        self._planned: list[tuple[int, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._number = 0

    def millis(self) -> int:
        """Give the true instant in milliseconds since 1970."""
        return self.epoch_ms + self.now // 1000

    def clock(self, skew: int = 0) -> datetime:
        """Give the instant that a clock shows which is wrong by so many microseconds."""
        return self._epoch + timedelta(microseconds=self.now + skew)

    def at(self, instant: int, call: Callable[..., Any], *args: Any) -> None:
        self._number += 1
        heapq.heappush(self._planned, (max(instant, self.now), self._number, call, args))

    def after(self, micros: int, call: Callable[..., Any], *args: Any) -> None:
        self._number += 1
        heapq.heappush(self._planned, (self.now + micros, self._number, call, args))

    def run(self, until: int) -> bool:
        """Let everything happen up to an instant; False where nothing is left to happen at all."""
        outside = events._get_running_loop()
        try:
            return self._run(until)
        finally:
            events._set_running_loop(outside)

    def _run(self, until: int) -> bool:
        ready, planned = self.ready, self._planned
        while True:
            while ready:
                loop, call = ready.popleft()
                loop.run_call(call)
            if not planned or planned[0][0] > until:
                self.now = max(self.now, until) if planned else self.now
                return bool(planned)
            self.now, _, function, args = heapq.heappop(planned)
            function(*args)


class Call:
    """Something that a loop was asked to call."""

    __slots__ = ("args", "callback", "cancelled", "context", "when")

    def __init__(self, callback: Callable[..., Any], args: tuple[Any, ...], context: Context | None, when: int) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.when = when
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


Alarm = Callable[[], int | None]


class _Nap:
    """A task between two looks. `snooze`: how long it at least sleeps though there seems to be something."""

    __slots__ = ("alarm", "call", "looked", "snooze", "until")

    def __init__(self, alarm: Alarm, call: Call) -> None:
        self.alarm = alarm
        self.call: Call | None = call
        self.until: int | None = None
        self.looked = 0
        self.snooze = SNOOZE


class Loop(asyncio.AbstractEventLoop):
    """One process's loop. Frozen, it keeps what comes; dead, it drops it.

    Production code looks for work several times a second. Here, a task that naps between two looks is woken when there is
    something for it to find: `alarms` gives, by the name of its coroutine, the instant from which that is so, None while there
    is nothing. All others nap as they want to, but longer and longer until something touches the process. What such a task
    waits for deeper down, until store or broker are back, is no nap: it lasts for as long as it says.
    """

    def __init__(self, timeline: Timeline, alarms: Mapping[str, Alarm]) -> None:
        self._timeline = timeline
        self._alarms = alarms
        self._napping: dict[str, _Nap] = {}
        self._stretch = 1
        self._looking = False
        self._held: list[Call] = []
        self.tasks: WeakSet[asyncio.Task[Any]] = WeakSet()
        self.frozen = False
        self.dead = False

    # --- what asyncio asks of a loop --------------------------------------------------------

    def time(self) -> float:
        return self._timeline.now / SECOND

    def call_soon(self, callback: Any, *args: Any, context: Context | None = None) -> Any:
        call = Call(callback, args, context, 0)
        if not self.dead:
            self._timeline.ready.append((self, call))
        return call

    def call_later(self, delay: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        call = Call(callback, args, context, self._timeline.now + max(round(delay * SECOND), 0))
        if callback in NAPS and delay > 0:
            self._nap(call)
        else:
            self._timeline.at(call.when, self._due, call)
        return call

    def call_at(self, when: float, callback: Any, *args: Any, context: Context | None = None) -> Any:
        call = Call(callback, args, context, round(when * SECOND))
        self._timeline.at(call.when, self._due, call)
        return call

    def create_future(self) -> Any:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: str | None = None, context: Context | None = None) -> Any:
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self.tasks.add(task)
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self.dead

    def is_closed(self) -> bool:
        return self.dead

    def call_exception_handler(self, context: Any) -> None:
        """Tasks of dead processes are never heard of again."""
        if not self.dead:
            raise AssertionError(context)

    # --- what the world does to a process -----------------------------------------------------

    def run_call(self, call: Call) -> None:
        if call.cancelled or self.dead:
            return
        if self.frozen:
            self._held.append(call)
            return
        events._set_running_loop(self)
        if call.context is None:
            call.callback(*call.args)
        else:
            call.context.run(call.callback, *call.args)

    def touch(self) -> None:
        """Something happened that may concern this process."""
        self._stretch = 1
        if not self._looking:
            self._looking = True
            self._timeline.after(SOON, self._look)

    def rouse(self) -> None:
        """Let every task look, whether there is something to find or not."""
        for nap in self._napping.values():
            if nap.call is not None:
                self._timeline.after(0, self._wake, nap, nap.call)

    def _look(self) -> None:
        self._looking = False
        if not self.dead:
            for nap in self._napping.values():
                nap.snooze = SNOOZE
                self._set(nap)

    def thaw(self) -> None:
        self.frozen = False
        held, self._held = self._held, []
        self._timeline.ready.extend((self, call) for call in held)

    # --- naps ---------------------------------------------------------------------------------

    def _nap(self, call: Call) -> None:
        task = asyncio.current_task(self)
        assert task is not None
        name: str = task.get_coro().__qualname__  # type: ignore[union-attr] # ours are coroutines
        if name in self._alarms and sys._getframe(3).f_code.co_qualname not in {name, *NAPPERS}:
            self._timeline.at(call.when, self._due, call)
            return
        if name not in self._alarms:
            nap = (call.when - self._timeline.now) * self._stretch
            self._timeline.after(max(min(nap, LONGEST_NAP), call.when - self._timeline.now), self._due, call)
            self._stretch = min(self._stretch * STRETCH, 100)
            return
        nap = self._napping.get(name)
        if nap is None:
            nap = self._napping[name] = _Nap(self._alarms[name], call)
        nap.call, nap.until = call, None
        for each in self._napping.values():  # what this task has done may be something for another to find
            self._set(each)

    def _set(self, nap: "_Nap") -> None:
        """Plan to wake it when there is something to find; where that is so already, and it found nothing, later and later."""
        instant = nap.alarm() if nap.call is not None and not nap.call.cancelled else None
        if instant is None or nap.call is None:
            return
        now = self._timeline.now
        instant = max(instant, nap.call.when) if instant > now else max(nap.call.when, nap.looked + nap.snooze)
        if nap.until is None or instant < nap.until:
            nap.until = instant
            self._timeline.at(instant, self._wake, nap, nap.call)

    def _wake(self, nap: "_Nap", call: Call) -> None:
        if nap.call is call and not self.dead:
            nap.call = None
            nap.snooze = min(nap.snooze * 2, LONGEST_SNOOZE) if nap.looked else SNOOZE
            nap.looked = self._timeline.now
            self._due(call)

    def _due(self, call: Call) -> None:
        if not call.cancelled and not self.dead:
            self._timeline.ready.append((self, call))
