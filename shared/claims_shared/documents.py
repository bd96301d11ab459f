"""The fold of a batch into claim documents: load, decide on a copy, one compare-and-set, then send what is unsent.

Steps 3 to 6 of the cycle. A service gives a `Decider` (pure but for `prepare`); this module holds the rules that make a crash
between any two steps safe: what was written is sent until acknowledged, and what is not written did not happen.
"""

import itertools
import traceback
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from claims_shared.messages.catalog import LIMIT
from claims_shared.ports import Row, Scalar, Store
from claims_shared.telemetry import log, processing
from claims_shared.wire import DeadLetter, Output, Received, partition_of

HEADROOM = 16 * 1024
"""Bytes of a record that are left to its headers and Kafka's own framing."""
LARGEST = 4 * 1024 * 1024
"""Bytes of a stored document: a quarter of what MongoDB takes, since a parked claim's messages still come on top."""
REMEMBERED = 100_000
"""Claims whose acknowledgements are remembered, at least: many more than are cached, since a number is all it takes."""


class Document(msgspec.Struct, kw_only=True):
    """What the engine needs of a stored document; never changed in place: `msgspec.structs.replace`."""

    id: str
    version: int = 0
    partition: int = 0
    traceparent: str | None = None
    outbox: tuple[Output | DeadLetter, ...] = ()


D = TypeVar("D", bound=Document)


class Verdict(StrEnum):
    """What became of one message."""

    APPLIED = "applied"
    IGNORED = "ignored"
    REFUSED = "refused"
    PARKED = "parked"


@dataclass(slots=True)  # not frozen: it is made for every message
class Folding(Generic[D]):
    """The result of one message on one document.

    `document` is the changed copy, None where nothing changed. `outputs` are stored with it until acknowledged (where the
    decider keeps an outbox) and sent. So are `letters` that come with a change; alone, a redelivery makes them again.
    """

    document: D | None
    outputs: Sequence[Output] = ()
    verdict: Verdict = Verdict.APPLIED
    reason: str = ""
    letters: Sequence[DeadLetter | Output] = ()


class Decider(Protocol[D]):
    """One service's decisions. `fold` and `park` are pure; only `prepare` may reach outside."""

    document: type[D]
    keeps_outbox: bool
    """False where a repeated command is answered again from the document itself."""

    def creates(self, message: Received) -> bool:
        """Whether this message starts a new document: it is folded without a load, and inserted."""

    async def prepare(self, messages: Sequence[Received], documents: Mapping[str, D]) -> None:
        """Find out what the decisions need from outside and put it into each message's `aside`. Idempotent."""

    def fold(self, document: D | None, message: Received, now: datetime) -> Folding[D]:
        """Decide what one message means to one document."""

    def park(self, document: D | None, message: Received, error: str, now: datetime) -> Folding[D]:
        """Say what happens to a claim on which `fold` raised."""

    def fields(self, document: D) -> Mapping[str, Scalar]:
        """Give the values that stand beside the stored document."""

    def due_at(self, document: D) -> int | None:
        """Give the instant (milliseconds) at which this document wants to be looked at."""

    def installed(self, before: D | None, after: D) -> None:
        """Take note that this change is written: for gauges and windows, never for decisions."""


@dataclass(slots=True)
class Tally:
    """What a batch came to, for the one log line and the counters."""

    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    lost: int = 0

    def count(self, verdicts: Sequence[tuple[Verdict, str]]) -> None:
        """Add what became of one claim's messages."""
        for verdict, reason in verdicts:
            self.verdicts[verdict] += 1
            if reason:
                self.reasons[f"{verdict}:{reason}"] += 1

    def add(self, other: "Tally") -> None:
        """Add what another tally came to."""
        self.verdicts.update(other.verdicts)
        self.reasons.update(other.reasons)
        self.lost += other.lost


@dataclass(slots=True)
class _Folded(Generic[D]):
    """One claim's part of a batch, folded in memory. `leftover` is what an earlier write may have left unsent."""

    document: D | None
    body: bytes = b""
    changed: bool = False
    leftover: Sequence[Output | DeadLetter] = ()
    outputs: list[Output | DeadLetter] = field(default_factory=list)
    letters: list[DeadLetter | Output] = field(default_factory=list)
    verdicts: list[tuple[Verdict, str]] = field(default_factory=list)


