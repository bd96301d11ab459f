"""What caseworkers and visitors do at a terminal, against a running system."""

import json

import pytest
from tests.e2e.asking import until, verb

from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People

PEOPLE = People(50_000_000)


async def test_the_demo_ends_as_expected(any_system, claims):
    told = await verb(claims, any_system, "demo", "--claims", "60")
    assert told["as_expected"], told
    assert told["claims"] == 60


@pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
async def test_a_caseworker_finds_decides_and_shows_a_claim(any_system, claims, tmp_path):
    file = tmp_path / "claims.jsonl"
    file.write_bytes(encoded(filing("people-1", named("O0379"), PEOPLE.next(), jurisdiction="ZZ")))
    assert (await verb(claims, any_system, "submit", str(file), "--wait"))["outcome"] == "referred"
    waiting = await verb(claims, any_system, "list", "--owner", "adjudication", "--phase", "open")
    assert "people-1" in {each["claim_id"] for each in waiting["claims"]}
    decided = ("--decision", "deny", "--reason", "no law of ours", "--by", "Grace")
    assert (await verb(claims, any_system, "decide", "people-1", *decided))["published"]
    tail = ("tail", "--claim", "people-1", "--type", "claim.denied.v1", "--no-follow")
    denied = await until(lambda: claims(*tail, "--data", any_system["data"], "--json"), 30)
    assert json.loads(denied)["body"]["reasons"][0]["code"] == "no_pack"
    shown = await verb(claims, any_system, "show", "people-1")
    assert shown["phase"] == "denied"
    assert "no law of ours" not in json.dumps(shown)
    again = await verb(claims, any_system, "submit", str(file), "--wait")
    assert again["outcome"] == "denied", "the same file again is the same claim, which tells nothing new"
    told = await verb(claims, any_system, "status", "people-1", "--language", "es")
    assert told["stands"] == "Su solicitud está denegada."


@pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
async def test_a_task_is_claimed_and_only_its_holder_decides_it(any_system, claims, tmp_path):
    file = tmp_path / "claims.jsonl"
    file.write_bytes(encoded(filing("people-2", named("O0379"), PEOPLE.next(), program="UCX")))
    assert (await verb(claims, any_system, "submit", str(file), "--wait"))["outcome"] == "referred"
    listed = await verb(claims, any_system, "tasks", "list", "--queue", "adjudication", "--limit", "500")
    (task,) = [each for each in listed["tasks"] if each["claim_id"] == "people-2"]
    assert task["left_seconds"] > 0
    assert (await verb(claims, any_system, "tasks", "claim", "people-2", "--by", "UT-0007"))["published"]

    async def mine() -> list[str]:
        page = await verb(claims, any_system, "tasks", "list", "--assignee", "UT-0007")
        return [each["task"] for each in page["tasks"]]

    assert await until(mine, 30) == [task["task"]]
    denied = ("--decision", "deny", "--reason", "no law of ours")
    decided = await verb(claims, any_system, "tasks", "decide", "people-2", *denied, "--by", "UT-0007")
    assert decided["published"]
