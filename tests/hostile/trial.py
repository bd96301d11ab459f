"""Sends records to a running stack among claims that mean no harm, waits until it is quiet, and compares what became of each."""

import asyncio
import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from tests.faults.stack import Stack
from tests.hostile.batches import Raw, batch
from tests.hostile.evidence import Account, Place, Told, Witness
from tests.hostile.sending import Socket, Taken
from tests.hostile.shots import Fate, Shot

from claims_shared.service import streams_of

BATCH_RECORDS, BATCH_BYTES = 200, 400_000
LOOK_S: Final = 0.25
STILL_S: Final = 1.0
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A record that was sent, of which class, and where it lies or why not. `changed`: nobody knows its outcome."""

    of: str
    shot: Shot
    taken: Taken
    changed: bool = False

    @property
    def place(self) -> Place:
        return self.shot.topic, self.shot.place, self.taken.offset


@dataclass(slots=True)
class Trial:
    """A run: what was sent, what the streams tell, what the services count."""

    sent: list[Sent] = field(default_factory=list)
    told: Told = field(default_factory=Told)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    markers: int = 0
    seconds: float = 0.0

    def of(self, name: str) -> list[Sent]:
        return [each for each in self.sent if each.of == name]

    def wrong(self) -> list[str]:
        """Name every record whose outcome is another than its class's, and every sum that is not one."""
        records = [complaint for each in self.sent for complaint in wrong_with(each, self.told)]
        return [*records, *self.sums()]

    def sums(self) -> list[str]:
        """Name the services that do not account for what they read, and the counts that the streams do not bear out."""
        return [*self.unread(), *self._unaccounted(), *self._unreasoned(), *self._untold()]

    def markers_of(self, service: str) -> int:
        """Give how many offsets are no records; one at a partition's end is committed with the record that follows it."""
        return self.markers if service == "orchestrator" else 0

    def unread(self) -> Iterator[str]:
        for service, account in self.accounts.items():
            if account.lag > self.markers_of(service):
                yield f"{service} is {account.lag} records behind"

    def _unaccounted(self) -> Iterator[str]:
        for service, account in self.accounts.items():
            consumed = account.there - self.markers_of(service)
            if account.counted != consumed:
                yield f"{service} consumed {consumed} and accounts for {account.counted}: {dict(account.verdicts)}"

    def _unreasoned(self) -> Iterator[str]:
        """Everything but what is applied has its reason counted."""
        for service, account in self.accounts.items():
            for verdict in ("ignored", "refused", "dead_lettered", "parked"):
                reasons = sum(count for why, count in account.reasons.items() if why.startswith(f"{verdict}:"))
                if reasons != account.verdicts.get(verdict, 0):
                    yield f"{service}: {account.verdicts.get(verdict, 0)} {verdict}, {reasons} reasons"
            if account.verdicts.get("parked"):
                yield f"{service}: our code failed on {account.verdicts['parked']} records: {dict(account.reasons)}"

    def _untold(self) -> Iterator[str]:
        put_aside = sum(each.put_aside + each.quarantined for each in self.accounts.values())
        if put_aside != len(self.told.written):
            yield f"{put_aside} records were put aside and {len(self.told.written)} dead letters are there"
        if self.told.twice:
            yield f"told twice: {self.told.twice[:SHOWN]}"
        if self.told.leaks:
            yield f"refusals that repeat personal data: {self.told.leaks[:SHOWN]}"
        wanted = Counter(each.shot.outcome.code for each in self.sent if not each.changed and _is(each, Fate.IGNORED))
        counted = sum((Counter(each.reasons) for each in self.accounts.values()), Counter())
        for code, number in wanted.items():
            if counted[f"ignored:{code}"] < number:
                yield f"{number} were to be ignored as {code}, {counted[f'ignored:{code}']} were"
        readers = Counter(stream for service in self.accounts for stream in streams_of(service))
        skipped = sum(readers[each.shot.topic] for each in self.sent if _is(each, Fate.SKIPPED))
        unknown = sum(each.verdicts.get("unknown_type", 0) for each in self.accounts.values())
        if unknown != skipped and not any(each.changed for each in self.sent):
            yield f"{skipped} were to be skipped, {unknown} were"


def _is(sent: Sent, fate: Fate) -> bool:
    return sent.shot.outcome.fate is fate


def wrong_with(sent: Sent, told: Told) -> list[str]:
    """Compare one record's outcome with its class's; of one that was changed only that the two streams agree."""
    found = [] if sent.changed else list(_differences(sent, told))
    if told.letters.get(sent.place, "") != told.refusals.get(sent.place, "") and ".submissions." in sent.shot.topic:
        found.append("a dead letter and a refusal do not agree")
    return [f"{sent.of} ({sent.shot.outcome}) at {sent.place}: {each}" for each in found]


