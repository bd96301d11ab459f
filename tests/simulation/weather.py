"""What goes wrong, drawn from the seed: which faults, how many, at which moments, and where each of them was felt.

A moment is the time just before, within or just after one call to the outside: faults strike at moments, so that they meet
work in progress. A fault counts where its effect shows, not where it is made.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from heapq import heappop, heappush
from math import inf
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND, Timeline

from claims_shared.wire import Record

if TYPE_CHECKING:
    from tests.simulation.replica import Process
    from tests.simulation.topics import Position

T = TypeVar("T")

STORE_CALLS: Final = frozenset({"load", "write", "due", "find", "count"})
ANY: Final[frozenset[str]] = frozenset()


class Fault(NamedTuple):
    """A class of faults: at which calls and moments it can strike (all where empty), how often in a run, for how long."""

    calls: Collection[str] = ANY
    moments: Collection[str] = ANY
    most: int = 4
    shortest: int = 0
    longest: int = 0


STRIKES: Final = {
    "crash": Fault(most=6, shortest=SECOND, longest=2 * MINUTE),
    "freeze": Fault(most=4, shortest=7 * SECOND, longest=HOUR),
    "rebalance": Fault(most=4),
    "restart": Fault(most=3, shortest=SECOND, longest=MINUTE),
    "store away": Fault(STORE_CALLS, {"before"}, 3, SECOND, 10 * MINUTE),
    "store reply lost": Fault({"write"}, {"after"}, 4),
    "store write broken off": Fault({"write"}, {"within"}, 3),
    "broker away": Fault({"produce"}, {"before"}, 3, SECOND, 10 * MINUTE),
    "broker reply lost": Fault({"produce"}, {"after", "within"}, 5),
    "broker hangs": Fault({"produce"}, {"before"}, 3),
    "topic late": Fault({"produce"}, {"after"}, 5, MINUTE, 2 * DAY),
    "provider transient": Fault({"match"}, {"before"}, 3, SECOND, 5 * MINUTE),
    "provider throttles": Fault({"match"}, {"before"}, 3, SECOND, 5 * MINUTE),
    "provider silent": Fault({"match"}, {"before"}, 3, SECOND, 2 * HOUR),
    "mail away": Fault({"deliver"}, {"before"}, 3, SECOND, HOUR),
    "mail deferred": Fault({"deliver"}, {"before"}, 3, SECOND, HOUR),
    "mail reply lost": Fault({"deliver"}, {"before"}, 3),
}
STANDING: Final = (
    "clock skew",
    "submitted twice",
    "malformed",
    "before its claim",
    "defect",
    "poison",
    "another partitioner",
)
"""Faults of a whole run: of its clocks, of those who publish, of our code."""
FULL_CALENDAR: Final = "full calendar"
MAIL_BOUNCES: Final = "mail bounces"
LEAVE: Final = "leave"
"""Caseworkers who have interviews go away."""
FLOOD: Final = "flood"
"""A portal files far beyond its quota: most of what it sends is deferred."""
APART: Final = (FULL_CALENDAR, MAIL_BOUNCES, LEAVE, FLOOD)
"""Faults of a whole run that are drawn apart: the seeds on record draw the others as before."""
CLASSES: Final = (*STRIKES, *STANDING, *APART)

CHANCE: Final = 0.5
MOMENTS: Final = 80
"""About how many calls to the outside a claim makes in its first hour."""
RECORDS: Final = 30
"""About how many records a claim comes to, those of its last days too."""
LATE: Final = MINUTE
PAUSES: Final = {"before": 0.6, "within": 0.1, "after": 0.3}


class Coming:
    """Strikes that are to come, by a count."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, str]] = []
        self.next: float = inf

    def add(self, count: int, name: str) -> None:
        heappush(self._heap, (count, name))
        self.next = self._heap[0][0]

    def pop(self) -> str:
        """Give the next one's name; one at a time, however many the count has passed."""
        name = heappop(self._heap)[1]
        self.next = self._heap[0][0] if self._heap else inf
        return name


