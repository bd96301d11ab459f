import asyncio
import json
import sys

import pytest

from claims_cli import portal, topics
from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People
from claims_cli.errors import ClaimsError
from claims_cli.records import following, stream
from claims_shared.messages.catalog import INTAKE, LIFECYCLE
from claims_shared.wire import Output, partition_of

PEOPLE = People(77)


async def claims(bootstrap, *arguments, data=None, stdin=None):
    """Run a verb as a user does: exit code, standard output, standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "claims_cli.main", *map(str, arguments)),
        env={"KAFKA_BOOTSTRAP_SERVERS": bootstrap, "PATH": "", "COLUMNS": "200", "CLAIMS_DATA": str(data or "nowhere")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await asyncio.wait_for(process.communicate(stdin), 60)
    return process.returncode, out.decode(), said.decode()


def filed(claim_id):
    return encoded(filing(claim_id, named("O0379"), PEOPLE.next()))


def accepted(claim_id, number, kind="accepted", **more):
    """A life-cycle event as it lies in its topic; the reader needs no more of it."""
    body = {"claim_id": claim_id, "sequence": number, "change": kind, "open": [], **more}
    return Output(
        LIFECYCLE.name, f"claim.{kind}.v1", f"{claim_id}/{number}", claim_id, json.dumps(body).encode(), 0, "test"
    )


@pytest.fixture(scope="module")
async def bootstrap(kafka):
    await topics.create(kafka)
    return kafka


async def test_submit_publishes_the_bytes_with_the_headers_of_a_portal(bootstrap, tmp_path):
    body = filed("V-1")
    file = tmp_path / "claims.jsonl"
    file.write_bytes(body + b"\n")
    assert (await claims(bootstrap, "submit", file, "--json"))[:2] == (0, '{"published": ["V-1"]}\n')
    async with stream.reading(bootstrap, (INTAKE.name,), from_start=True, claim_id="V-1") as reader:
        (found,) = [each async for each in reader.to_the_end() if each.key == "V-1"]
    assert found.body == json.loads(body)
    assert found.partition == partition_of("V-1", topics.LOCAL_PARTITIONS)
    assert found.headers["ce_type"] == "claim.submitted.v1"
    assert {"ce_specversion", "ce_id", "ce_source", "ce_time"} <= found.headers.keys()


async def test_the_same_bytes_are_the_same_message(bootstrap):
    async with portal.connected(bootstrap) as connection:
        assert connection.claim("V-2", b"{}").id == connection.claim("V-2", b"{}").id
        assert connection.claim("V-2", b"{}").id != connection.claim("V-2", b"[]").id


async def test_expedited_goes_to_the_lane_and_standard_input_is_read(bootstrap):
    code, _, said = await claims(bootstrap, "submit", "-", "--expedited", stdin=filed("V-3"))
    assert (code, said) == (0, "1 claim published\n")
    async with stream.reading(bootstrap, (INTAKE.expedited,), from_start=True) as reader:
        assert "V-3" in [each.key async for each in reader.to_the_end()]


async def test_nothing_is_sent_while_a_line_is_wrong(bootstrap, tmp_path):
    file = tmp_path / "claims.jsonl"
    file.write_bytes(filed("V-4") + b"\n{}\n")
    code, out, said = await claims(bootstrap, "submit", file)
    assert (code, out) == (1, "")
    assert "line 2: claim_id: Field required" in said
    async with stream.reading(bootstrap, (INTAKE.name,), from_start=True, claim_id="V-4") as reader:
        assert "V-4" not in [each.key async for each in reader.to_the_end()]
    code, out, _ = await claims(bootstrap, "submit", file, "--skip-invalid", "--json")
    assert (code, json.loads(out)) == (0, {"published": ["V-4"]})


async def test_tail_shows_headers_and_body_of_one_claim_of_one_type(bootstrap):
    async with portal.connected(bootstrap) as connection:
        await connection.send([accepted("V-5", 1), accepted("V-5", 2, "approved"), accepted("V-6", 1)])
    code, out, _ = await claims(
        bootstrap, "tail", "--json", "--no-follow", "--claim", "V-5", "--type", "claim.approved.v1"
    )
    (event,) = map(json.loads, out.splitlines())
    assert code == 0
    assert event["headers"]["ce_id"] == "V-5/2"
    assert event["body"]["sequence"] == 2


async def test_tail_of_submissions_shows_no_number_of_a_person(bootstrap):
    async with portal.connected(bootstrap) as connection:
        await connection.send([connection.claim("V-7", filed("V-7"))])
        odd = Output(INTAKE.name, "claim.submitted.v1", "odd", "V-7", b'{"open": 5, "note": "900 12 3456"}', 0, "test")
        await connection.send([odd])
    told = ("tail", "--no-follow", "--claim", "V-7", "--topic", INTAKE.name)
    code, out, _ = await claims(bootstrap, *told, "--json")
    whole, odd = (json.loads(line)["body"] for line in out.splitlines())
    assert (code, whole["claimant"]["ssn"], odd) == (0, "***-**-****", {"open": 5, "note": "***-**-****"})
    code, out, said = await claims(bootstrap, *told)
    assert (code, len(out.splitlines()), said) == (0, 2, "")


async def test_tail_begins_now_unless_told(bootstrap):
    async with portal.connected(bootstrap) as connection, asyncio.timeout(30):
        await connection.send([accepted("V-7", 1)])
        async with stream.reading(bootstrap, (LIFECYCLE.name,), from_start=False, claim_id="V-7") as reader:
            await connection.send([accepted("V-7", 2)])
            seen = [event async for event in _first(reader.for_ever(), "V-7")]
    assert [event.body["sequence"] for event in seen] == [2]


async def test_waiting_ends_when_every_claim_has_come_to_rest(bootstrap):
    waiting = [{"kind": "evidence", "owner": "claimant"}]
    rests = []
    sent = [
        accepted("V-8", 1),
        accepted("V-8", 2, "referred", reasons=["no_pack"]),
        accepted("V-9", 1, "progressed", open=waiting),
        accepted("V-10", 1),
    ]
    async with (
        portal.connected(bootstrap) as connection,
        stream.reading(bootstrap, following.STREAMS, from_start=False) as reader,
    ):
        await connection.send(sent)
        missing = await following.until_at_rest(reader, {"V-8", "V-9", "V-10"}, 2, rests.append)
    assert missing == {"V-10"}
    assert {each.claim_id: each.outcome for each in rests} == {"V-8": "referred", "V-9": "waits for evidence"}


async def test_a_missing_topic_and_a_missing_broker_are_one_sentence(bootstrap):
    for where, topic, says in ((bootstrap, "claims.none.v1", "missing"), ("127.0.0.1:1", LIFECYCLE.name, "no Kafka")):
        with pytest.raises(ClaimsError, match=says):
            async with stream.reading(where, (topic,), from_start=True):
                pass


async def test_without_a_stack_a_verb_says_how_to_start_one(tmp_path):
    code, out, said = await claims("", "tail", data=tmp_path)
    assert (code, out) == (1, "")
    assert len(said.splitlines()) == 1
    assert "claims up" in said


async def _first(events, key):
    async for event in events:
        if event.key == key:
            yield event
            return
