"""Takes slots for whole batches: chosen in memory, written at once, losers choose again.

The slot's document names its booking (the effect), the booking's document names its slot. Between the two writes this process
remembers what it took; after a crash whoever owns the partition finds the slots that name no booking and keeps them for it.
Whoever owns it looks again now and then: a slot whose booking names another one is free.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from claims_scheduler.groups import Groups, Want
from claims_scheduler.shelf import Claimed, Shelf, wrong
from claims_scheduler.slots import Board, Slot, Window
from claims_scheduler.solving import differing, solve
from claims_shared.staff.people import Staff
from claims_shared.wire import millis

LOOK_MS: Final = 600_000
"""So often they are compared again: who stood still for long may have taken a slot after the partition was taken over."""
FRESH_MS: Final = 60_000
"""For so long the board is believed; then freed slots of other processes are seen."""


class Bookings:
    """The slots of all calendars, as one process takes and frees them."""

    def __init__(self, shelf: Shelf, board: Board) -> None:
        self._shelf = shelf
        self._board = board
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

    @property
    def groups(self) -> Groups:
        """Give who may hold what."""
        return self._board.groups

    def staffed(self, staff: Staff) -> None:
        """From now on these are the caseworkers."""
        self._board.staffed(staff)

    async def book(self, wants: Sequence[Want], now: datetime) -> Mapping[str, Slot]:
        """Take a slot for each effect and give those found, by effect; the same effect gets the same slot again."""
        await self._recover({want.partition for want in wants} - self._recovered, millis(now))
        self._refresh(millis(now))
        pending = [want for want in wants if want.effect not in self._held or want.effect in self._unwritten]
        while pending:
            pending = await self._choose(pending, millis(now))
            pending = await self._take(pending, millis(now))
        return {want.effect: self._held[want.effect] for want in wants if want.effect in self._held}

    async def choose(self, want: Want, now: datetime) -> Slot | None:
        """Give a free slot that is not taken yet, for a booking that has one; None: there is no other."""
        self._refresh(millis(now))
        return await self._pick(want, millis(now))

    async def take(self, chosen: Mapping[str, tuple[Want, Slot]], now: datetime) -> set[str]:
        """Write chosen slots; give the effects that lost theirs."""
        return await self._shelf.take([self._claimed(want, slot) for want, slot in chosen.values()], millis(now))

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
            taken, effects = await self._shelf.compared(partition)
            await self.free(wrong(taken, effects))
            self._looked_at[partition] = at

    async def free(self, slots: Iterable[tuple[str, Slot]]) -> None:
        """Give back slots, each with the effect that has it; a slot that names another booking is left alone."""
        for slot in await self._shelf.free(list(slots)):
            self._board.free(slot)

    # --- choosing and taking ----------------------------------------------------------------------

    async def _choose(self, wants: Sequence[Want], now: int) -> list[Want]:
        """Find a slot in memory for each that has none; give those that have one."""
        lacking = [want for want in wants if want.effect not in self._held]
        if len(lacking) > 1:
            for batch in differing(self._board, lacking):
                self._hold(await self._solve(batch, now))
        for want in lacking:
            if want.effect not in self._held and (slot := await self._pick(want, now)) is not None:
                self._hold({want.effect: slot})
        return [want for want in wants if want.effect in self._held]

    def _hold(self, slots: Mapping[str, Slot]) -> None:
        self._held.update(slots)
        self._unwritten.update(slots)

    async def _solve(self, wants: Sequence[Want], now: int) -> Mapping[str, Slot]:
        while isinstance(found := solve(self._board, wants, now), Window):
            await self._open(found)
        return found

    async def _pick(self, want: Want, now: int) -> Slot | None:
        while isinstance(found := self._board.pick(want, now), Window):
            await self._open(found)
        return found

    async def _open(self, window: Window) -> None:
        """Learn who is taken at an instant, those apart who are only chosen yet."""
        taken = await self._shelf.taken_in(window, self._board.groups.size(window.pool))
        if taken is not None:
            taken |= {
                slot.caseworker
                for effect in self._unwritten
                if self._board.window_of(slot := self._held[effect]) == window
            }
        self._board.open(window, taken)

    async def _take(self, wants: Sequence[Want], now: int) -> list[Want]:
        """Write the chosen slots; give those that must choose again: what they lost somebody else has."""
        lost = await self._shelf.take([self._claimed(want, self._held[want.effect]) for want in wants], now)
        for want in wants:
            self._unwritten.discard(want.effect)
        for effect in lost:
            del self._held[effect]
        return [want for want in wants if want.effect in lost]

    def _claimed(self, want: Want, slot: Slot) -> Claimed:
        return Claimed(slot, want.effect, want.partition, self._board.window_of(slot))

    def _refresh(self, now: int) -> None:
        if now >= self._fresh_until:
            self._board.forget()
            self._fresh_until = now + FRESH_MS

    # --- after a crash ------------------------------------------------------------------------------

    async def _recover(self, partitions: Collection[int], now: int) -> None:
        """Compare each partition's newest slots with their bookings: keep those that name no booking yet, free the wrong ones."""
        for partition in sorted(partitions):
            taken, effects = await self._shelf.compared(partition)
            named = {each.booking: each.slot for each in taken if each.booking is not None}
            self._held |= {effect: slot for effect, slot in named.items() if effect not in effects}
            await self.free(wrong(taken, effects))
            self._recovered.add(partition)
            self._looked_at[partition] = now
