"""Answers that were read and wait their turn, while urgent ones among them go ahead: a topic alone would keep them in line.

What people say at the desk goes ahead too: it may be what makes a claim urgent.

What is taken out of turn is taken once more where a process begins again before those in front of it, and is recognised then:
a partition's offset stays at the first that still waits.
"""

from collections.abc import Collection, Mapping, Sequence

from aiokafka import ConsumerRecord, TopicPartition

from claims_shared.lanes import is_desk
from claims_shared.polled import Polled
from claims_shared.wire import Record, Undecodable

Waiting = Record | Undecodable


class WaitingLine:
    """Holds records of one assignment, in the order in which they were read. `urgent`: the keys of what goes ahead, as now."""

    def __init__(self, urgent: Collection[bytes]) -> None:
        self._urgent = urgent
        self._epoch = 0
        self._waiting: list[tuple[TopicPartition, Waiting]] = []
        self._behind: dict[TopicPartition, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def wanted(self) -> bool:
        """Whether anything is to go ahead, or waits here already: otherwise records need not be read before their turn."""
        return bool(self._urgent or self._waiting)

    def forget(self) -> None:
        """Drop what was read under an assignment that is over."""
        self._waiting.clear()
        self._behind.clear()

    def add(self, epoch: int, found: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """Add what the client handed out under this assignment."""
        for place, batch in found.items():
            self.take(epoch, place, [Record.of(each) for each in batch], batch[-1].offset + 1)

    def take(self, epoch: int, place: TopicPartition, found: Sequence[Waiting], behind: int) -> None:
        """Add records of one partition, and the offset behind them."""
        if epoch != self._epoch:
            self.forget()
            self._epoch = epoch
        self._waiting += [(place, each) for each in found]
        self._behind[place] = behind

    def move(self, polled: Polled) -> None:
        """Let as many as there is room for go into a poll: urgent ones first, all in their order."""
        taken, left = self._split(polled.room)
        self._waiting = left
        first_left: dict[TopicPartition, int] = {}
        for place, each in left:
            first_left.setdefault(place, _record(each).offset)
        moved: dict[TopicPartition, list[Waiting]] = {}
        for place, each in taken:
            moved.setdefault(place, []).append(each)
        for place, found in moved.items():
            polled.take(self._epoch, place, found, first_left.get(place, self._behind[place]))

    def _split(self, room: int) -> tuple[list[tuple[TopicPartition, Waiting]], list[tuple[TopicPartition, Waiting]]]:
        if not self._urgent or len(self._waiting) <= room:
            return self._waiting[:room], self._waiting[room:]
        urgent, others = list[int](), list[int]()
        for number, (place, each) in enumerate(self._waiting):
            (urgent if _record(each).key in self._urgent or is_desk(place.topic) else others).append(number)
        taken = [*urgent[:room], *others[: max(room - len(urgent), 0)]]
        left = sorted({*urgent, *others}.difference(taken))
        return [self._waiting[number] for number in taken], [self._waiting[number] for number in left]


def _record(each: Waiting) -> Record:
    return each.record if isinstance(each, Undecodable) else each