class Weather:
    """The faults of one run. `classes`: which may happen."""

    def __init__(self, random: Random, timeline: Timeline, classes: Collection[str], claims: int) -> None:
        self._random = random
        self._timeline = timeline
        self.classes = frozenset(classes)
        self.injected: Counter[str] = Counter()
        self.felt: Counter[str] = Counter()
        self._until: dict[str, int] = {}
        self._stalled: dict[Position, int] = {}
        self._pending: list[str] = []
        self._by_moment, self._by_record = self._drawn(claims)
        self._moment = self._records = 0
        self._hanging = self._losing = False
        self.calm = False

    def _drawn(self, claims: int) -> tuple["Coming", "Coming"]:
        """Give when the strikes are: some in the thick of the first hour, others at any record, whenever it is written."""
        random = self._random
        by_moment, by_record = Coming(), Coming()
        for name, fault in STRIKES.items():
            for _ in range(random.randint(1, fault.most) if name in self.classes else 0):
                coming, each = random.choice(((by_moment, MOMENTS), (by_record, RECORDS)))
                coming.add(random.randrange(claims * each), name)
        return by_moment, by_record

    def clear_up(self) -> None:
        """Nothing goes wrong from now on."""
        self.calm = True
        self._pending.clear()
        self._by_moment = self._by_record = Coming()
        self._until.clear()
        self._stalled.clear()

    # --- at every call to the outside --------------------------------------------------------

    def strike(self, call: str, moment: str) -> str | None:
        """Say what strikes now."""
        self._moment += 1
        if self._moment >= self._by_moment.next:
            self._pending.append(self._by_moment.pop())
        if not self._pending:
            return None
        for number, name in enumerate(self._pending):
            fault = STRIKES[name]
            if (not fault.calls or call in fault.calls) and (not fault.moments or moment in fault.moments):
                del self._pending[number]
                self.injected[name] += 1
                return name
        return None

    def written(self, _record: Record) -> None:
        """Count what comes into the log: the next call to the outside may be struck."""
        self._records += 1
        if self._records >= self._by_record.next:
            self._pending.append(self._by_record.pop())

    def begin(self, name: str, where: str = "") -> int:
        """Let a fault last; give when it ends."""
        until = self._timeline.now + self.length(name)
        self._until[name + where] = max(self._until.get(name + where, 0), until)
        return until

    def length(self, name: str) -> int:
        """Draw how long a fault lasts: seconds and minutes often, hours and days seldom."""
        fault = STRIKES[name]
        return round(fault.shortest * (fault.longest / fault.shortest) ** (self._random.random() ** 2))

    def lasts(self, name: str, where: str = "") -> bool:
        return self._until.get(name + where, 0) > self._timeline.now

    def hangs(self) -> bool:
        """Whether what is sent now arrives only after its sender has given it up."""
        hangs, self._hanging = self._hanging, False
        return hangs

    def hang(self) -> None:
        self._hanging = True

    def lose_reply(self) -> None:
        self._losing = True

    def loses_reply(self) -> bool:
        """Whether the mail server's word that it took a mail is lost."""
        loses, self._losing = self._losing, False
        return loses

    def late(self) -> int:
        """Draw how long after it was given up something arrives: mostly while what was sent in its stead has effects."""
        return round(SECOND * 60 ** self._random.random())

    def beat(self) -> int:
        """Draw how long it takes until the next heartbeat."""
        return self._random.randint(1_000, SECOND)

    @property
    def outages(self) -> bool:
        """Whether anything has been away so far."""
        return bool(self._until)

    def pauses(self, moment: str) -> bool:
        """Draw whether others may come in between: often before a call has its effect, less often behind it."""
        return self._random.random() < PAUSES[moment]

    def latency(self) -> int:
        """Draw how long a call takes: milliseconds, seldom much longer."""
        drawn = self._random.random()
        return round(500 + 4_000 * drawn) if drawn < 0.97 else round(SECOND * 3 * (drawn - 0.9) * 10)

    # --- reading --------------------------------------------------------------------------------

    def lag(self) -> int:
        """Draw how long it takes until a reader hears of new records."""
        return self.latency()

    def portion(self, room: int) -> int:
        """Draw how much of a partition comes at once."""
        return min(room, self._random.choice((1, 2, 5, 50, 500)))

    def readable(self, places: list["Position"]) -> list["Position"]:
        """Give what can be read now, in the order in which it arrives."""
        if self._stalled:
            places = [place for place in places if self._stalled.get(place, 0) <= self._timeline.now]
        return self.shuffled(places)

    def stall(self, place: "Position") -> int:
        """Let a partition be late; give until when."""
        until = self._timeline.now + self.length("topic late")
        self._stalled[place] = max(self._stalled.get(place, 0), until)
        return until

    def shuffled(self, each: list[T]) -> list[T]:
        if len(each) > 1:
            self._random.shuffle(each)
        return each

    # --- where it is felt -----------------------------------------------------------------------

    def again(self, before: "Process", _now: "Process") -> None:
        """A record is given out a second time: its first reader died with it, slept, or had to let go."""
        if before.loop.dead:
            self.felt["restart" if before.stopped else "crash"] += 1
        elif before.slept:
            self.felt["freeze"] += 1

    def handed(self, records: Sequence[Record]) -> None:
        if "topic late" in self.classes:
            late = self._timeline.millis() - LATE // 1000
            self.felt["topic late"] += sum(record.timestamp < late for record in records)
