"""The slots' documents: each names the booking that has it. Taken and freed by compare-and-set, many at a time."""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from claims_scheduler.effect_store import EffectStore
from claims_scheduler.effects import Effect
from claims_scheduler.slots import Slot, Window
from claims_shared.ports import Row, Shape, Store

SHAPE: Final = Shape("slots", {"window": "text", "taken_at": "integer"})
LOOK_BACK: Final = 1_000
"""How many of a partition's newest slots are compared with their bookings when it is taken over: several batches."""


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """A slot's document: the booking that has it, None once it is free again."""

    slot: Slot
    booking: str | None


class Claimed(msgspec.Struct, frozen=True):
    """A slot that a booking wants, the window under which it is found, and the booking's partition."""

    slot: Slot
    booking: str
    partition: int
    window: Window | None


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Taken).decode


class Shelf:
    """The slots of all calendars in the store, beside the bookings that they name."""

    def __init__(self, slots: Store, effects: Store, writer: str) -> None:
        self._slots = slots
        self._effects = EffectStore(effects, writer)
        self._writer = writer
        self._writes = itertools.count(1)

    async def take(self, claimed: Sequence[Claimed], now: int) -> set[str]:
        """Write slots as taken; give the bookings that lost theirs to another. One slot a booking in each call."""
        rows = {each.slot.id: self._row(each, 1, now) for each in claimed}
        losers = await self._slots.write(list(rows.values())) if rows else set()
        return await self._take_stored([each for each in claimed if each.slot.id in losers], now)

    async def free(self, slots: Sequence[tuple[str, Slot]]) -> list[Slot]:
        """Give back slots, each with the booking that has it, and tell those freed; one that names another is left alone."""
        pending = {slot.id: (booking, slot) for booking, slot in slots}
        freed = []
        while pending:
            rows = await self._slots.load(list(pending))
            held = {slot: row for slot, row in rows.items() if _decode(row.body).booking == pending[slot][0]}
            losers = await self._slots.write([self._freed(row) for row in held.values()]) if held else set()
            freed += [pending[slot][1] for slot in held.keys() - losers]
            pending = {slot: pending[slot] for slot in losers}
        return freed

    async def taken_in(self, window: Window, size: int) -> set[str] | None:
        """Give who is taken at an instant: one look for as many bookings as there are caseworkers; None: everybody."""
        number = await self._slots.count({"window": window.key})
        if number >= size:
            return None
        if not number:
            return set()
        page = await self._slots.find({"window": window.key}, limit=size)
        return {_decode(row.body).slot.caseworker for row in page.rows}

    async def named(self, ids: Collection[str]) -> dict[str, str]:
        """Give the bookings that have these slots, by slot."""
        rows = await self._slots.load(ids) if ids else {}
        return {slot: booking for slot, row in rows.items() if (booking := _decode(row.body).booking) is not None}

    async def compared(self, partition: int) -> tuple[list[Taken], dict[str, Effect]]:
        """Give a partition's newest slots, and the bookings that they name by effect, where there are any."""
        page = await self._slots.find({"partition": partition}, sort="taken_at", descending=True, limit=LOOK_BACK)
        taken = [_decode(row.body) for row in page.rows]
        named = list({each.booking: None for each in taken if each.booking is not None})
        return taken, await self._effects.load(named)

    async def _take_stored(self, claimed: Sequence[Claimed], now: int) -> set[str]:
        """Where a slot's document exists: it may be ours from before, or free again; give those that are taken."""
        if not claimed:
            return set()
        stored = await self._slots.load([each.slot.id for each in claimed])
        lost, rows = set(), {}
        for each in claimed:
            row = stored[each.slot.id]
            booking = _decode(row.body).booking
            if booking is None:
                rows[row.id] = self._row(each, row.version + 1, now)
            elif booking != each.booking:
                lost.add(each.booking)
        losers = await self._slots.write(list(rows.values())) if rows else set()
        return lost | {each.booking for each in claimed if each.slot.id in losers}

    def _row(self, claimed: Claimed, version: int, now: int) -> Row:
        return Row(
            id=claimed.slot.id,
            version=version,
            writer=self._token(),
            partition=claimed.partition,
            body=_encode(Taken(claimed.slot, claimed.booking)),
            fields={"window": claimed.window.key if claimed.window else None, "taken_at": now},
        )

    def _freed(self, row: Row) -> Row:
        body = _encode(Taken(_decode(row.body).slot, None))
        fields = {"window": None, "taken_at": None}
        return Row(row.id, row.version + 1, self._token(), row.partition, body, fields=fields)

    def _token(self) -> str:
        return f"{self._writer}/{next(self._writes)}"


def wrong(taken: Sequence[Taken], effects: Mapping[str, Effect]) -> Iterator[tuple[str, Slot]]:
    """Give slots whose booking names another, or was cancelled. One that still frees its slots is the drain's."""
    for each in taken:
        effect = effects.get(each.booking or "")
        if effect is None:
            continue
        if each.slot not in (effect.slot, effect.next_slot) or (effect.cancelled and not effect.frees):
            yield effect.id, each.slot
