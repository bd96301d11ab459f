"""The effects' documents in the store, beside the engine: read, and written by compare-and-set, many at a time."""

import itertools
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from claims_scheduler.effects import Effect
from claims_shared.ports import Row, Store

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Effect).decode


class EffectStore:
    """The store as one writer sees it; no two may have the same name."""

    def __init__(self, store: Store, writer: str) -> None:
        self._store = store
        self._writer = writer
        self._writes = itertools.count(1)

    async def load(self, names: Collection[str]) -> dict[str, Effect]:
        """Give those that there are, by name. Raises StoreUnavailable."""
        rows = await self._store.load(names) if names else {}
        return {name: _decode(row.body) for name, row in rows.items()}

    async def due(self, partitions: Collection[int], before: int, limit: int) -> list[Effect]:
        """Give what is due before an instant (milliseconds) in these partitions, the earliest first. Raises StoreUnavailable."""
        rows = await self._store.due(partitions, before, limit) if partitions else ()
        return [_decode(row.body) for row in rows]

    async def write(self, effects: Sequence[Effect]) -> list[Effect]:
        """Write them and give those that won, as they are now; who lost was changed meanwhile. Raises StoreUnavailable."""
        if not effects:
            return []
        changed = [msgspec.structs.replace(each, version=each.version + 1) for each in effects]
        writer = f"{self._writer}/{next(self._writes)}"
        rows = [Row(each.id, each.version, writer, each.partition, _encode(each), each.due_at) for each in changed]
        losers = await self._store.write(rows)
        return [each for each in changed if each.id not in losers]
