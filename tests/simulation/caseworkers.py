"""The agency's staff, and what its people do about referrals besides deciding them: begin, let go, give away; some may not."""

from collections.abc import Callable, Sequence
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Any, Final

import msgspec
from tests.invariants.tasks import Worker
from tests.simulation.publishing import DESK, Voice
from tests.simulation.timeline import DAY, MINUTE

from claims_shared.staff.people import ANY, UNITS, Caseworker, Leave, staff_of

if TYPE_CHECKING:
    from tests.simulation.world import World

BOSS: Final = "bo"
EMPLOYER: Final = "E-1"
"""Everybody's."""


def _worker(ref: str, **more: Any) -> Caseworker:
    everywhere = {"jurisdictions": frozenset({ANY}), "zone": "America/Denver", "units": frozenset(UNITS)}
    return Caseworker(ref, ref.title(), **(everywhere | {"supervisor": BOSS} | more))


STAFF: Final = staff_of(
    [
        _worker(
            "kim",
            leave=(Leave(date(2026, 3, 16), date(2026, 3, 27)), Leave(date(2026, 7, 1), date(2026, 8, 31))),
        ),
        _worker("lin"),
        _worker(BOSS, supervisor=None),
        _worker("uncle", conflicts=frozenset({EMPLOYER})),
        _worker("temp", units=frozenset({"mail room"})),
    ]
)
JUDGED: Final = {each.ref: Worker(each.units, each.conflicts, each.supervisor) for each in STAFF}
"""The same in the judge's words: all of them work for every agency, and everybody worked for one employer."""
WHO: Final = ("kim", "kim", "lin", "lin", BOSS, "uncle", "temp", "a stranger")


class Task(msgspec.Struct):
    """An open entry, as far as caseworkers care."""

    id: str
    kind: str
    reason: str | None = None
    assignee: str | None = None


class Caseworkers:
    """All of them. `random` is their own: what others do does not depend on them. `current`: the entry as it was last told."""

    def __init__(
        self, world: "World", voice: Voice, random: Random, current: Callable[[str, str], Task | None]
    ) -> None:
        self._after = world.timeline.after
        self._voice = voice
        self._random = random
        self._current = current

    def meet(self, claim: str, task: Task) -> None:
        """Plan what is done about a referral besides its decision: often nothing, sometimes more than makes sense."""
        for _ in range(self._random.choice((0, 0, 1, 2, 3))):
            later = round(MINUTE * (4 * DAY / MINUTE) ** self._random.random())
            self._after(later, self._act, claim, task.id)

    def decider(self, claim: str, task: str, times: int) -> str:
        """Give who decides: once that was refused, somebody who may."""
        current = self._current(claim, task)
        chosen = self._random.choice(("Kim", "lin", BOSS, (current and current.assignee) or "Kim"))
        return BOSS if times else chosen

    def _act(self, claim: str, name: str) -> None:
        task = self._current(claim, name)
        if task is not None:
            act = self._random.choice((self._begin, self._begin, self._give, self._give, self._let_go))
            act(claim, task)

    def _begin(self, claim: str, task: Task) -> None:
        mine = task.assignee if task.assignee and self._random.random() < 0.7 else self._who()
        self._say(claim, task, "claimed", caseworker_ref=mine, reason="mine")

    def _give(self, claim: str, task: Task) -> None:
        had = task.assignee if self._random.random() < 0.9 else None
        more = {"instead_of": had, "assigned_by": BOSS, "reason": "as the calendar says"}
        self._say(claim, task, "assigned", caseworker_ref=self._who(), **more)

    def _let_go(self, claim: str, task: Task) -> None:
        more = {"released_by": BOSS, "reason": "on leave"}
        self._say(claim, task, "released", caseworker_ref=task.assignee or self._who(), **more)

    def _who(self) -> str:
        return self._random.choice(WHO)

    def _say(self, claim: str, task: Task, what: str, **more: Any) -> None:
        at = {f"{what}_at": self._voice.now()}
        self._voice.say(DESK, claim, f"task.{what}.v1", answers=task.id, **more, **at)


def found(entries: Sequence[Task], name: str) -> Task | None:
    """Give the entry of this name."""
    return next((each for each in entries if each.id == name), None)