def _differences(sent: Sent, told: Told) -> Iterator[str]:
    outcome, claim = sent.shot.outcome, sent.shot.claim
    if (sent.taken.refusal or "") != (outcome.code if outcome.fate is Fate.TURNED_AWAY else ""):
        yield f"the broker said {sent.taken.refusal or 'yes'}"
    letter = told.letters.get(sent.place, "")
    if letter != (outcome.code if outcome.fate in {Fate.REFUSED, Fate.DEAD_LETTERED} else ""):
        yield f"its dead letter says {letter or 'nothing'}"
    if outcome.fate is Fate.APPLIED and claim and "claim.accepted.v1" not in told.events[claim]:
        yield "the claim was not accepted"
    if outcome.then and claim and outcome.then not in told.events[claim]:
        yield f"the claim came to {sorted(told.events[claim])}"


class Range:
    """One stack with everything that a trial needs of it."""

    def __init__(self, stack: Stack, socket: Socket, seen: Witness, aborter: AIOKafkaProducer) -> None:
        self._stack = stack
        self._socket = socket
        self._seen = seen
        self._aborter = aborter
        self._one_at_a_time = asyncio.Lock()
        self.trial = Trial()

    async def fire(self, shots: Sequence[tuple[str, Shot, bool]]) -> None:
        """Send these, in order per partition; many share a batch, what is framed goes alone."""
        by_place: defaultdict[tuple[str, int], list[tuple[str, Shot, bool]]] = defaultdict(list)
        for each in shots:
            by_place[each[1].topic, each[1].place].append(each)
        await asyncio.gather(*(self._in_order(waiting) for waiting in by_place.values()))

    async def accepted(self, claims: Sequence[str], seconds: float) -> None:
        """Wait until these claims have begun."""
        await self._until(lambda: all(self._seen.told.events[each] for each in claims), seconds)

    async def rest(self, seconds: float, still: float = STILL_S) -> Trial:
        """Wait until every claim has come to its end and nothing has moved for `still`; give the trial with its evidence.

        Waits of claims that are not there fire for ever: where there are many of them, nothing is still for long.
        """
        began = time.monotonic()
        trial = self.trial
        trial.told = self._seen.told
        await self._until(lambda: not self._pending(), seconds)
        await self._until_still(began + seconds, still)
        trial.seconds += time.monotonic() - began
        return trial

    def _pending(self) -> bool:
        events = self._seen.told.events
        return any(
            each.shot.outcome.then not in events[each.shot.claim]
            for each in self.trial.sent
            if not each.changed and each.shot.claim and each.shot.outcome.then
        )

    async def _until(self, true: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self._seen.read()
            if true():
                return
            await asyncio.sleep(LOOK_S)

    async def _until_still(self, end: float, still: float) -> None:
        """Everything is read, and the counts are those of a moment ago."""
        while True:
            before = self.trial.accounts
            self.trial.accounts = await self._seen.accounts()
            await self._seen.read()
            settled = self.trial.accounts == before and not any(self.trial.unread())
            if settled or time.monotonic() > end:
                return
            await asyncio.sleep(still)

    async def _in_order(self, waiting: Sequence[tuple[str, Shot, bool]]) -> None:
        for alone, group in itertools.groupby(waiting, lambda each: _alone(each[1])):
            if alone:
                for each in group:
                    await self._send_alone(*each)
            else:
                for part in _parts(list(group)):
                    await self._send_together(part)

    async def _send_alone(self, of: str, shot: Shot, changed: bool) -> None:
        taken = await (self._abort(shot) if shot.aborted else self._put(shot, shot.batch()))
        self._note(of, shot, taken, changed=changed)

    async def _send_together(self, part: Sequence[tuple[str, Shot, bool]]) -> None:
        first = part[0][1]
        taken = await self._put(first, batch([shot.raw for _, shot, _ in part]))
        for number, (of, shot, changed) in enumerate(part):
            self._note(of, shot, Taken(taken.offset + number, taken.refusal), changed=changed)

    def _note(self, of: str, shot: Shot, taken: Taken, *, changed: bool) -> None:
        """Remember what was sent, without its content: there may be many."""
        bare = replace(shot, raw=Raw(shot.raw.key, None), frame=None)
        self.trial.sent.append(Sent(of, bare, taken, changed))

    async def _put(self, shot: Shot, framed: bytes) -> Taken:
        return await self._socket.put(shot.topic, shot.place, framed)

    async def _abort(self, shot: Shot) -> Taken:
        """Write in a transaction that ends in nothing; its marker takes an offset too."""
        headers = [(name.decode(), value) for name, value in shot.raw.headers]
        async with self._one_at_a_time:
            await self._aborter.begin_transaction()
            sent = await self._aborter.send_and_wait(
                shot.topic, shot.raw.value, shot.raw.key, partition=shot.place, headers=headers
            )
            await self._aborter.abort_transaction()
        self.trial.markers += 1
        return Taken(sent.offset)


def _alone(shot: Shot) -> bool:
    return shot.frame is not None or shot.aborted or shot.outcome.fate is Fate.TURNED_AWAY


def _parts(group: Sequence[tuple[str, Shot, bool]]) -> Iterator[list[tuple[str, Shot, bool]]]:
    part: list[tuple[str, Shot, bool]] = []
    size = 0
    for each in group:
        weight = len(each[1].raw.value or b"") + len(each[1].raw.key or b"") + 40 * len(each[1].raw.headers)
        if part and (size + weight > BATCH_BYTES or len(part) == BATCH_RECORDS):
            yield part
            part, size = [], 0
        part.append(each)
        size += weight
    if part:
        yield part
