"""A program that knows only the contract, against a running system."""

import asyncio
import json
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

EXAMPLE = Path(__file__).with_name("portal_example.py")
SUBMISSIONS = "claims.intake.submissions.v1"
REFUSALS = "claims.intake.refusals.v1"
LETTERS = f"{SUBMISSIONS}.dlq.claims.orchestrator"
QUARTERS = ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
HEADERS = {
    "ce_specversion": "1.0",
    "ce_id": "event-1",
    "ce_source": "outsider",
    "ce_type": "claim.submitted.v1",
    "ce_time": "2026-06-16T12:00:00Z",
}


def claim(claim_id, number, **changes):
    wages = [{"quarter": each, "amount": "6400.00", "employer": "E-1", "weeks_worked": 13} for each in QUARTERS]
    return {
        "claim_id": claim_id,
        "portal_ref": f"UT-{number:06}",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "filed_at": "2026-06-16T12:00:00Z",
        "benefit_year_of": None,
        "claimant": {
            "ssn": f"901-77-{number:04}",
            "first_name": "Ada",
            "last_name": "Obi",
            "date_of_birth": "1988-04-02",
            "email": "ada@example.org",
            "phone": "+18015550100",
            "language": "en",
            "time_zone": "America/Denver",
        },
        "veteran": False,
        "discharged_on": None,
        "hardship": None,
        "wages": wages,
        "separation": {
            "employer": "E-1",
            "last_day_worked": "2026-06-12",
            "reason": "lack_of_work",
            "explanation": "",
        },
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    } | changes


async def filed(kafka, tmp_path, body):
    """Run the example as a program of its own and give what it prints."""
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(body))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(EXAMPLE), kafka, str(path)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, said.decode()
    return json.loads(out)


def test_the_example_imports_nothing_of_ours():
    assert "claims_" not in EXAMPLE.read_text().replace("claim_id", "")


async def test_an_outsiders_claim_is_approved_with_amounts_and_a_meeting(any_system, tmp_path):
    told = await filed(any_system["kafka"], tmp_path, claim("outsider-paid", 1))
    # Utah: 6,400 / 26 - 5, down; 27 % of 25,600 is more than 26 weeks of it.
    assert Decimal(told["weekly_benefit_amount"]) == 241
    assert Decimal(told["maximum_benefit_amount"]) == 26 * 241
    assert datetime.fromisoformat(told["interview_at"]).tzinfo


async def test_an_outsiders_claim_without_enough_wages_is_denied_with_reasons(any_system, tmp_path):
    wages = [{"quarter": "2025Q3", "amount": "900.00", "employer": "E-1"}]
    told = await filed(any_system["kafka"], tmp_path, claim("outsider-unpaid", 2, wages=wages))
    assert all(reason["code"] and reason["sentence"] and reason["citation"] for reason in told["reasons"])
    assert "insufficient_quarters_with_wages" in {reason["code"] for reason in told["reasons"]}


GOOD = json.dumps(claim("bad", 3)).encode()
BAD = {
    "not JSON": (b"bad-1", b"{nope", HEADERS, "not_json"),
    "not UTF-8": (b"bad-2", GOOD.replace(b"Ada", b"\xff\xfe"), HEADERS, "not_utf8"),
    "an unknown type": (b"bad-3", GOOD, HEADERS | {"ce_type": "claim.imagined.v1"}, "unknown_type"),
    "a missing field": (b"bad-4", b'{"claim_id": "bad-4"}', HEADERS, "wrong_field"),
    "a wrong field": (b"bad", GOOD.replace(b'"new"', b'"old"'), HEADERS, "wrong_field"),
    "too large": (b"bad", GOOD + b" " * 300_000, HEADERS, "too_large"),
    "another claim's key": (b"bad-5", GOOD, HEADERS, "wrong_key"),
    "a key that is no claim id": (b"no claim", GOOD, HEADERS, "wrong_key"),
    "no key": (None, GOOD, HEADERS, "wrong_key"),
    "no headers": (b"bad", GOOD, {}, "wrong_headers"),
    "a null body": (b"bad", None, HEADERS, "null_body"),
}


@pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
async def test_what_cannot_be_taken_is_kept_answered_and_harms_nobody(any_system, tmp_path):
    kafka, places = any_system["kafka"], {}
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as portal:
        for what, (key, value, headers, _) in BAD.items():
            encoded = [(name, text.encode()) for name, text in headers.items()]
            sent = await portal.send_and_wait(SUBMISSIONS, value, key, headers=encoded)
            places[sent.partition, sent.offset] = what
    refused = await collected(kafka, REFUSALS, places, place_in_body)
    kept = await collected(kafka, LETTERS, places, place_in_headers)
    for what, (key, value, headers, code) in BAD.items():
        told = json.loads(refused[what].value)
        assert (what, told["code"]) == (what, code)
        assert told["reasons"]
        assert told["ce_id"] == headers.get("ce_id")
        assert "Ada" not in refused[what].value.decode()
        letter = dict(kept[what].headers)
        assert (kept[what].key, kept[what].value, letter["dlq_code"]) == (key, value, code.encode())
        assert letter["dlq_reasons"]
    assert (await filed(kafka, tmp_path, claim("outsider-after", 4)))["weekly_benefit_amount"] == "241.00"


def place_in_body(record):
    body = json.loads(record.value)
    return body["partition"], body["offset"]


def place_in_headers(record):
    headers = dict(record.headers)
    return int(headers["dlq_partition"]), int(headers["dlq_offset"])


async def collected(kafka, topic, places, place):
    """Read until there is one record for every place, and give them by what was wrong there."""
    found = {}
    async with (
        AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest") as reader,
        asyncio.timeout(60),
    ):
        while len(found) < len(places):
            record = await reader.getone()
            if place(record) in places:
                found[places[place(record)]] = record
    return found
