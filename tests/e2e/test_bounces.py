"""A citizen whom no mail reaches: the mail comes back, the mail room has it, and the claim was never held up."""

import json

import pytest
from tests.e2e.asking import shown, until, verb

from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People

PEOPLE = People(51_000_000)


@pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
async def test_what_comes_back_goes_to_the_mail_room_once(any_system, claims, tmp_path):
    file = tmp_path / "claims.jsonl"
    claim = json.loads(encoded(filing("bounces-1", named("O0379"), PEOPLE.next())))
    claim["claimant"]["email"] = "bounce.ada@example.org"
    file.write_text(json.dumps(claim) + "\n")
    assert (await verb(claims, any_system, "submit", str(file), "--wait"))["outcome"] == "approved"
    told = await until(lambda: _twice_undeliverable(claims, any_system), 60)
    assert {each["owner"] for each in told["open"]} == {"mail room"}
    mails = await verb(claims, any_system, "mail", "list", "--to", "bounce.ada@example.org")
    assert len(mails) == 2, "the invite and the approval"
    for entry in told["open"]:
        sent = ("--referral", entry["id"], "--decision", "continue", "--reason", "sent by post", "--by", "Grace")
        await verb(claims, any_system, "decide", "bounces-1", *sent)
    assert await until(lambda: shown(claims, any_system, "bounces-1", "open", []), 30)


async def _twice_undeliverable(claims, system):
    told = await verb(claims, system, "show", "bounces-1")
    reasons = [each["reason"] for each in told["open"]]
    return told if reasons == ["undeliverable", "undeliverable"] else None
