"""What was read in one go: decoded records, and the assignment under which the client handed them out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord, TopicPartition

from claims_shared.decoding import Views, decode
from claims_shared.documents import where
from claims_shared.engine import QUARANTINED, Read
from claims_shared.telemetry import log
from claims_shared.wire import Deferred, Received, Record, Undecodable, Unknown


@dataclass(slots=True)
class Polled:
    """What was read, with the epoch under which the client handed it out, and the offsets behind it.

    A call may begin under one assignment and, having waited through a rebalance, give records of the next one: to take them
    for the old one's would lose them, since the client has moved on. What was handed out before a rebalance is read again
    from the committed offsets by whoever owns it now.
    """

    epoch: int
    most: int
    views: Views = field(default_factory=dict)
    defers: Callable[[Record], bool] | None = None
    """Whether a record must wait its turn: it is not read any further then."""
    decoded: list[Read] = field(default_factory=list)
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    reached: dict[TopicPartition, int] = field(default_factory=dict)
    """When the newest of them came in, in milliseconds, by place."""
    deferred: int = 0
    """How many of them wait their turn: they are handed on, and are no work."""

    @property
    def work(self) -> int:
        """Give how many records somebody must think about."""
        return len(self.decoded) - self.deferred

    @property
    def room(self) -> int:
        """Give how many records it may still take."""
        return self.most - len(self.decoded)

    def add(self, epoch: int, found: Mapping[TopicPartition, list[ConsumerRecord]]) -> None:
        """Add what the client handed out."""
        self._begin(epoch)
        for place, batch in found.items():
            self.decoded += [self._read(Record.of(each)) for each in batch]
            self.positions[place] = batch[-1].offset + 1
            self.reached[place] = batch[-1].timestamp

    def take(self, epoch: int, place: TopicPartition, found: Sequence[Record | Undecodable], behind: int) -> None:
        """Add what was read by hand, or waited."""
        self._begin(epoch)
        self.decoded += [each if isinstance(each, Undecodable) else self._read(each) for each in found]
        self.positions[place] = behind
        if found:
            last = found[-1]
            self.reached[place] = (last.record if isinstance(last, Undecodable) else last).timestamp

    def _read(self, record: Record) -> Read:
        if self.defers is not None and self.defers(record):
            self.deferred += 1
            return Deferred(record)
        return _decoded(record, self.views)

    def _begin(self, epoch: int) -> None:
        if epoch != self.epoch:
            self.decoded.clear()
            self.positions.clear()
            self.reached.clear()
            self.deferred = 0
            self.epoch = epoch


def _decoded(record: Record, views: Views) -> Received | Undecodable | Unknown:
    """Read a record. What our own reading fails on, which nothing known does, is put aside: it would stop the partition."""
    try:
        return decode(record, views)
    except Exception as error:  # noqa: BLE001 - whatever our code did on this record, the others must go on
        log().error("decoding_raised", place=record.place, error=where(error))
        return Undecodable(record, QUARANTINED, (where(error),))
