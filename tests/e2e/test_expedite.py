"""Claims put ahead of others in bulk, as an operator does it: seen first, then done, with the reason kept and told to nobody."""

import pytest
from tests.e2e.asking import shown, until, verb

from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People

pytestmark = pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
PEOPLE = People(85_000_000)
IDS = ["ahead-1", "ahead-2"]


async def test_open_claims_are_found_by_query_and_put_ahead(any_system, claims, tmp_path):
    where = ("--data", any_system["data"])
    await claims("stop", "identity", *where)
    try:
        file = tmp_path / "claims.jsonl"
        file.write_bytes(b"\n".join(encoded(filing(each, named("O0379"), PEOPLE.next())) for each in IDS))
        await verb(claims, any_system, "submit", str(file))
        for each in IDS:
            await until(lambda each=each: _standing(claims, any_system, each), 60)
        chosen = ("expedite", "--query", "step=identity jurisdiction=UT", "--reason", "an eviction of the 3rd")
        planned = await verb(claims, any_system, *chosen, "--dry-run")
        assert (planned["would_be"], planned["count"]) == ("expedited", len(IDS))
        done = await verb(claims, any_system, *chosen)
        assert (done["expedited"], done["refused"]) == (len(IDS), [])
    finally:
        await claims("start", "identity", *where)
    for each in IDS:
        told = await until(lambda each=each: shown(claims, any_system, each, "phase", "approved"), 90)
        assert (told["lane"], told["lane_reasons"]) == ("expedited", ["expedited by a person"])
        assert "eviction" not in str(told)


async def _standing(claims, system, claim):
    listed = (await verb(claims, system, "list", "--step", "identity", "--limit", "100"))["claims"]
    return [each for each in listed if each["claim_id"] == claim]
