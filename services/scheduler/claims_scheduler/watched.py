"""What this process knows of the claims that wait: newest number each, what is due when, what is not written yet. No IO.

Every step costs O(log n): one heap entry a claim, the stale ones dropped when met and swept when they outnumber the claims.
What came due while nobody looked has a heap of its own: it is earlier than everything else, and must not hold that up.
"""

import heapq
from typing import Final, NamedTuple, TypeAlias

from claims_scheduler.waits import FIRST_PAUSE, Wait, fires_again_at, pause_after
from claims_shared.engine import Position

SWEEP_FROM: Final = 1_000


class Watched:
    """A claim as its newest event says. Replaced by the next event; only the firing counts and the version change."""

    __slots__ = (
        "behind",
        "cause",
        "claim",
        "fired",
        "next_at",
        "offset",
        "partition",
        "place",
        "seen_at",
        "sequence",
        "version",
        "waits",
    )

    def __init__(
        self,
        claim: str,
        sequence: int,
        waits: tuple[Wait, ...],
        *,
        cause: str,
        partition: int,
        seen_at: int,
        version: int | None,
        place: Position | None = None,
        offset: int = 0,
    ) -> None:
        """`version`: of the stored document, 0 where there is none, None where nobody looked. `place`: None if from the store."""
        self.claim = claim
        self.sequence = sequence
        self.waits = waits
        self.cause = cause
        self.partition = partition
        self.seen_at = seen_at
        self.version = version
        self.place = place
        self.offset = offset
        self.behind = False
        self.fired = [0] * len(waits)
        self.next_at = [wait.armed_for for wait in waits]

    @property
    def earliest(self) -> int:
        """Give the instant of the next firing."""
        return min(self.next_at)

    def to_fire(self, now: int) -> list[int]:
        """Give the numbers of the waits whose instant has come."""
        return [number for number, at in enumerate(self.next_at) if at <= now]

    def has_fired(self, numbers: list[int], now: int) -> None:
        """Note what is in its topic: it stays, and comes again with growing pauses."""
        for number in numbers:
            self.fired[number] += 1
            self.next_at[number] = fires_again_at(self.fired[number], now)

    def fires_anew(self, now: int) -> bool:
        """Let what has fired already fire at once; True where there is something. Its pauses grow on.

        Not what fired a moment ago: whoever says that nothing came of it, and we who fire, must not drive each other round.
        """
        rested = [number for number in range(len(self.waits)) if self._rested(number, now)]
        for number in rested:
            self.next_at[number] = now
        return bool(rested)

    def _rested(self, number: int, now: int) -> bool:
        times, next_at = self.fired[number], self.next_at[number]
        return times > 0 and now < next_at <= now + pause_after(times) - FIRST_PAUSE


class Firing(NamedTuple):
    """Waits of one claim that must be told."""

    watched: Watched
    numbers: list[int]


Item: TypeAlias = tuple[int, int, Watched]
"""A claim in a heap: the instant of its next firing, and a number that no other has."""


