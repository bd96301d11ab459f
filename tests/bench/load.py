"""The claims that the benchmark submits, and how: preloaded at once, or at a fixed rate whatever comes back."""

import asyncio
import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaProducer

from claims_shared.wire import partition_of

INTAKE, EXPEDITED = "claims.intake.submissions.v1", "claims.intake.submissions.expedited.v1"
QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2")
BATCH_BYTES = 512 * 1024
RUNS = {
    "throughput": 0,
    "warm-up": 300_000,
    "slow": 400_000,
    "half": 500_000,
    "urgent": 600_000,
    "flood": 650_000,
    "patient": 800_000,
    "steady": 1_000_000,
    "noisy": 2_000_000,
    "relayed": 3_000_000,
}
"""Where each run's people begin: nobody files twice, or the one-person rule would refer both claims."""
WITH_CAUSE = frozenset({"urgent", "flood"})
"""Runs whose claims are urgent by policy: who only asks for it goes with the others."""


def claim(run: str, number: int) -> dict[str, object]:
    """Give a claim that ends approved under Utah's law of 2026; people, SSNs (never issued) and wages differ."""
    person = RUNS[run] + number
    ssn = f"9{person // 890_000 % 100:02d}-{10 + person % 89:02d}-{person // 89 % 10_000:04d}"
    wages = [
        {"quarter": each, "amount": f"{9_000 + number % 900}.00", "employer": "E-1", "weeks_worked": 13}
        for each in QUARTERS
    ]
    return {
        "claim_id": f"{run}-{number:08d}",
        "portal_ref": f"UT-2026-{number:06d}",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "filed_at": "2026-11-20T15:04:05Z",
        "benefit_year_of": None,
        "claimant": {
            "ssn": ssn,
            "first_name": "Ada",
            "last_name": f"Obi-{number}",
            "date_of_birth": "1988-04-02",
            "email": f"ada{number}@example.org",
            "phone": "+18015550100",
            "language": "en",
            "time_zone": "America/Denver",
        },
        "veteran": False,
        "discharged_on": None,
        "hardship": "eviction" if run in WITH_CAUSE else None,
        "wages": wages,
        "separation": {"employer": "E-1", "last_day_worked": "2026-11-13", "reason": "lack_of_work", "explanation": ""},
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    }


def record(run: str, number: int, source: str = "bench.portal") -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Give key, value and headers as design and catalogue require of portals, nothing more."""
    body = claim(run, number)
    told = headers("claim.submitted.v1", f"{run}-{number}", source)
    return str(body["claim_id"]).encode(), json.dumps(body).encode(), told


def headers(kind: str, name: str, source: str) -> list[tuple[str, bytes]]:
    """Give a record's headers."""
    now = datetime.now(UTC).isoformat()
    values = {"ce_specversion": "1.0", "ce_id": name, "ce_source": source, "ce_type": kind, "ce_time": now}
    return [(header, value.encode()) for header, value in values.items()]


async def preload(producer: AIOKafkaProducer, run: str, claims: int, partitions: int, topic: str = INTAKE) -> None:
    """Put all claims into an intake topic, in batches built by hand."""
    for first in range(0, claims, 2_000):
        numbers = range(first, min(first + 2_000, claims))
        grouped: dict[int, list[tuple[bytes, bytes, list[tuple[str, bytes]]]]] = {}
        for each in (record(run, number) for number in numbers):
            grouped.setdefault(partition_of(each[0].decode(), partitions), []).append(each)
        acks = [
            ack for partition, records in grouped.items() for ack in await _send(producer, topic, partition, records)
        ]
        await asyncio.gather(*acks)


async def _send(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    records: Sequence[tuple[bytes, bytes, list[tuple[str, bytes]]]],
) -> list[asyncio.Future[object]]:
    acks, batch = [], producer.create_batch()
    for key, value, headers in records:
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            acks.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=headers)
    acks.append(await producer.send_batch(batch, topic, partition=partition))
    return acks


async def submit_at(
    producer: AIOKafkaProducer, run: str, rate: float, seconds: float, partitions: int, *, topic: str = INTAKE
) -> dict[bytes, float]:
    """Submit at a fixed rate; give each claim's planned instant, from which its latency counts."""
    planned: dict[bytes, float] = {}
    acks = []
    start = time.time() + 0.2
    for number in range(int(rate * seconds)):
        at = start + number / rate
        await asyncio.sleep(max(0.0, at - time.time()))
        key, value, headers = record(run, number)
        planned[key] = at
        partition = partition_of(key.decode(), partitions)
        acks.append(await producer.send(topic, value, key, partition, headers=headers))
    await asyncio.gather(*acks)
    return planned
