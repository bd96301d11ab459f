"""A portal that knows the published contract and nothing of ours: claims as JSON, sent with plain aiokafka."""

import asyncio
import json
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaProducer

SUBMISSIONS = "claims.intake.submissions.v1"
WEEKLY = "395.00"
"""Utah 2025: the high quarter of 10,400.00 by 26, less 5."""
SETTING = "CLAIMS_FILING_AGE_DAYS=36500"
"""The dates are fixed, so that the amounts are; the stack must not mind their age."""
QUARTERS = ("2024Q3", "2024Q4", "2025Q1", "2025Q2")
SERIALS, GROUPS = 9_999, 90
TICK_S = 0.02
PATIENCE_MS = 180_000
"""For a broker that is killed and comes back, on a machine that is busy with other restarts."""


def claim(number: int, run: str) -> dict[str, Any]:
    """Give the claim of one person: number, name and address are theirs alone."""
    serial, group = number % SERIALS + 1, number // SERIALS % GROUPS + 10
    return {
        "claim_id": f"{run}-{number:06}",
        "portal_ref": f"UT-{run}-{number:06}",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "filed_at": "2025-11-18T15:04:05Z",
        "benefit_year_of": None,
        "claimant": {
            "ssn": f"900-{group:02}-{serial:04}",
            "first_name": "Ada",
            "last_name": f"Obi-{number:06}",
            "date_of_birth": "1988-04-02",
            "email": address(f"{run}-{number:06}"),
            "phone": "+18015550100",
            "language": "en",
            "time_zone": "America/Denver",
        },
        "veteran": False,
        "discharged_on": None,
        "hardship": None,
        "wages": [{"quarter": each, "amount": "10400.00", "employer": "E-1", "weeks_worked": 13} for each in QUARTERS],
        "separation": {"employer": "E-1", "last_day_worked": "2025-11-14", "reason": "lack_of_work", "explanation": ""},
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    }


def address(claim_id: str) -> str:
    return f"{claim_id}@example.org"


class Portal:
    """Submits the claims from `first` on at a steady rate, as many as it is allowed by then."""

    def __init__(self, bootstrap: str, run: str, *, first: int, rate: float) -> None:
        self.run = run
        self.sent: list[str] = []
        self._first = first
        self._rate = rate
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, request_timeout_ms=PATIENCE_MS
        )

    async def __aenter__(self) -> Self:
        await self._producer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._producer.stop()

    async def submit(self, until: int) -> None:
        """Go on until so many claims are sent and acknowledged."""
        acknowledged = []
        start, already = time.monotonic(), len(self.sent)
        while len(self.sent) < until:
            allowed = already + int((time.monotonic() - start) * self._rate) + 1
            acknowledged += [await self._send() for _ in range(len(self.sent), min(allowed, until))]
            await asyncio.sleep(TICK_S)
        await asyncio.gather(*acknowledged)

    async def _send(self) -> asyncio.Future[Any]:
        body = claim(self._first + len(self.sent), self.run)
        name = body["claim_id"]
        headers = {
            "ce_specversion": "1.0",
            "ce_id": f"{name}/submitted",
            "ce_source": "tests.faults.portal",
            "ce_type": "claim.submitted.v1",
            "ce_time": datetime.now(UTC).isoformat(),
        }
        encoded = [(header, value.encode()) for header, value in headers.items()]
        self.sent.append(name)
        sent: asyncio.Future[Any] = await self._producer.send(
            SUBMISSIONS, json.dumps(body).encode(), name.encode(), headers=encoded
        )
        return sent
