"""The people's desk: reads a claim, checks what is asked of it, publishes it. It never writes to the store."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec

from claims_orchestrator.claim import Claim
from claims_orchestrator.console import problems
from claims_orchestrator.console.checking import check, note
from claims_orchestrator.console.requests import Accepted
from claims_orchestrator.process import Clocks
from claims_shared.cluster import Unusable, partitions_of
from claims_shared.messages.catalog import DESK
from claims_shared.messages.fields import Message
from claims_shared.ports import Page, Row, Scalar, Store, StoreUnavailable
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.telemetry import log
from claims_shared.wire import output

SOURCE: Final = "claims.console"
PROBE_SECONDS: Final = 3.0


class Desk:
    """Everything that the API can do. `publish_seconds`: how long a person waits for the broker before being told."""

    def __init__(
        self,
        store: Store,
        producer: Producer,
        kafka: KafkaSettings,
        clocks: Clocks,
        clock: Callable[[], datetime],
        *,
        publish_seconds: float = 5.0,
    ) -> None:
        self._store = store
        self._producer = producer
        self._kafka = kafka.model_copy(update={"start_seconds": PROBE_SECONDS})
        self._clocks = clocks
        self._clock = clock
        self._publish_seconds = publish_seconds

    async def claim(self, claim_id: str) -> Claim:
        """Give a claim as it is stored now. Raises Problem where it is unknown."""
        rows = await self._store.load([claim_id])
        if claim_id not in rows:
            raise problems.unknown_claim(claim_id)
        return claim_of(rows[claim_id])

    async def claims(
        self, where: dict[str, Scalar], after: str | None, limit: int
    ) -> tuple[Sequence[Claim], str | None]:
        """Give a page of claims, the last changed first, and the token that continues it."""
        page: Page = await self._store.find(where, sort="updated_at", descending=True, after=after, limit=limit)
        return [claim_of(row) for row in page.rows], page.next_after

    def now(self) -> datetime:
        """Give the present instant."""
        return self._clock()

    async def publish(self, claim_id: str, message: Message, ce_id: str) -> Accepted:
        """Publish what a person did, if the claim can take it; the same `ce_id` is taken once however often it comes."""
        claim = await self.claim(claim_id)
        now = self._clock()
        out = output(message, id=ce_id, source=SOURCE, at=now)
        if new := check(claim, out, now, self._clocks):
            await self._send(out)
        log().info("desk", type=out.type, claim=claim_id, ce_id=ce_id, published=new)
        return Accepted(
            claim_id=claim_id,
            ce_id=ce_id,
            type=out.type,
            published=new,
            note=note(claim) if new else "this was taken before",
        )

    async def trouble(self) -> str | None:
        """Say what is away, None where everything answers."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await self._store.ping()
            await partitions_of(self._kafka, [DESK.name])
        except (StoreUnavailable, TimeoutError):
            return "the claims' store does not answer"
        except Unusable as unusable:
            return str(unusable)
        return None

    async def _send(self, out: object) -> None:
        try:
            async with asyncio.timeout(self._publish_seconds):
                await self._producer.produce([out])  # type: ignore[list-item]
        except TimeoutError as late:
            raise problems.away("the broker") from late


def claim_of(row: Row) -> Claim:
    """Read the orchestrator's document."""
    return msgspec.msgpack.decode(row.body, type=Claim)
