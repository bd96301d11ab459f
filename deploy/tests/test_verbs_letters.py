"""`claims dlq` against a real broker: causes, one letter, redriving in order and again, stopping, discarding."""

import asyncio
import json
import signal
import sys

import pytest

from claims_cli import portal, topics
from claims_cli.records import stream
from claims_cli.records.letters import REDRIVEN
from claims_shared.messages.catalog import INTAKE, SCHEDULER_COMMANDS
from claims_shared.wire import DeadLetter, Record, partition_of

SSN = "900-12-3456"


@pytest.fixture(scope="module")
async def bootstrap(kafka):
    await topics.create(kafka)
    return kafka


async def dlq(bootstrap, *arguments, interrupted_by=None):
    """Run a verb as an operator does: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "claims_cli.main", "dlq", *map(str, arguments)),
        env={"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "PATH": "", "COLUMNS": "200", "USER": "grace"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    if interrupted_by is not None:
        await interrupted_by()
        process.send_signal(signal.SIGINT)
    out, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), said.decode()


async def ask(bootstrap, *arguments):
    code, out, said = await dlq(bootstrap, *arguments, "--json")
    assert code == 0, said
    return json.loads(out)


async def put_aside(bootstrap, claim, count, code, *, topic=INTAKE.name, service="orchestrator"):
    """Letters about records that only this claim has."""
    first = 10**9 + 1_000 * int(claim.partition("-")[2])
    partition = partition_of(claim, topics.LOCAL_PARTITIONS)
    headers = [("ce_id", b"m"), ("odd", None), ("ce_type", b"claim.submitted.v1")]
    records = [
        Record(topic, partition, first + n, claim.encode(), json.dumps({"n": n, "ssn": SSN}).encode(), headers)
        for n in range(count)
    ]
    async with portal.sender(bootstrap, INTAKE.streams) as producer:
        await producer.produce([DeadLetter(each, service, code, (f"body: {SSN} is wrong",)) for each in records])


async def came_back(bootstrap, claim, topic=INTAKE.name):
    async with stream.reading(bootstrap, (topic,), from_start=True, claim_id=claim) as reader:
        return [each async for each in reader.records_to_the_end() if each.key == claim.encode()]


async def test_letters_are_listed_by_cause_shown_and_redriven_in_order_once(bootstrap):
    await put_aside(bootstrap, "L-1", 5, "test_cause")
    await put_aside(bootstrap, "L-1", 5, "test_cause")  # a crash wrote them twice
    await put_aside(bootstrap, "L-2", 1, "test_cause", topic=SCHEDULER_COMMANDS.expedited, service="scheduler")
    first, second = await ask(bootstrap, "list", "--code", "test_cause")
    assert (first["topic"], first["service"], first["count"]) == (INTAKE.name, "orchestrator", 5)
    assert (second["topic"], second["service"], second["count"]) == (SCHEDULER_COMMANDS.expedited, "scheduler", 1)

    code, out, _ = await dlq(bootstrap, "show", first["example"])
    assert code == 0
    assert "***-**-**** is wrong" in out
    assert "3456" not in out

    planned = await ask(bootstrap, "redrive", "--claim", "L-1", "--dry-run")
    assert (planned["count"], await came_back(bootstrap, "L-1")) == (5, [])
    assert await ask(bootstrap, "redrive", "--code", "test_cause") == {"redriven": 6, "of": 6, "stopped": False}
    records = await came_back(bootstrap, "L-1")
    assert [json.loads(each.value)["n"] for each in records] == [0, 1, 2, 3, 4]
    assert all(
        each.headers[:3] == (("ce_id", b"m"), ("odd", None), ("ce_type", b"claim.submitted.v1")) for each in records
    )
    assert {each.headers[3][0] for each in records} == {REDRIVEN}
    assert len(await came_back(bootstrap, "L-2", SCHEDULER_COMMANDS.expedited)) == 1

    assert await ask(bootstrap, "list", "--code", "test_cause") == []
    assert await ask(bootstrap, "redrive", "--code", "test_cause") == {"redriven": 0, "of": 0, "stopped": False}
    (told, *_) = await ask(bootstrap, "list", "--claim", "L-1", "--each", "--handled")
    assert told["fate"] == "redriven"
    named = await ask(bootstrap, "redrive", told["place"])
    assert named["redriven"] == 1, "who names a letter gets it redriven again"


async def test_what_waited_beyond_a_quota_goes_back_to_where_it_waited(bootstrap):
    await put_aside(bootstrap, "L-5", 2, "test_deferred", topic=INTAKE.deferred)
    assert (await ask(bootstrap, "redrive", "--code", "test_deferred"))["redriven"] == 2
    assert len(await came_back(bootstrap, "L-5", INTAKE.deferred)) == 2
    assert await came_back(bootstrap, "L-5") == []


async def test_ctrl_c_ends_a_redrive_between_two_parts_and_the_same_command_goes_on(bootstrap):
    await put_aside(bootstrap, "L-3", 12, "test_slow")

    async def some_came_back():
        while not await came_back(bootstrap, "L-3"):
            await asyncio.sleep(0.05)

    chosen = ("redrive", "--code", "test_slow", "--rate", "5", "--json")
    code, out, said = await dlq(bootstrap, *chosen, interrupted_by=some_came_back)
    told = json.loads(out)
    assert (code, told["stopped"]) == (130, True)
    assert 0 < told["redriven"] < 12
    assert "goes on with the rest" in said
    rest = await ask(bootstrap, "redrive", "--code", "test_slow")
    assert rest["redriven"] == 12 - told["redriven"]
    assert [json.loads(each.value)["n"] for each in await came_back(bootstrap, "L-3")] == list(range(12))


async def test_letters_are_discarded_with_a_reason(bootstrap):
    await put_aside(bootstrap, "L-4", 2, "test_useless")
    told = await ask(bootstrap, "discard", "--claim", "L-4", "--reason", "a test of the portal")
    assert told == {"discarded": 2, "of": 2, "stopped": False}
    assert await ask(bootstrap, "list", "--claim", "L-4") == []
    assert {each["fate"] for each in await ask(bootstrap, "list", "--claim", "L-4", "--handled", "--each")} == {
        "discarded"
    }
    async with stream.reading(bootstrap, ("claims.operations.events.v1",), from_start=True) as marks:
        said = [each.body async for each in marks.to_the_end() if each.type == "letter.discarded.v1"]
    assert [(each["key"], each["reason"], each["discarded_by"]) for each in said if each["key"] == "L-4"] == [
        ("L-4", "a test of the portal", "grace")
    ] * 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("redrive",), "or --all"),
        (("redrive", "claims.none.v1/0/1"), "no dead letter is about claims.none.v1/0/1"),
        (("list", "--since", "yesterday"), "is no instant"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(bootstrap, arguments, says):
    code, out, said = await dlq(bootstrap, *arguments)
    assert (code, out) == (1, "")
    assert says in said
