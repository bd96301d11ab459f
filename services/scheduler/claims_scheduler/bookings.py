"""Takes slots for whole batches: chosen in memory, written at once, losers choose again.

The slot's document names its booking (the effect), the booking's document names its slot. Between the two writes this process
remembers what it took; after a crash whoever owns the partition finds the slots that name no booking and keeps them for it.
Whoever owns it looks again now and then: a slot whose booking names another one is free.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from claims_scheduler.effects import Effect
from claims_scheduler.slots import Board, Slot, Want, Window
from claims_shared.ports import Row, Shape, Store
from claims_shared.wire import millis, partition_of

SHAPE: Final = Shape("slots", {"window": "text", "taken_at": "integer"})
LOOK_BACK: Final = 1_000
"""How many of a partition's newest slots are compared with their bookings when it is taken over: several batches."""
LOOK_MS: Final = 600_000
"""So often they are compared again: who stood still for long may have taken a slot after the partition was taken over."""
FRESH_MS: Final = 60_000
"""For so long the board is believed; then freed slots of other processes are seen."""


class Taken(msgspec.Struct, frozen=True, array_like=True):
    """A slot's document: the booking that has it, None once it is free again."""

    slot: Slot
    booking: str | None


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Taken).decode
_effect: Final = msgspec.msgpack.Decoder(Effect).decode


