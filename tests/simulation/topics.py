"""The simulated log: partitions that only grow, and the consumer groups that read them, by Kafka's rules."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tests.simulation.timeline import SECOND, Timeline

from claims_shared.wire import Record, partition_of

if TYPE_CHECKING:
    from tests.simulation.client import Client
    from tests.simulation.replica import Process

Position = tuple[str, int]
Headers = Sequence[tuple[str, bytes | None]]

SESSION: Final = 6 * SECOND
JOIN: Final = 60 * SECOND
"""A member that does not come back within so long after a rebalance began is left out."""


class Topics:
    """All partitions. `written` is told of every record; the trace is a digest of all that was written anywhere."""

    def __init__(self, timeline: Timeline, partitions: int) -> None:
        self.partitions = partitions
        self.records: dict[Position, list[Record]] = defaultdict(list)
        self.order: list[Record] = []
        self.written: list[Callable[[Record], None]] = []
        self.readers: dict[str, list[Group]] = defaultdict(list)
        self.trace = blake2b(digest_size=16)
        self._timeline = timeline

    def append(self, topic: str, partition: int, key: bytes | None, value: bytes | None, headers: Headers) -> Record:
        place = (topic, partition)
        known = self.records[place]
        record = Record(topic, partition, len(known), key, value, headers, self._timeline.millis())
        known.append(record)
        self.order.append(record)
        self.trace.update(f"{topic}/{partition}/{record.timestamp}".encode())
        self.trace.update(b"/".join([key or b"-", value or b"-", *(text or b"-" for _, text in headers)]))
        for told in self.written:
            told(record)
        for group in self.readers[topic]:
            group.arrived(place)
        return record

    def publish(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Record:
        """Append as a client would that keeps to the partitioner."""
        partition = partition_of((key or b"").decode(errors="replace"), self.partitions)
        return self.append(topic, partition, key, value, headers)


class Group:
    """A consumer group: who is in it, who has what, how far it has committed. Every rebalance is eager.

    `handed`: by place, who was given each offset last.
    """

    def __init__(self, timeline: Timeline, topics: Topics, names: Sequence[str], beat: Callable[[], int]) -> None:
        self._timeline = timeline
        self._topics = topics
        self._names = tuple(names)
        self._beat = beat
        self._joined: dict[int, Client] = {}
        self._rebalancing = False
        self._round = 0
        self._members_made = 0
        self.members: dict[int, Client] = {}
        self.owners: dict[Position, Client] = {}
        self.committed: dict[Position, int] = {}
        self.notes: dict[Position, str] = {}
        self.handed: dict[Position, list[Process]] = defaultdict(list)
        self.generation = 0
        for name in names:
            topics.readers[name].append(self)

    @property
    def places(self) -> list[Position]:
        return [(name, partition) for name in self._names for partition in range(self._topics.partitions)]

    def lag(self) -> dict[Position, int]:
        behind = {place: len(self._topics.records[place]) - self.committed.get(place, 0) for place in self.places}
        return {place: count for place, count in behind.items() if count}

    def arrived(self, place: Position) -> None:
        owner = self.owners.get(place)
        if owner is not None:
            owner.arrived(place)

    # --- membership -----------------------------------------------------------------------

    def enter(self, client: "Client") -> int:
        """Give a new member its number; everybody must join again."""
        self._members_made += 1
        self.members[self._members_made] = client
        self.rebalance()
        return self._members_made

    def leave(self, member: int) -> None:
        """A member says goodbye, or was not heard of for too long."""
        if self.members.pop(member, None) is not None:
            self._joined.pop(member, None)
            self.rebalance()

    def rebalance(self) -> None:
        """Call everybody; each hears it with its next heartbeat."""
        if not self._rebalancing:
            self._rebalancing = True
            self._round += 1
            self._joined = {}
            self._timeline.after(JOIN, self._no_longer, self._round)
            for member in self.members.values():
                self._timeline.after(self._beat(), member.summon)
        self._settle()

    def join(self, member: int) -> bool:
        """Take a member's word that it has let go of everything; False where it is no member any more."""
        if member not in self.members:
            return False
        if not self._rebalancing:
            self.rebalance()
        self._joined[member] = self.members[member]
        self._settle()
        return True

    def calls(self, member: int, generation: int) -> bool:
        """Whether a member must join again: it is none any more, or everybody must."""
        if member not in self.members:
            return True
        return member not in self._joined if self._rebalancing else generation != self.generation

    def _no_longer(self, number: int) -> None:
        if self._rebalancing and number == self._round:
            self.members = dict(self._joined)
            self._settle()

    def _settle(self) -> None:
        """Once everybody is there: a new generation, contiguous ranges of each topic by member, as the range assignor gives."""
        if not self._rebalancing or len(self._joined) < len(self.members):
            return
        self._rebalancing = False
        self.generation += 1
        members = [self.members[number] for number in sorted(self.members)]
        shares = ranges(self._topics.partitions, len(members))
        self.owners = {}
        for client, share in zip(members, shares, strict=True):
            assigned = [(name, partition) for name in self._names for partition in share]
            self.owners.update(dict.fromkeys(assigned, client))
            self._timeline.after(self._beat() // 100 + 1, client.assign, self.generation, assigned)

    # --- offsets ----------------------------------------------------------------------------

    def hand(self, place: Position, records: Sequence[Record], replica: "Process") -> None:
        """Note who is given what; what was given before is done again."""
        handed = self.handed[place]
        for record in records:
            if record.offset < len(handed):
                replica.weather.again(handed[record.offset], replica)
                handed[record.offset] = replica
            else:
                handed.append(replica)
        replica.weather.handed(records)

    def commit(self, member: int, generation: int, offsets: Mapping[Position, tuple[int, str]]) -> bool:
        """Take offsets and notes from a member of the present generation; False: refused."""
        if member not in self.members or generation != self.generation:
            return False
        for place, (offset, note) in offsets.items():
            self.committed[place], self.notes[place] = offset, note
        return True


def ranges(partitions: int, members: int) -> list[Collection[int]]:
    """Give each member its contiguous share; the first ones take one more where it does not come out even."""
    if not members:
        return []
    size, more = divmod(partitions, members)
    starts = [number * size + min(number, more) for number in range(members + 1)]
    return [range(*pair) for pair in pairwise(starts)]
