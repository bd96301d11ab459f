"""How far the demo is: every part's course, what is still to be done and what is not yet as expected. No IO, no clock."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from claims_cli.demo.course import Course
from claims_cli.demo.parts import Deed, Part
from claims_cli.records.stream import Event

ENDED = frozenset({"approved", "denied", "withdrawn"})
LATELY_S = 5.0


@dataclass(slots=True)
class Ended:
    """When how many claims had ended, for the throughput."""

    at: float
    number: int


class Play:
    """Takes events and tells what people do about them."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self.courses = {part.claim_id: Course(part.claim_id) for part in parts}
        self._parts = {part.claim_id: part for part in parts}
        self._unmet = set(self._parts)
        self._acted: set[tuple[str, int]] = set()
        self._ended: deque[Ended] = deque([Ended(0.0, 0)])

    def take(self, event: Event, now: datetime) -> Iterator[tuple[Part, Deed]]:
        """Take an event; give what somebody does because of it, each thing once."""
        course = self.courses.get(event.key)
        if course is None:
            return
        course.take(event)
        part = self._parts[event.key]
        (self._unmet.discard if part.expected.holds(course) else self._unmet.add)(event.key)
        for number, act in enumerate(part.acts):
            entry = act.on(course)
            if entry is not None and (event.key, number) not in self._acted:
                self._acted.add((event.key, number))
                yield part, act.do(entry, now)

    def is_as_expected(self, part: Part) -> bool:
        return part.claim_id not in self._unmet

    @property
    def done(self) -> bool:
        """Whether everything is as expected."""
        return not self._unmet

    @property
    def moving(self) -> int:
        """How many ordinary claims have not come to their end."""
        return sum(1 for part in self.parts if not part.trouble and part.claim_id in self._unmet)

    def states(self) -> Counter[str]:
        """Count claims by where they are."""
        return Counter(course.stands for course in self.courses.values())

    def note(self, at: float) -> None:
        """Remember how many have ended by now (in seconds since the beginning)."""
        states = self.states()
        self._ended.append(Ended(at, sum(states[each] for each in ENDED)))
        while self._ended[0].at < at - LATELY_S and len(self._ended) > 2:  # noqa: PLR2004 - a rate needs two points
            self._ended.popleft()

    @property
    def rate(self) -> float:
        """How many claims ended a second, lately."""
        first, last = self._ended[0], self._ended[-1]
        return (last.number - first.number) / (last.at - first.at) if last.at > first.at else 0.0