class Bookings:
    """The slots of all calendars, as one process takes and frees them."""

    def __init__(self, slots: Store, effects: Store, board: Board, *, writer: str, partitions: int) -> None:
        self._slots = slots
        self._effects = effects
        self._board = board
        self._writer = writer
        self._partitions = partitions
        self._writes = itertools.count(1)
        self._held: dict[str, Slot] = {}
        self._unwritten: set[str] = set()
        self._spare: list[tuple[str, Slot]] = []
        self._recovered: set[int] = set()
        self._looked_at: dict[int, int] = {}
        self._fresh_until = 0

    def forget(self) -> None:
        """Drop what is only true while nobody else owns the partitions."""
        self._held.clear()
        self._unwritten.clear()
        self._spare.clear()
        self._recovered.clear()
        self._looked_at.clear()
        self._board.forget()

    async def book(self, wants: Sequence[Want], now: datetime) -> Mapping[str, Slot]:
        """Take a slot for each effect and give those found, by effect; the same effect gets the same slot again."""
        await self._recover({want.partition for want in wants} - self._recovered, millis(now))
        self._refresh(millis(now))
        pending = [want for want in wants if want.effect not in self._held or want.effect in self._unwritten]
        while pending:
            pending = await self._choose(pending, millis(now))
            pending = await self._take(pending, millis(now))
        return {want.effect: self._held[want.effect] for want in wants if want.effect in self._held}

    def settled(self, effect: str, slot: Slot | None) -> None:
        """Learn which slot the booking's document names; one that was taken beside it is to be freed."""
        held = self._held.pop(effect, None)
        self._unwritten.discard(effect)
        if held is not None and held != slot:
            self._spare.append((effect, held))

    async def free_spare(self) -> None:
        """Free what was taken and not used."""
        if self._spare:
            await self.free(self._spare)
            self._spare = []

    async def tidy(self, owned: Collection[int], now: datetime) -> None:
        """Free slots whose bookings name others, where nobody looked for minutes; one partition a call, so that work goes on."""
        at = millis(now)
        partition = next((each for each in owned if at >= self._looked_at.get(each, 0) + LOOK_MS), None)
        if partition is not None:
            taken, effects = await self._compared(partition)
            await self.free(_wrong(taken, effects))
            self._looked_at[partition] = at

    async def free(self, slots: Iterable[tuple[str, Slot]]) -> None:
        """Give back slots, each with the effect that has it; a slot that names another booking is left alone."""
        pending = {slot.id: (effect, slot) for effect, slot in slots}
        while pending:
            rows = await self._slots.load(list(pending))
            held = {slot: row for slot, row in rows.items() if _decode(row.body).booking == pending[slot][0]}
            losers = await self._slots.write([_freed(row, self._token()) for row in held.values()]) if held else set()
            for slot in held.keys() - losers:
                self._board.free(pending[slot][1])
            pending = {slot: pending[slot] for slot in losers}

    # --- choosing and taking ----------------------------------------------------------------------

    async def _choose(self, wants: Sequence[Want], now: int) -> list[Want]:
        """Find a slot in memory for each that has none; give those that have one."""
        for want in wants:
            if want.effect not in self._held:
                slot = await self._pick(want, now)
                if slot is not None:
                    self._held[want.effect] = slot
                    self._unwritten.add(want.effect)
        return [want for want in wants if want.effect in self._held]

    async def _pick(self, want: Want, now: int) -> Slot | None:
        while isinstance(found := self._board.pick(want, now), Window):
            await self._open(found)
        return found

    async def _open(self, window: Window) -> None:
        """Learn who is taken at an instant: one look for as many bookings as there are caseworkers."""
        number = await self._slots.count({"window": window.key})
        if number >= self._board.size:
            self._board.open(window, None)
            return
        taken = {self._held[effect].caseworker for effect in self._unwritten if self._held[effect].window == window}
        if number:
            page = await self._slots.find({"window": window.key}, limit=self._board.size)
            taken |= {_decode(row.body).slot.caseworker for row in page.rows}
        self._board.open(window, taken)

    async def _take(self, wants: Sequence[Want], now: int) -> list[Want]:
        """Write the chosen slots; give those that must choose again."""
        rows = {self._held[want.effect].id: self._row(want, 1, now) for want in wants}
        losers = await self._slots.write(list(rows.values())) if rows else set()
        lost = await self._take_freed([want for want in wants if self._held[want.effect].id in losers], now)
        for want in wants:
            self._unwritten.discard(want.effect)
        for want in lost:
            self._board.close(self._held.pop(want.effect).window)
        return lost

    async def _take_freed(self, wants: Sequence[Want], now: int) -> list[Want]:
        """Where a slot's document exists: it may be ours from before, or free again; give those that are taken."""
        if not wants:
            return []
        stored = await self._slots.load([self._held[want.effect].id for want in wants])
        lost, rows = [], {}
        for want in wants:
            row = stored[self._held[want.effect].id]
            booking = _decode(row.body).booking
            if booking is None:
                rows[row.id] = self._row(want, row.version + 1, now)
            elif booking != want.effect:
                lost.append(want)
        losers = await self._slots.write(list(rows.values())) if rows else set()
        return [*lost, *(want for want in wants if self._held[want.effect].id in losers)]

    def _row(self, want: Want, version: int, now: int) -> Row:
        slot = self._held[want.effect]
        return Row(
            id=slot.id,
            version=version,
            writer=self._token(),
            partition=want.partition,
            body=_encode(Taken(slot, want.effect)),
            fields={"window": slot.window.key, "taken_at": now},
        )

    def _token(self) -> str:
        return f"{self._writer}/{next(self._writes)}"

    def _refresh(self, now: int) -> None:
        if now >= self._fresh_until:
            self._board.forget()
            self._fresh_until = now + FRESH_MS

    # --- after a crash ------------------------------------------------------------------------------

    async def _recover(self, partitions: Collection[int], now: int) -> None:
        """Compare each partition's newest slots with their bookings: keep those that name no booking yet, free the wrong ones."""
        for partition in sorted(partitions):
            taken, effects = await self._compared(partition)
            named = {each.booking: each.slot for each in taken if each.booking is not None}
            self._held |= {effect: slot for effect, slot in named.items() if effect not in effects}
            await self.free(_wrong(taken, effects))
            self._recovered.add(partition)
            self._looked_at[partition] = now

    async def _compared(self, partition: int) -> tuple[list[Taken], dict[str, Effect]]:
        """Give a partition's newest slots, and the bookings that they name by effect, where there are any."""
        page = await self._slots.find({"partition": partition}, sort="taken_at", descending=True, limit=LOOK_BACK)
        taken = [_decode(row.body) for row in page.rows]
        named = list({each.booking: None for each in taken if each.booking is not None})
        rows = await self._effects.load(named) if named else {}
        return taken, {effect: _effect(row.body) for effect, row in rows.items()}


def _wrong(taken: Sequence[Taken], effects: Mapping[str, Effect]) -> Iterator[tuple[str, Slot]]:
    """Give slots whose booking names another, or was cancelled. One that still frees its slot is the drain's."""
    for each in taken:
        effect = effects.get(each.booking or "")
        if effect is not None and (effect.slot != each.slot or (effect.cancelled and not effect.frees)):
            yield effect.id, each.slot


def _freed(row: Row, writer: str) -> Row:
    body = _encode(Taken(_decode(row.body).slot, None))
    return Row(row.id, row.version + 1, writer, row.partition, body, fields={"window": None, "taken_at": None})


def want_of(effect: str, claim: str, jurisdiction: str, zone: str, partitions: int) -> Want:
    """Say what a command needs: the partition is its claim's."""
    return Want(effect, partition_of(claim, partitions), jurisdiction, zone)
