"""Which slot is taken next: the earliest free one, spread over the caseworkers so that two replicas seldom meet. Pure.

The board is what this process believes about the calendars; the store decides.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

import msgspec
from whenever import Date

from claims_scheduler.calendar import HOUR, Rules, day_of, holds
from claims_scheduler.groups import Group, Groups, Want, pool_of
from claims_shared.staff.people import Caseworker, Staff

DAY: Final = 24 * HOUR


class Slot(msgspec.Struct, frozen=True, array_like=True):
    """Half an hour of one caseworker; `starts_at` in milliseconds."""

    caseworker: str
    starts_at: int
    minutes: int

    @property
    def id(self) -> str:
        """Give the id of the slot's document."""
        return f"{self.caseworker}@{self.starts_at}"


class Window(NamedTuple):
    """One instant of one pool of caseworkers: as many slots as they are."""

    pool: str
    starts_at: int

    @property
    def key(self) -> str:
        """Give the value under which the store finds the window's taken slots."""
        return f"{self.pool}/{self.starts_at}"


class Board:
    """Who is taken in the windows looked at so far, and how far each pair of group and zone has got."""

    def __init__(self, rules: Rules, staff: Staff, partitions: int) -> None:
        self.rules = rules
        self.groups = Groups(rules, staff)
        self._partitions = partitions
        self._known: set[Window] = set()
        self._full: set[Window] = set()
        self._taken: dict[int, set[str]] = defaultdict(set)
        self._loads: Counter[tuple[str, Date]] = Counter()
        self._free: dict[int, dict[int, list[int]]] = defaultdict(dict)
        self._reached: dict[tuple[int, str], int] = {}

    def forget(self) -> None:
        """Know nothing: others may have taken and freed slots since."""
        self._known.clear()
        self._full.clear()
        self._taken.clear()
        self._loads.clear()
        self._free.clear()
        self._reached.clear()

    def staffed(self, staff: Staff) -> None:
        """From now on these are the caseworkers."""
        self.groups = Groups(self.rules, staff)
        self.forget()

    def pick(self, want: Want, now: int) -> Slot | Window | None:
        """Take the earliest slot believed free; a Window must be opened first and asked for again; None: all is taken."""
        group = self.groups.of(want)
        for start in self.starts(group, want, now):
            if (window := self.unknown(group, start)) is not None:
                return window
            member = self._next(group, start, want.partition)
            if member is not None:
                if not want.not_before:
                    self.reached(group, want.zone, start)
                slot = Slot(member.ref, start, self.rules.minutes)
                self.take(slot)
                return slot
        return None

    def starts(self, group: Group, want: Want, now: int) -> Iterator[int]:
        """Give the instants at which somebody of the group might be free for it."""
        after = max(want.not_before, self._reached.get((group.number, want.zone), 0))
        return group.calendars.starts(want.zone, now, after)

    def reached(self, group: Group, zone: str, start: int) -> None:
        """Note that a group has nothing left before this instant."""
        self._reached[group.number, zone] = start

    def unknown(self, group: Group, start: int) -> Window | None:
        """Give a window that must be opened before the group's slots at this instant are known.

        Where people take only so many a day, their whole day.
        """
        for pool in group.pools:
            if (window := Window(pool, start)) not in self._known:
                return window
        if group.limited:
            for member in group.members:
                for other in group.calendars.on(member.zone, day_of(start, member.zone)):
                    if (window := Window(pool_of(member), other)) not in self._known:
                        return window
        return None

    def free_at(self, group: Group, start: int) -> Iterator[Caseworker]:
        """Give the members who are free at an instant, their day's number not yet used up."""
        for number in self._believed(group, start):
            member = group.members[number]
            if member.ref not in self._taken[start] and self.room(member, start) > 0:
                yield member

    def room(self, member: Caseworker, start: int) -> int:
        """Give how many more interviews a caseworker takes on the day of this instant."""
        return member.interviews - self.load(member, start)

    def load(self, member: Caseworker, start: int) -> int:
        """Give how many interviews a caseworker has on the day of this instant, as far as is known."""
        return self._loads[member.ref, day_of(start, member.zone)]

    def open(self, window: Window, taken: Collection[str] | None) -> None:
        """Learn who is taken at this instant; None: everybody."""
        self._known.add(window)
        if taken is None:
            self._full.add(window)
            taken = [each.ref for each in self.groups.staff if pool_of(each) == window.pool]
        for ref in taken:
            self._note(ref, window.starts_at)

    def take(self, slot: Slot) -> None:
        """Learn that a slot is taken: by us, or by somebody who was quicker."""
        self._note(slot.caseworker, slot.starts_at)

    def free(self, slot: Slot) -> None:
        """Learn that a slot is free again; whoever has gone past it comes back to it, or to others of its day."""
        if slot.caseworker in self._taken[slot.starts_at]:
            self._taken[slot.starts_at].discard(slot.caseworker)
            if (member := self.groups.staff.get(slot.caseworker)) is not None:
                self._loads[member.ref, day_of(slot.starts_at, member.zone)] -= 1
        self._free.pop(slot.starts_at, None)
        for lane, reached in self._reached.items():
            if reached > slot.starts_at - DAY:
                self._reached[lane] = slot.starts_at - DAY

    def window_of(self, slot: Slot) -> Window | None:
        """Give the window of a slot; of somebody who is not there any more, none."""
        member = self.groups.staff.get(slot.caseworker)
        return Window(pool_of(member), slot.starts_at) if member else None

    def _note(self, ref: str, start: int) -> None:
        if ref not in self._taken[start]:
            self._taken[start].add(ref)
            if (member := self.groups.staff.get(ref)) is not None:
                self._loads[ref, day_of(start, member.zone)] += 1

    def _believed(self, group: Group, start: int) -> list[int]:
        """Give the numbers of the members who work then and were not taken when this was first asked."""
        found = self._free[start].get(group.number)
        if found is None:
            taken = self._taken[start]
            found = self._free[start][group.number] = [
                number
                for number, each in enumerate(group.members)
                if each.ref not in taken and holds(self.rules, each, start)
            ]
        return found

    def _next(self, group: Group, start: int, partition: int) -> Caseworker | None:
        """Each partition begins at a different caseworker: replicas own different ones."""
        free = self._believed(group, start)
        begin = partition % self._partitions * len(group.members) // self._partitions
        busy: list[int] = []
        while free:
            member = group.members[number := free.pop(bisect_left(free, begin) % len(free))]
            if member.ref in self._taken[start]:
                continue
            if self.room(member, start) > 0:
                self._free[start][group.number] = sorted((*free, *busy)) if busy else free
                return member
            busy.append(number)
        self._free[start][group.number] = sorted(busy)
        return None
