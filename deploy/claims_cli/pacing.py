"""Work in bulk that an operator can watch, slow down and stop: in small parts, each finished before the next begins."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

T = TypeVar("T")

MOST: Final = 200
PARTS_A_SECOND: Final = 5
STOPPED: Final = 130
"""The exit code of a command that Ctrl-C ended."""


@dataclass(slots=True)
class Course:
    """How far a bulk came."""

    total: int
    done: int = 0
    stopped: bool = False

    @property
    def remark(self) -> str:
        """Say, behind what was done, that there is a rest."""
        return "; stopped: the same command goes on with the rest" if self.stopped else ""

    def exit(self) -> None:
        """End the command as one that was stopped, if it was."""
        if self.stopped:
            raise typer.Exit(STOPPED)


@contextmanager
def stoppable() -> Iterator[asyncio.Event]:
    """Give an event that Ctrl-C sets, instead of breaking off in the middle."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop.set)
    try:
        yield stop
    finally:
        loop.remove_signal_handler(signal.SIGINT)


class Pace:
    """So many a second, until stopped."""

    def __init__(self, rate: float, stop: asyncio.Event) -> None:
        self._rate = rate
        self._stop = stop
        self._size = max(1, int(min(MOST, rate / PARTS_A_SECOND)))
        self._given = 0
        self._began = asyncio.get_running_loop().time()

    async def parts(self, items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
        """Give the items in order and in parts; end before the next part once stopped."""
        for first in range(0, len(items), self._size):
            await self._turn()
            if self._stop.is_set():
                return
            part = items[first : first + self._size]
            self._given += len(part)
            yield part

    async def _turn(self) -> None:
        due = self._began + self._given / self._rate
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), max(due - asyncio.get_running_loop().time(), 0))


@contextmanager
def shown(what: str, course: Course) -> Iterator[Callable[[int], None]]:
    """Give what notes progress; a bar shows it on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=course.total)

        def advance(count: int) -> None:
            course.done += count
            progress.advance(task, count)

        yield advance
