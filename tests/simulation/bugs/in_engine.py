"""Bugs of the cycle: what is committed, written, sent and remembered, and in which order."""

# ruff: noqa: ARG005 - what is wrong about them is often what they leave out of account

import asyncio
from dataclasses import replace

import msgspec
from tests.simulation.bugs.planting import bug

from claims_scheduler.watched import Memory
from claims_shared import kafka
from claims_shared.documents import Documents
from claims_shared.engine import Engine
from claims_shared.kafka import Consumption
from claims_shared.memory import MemoryStore
from claims_shared.polled import Polled
from claims_shared.ports import StoreUnavailable
from claims_shared.producing import Producer
from claims_shared.waiting_line import WaitingLine
from claims_shared.wire import Copy, DeadLetter, Deferred


@bug("offsets are committed before their batch is produced", Consumption, "_take")
def _(right):
    async def take(self, engine, polled):
        self._positions.update(polled.positions)
        await right(self, engine, polled)

    return take


@bug("offsets of an older assignment are noted for the present one", Consumption, "_take")
def _(_right):
    async def take(self, engine, polled):
        async with self._idle:
            try:
                cycled = await engine.take(polled.decoded)
            except kafka.Abandoned:
                return
            self.away = None
            self._positions.update(polled.positions)
            self.on_cycle(cycled, 0.0)

    return take


@bug("partitions are given up in the middle of a batch, as if it were done", Consumption, "_take")
@bug("a stopping service commits what it has read, not what it has done", Consumption, "_take")
def _(right):
    async def take(self, engine, polled):
        self.in_hand = polled.positions
        await right(self, engine, polled)
        self.in_hand = {}

    return take


@bug("a stopping service commits what it has read, not what it has done", Consumption, "drain")
def _(_right):
    async def drain(self, _seconds):
        self._stopping.set()
        self._positions.update(getattr(self, "in_hand", {}))
        await self.commit()
        self._producer.abandon.set()

    return drain


@bug("partitions are given up in the middle of a batch, as if it were done", Consumption, "on_partitions_revoked")
def _(_right):
    async def revoked(self, _revoked):
        self._positions.update(getattr(self, "in_hand", {}))
        await self.commit()
        self._change_epoch(())

    return revoked


@bug("what an urgent answer overtook is committed with it", WaitingLine, "move")
def _(right):
    def move(self, polled):
        right(self, polled)
        polled.positions |= {place: behind for place, behind in self._behind.items() if place in polled.positions}

    return move


@bug("what an urgent answer overtook is committed with it", WaitingLine, "move")
def _(right):
    def move(self, polled):
        right(self, polled)
        polled.positions |= {place: behind for place, behind in self._behind.items() if place in polled.positions}

    return move


@bug("records handed out through a rebalance are taken for the old assignment's", Polled, "_begin")
def _(_right):
    return lambda self, epoch: None


@bug("the version is not checked", MemoryStore, "_wins")
def _(_right):
    def wins(self, row):
        self._rows[row.id] = row
        return True

    return wins


@bug("the writer's token is not unique", Documents, "_row")
def _(right):
    def row(self, document, body, _writer):
        return right(self, document, body, "orchestrator")

    return row


@bug("who lost the compare-and-set goes on as if it had won", Documents, "_write")
def _(right):
    async def write(self, folded):
        await right(self, folded)
        return set()

    return write


@bug("the cache outlives the assignment, and is believed", Documents, "forget")
def _(_right):
    return lambda self: None


@bug("the cache outlives the assignment, and is believed", Documents, "_doubts")
def _(_right):
    return lambda self, claim, folded, certain: False


@bug("a new version enters the cache before it is written, and is believed", Documents, "_write")
def _(right):
    async def write(self, folded):
        for each in folded:
            if each.changed and each.document is not None:
                self._cache[each.document.id] = each.document
        return await right(self, folded)

    return write


@bug("a new version enters the cache before it is written, and is believed", Documents, "_doubts")
def _(_right):
    return lambda self, claim, folded, certain: False


@bug("the outbox is pruned before its acknowledgement", Documents, "_seal")
def _(right):
    def seal(self, claim, folded, before):
        right(self, claim, folded, before)
        if folded.changed and folded.document is not None and self._decider.keeps_outbox:
            folded.document = msgspec.structs.replace(folded.document, outbox=tuple(folded.outputs))

    return seal


@bug("a redelivered input does not make the outbox be sent again", Documents, "_seal")
def _(right):
    def seal(self, claim, folded, before):
        right(self, claim, folded, before)
        if not folded.changed:
            folded.leftover = ()

    return seal


@bug("what is new is sent before what is left", Documents, "_install")
def _(right):
    def install(self, claim, folded, tally):
        right(self, claim, folded, tally)
        return [*folded.outputs, *folded.leftover, *folded.letters]

    return install


@bug("a letter that comes with a change is not kept in the outbox", Documents, "_fold_one")
def _(right):
    def fold_one(self, folded, message, now, **more):
        known = len(folded.outputs)
        right(self, folded, message, now, **more)
        new = folded.outputs[known:]
        folded.letters += [each for each in new if isinstance(each, DeadLetter)]
        folded.outputs[known:] = [each for each in new if not isinstance(each, DeadLetter)]

    return fold_one


@bug("dead letters are not waited for", Consumption, "produce")
def _(right):
    async def later(self, letters):
        await asyncio.sleep(2)
        await right(self, letters)

    async def produce(self, sends):
        letters = [each for each in sends if isinstance(each, DeadLetter)]
        if letters:
            self.late = asyncio.create_task(later(self, letters))
        await right(self, [each for each in sends if not isinstance(each, DeadLetter)])

    return produce


@bug("undecodable records are skipped", Engine, "_put_aside")
def _(_right):
    return lambda self, decoded, now, tally: ()


@bug("what is deferred is passed and not handed on", Engine, "_put_aside")
def _(right):
    return lambda self, decoded, now, tally: right(
        self, [each for each in decoded if not isinstance(each, Deferred)], now, tally
    )


@bug("what is deferred loses its name on the way", Deferred, "copy")
def _(right):
    def copy(self):
        record = right.fget(self).record
        return Copy(replace(record, headers=[each for each in record.headers if each[0] != "ce_id"]))

    return property(copy)


@bug("a batch is skipped while the store is away", Engine, "_process")
def _(_right):
    async def process(self, messages, now, tally):
        try:
            return await self._process_once(messages, now, tally)
        except StoreUnavailable:
            return []

    return process


@bug("what the broker did not take is given up", Producer, "produce")
def _(_right):
    async def produce(self, sends):
        async with self._lock:
            try:
                async with asyncio.timeout(self._settings.produce_seconds):
                    await self._send(sends)
            except (kafka.KafkaError, TimeoutError):
                return

    return produce


@bug("offsets are committed beyond what the scheduler has written", Memory, "held_offsets")
def _(_right):
    return lambda self: {}
