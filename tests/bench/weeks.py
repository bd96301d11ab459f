"""`python -m tests.bench.weeks`: so many claims certify so many weeks: read, judged and written as the service does, on SQLite.

One process and no broker: what the broker takes is in `make bench`. Each figure is one JSON line on stdout. Claims certify in
turn, so that a claim's document has left the cache where there are more claims than it holds.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Final

from tests.bench.__main__ import figure, say

from claims_benefits.entitlement import SHAPE
from claims_benefits.following import VIEWS
from claims_benefits.week_law import PackLaw
from claims_benefits.weeks import Weeks
from claims_shared.decoding import decode
from claims_shared.documents import Documents, Tally
from claims_shared.law.loader import load_packs
from claims_shared.messages.catalog import BY_WIRE
from claims_shared.messages.certifications import WeekCertified
from claims_shared.messages.fields import Message
from claims_shared.messages.lifecycle import ClaimApproved
from claims_shared.sqlite import SqliteStore
from claims_shared.wire import Received, Record, headers_of, output, partition_of

PARTITIONS: Final = 4
BATCH: Final = 500
EFFECTIVE: Final = date(2026, 1, 4)
NOW: Final = datetime(2026, 12, 28, 12, tzinfo=UTC)
APPROVAL: Final = {
    "sequence": 5,
    "at": NOW,
    "change": "approved",
    "phase": "approved",
    "step": None,
    "portal": "bench",
    "portal_ref": "1",
    "jurisdiction": "UT",
    "claim_type": "new",
    "program": "UI",
    "lane": "standard",
    "lane_reasons": (),
    "open": (),
    "determination_number": 1,
    "effective_on": EFFECTIVE,
    "weekly_benefit_amount": Decimal("395.00"),
    "maximum_benefit_amount": Decimal("10270.00"),
    "weeks": 26,
    "interview_at": None,
}


def record(body: Message, name: str) -> Record:
    """As it lies in its topic."""
    out = output(body, id=name, source="bench", at=NOW)
    place = partition_of(out.key, PARTITIONS)
    return Record(BY_WIRE[out.type].topic.name, place, 0, out.key.encode(), out.body, headers_of(out))


def approval(claim: str) -> Record:
    return record(ClaimApproved(claim_id=claim, **APPROVAL), f"{claim}/5")


def certification(claim: str, week: int) -> Record:
    """Every third week has work in it."""
    ending = EFFECTIVE + timedelta(days=7 * week - 1)
    work = week % 3 == 0
    body = WeekCertified(
        claim_id=claim,
        week_ending=ending,
        earnings=Decimal("200.00" if work else "0.00"),
        hours=Decimal("16.5" if work else "0"),
        able_and_available=True,
        searched_for_work=True,
        certified_at=datetime(ending.year, ending.month, ending.day, 18, tzinfo=UTC) + timedelta(days=1),
    )
    return record(body, f"{claim}-{week}")


async def take(documents: Documents, records: Iterable[Record]) -> int:
    """Take records in batches; give how many messages were to be sent."""
    sent = 0
    left = iter(records)
    while batch := list(islice(left, BATCH)):
        read = [each for each in (decode(each, VIEWS) for each in batch) if isinstance(each, Received)]
        sent += len(await documents.process(read, NOW, Tally()))
        documents.acknowledged()
    return sent


async def main(asked: argparse.Namespace) -> None:
    claims = [f"claim-{number}" for number in range(asked.claims)]
    with tempfile.TemporaryDirectory(prefix="claims-weeks-") as place:
        store = SqliteStore(Path(place) / "entitlements.sqlite", SHAPE)
        documents = Documents(Weeks(PackLaw(load_packs())), store, writer="bench", partitions=PARTITIONS)
        try:
            records = [approval(claim) for claim in claims]
            began = time.perf_counter()
            await take(documents, records)
            figure("approvals_per_second", len(claims) / (time.perf_counter() - began), "1/s")
            weeks = [[certification(claim, week) for claim in claims] for week in range(1, asked.weeks + 1)]
            say(f"{len(claims):,} claims approved, {asked.weeks} weeks each to certify")
            began, cpu = time.perf_counter(), time.process_time()
            sent = await take(documents, chain.from_iterable(weeks))
            number = len(claims) * asked.weeks
            figure("certifications_per_second", number / (time.perf_counter() - began), "1/s")
            figure("cpu_us_per_certification", (time.process_time() - cpu) / number * 1e6, "us")
            figure("events_per_certification", sent / number, "1")
            rows = await store.load(claims[:100])
            figure("document_bytes", sum(len(row.body) for row in rows.values()) / len(rows), "B")
        finally:
            await store.close()


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.weeks", description=__doc__)
    parser.add_argument("--claims", type=int, default=5_000)
    parser.add_argument("--weeks", type=int, default=26)
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
