"""Sending: batches built by hand, acknowledged under a deadline, by a producer that is replaced when it is poisoned."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from claims_shared.engine import Abandoned, backoff
from claims_shared.messages.catalog import DEAD_LETTER_BROKER_LIMIT
from claims_shared.settings import KafkaSettings
from claims_shared.telemetry import log
from claims_shared.wire import Copy, DeadLetter, Output, headers_of, letter_headers, partition_of

MAX_BATCH_BYTES: Final = 512 * 1024


class Producer:
    """Sends batches in order through one task at a time; a producer that fails is thrown away and everything is sent again."""

    def __init__(self, settings: KafkaSettings, client: str, partitions: int) -> None:
        self._settings = settings
        self._client = client
        self._partitions = partitions
        self._producer: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()
        self.abandon = asyncio.Event()
        self.healthy = True

    async def produce(self, sends: Sequence[Output | DeadLetter | Copy]) -> None:
        """Return when everything is acknowledged. Raises Abandoned once `abandon` is set and the broker is away."""
        waits = backoff()
        async with self._lock:
            while True:
                try:
                    async with asyncio.timeout(self._settings.produce_seconds):
                        await self._send(sends)
                except (KafkaError, TimeoutError, OSError) as failed:
                    await self._after_failure(failed, next(waits))
                else:
                    self.healthy = True
                    return

    async def look(self) -> None:
        """Find out whether the broker is there again where nothing is left to send that would tell: to start is to ask it."""
        if self.healthy or self._lock.locked():
            return
        async with self._lock:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(self._settings.produce_seconds):
                    await self._started()
                self.healthy = True

    async def stop(self) -> None:
        """Close the connection; what is not acknowledged will be sent again by whoever reads the outbox next."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(3):
                    await producer.stop()

    async def _after_failure(self, failed: BaseException, wait: float) -> None:
        self.healthy = False
        log().warning("produce_failed", error=type(failed).__name__, wait_seconds=wait)
        await self.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.abandon.wait(), wait)
        if self.abandon.is_set():
            raise Abandoned("the broker is away and the partitions go to somebody else") from failed

    async def _send(self, sends: Sequence[Output | DeadLetter | Copy]) -> None:
        producer = await self._started()
        waiting = []
        for (topic, partition), records in self._grouped(sends).items():
            batch = producer.create_batch()
            for key, value, headers in records:
                if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
                    waiting.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    batch.append(key=key, value=value, timestamp=None, headers=headers)
            waiting.append(await producer.send_batch(batch, topic, partition=partition))
        results = await asyncio.gather(*waiting, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _grouped(
        self, sends: Sequence[Output | DeadLetter | Copy]
    ) -> dict[tuple[str, int], list[tuple[Any, Any, Any]]]:
        grouped: dict[tuple[str, int], list[tuple[Any, Any, Any]]] = {}
        partitions: dict[str, int] = {}
        for each in sends:
            record: tuple[Any, Any, Any]
            if isinstance(each, Output):
                partition = partitions.get(each.key)
                if partition is None:
                    partition = partitions[each.key] = partition_of(each.key, self._partitions)
                record = (each.key.encode(), each.body, headers_of(each))
            else:
                partition = each.record.partition % self._partitions
                headers = list(each.record.headers) if isinstance(each, Copy) else letter_headers(each)
                record = (each.record.key, each.record.value, headers)
            grouped.setdefault((each.topic, partition), []).append(record)
        return grouped

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._settings.bootstrap,
                client_id=self._client,
                acks="all",
                enable_idempotence=True,
                linger_ms=0,
                max_batch_size=MAX_BATCH_BYTES,
                max_request_size=DEAD_LETTER_BROKER_LIMIT,
                request_timeout_ms=10_000,
            )
            try:
                await producer.start()
            except BaseException:
                with contextlib.suppress(Exception):
                    await producer.stop()
                raise
            self._producer = producer
        return self._producer
