"""What operators do when something fails, against a running system: a record that cannot be read, and dead letters."""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from tests.e2e.asking import shown, until, verb

from claims_cli import portal
from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People
from claims_cli.records import stream
from claims_shared.messages.catalog import DESK, INTAKE, LIFECYCLE, REFUSALS
from claims_shared.messages.desk import ClaimExpedited
from claims_shared.messages.intake import WithdrawalRequested
from claims_shared.producing import Copy
from claims_shared.wire import DeadLetter, Record, headers_of, output, partition_of

pytestmark = pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
PEOPLE = People(60_000_000)
PARTITIONS = 4
DEFECTIVE = Path(__file__).with_name("defective_orchestrator.py")


async def healthy(claims, system, words):
    processes = (await verb(claims, system, "ps"))["processes"]
    return any(each["service"] == "orchestrator" and each["health"].startswith(words) for each in processes)


def urgent(claim_id, said="please"):
    """A person's word for a claim that is not known yet: it waits, and can be seen waiting."""
    at = "2026-11-24T12:00:00Z"
    message = ClaimExpedited(claim_id=claim_id, reason=said, expedited_by="Grace", expedited_at=at)
    out = output(message, id=f"{claim_id}/expedited", source="test", at=message.expedited_at)
    place = (DESK.name, partition_of("stuck", PARTITIONS), 0)
    return Copy(Record(*place, claim_id.encode(), out.body, headers_of(out)))


def broken_on_disk(data, partition, words):
    """One bit of the broker's log turns over, as disks do it."""
    (segment,) = Path(data).rglob(f"{DESK.name}-{partition}/00000000000000000000.log")
    content = segment.read_bytes()
    assert content.count(words) == 1
    with segment.open("r+b") as log:
        log.seek(content.index(words))
        log.write(bytes([words[0] ^ 1]))


async def test_a_record_that_cannot_be_read_is_named_and_skipped_and_the_rest_goes_on(any_system, claims):
    data, partition = any_system["data"], partition_of("stuck", PARTITIONS)
    await claims("stop", "orchestrator", "--data", data)
    async with portal.sender(any_system["kafka"], (DESK.name,)) as producer:
        for claim_id, said in (("stuck-before", "before"), ("stuck", "OnDiskBroken"), ("stuck-after", "after")):
            await producer.produce([urgent(claim_id, said)])
    broken_on_disk(data, partition, b"OnDiskBroken")
    await claims("start", "orchestrator", "--data", data)

    (stuck,) = await until(lambda: verb(claims, any_system, "stuck"), 30)
    assert (stuck["service"], stuck["error"]) == ("orchestrator", "CorruptRecordException")
    assert stuck["place"].startswith(f"{DESK.name}/{partition}/")
    # The supervisor asks for health now and then: what `stuck` has just found out, `ps` shows a moment later.
    await until(lambda: healthy(claims, any_system, f"ready, but {stuck['place']} cannot be read"), 30)
    file = Path(data) / "meanwhile.jsonl"
    file.write_bytes(encoded(filing("stuck-others", named("O0379"), PEOPLE.next())))
    assert (await verb(claims, any_system, "submit", str(file), "--wait"))["outcome"] == "approved"

    skipped = await verb(claims, any_system, "skip", stuck["place"], "--reason", "a broken disk", "--by", "grace")
    assert skipped == {"place": stuck["place"], "service": "orchestrator", "passed": True}
    assert (await verb(claims, any_system, "show", "stuck-after"))["phase"] == "awaited"
    letter = await verb(claims, any_system, "dlq", "show", stuck["place"])
    assert (letter["code"], letter["raw"], letter["fate"]) == ("quarantined", True, "open")
    assert "the checksum of the batch is wrong" in letter["reasons"]
    refused = await read(any_system["kafka"], REFUSALS.name, lambda each: b"quarantined" in each.value)
    assert json.loads(refused.value)["offset"] == int(stuck["place"].rpartition("/")[2])
    planned = await claims("dlq", "redrive", stuck["place"], "--dry-run", "--json", "--data", data)
    assert json.loads(planned)["count"] == 0, "there is no record that could be sent again"


