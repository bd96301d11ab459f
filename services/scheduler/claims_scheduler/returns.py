"""Where a mail comes back to: an address of its own for each effect, that only we can make; what comes there is noted on it.

The address is a keyed digest of the effect's id (64 octets are too few for the id itself), so it is the same after a crash, and
a stranger cannot make one. Which effect it stands for is written before its mail goes out. The drain tells what was noted.
"""

import re
from base64 import b32encode
from collections.abc import Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Final

from prometheus_client import Counter

from claims_scheduler.bounces import Meaning, read
from claims_scheduler.comebacks import bounced
from claims_scheduler.effect_store import EffectStore
from claims_scheduler.effects import Effect, Post
from claims_shared.engine import Clock
from claims_shared.ports import Row, Shape, Store
from claims_shared.wire import millis

SHAPE: Final = Shape("returns")
RETURNED: Final = Counter("claims_mails_returned_total", "Mails to return addresses by what they meant", ["meaning"])
TRIES: Final = 3
_TAG_BYTES: Final = 15
_ADDRESS: Final = re.compile(r"bounce\+([a-z2-7]{24})\.(\d{1,6})@([a-z0-9.-]+)")


class Taken(StrEnum):
    """What became of a mail that came to a return address. Later: the effect is being written; it is to come again."""

    NOTED = "noted"
    REPEATED = "repeated"
    LATER = "later"
    DELAYED = "delayed"
    OTHER = "other"
    UNKNOWN = "unknown"


class Returns:
    """The return addresses of this agency's mail. `key`: the secret they are made with; `host`: where they are."""

    def __init__(self, store: Store, effects: Store, *, key: bytes, host: str, clock: Clock, writer: str) -> None:
        self._store = store
        self._effects = EffectStore(effects, f"{writer}/returns")
        self._key = key
        self._host = host.lower()
        self._clock = clock
        self._writer = f"{writer}/returns"

    async def close(self) -> None:
        """Close the store of the addresses."""
        await self._store.close()

    def address(self, effect: Effect) -> str:
        """Give the envelope's sender of the effect's present mail."""
        return f"bounce+{self._tag(effect.id)}.{effect.sequence}@{self._host}"

    async def expect(self, effects: Sequence[Effect]) -> None:
        """Write which effects these addresses stand for. Written again, nothing changes. Raises StoreUnavailable."""
        if effects:
            rows = {each.id: self._row(each) for each in effects}
            await self._store.write(list(rows.values()))

    def _row(self, effect: Effect) -> Row:
        return Row(self._tag(effect.id), 1, self._writer, effect.partition, effect.id.encode())

    def _tag(self, effect: str) -> str:
        digest = blake2b(effect.encode(), key=self._key, digest_size=_TAG_BYTES).digest()
        return b32encode(digest).decode().lower()

    def ours(self, address: str) -> bool:
        """Whether this can be a return address; whether it is one is known to the store."""
        found = _ADDRESS.fullmatch(address.lower())
        return found is not None and found[3] == self._host

    async def take(self, address: str, content: bytes) -> Taken:
        """Note what came back on its effect, once for each of its mails. Raises StoreUnavailable: nothing is noted then."""
        taken = await self._take(address, content)
        RETURNED.labels(taken.value).inc()
        return taken

    async def _take(self, address: str, content: bytes) -> Taken:
        found = _ADDRESS.fullmatch(address.lower())
        known = await self._store.load([found[1]]) if found else {}
        if found is None or found[1] not in known:
            return Taken.UNKNOWN
        report = read(content)
        if report.meaning is not Meaning.FAILED:
            return Taken.DELAYED if report.meaning is Meaning.DELAYED else Taken.OTHER
        return await self._note(known[found[1]].body.decode(), int(found[2]), report.status)

    async def _note(self, name: str, sequence: int, status: str) -> Taken:
        for _ in range(TRIES):
            effect = (await self._effects.load([name])).get(name)
            if effect is None or sequence > effect.sequence:
                return Taken.UNKNOWN
            if effect.post in {Post.WANTED, Post.RECORDED}:
                return Taken.LATER  # what became of its mail is about to be written: that must not be lost to this
            noted = bounced(effect, sequence, status, millis(self._clock()))
            if noted is None:
                return Taken.REPEATED
            if await self._effects.write([noted]):
                return Taken.NOTED
        return Taken.LATER
