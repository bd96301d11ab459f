"""Who may hold which interview: caseworkers by what they know, speak and must keep away from. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from claims_scheduler.calendar import Calendars, Rules, calendars_of
from claims_shared.staff.assigning import Job, able
from claims_shared.staff.people import ANY, UNBOUNDED, Caseworker, Staff

SHARED: Final = "*"
"""The pool of those who work for several agencies."""


class Want(NamedTuple):
    """A booking that needs a slot. `effect` is the document that will name it; the rest is what its caseworker must be.

    `not_before`: the citizen cannot come earlier (milliseconds). `concerns`: the employer, and the claim.
    """

    effect: str
    partition: int
    jurisdiction: str
    zone: str
    skills: frozenset[str] = frozenset()
    language: str | None = None
    concerns: frozenset[str] = frozenset()
    not_before: int = 0

    def job(self) -> Job:
        """Say it in the words of the assignment."""
        return Job(self.effect, self.jurisdiction, skills=self.skills, language=self.language, concerns=self.concerns)


class Group:
    """Those who may hold the same interviews. `limited`: somebody takes only so many a day."""

    __slots__ = ("calendars", "limited", "members", "number", "pools")

    def __init__(self, number: int, members: Sequence[Caseworker], calendars: Calendars) -> None:
        self.number = number
        self.members = tuple(members)
        self.calendars = calendars
        self.limited = any(each.interviews < UNBOUNDED for each in members)
        self.pools = tuple(sorted({pool_of(each) for each in members}))


class Groups:
    """The groups of a staff, made when they are first asked for."""

    def __init__(self, rules: Rules, staff: Staff) -> None:
        self.staff = staff
        self._rules = rules
        self._feared = frozenset[str]().union(*(each.conflicts for each in staff))
        self._sizes = Counter(pool_of(each) for each in staff)
        self._by_need: dict[tuple[object, ...], Group] = {}
        self._by_members: dict[tuple[str, ...], Group] = {}

    def of(self, want: Want) -> Group:
        """Give those who may hold this interview; nobody, where nobody may."""
        concerns = want.concerns & self._feared if self._feared else self._feared
        need = (want.jurisdiction, want.skills, want.language, concerns)
        group = self._by_need.get(need)
        if group is None:
            group = self._by_need[need] = self._made(want)
        return group

    def size(self, pool: str) -> int:
        """Give how many people a pool has."""
        return self._sizes[pool]

    def _made(self, want: Want) -> Group:
        job = want.job()
        members = [each for each in self.staff if able(each, job)]
        refs = tuple(each.ref for each in members)
        if refs not in self._by_members:
            self._by_members[refs] = Group(len(self._by_members), members, calendars_of(self._rules, members))
        return self._by_members[refs]


def pool_of(caseworker: Caseworker) -> str:
    """Give the pool under which a caseworker's slots are found: the agency's, or that of those who have several."""
    only = next(iter(caseworker.jurisdictions)) if len(caseworker.jurisdictions) == 1 else ANY
    return SHARED if only == ANY else only