async def test_a_letter_is_redriven_and_again_and_the_claim_goes_its_way_once(any_system, claims):
    """A version that did not know a type put a claim aside; the version that knows it takes it."""
    kafka, body = any_system["kafka"], encoded(filing("redriven", named("O0379"), PEOPLE.next()))
    async with portal.connected(kafka) as connection:
        out = connection.claim("redriven", body)
    partition = partition_of("redriven", PARTITIONS)
    aside = Record(INTAKE.name, partition, 10**9, b"redriven", body, headers_of(out))
    async with portal.sender(kafka, INTAKE.streams) as producer:
        await producer.produce([DeadLetter(aside, "orchestrator", "unknown_type", ("ce_type is not known",))])
    (group,) = await verb(claims, any_system, "dlq", "list", "--claim", "redriven")
    assert (group["code"], group["count"]) == ("unknown_type", 1)
    for _ in range(2):
        told = await verb(claims, any_system, "dlq", "redrive", group["example"])
        assert told["redriven"] == 1
    await until(lambda: ended(kafka, "redriven"), 30)
    events = await lifecycle(kafka, "redriven")
    assert [each.body["sequence"] for each in events] == list(range(1, len(events) + 1))
    assert [each.type for each in events].count("claim.approved.v1") == 1


async def test_claims_that_a_defect_parked_go_on_once_it_is_mended(any_system, claims):
    data, names = any_system["data"], ("parked-1", "parked-2", "parked-3")
    await claims("stop", "orchestrator", "--data", data)
    async with defective_orchestrator(any_system):
        file = Path(data) / "parked.jsonl"
        file.write_bytes(b"\n".join(encoded(filing(each, named("O0379"), PEOPLE.next())) for each in names))
        told = await claims("submit", str(file), "--wait", "--json", "--data", data)
        assert {json.loads(line)["outcome"] for line in told.splitlines()} == {"parked"}
        async with portal.connected(any_system["kafka"]) as connection:
            asked = WithdrawalRequested(claim_id="parked-2", requested_at="2026-11-24T12:00:00Z")
            await connection.send([connection.message(asked, "parked-2/withdrawal")])
        waiting = await until(lambda: shown(claims, any_system, "parked-2", "messages_waiting", 2), 20)
        assert waiting["phase"] == "open"
    await claims("start", "orchestrator", "--data", data)
    listed = (await verb(claims, any_system, "list", "--parked"))["claims"]
    causes = {each["claim_id"]: each["waiting"]["reason"] for each in listed}
    assert set(causes) == set(names)
    assert all(cause.startswith("KeyError at defective_orchestrator.py:") for cause in causes.values())

    chosen = ("resume", "--query", "cause=KeyError at defective_orchestrator step=identity")
    planned = json.loads(await claims(*chosen, "--dry-run", "--json", "--data", data))
    assert planned["count"] == 3
    assert (await verb(claims, any_system, *chosen))["resumed"] == 3
    for name, phase in zip(names, ("approved", "withdrawn", "approved"), strict=True):
        ended = await until(lambda name=name, phase=phase: shown(claims, any_system, name, "phase", phase), 30)
        assert ended["messages_waiting"] == 0
    assert (await verb(claims, any_system, "list", "--parked"))["claims"] == []


@asynccontextmanager
async def defective_orchestrator(system):
    """Run it in place of the stack's, until the test has seen enough."""
    own = {
        "KAFKA_BOOTSTRAP_SERVERS": system["kafka"],
        "CLAIMS_STORE_URL": system["store"],
        "CLAIMS_SESSION_TIMEOUT_MS": "6000",
        "CLAIMS_HEARTBEAT_INTERVAL_MS": "1000",
    }
    with (Path(system["data"]) / "defective.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(DEFECTIVE)), env=os.environ | own, stdin=asyncio.subprocess.DEVNULL, stderr=log
        )
        try:
            yield
        finally:
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 30) == 0


async def lifecycle(kafka, claim_id):
    async with stream.reading(kafka, (LIFECYCLE.name,), from_start=True, claim_id=claim_id) as reader:
        return [each async for each in reader.to_the_end() if each.key == claim_id]


async def ended(kafka, claim_id):
    return any(each.type == "claim.approved.v1" for each in await lifecycle(kafka, claim_id))


async def read(kafka, topic, wanted):
    async with (
        AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest") as reader,
        asyncio.timeout(30),
    ):
        while not wanted(record := await reader.getone()):
            pass
        return record
