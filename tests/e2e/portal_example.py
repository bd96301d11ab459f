"""A portal in plain aiokafka: files one claim, follows it to its decision. `python portal_example.py BROKER CLAIM.json`."""

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


async def file(broker: str, claim: dict) -> dict:  # noqa: RET503 - the stream of events has no end
    key, now = claim["claim_id"].encode(), datetime.now(UTC).isoformat()
    event = {"specversion": "1.0", "id": f"{claim['claim_id']}-1", "source": "my-portal", "time": now}
    headers = [(f"ce_{name}", value.encode()) for name, value in (event | {"type": "claim.submitted.v1"}).items()]
    async with (
        AIOKafkaConsumer(
            "claims.lifecycle.events.v1", bootstrap_servers=broker, auto_offset_reset="earliest"
        ) as events,
        AIOKafkaProducer(bootstrap_servers=broker, acks="all") as portal,
    ):
        await portal.send_and_wait("claims.intake.submissions.v1", json.dumps(claim).encode(), key, headers=headers)
        async for told in events:
            if told.key == key and dict(told.headers)["ce_type"] in {b"claim.approved.v1", b"claim.denied.v1"}:
                return json.loads(told.value)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(file(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())))) + "\n")