class Memory:
    """The claims by id, the heap of their next instants, and per topic partition what is not written, oldest offset first."""

    def __init__(self) -> None:
        self.claims: dict[str, Watched] = {}
        self._heap: list[Item] = []
        self._behind: list[Item] = []
        self._pushed = 0
        self._unwritten: dict[Position, dict[str, Watched]] = {}
        self._ended: dict[str, Watched] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.claims.clear()
        self._heap.clear()
        self._behind.clear()
        self._unwritten.clear()
        self._ended.clear()

    # --- what is known ------------------------------------------------------------------------

    def learn(self, watched: Watched) -> bool:
        """Take the newer event; False where a number at least as high is known.

        The same number again is how the orchestrator says that nothing came of an instant: it fires at once.
        """
        known = self.claims.get(watched.claim)
        if known is not None:
            if watched.sequence <= known.sequence:
                if watched.sequence == known.sequence and known.fires_anew(watched.seen_at):
                    self._push(known)
                return False
            self._forget_unwritten(known)
            self._ended.pop(known.claim, None)
            if known.version is not None:
                watched.version = known.version
        self.claims[watched.claim] = watched
        self._keep(watched)
        return True

    def adopt(self, stored: Watched, missed_before: int = 0) -> None:
        """Take what the store holds, unless as much or more is known; its version is learnt in any case.

        What was due before `missed_before` is behind: nobody looked when it came.
        """
        known = self.claims.get(stored.claim)
        if known is None or known.sequence < stored.sequence:
            if known is not None:
                self.drop(known)
            stored.behind = bool(stored.waits) and stored.earliest < missed_before
            self.claims[stored.claim] = stored
            self._push(stored)
            return
        self._note_version(known, stored.version or 0)

    def _note_version(self, known: Watched, version: int) -> None:
        known.version = version
        if known.claim in self._ended:  # it ended unwritten, and yet something is stored: that must be cleared
            del self._ended[known.claim]
            self._hold(known)

    def _keep(self, watched: Watched) -> None:
        """Hold the offset of what must be written one day; a claim that never was and has ended needs no store."""
        if watched.waits or watched.version != 0:
            self._hold(watched)
        else:
            self._ended[watched.claim] = watched
        self._push(watched)

    def drop(self, watched: Watched) -> None:
        """Forget one claim: the store knows it, or nobody need to."""
        if self.claims.get(watched.claim) is watched:
            del self.claims[watched.claim]
        self._forget_unwritten(watched)
        self._ended.pop(watched.claim, None)

    def drop_ended(self, before: int) -> None:
        """Forget claims that ended unwritten, once repeats of their events are no longer likely."""
        while self._ended:
            first = next(iter(self._ended.values()))
            if first.seen_at > before:
                return
            self.drop(first)

    # --- what is not written ----------------------------------------------------------------------

    def _hold(self, watched: Watched) -> None:
        if watched.place is not None:
            self._unwritten.setdefault(watched.place, {})[watched.claim] = watched

    def _forget_unwritten(self, watched: Watched) -> None:
        """Let go of this very event: a newer one of the claim, learnt while this one was written, is still to be written."""
        held = self._unwritten.get(watched.place) if watched.place is not None else None
        if held is not None and held.get(watched.claim) is watched:
            del held[watched.claim]

    def held_offsets(self) -> dict[Position, int]:
        """Give the offset of the oldest unwritten event of each topic partition."""
        return {place: next(iter(held.values())).offset for place, held in self._unwritten.items() if held}

    def ripe(self, before: int, limit: int) -> list[Watched]:
        """Give unwritten claims whose event was seen before this instant, oldest first."""
        found: list[Watched] = []
        for held in self._unwritten.values():
            for watched in held.values():
                if watched.seen_at > before or len(found) >= limit:
                    break
                found.append(watched)
        return found

    def written(self, watched: Watched, version: int, far: int) -> None:
        """Note that the store has it; what waits only beyond `far`, or for nothing, need not be remembered."""
        self._forget_unwritten(watched)
        current = self.claims.get(watched.claim)
        if current is None:
            return
        self._note_version(current, version)
        if current is watched and (not watched.waits or watched.earliest > far):
            self.drop(watched)

    # --- what is due ------------------------------------------------------------------------------

    def take_due(self, now: int, limit: int) -> list[Firing]:
        """Take up to `limit` claims whose instant has come, earliest first; they come back by `fired` or `put_back`.

        Half of the room is left to what is behind, as long as there is any; it takes what the others leave.
        """
        taken = self._taken(self._heap, now, limit - limit // 2 if self._behind else limit)
        return taken + self._taken(self._behind, now, limit - len(taken))

    def _taken(self, heap: list["Item"], now: int, limit: int) -> list[Firing]:
        taken: list[Firing] = []
        while heap and heap[0][0] <= now and len(taken) < limit:
            _, _, watched = heapq.heappop(heap)
            numbers = watched.to_fire(now)
            if numbers and self.claims.get(watched.claim) is watched:
                taken.append(Firing(watched, numbers))
        return taken

    @property
    def behind(self) -> int:
        """Give how many entries there are of what came due while nobody looked."""
        return len(self._behind)

    def fired(self, firings: list[Firing], now: int) -> None:
        """Note that these are in their topic."""
        for watched, numbers in firings:
            watched.has_fired(numbers, now)
            watched.behind = False
        self.put_back(firings)

    def put_back(self, firings: list[Firing]) -> None:
        """Arm the claims again that are still as they were."""
        for watched, _ in firings:
            if self.claims.get(watched.claim) is watched:
                self._push(watched)

    def next_at(self) -> int | None:
        """Give the earliest instant at which something may be due."""
        return min((heap[0][0] for heap in (self._heap, self._behind) if heap), default=None)

    def _push(self, watched: Watched) -> None:
        if not watched.waits:
            return
        heapq.heappush(self._behind if watched.behind else self._heap, self._item(watched))
        if len(self._heap) + len(self._behind) > SWEEP_FROM + 2 * len(self.claims):
            waiting = [each for each in self.claims.values() if each.waits]
            self._heap = [self._item(each) for each in waiting if not each.behind]
            self._behind = [self._item(each) for each in waiting if each.behind]
            heapq.heapify(self._heap)
            heapq.heapify(self._behind)

    def _item(self, watched: Watched) -> "Item":
        self._pushed += 1  # no two items ever compare by their claims
        return (watched.earliest, self._pushed, watched)
