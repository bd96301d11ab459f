"""Publishes submissions as a portal does: CloudEvents headers, the claim's id as key, the same id for the same bytes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from claims_cli.errors import ClaimsError
from claims_cli.records import partitions
from claims_shared.messages.catalog import BY_MODEL, INTAKE
from claims_shared.messages.fields import Message
from claims_shared.messages.intake import ClaimSubmitted
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings
from claims_shared.wire import Output, millis, output

SOURCE: Final = "claims.cli"
SUBMITTED: Final = BY_MODEL[ClaimSubmitted].wire
BATCH: Final = 500
PATIENCE_S: Final = 30.0


class Portal:
    """One portal's connection; `source` is the name it publishes under."""

    def __init__(self, producer: Producer, source: str) -> None:
        self._producer = producer
        self._source = source

    async def send(self, outputs: Sequence[Output], sent: Callable[[int], None] = lambda _count: None) -> None:
        """Publish everything, in order per claim; raises ClaimsError where the broker does not take it in time."""
        for start in range(0, len(outputs), BATCH):
            batch = outputs[start : start + BATCH]
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._producer.produce(batch)
            except TimeoutError as late:
                raise ClaimsError(
                    f"the broker did not take a batch within {PATIENCE_S:.0f} s; sent so far: {start}"
                ) from late
            sent(len(batch))

    def claim(self, claim_id: str, body: bytes, *, expedited: bool = False) -> Output:
        """Make a claim's submission from its bytes."""
        topic = INTAKE.stream(expedited=expedited)
        digest = hashlib.sha256(body).hexdigest()[:16]
        return Output(topic, SUBMITTED, f"{claim_id}/{digest}", claim_id, body, millis(datetime.now(UTC)), self._source)

    def message(self, message: Message, name: str) -> Output:
        """Make any other submission; `name` makes its id, so that a repeat is the same message."""
        return output(message, id=name, source=self._source, at=datetime.now(UTC))


@asynccontextmanager
async def connected(bootstrap: str, source: str = SOURCE) -> AsyncIterator[Portal]:
    """Connect; raises ClaimsError where there is no broker or its topics are missing."""
    async with sender(bootstrap, INTAKE.streams, source) as producer:
        yield Portal(producer, source)


@asynccontextmanager
async def sender(bootstrap: str, topics: Collection[str], client: str = SOURCE) -> AsyncIterator[Producer]:
    """Give what sends to these topics; raises ClaimsError where there is no broker or one is missing."""
    settings = KafkaSettings(bootstrap=bootstrap)
    producer = Producer(settings, client, await partitions.count(settings, topics))
    try:
        yield producer
    finally:
        await producer.stop()
