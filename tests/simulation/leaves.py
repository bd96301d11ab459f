"""The agency enters leave for people who have interviews: the staff that processes read is another one from then on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from tests.invariants.moved import Away
from tests.simulation.timeline import DAY, MINUTE
from tests.simulation.weather import LEAVE

from claims_scheduler.calendar import day_of
from claims_shared.staff.people import Caseworker, Leave, staff_of

if TYPE_CHECKING:
    from tests.simulation.world import World

MOST: Final = 5
LONGEST_DAYS: Final = 8


class Leaves:
    """Plans them; `entered`: what the judge must know."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._random = world.random
        self.entered: list[Away] = []
        if LEAVE in world.weather.classes:
            for _ in range(self._random.randint(1, MOST)):
                later = round(MINUTE * (6 * DAY / MINUTE) ** self._random.random())
                world.timeline.after(later, self._enter)

    def _enter(self) -> None:
        """Somebody who has an interview ahead goes away, that day and some days more."""
        found = self._ahead()
        if not found:
            return
        member, first = self._random.choice(found)
        last = first + timedelta(days=self._random.randrange(LONGEST_DAYS))
        away = replace(member, leave=(*member.leave, Leave(first, last)))
        self._world.weather.injected[LEAVE] += 1
        self.entered.append(Away(member.ref, member.zone, first, last, self._world.timeline.millis()))
        self._world.staffed(staff_of(away if each is member else each for each in self._world.staff))

    def _ahead(self) -> list[tuple[Caseworker, date]]:
        found = []
        for row in self._world.rows["slots"].values():
            (ref, start, _), booking = msgspec.msgpack.decode(row.body)
            member = self._world.staff.get(ref)
            if booking is not None and member is not None and start > self._world.timeline.millis():
                found.append((member, day_of(start, member.zone).to_stdlib()))
        return found