class Documents(Generic[D]):
    """The batch over one store. `store` is None for services that keep nothing."""

    def __init__(
        self, decider: Decider[D], store: Store | None, *, writer: str, partitions: int, cache: int = 20_000
    ) -> None:
        self._decider = decider
        self._store = store
        self._writer = writer
        self._partitions = partitions
        self._limit = cache
        self._cache: dict[str, D] = {}
        self._settled: dict[str, int] = {}
        self._batches = itertools.count(1)
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(decider.document).decode
        self._sent: list[D] = []

    def forget(self) -> None:
        """Empty the cache: at every change of assignment, since another process may write from now on."""
        self._cache.clear()
        self._settled.clear()

    def held_offsets(self) -> Mapping[tuple[str, int], int]:
        """Hold nothing back: whatever `process` has given is written."""
        return {}

    async def process(self, batch: Sequence[Received], now: datetime, tally: Tally) -> list[Output | DeadLetter]:
        """Fold a batch, write it, and give what must be sent, per claim in order.

        A claim that lost its compare-and-set, or whose message would be ignored on knowledge that may be stale, is loaded
        anew and folded again; the second time its knowledge is certain. Raises StoreUnavailable.
        """
        pending: dict[str, list[Received]] = {}
        for message in batch:
            pending.setdefault(message.claim_id, []).append(message)
        sends: list[Output | DeadLetter] = []
        self._sent = []
        certain = await self._load([claim for claim, messages in pending.items() if self._must_load(claim, messages)])
        while pending:
            pending = await self._round(pending, certain, now, tally, sends)
            certain = await self._load(list(pending))
        return sends

    def acknowledged(self) -> None:
        """Note that everything which the last batch gave to send is in its topic."""
        for document in self._sent:
            self._settled.pop(document.id, None)
            self._settled[document.id] = document.version
        self._sent = []
        _shorten(self._cache, self._limit)
        _shorten(self._settled, max(self._limit, REMEMBERED))

    def _must_load(self, claim: str, messages: Sequence[Received]) -> bool:
        """A new claim is inserted without a look: if it exists, the insert loses and it is loaded then."""
        return claim not in self._cache and not self._decider.creates(messages[0])

    async def _load(self, claims: Sequence[str]) -> set[str]:
        """Put the stored documents of these claims into the cache."""
        for claim in claims:
            self._cache.pop(claim, None)
        if self._store is not None and claims:
            for claim, row in (await self._store.load(claims)).items():
                self._cache[claim] = self._decode(row.body)
        return set(claims)

    async def _round(
        self,
        pending: dict[str, list[Received]],
        certain: Collection[str],
        now: datetime,
        tally: Tally,
        sends: list[Output | DeadLetter],
    ) -> dict[str, list[Received]]:
        """Fold and write once; give the claims that must be folded again."""
        documents = {claim: self._cache[claim] for claim in pending if claim in self._cache}
        await self._decider.prepare([message for messages in pending.values() for message in messages], documents)
        folded = {claim: self._fold(claim, messages, now) for claim, messages in pending.items()}
        doubtful = {claim for claim, each in folded.items() if self._doubts(claim, each, certain)}
        losers = await self._write([each for claim, each in folded.items() if claim not in doubtful])
        again = doubtful | losers
        for claim, each in folded.items():
            if claim not in again:
                sends += self._install(claim, each, tally)
        tally.lost += len(losers)
        return {claim: messages for claim, messages in pending.items() if claim in again}

    def _doubts(self, claim: str, folded: "_Folded[D]", certain: Collection[str]) -> bool:
        """Before a message is passed over, the document must have been read in this very batch."""
        if self._store is None or claim in certain:
            return False
        return any(verdict is not Verdict.APPLIED for verdict, _ in folded.verdicts)

    def _fold(self, claim: str, messages: Sequence[Received], now: datetime) -> "_Folded[D]":
        """Fold one claim's messages in order, on copies; the cache is not touched.

        Where the document comes out too large it is done again, and measured at each message: there the claim is parked.
        """
        folded = self._folded(claim, messages, now)
        return folded if len(folded.body) <= LARGEST else self._folded(claim, messages, now, measured=True)

    def _folded(
        self, claim: str, messages: Sequence[Received], now: datetime, *, measured: bool = False
    ) -> "_Folded[D]":
        before = self._cache.get(claim)
        folded: _Folded[D] = _Folded(before)
        for message in messages:
            self._fold_one(folded, message, now, measured=measured)
        self._seal(claim, folded, before)
        if folded.changed and self._store is not None:
            folded.body = self._encode(folded.document)
        return folded

    def _fold_one(self, folded: "_Folded[D]", message: Received, now: datetime, *, measured: bool) -> None:
        before = folded.document
        inherited = before.traceparent if before else None
        with processing(message, inherited) as traceparent:
            folding = self._decide(before, message, now)
            if measured and len(self._encode(folding.document)) > LARGEST:
                folding = self._decider.park(before, message, "the document would be larger than is stored", now)
        if folding.document is not None:
            folded.document = folding.document
            folded.changed = True
            if inherited is None and traceparent:
                folded.document = msgspec.structs.replace(folding.document, traceparent=traceparent)
        folded.outputs += _traced(folding.outputs, traceparent)
        # What a change gives up is gone from the document: only its outbox can still say so after a crash.
        (folded.letters if folding.document is None else folded.outputs).extend(folding.letters)
        folded.verdicts.append((folding.verdict, folding.reason))

    def _decide(self, document: D | None, message: Received, now: datetime) -> Folding[D]:
        """Ask the decider; a claim on which it raises, or that grows too large, is parked and the others go on."""
        try:
            folding = self._decider.fold(document, message, now)
        except Exception as error:  # noqa: BLE001 - whatever our code did to this claim, the others must go on
            log().error("decision_raised", claim=message.claim_id, type=message.type, error=where(error))
            return self._decider.park(document, message, where(error), now)
        if any(len(out.body) > LIMIT - HEADROOM for out in folding.outputs):
            return self._decider.park(document, message, "an output is larger than its topic takes", now)
        return folding

    def _seal(self, claim: str, folded: "_Folded[D]", before: D | None) -> None:
        """Number the changed copy and give it its outbox: what is not known to be sent, then what is new."""
        if before is not None and self._settled.get(claim) != before.version:
            folded.leftover = before.outbox
        if not folded.changed or folded.document is None:
            return
        outbox = (*folded.leftover, *folded.outputs) if self._decider.keeps_outbox else ()
        folded.document = msgspec.structs.replace(
            folded.document,
            version=(before.version if before else 0) + 1,
            # A document per effect (`claim/kind/n`) lies with its claim: whoever owns the claim finds it again.
            partition=partition_of(claim.partition("/")[0], self._partitions),
            outbox=outbox,
        )

    async def _write(self, folded: Sequence["_Folded[D]"]) -> set[str]:
        """One write of all changes, sorted by id; give the ids that lost."""
        if self._store is None:
            return set()
        writer = f"{self._writer}/{next(self._batches)}"
        rows = [self._row(each.document, each.body, writer) for each in folded if each.changed and each.document]
        rows.sort(key=lambda row: row.id)
        return await self._store.write(rows) if rows else set()

    def _row(self, document: D, body: bytes, writer: str) -> Row:
        return Row(
            id=document.id,
            version=document.version,
            writer=writer,
            partition=document.partition,
            body=body,
            due_at=self._decider.due_at(document),
            fields=self._decider.fields(document),
        )

    def _install(self, claim: str, folded: "_Folded[D]", tally: Tally) -> list[Output | DeadLetter]:
        """Cache what was written, and give what to send: first what an earlier write left unacknowledged."""
        tally.count(folded.verdicts)
        before = self._cache.get(claim)
        newest = folded.document if folded.changed else before
        if folded.changed and newest is not None:
            self._decider.installed(before, newest)
            if self._store is not None:
                self._cache.pop(claim, None)
                self._cache[claim] = newest
        if newest is not None and self._decider.keeps_outbox:
            self._sent.append(newest)
        return [*folded.leftover, *folded.outputs, *folded.letters]


def where(error: BaseException) -> str:
    """Say what was raised and where, without its text: that may hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{place}"


def _traced(outputs: Sequence[Output], traceparent: str | None) -> Sequence[Output]:
    if traceparent is None:
        return outputs
    return [msgspec.structs.replace(out, traceparent=traceparent) for out in outputs]


def _shorten(mapping: dict[str, Any], limit: int) -> None:
    """Drop the oldest beyond a limit."""
    while len(mapping) > limit:
        del mapping[next(iter(mapping))]
