"""Which slot is taken next: the earliest free one, spread over the caseworkers so that two replicas seldom meet. Pure.

The board is what this process believes about the calendars; the store decides.
"""

from bisect import bisect_left, insort
from collections.abc import Collection
from typing import NamedTuple

import msgspec

from claims_scheduler.calendar import Rules, starts
from claims_shared.calendars.agencies import AGENCIES


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """Half an hour of one caseworker; `starts_at` in milliseconds."""

    caseworker: str
    starts_at: int
    minutes: int

    @property
    def id(self) -> str:
        """Give the id of the slot's document."""
        return f"{self.caseworker}@{self.starts_at}"

    @property
    def window(self) -> "Window":
        """Give the instant of the jurisdiction's calendar to which the slot belongs."""
        return Window(self.caseworker[:2], self.starts_at)


class Window(NamedTuple):
    """One instant of one jurisdiction's calendars: as many slots as there are caseworkers."""

    jurisdiction: str
    starts_at: int

    @property
    def key(self) -> str:
        """Give the value under which the store finds the window's taken slots."""
        return f"{self.jurisdiction}/{self.starts_at}"


class Want(NamedTuple):
    """A booking that needs a slot. `effect` is the document that will name it."""

    effect: str
    partition: int
    jurisdiction: str
    zone: str


class Board:
    """The free caseworkers of the windows looked at so far, and how far each pair of zones has got."""

    def __init__(self, rules: Rules, partitions: int) -> None:
        self._rules = rules
        self._partitions = partitions
        self._free: dict[Window, list[int]] = {}
        self._reached: dict[tuple[str, str], int] = {}

    def forget(self) -> None:
        """Know nothing: others may have taken and freed slots since."""
        self._free.clear()
        self._reached.clear()

    def pick(self, want: Want, now: int) -> Slot | Window | None:
        """Take the earliest slot believed free; a Window must be opened first and asked for again; None: all is taken."""
        lane = (want.jurisdiction, want.zone)
        for start in starts(self._rules, AGENCIES[want.jurisdiction].zone, want.zone, now, self._reached.get(lane, 0)):
            window = Window(want.jurisdiction, start)
            free = self._free.get(window)
            if free is None:
                return window
            if free:
                self._reached[lane] = start
                return self._take(window, free, want.partition)
        return None

    @property
    def size(self) -> int:
        """Give the slots in a window."""
        return self._rules.caseworkers

    def open(self, window: Window, taken: Collection[str] | None) -> None:
        """Learn who is taken at this instant; None: everybody."""
        names = (caseworker(window.jurisdiction, number) for number in range(self.size if taken is not None else 0))
        self._free[window] = [number for number, name in enumerate(names) if name not in (taken or ())]

    def close(self, window: Window) -> None:
        """Doubt what is believed of a window: somebody else takes slots there."""
        self._free.pop(window, None)

    def free(self, slot: Slot) -> None:
        """Learn that a slot is free again; whoever has gone past it comes back to it."""
        free = self._free.get(slot.window)
        number = int(slot.caseworker[3:])
        if free is not None and number not in free and number < self._rules.caseworkers:
            insort(free, number)
        for lane, reached in self._reached.items():
            if lane[0] == slot.window.jurisdiction and reached > slot.starts_at:
                self._reached[lane] = slot.starts_at

    def _take(self, window: Window, free: list[int], partition: int) -> Slot:
        """Each partition begins at a different caseworker: replicas own different ones."""
        begin = partition % self._partitions * self._rules.caseworkers // self._partitions
        number = free.pop(bisect_left(free, begin) % len(free))
        return Slot(caseworker(window.jurisdiction, number), window.starts_at, self._rules.minutes)


def caseworker(jurisdiction: str, number: int) -> str:
    """Give a caseworker's reference."""
    return f"{jurisdiction}-{number:04d}"
