"""The people's desk: reads a claim, checks what is asked of it, publishes it. It never writes to the store."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from claims_orchestrator.claim import Claim
from claims_orchestrator.console import problems
from claims_orchestrator.console.checking import check, note
from claims_orchestrator.console.problems import Problem
from claims_orchestrator.console.requests import Accepted
from claims_orchestrator.console.task_lists import Task, Wanted, claim_of, listed
from claims_orchestrator.process import Clocks
from claims_orchestrator.queues import HANDS
from claims_shared.cluster import Unusable, partitions_of
from claims_shared.messages.catalog import DESK
from claims_shared.messages.fields import Message
from claims_shared.ports import Page, Scalar, Store, StoreUnavailable
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.staff.people import UNBOUNDED, Caseworker, Staff
from claims_shared.telemetry import log
from claims_shared.wire import Output, millis, output

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
            await self._send([out])
        log().info("desk", type=out.type, claim=claim_id, ce_id=ce_id, published=new)
        return Accepted(
            claim_id=claim_id,
            ce_id=ce_id,
            type=out.type,
            published=new,
            note=note(claim) if new else "this was taken before",
        )

    async def publish_all(
        self, asked: Sequence[tuple[str, Message, str]], *, dry_run: bool = False
    ) -> list[str | None]:
        """Publish for many claims at once; give why each cannot be, in one code. Each: claim, message, `ce_id`."""
        rows = await self._store.load({claim_id for claim_id, _, _ in asked})
        now = self._clock()
        outs: list[Output] = []
        refused: list[str | None] = []
        for claim_id, message, ce_id in asked:
            out = output(message, id=ce_id, source=SOURCE, at=now)
            try:
                outs += [out] if check(claim_of(rows[claim_id]), out, now, self._clocks) else []
            except Problem as problem:
                refused.append(problem.code)
            else:
                refused.append(None)
        if not outs or dry_run:
            return refused
        await self._send(outs)
        log().info("desk", types=sorted({out.type for out in outs}), published=len(outs), asked=len(asked))
        return refused

    async def tasks(self, wanted: Wanted, after: str | None, limit: int) -> tuple[Sequence[Task], str | None]:
        """Give a page of open referrals, the least time left first, and the token that continues it."""
        return await listed(self._store, wanted, millis(self._clock()), after, limit)

    async def numbers(self, claim_ids: Collection[str]) -> dict[str, int]:
        """Give the number of the newest transition of each of these claims."""
        return {name: claim_of(row).number for name, row in (await self._store.load(claim_ids)).items()}

    async def load_of(self, worker: Caseworker) -> int:
        """Give how many referrals a caseworker has: exactly where that decides what more it can have, else by claims."""
        claims = sum([await self._store.count({hand: worker.ref}) for hand in HANDS])
        if not claims or worker.tasks == UNBOUNDED or claims >= worker.tasks:
            return claims
        found, _ = await self.tasks(Wanted(assignee=worker.ref), None, worker.tasks + 1)
        return len(found)

    @property
    def staff(self) -> Staff:
        """Give who works here."""
        return self._clocks.staff

    async def staffed(self, staff: Staff) -> None:
        """Go by this staff from now on."""
        self._clocks = replace(self._clocks, staff=staff)

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

    async def _send(self, outs: Sequence[Output]) -> None:
        try:
            async with asyncio.timeout(self._publish_seconds):
                await self._producer.produce(outs)
        except TimeoutError as late:
            raise problems.away("the broker") from late
