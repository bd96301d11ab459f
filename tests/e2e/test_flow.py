"""Limits and quotas changed on a running system: every process takes them without a restart, a broken edit changes nothing."""

from pathlib import Path

import pytest
from tests.e2e.asking import until, verb

from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People

pytestmark = pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
PEOPLE = People(80_000_000)


async def held(claims, system, process, about):
    """Give what one process says that holds for it."""
    return (await verb(claims, system, "flow", "show"))["in_effect"][process].get(about)


def break_it(file):
    Path(file).write_text("identity: {rate: soon}")


async def flow(claims, system, *words):
    await claims("flow", *words, "--data", system["data"])


async def test_limits_are_changed_while_the_service_runs(any_system, claims):
    pids = {each["name"]: each["pid"] for each in (await verb(claims, any_system, "ps"))["processes"]}
    await flow(claims, any_system, "set", "identity", "--rate", "70", "--concurrency", "2", "--breaker-seconds", "9")
    usual = {"concurrency": 2.0, "rate": 70.0, "breaker_failures": 5.0, "breaker_seconds": 9.0}

    async def taken():
        return await held(claims, any_system, "identity.1", "identity") == usual

    await until(taken, 20)
    break_it((await verb(claims, any_system, "flow", "show"))["file"])

    async def refused():
        return "refused" in str(await held(claims, any_system, "identity.1", "the file"))

    await until(refused, 20)
    assert await taken(), "the last good one stays"
    await flow(claims, any_system, "reset")

    async def as_set():
        return (await held(claims, any_system, "identity.1", "identity"))["rate"] is None

    await until(as_set, 20)
    assert pids == {each["name"]: each["pid"] for each in (await verb(claims, any_system, "ps"))["processes"]}


async def test_a_quota_takes_effect_on_the_next_claims(any_system, claims, tmp_path):
    await flow(claims, any_system, "set", "portals", "--rate", "0.01", "--burst", "1")

    async def taken():
        return (await held(claims, any_system, "orchestrator.1", "portal every other"))["burst"] == 1

    await until(taken, 20)
    file = tmp_path / "claims.jsonl"
    filed = [encoded(filing(f"quota-{number}", named("O0379"), PEOPLE.next())) for number in range(12)]
    file.write_bytes(b"\n".join(filed))
    await claims("submit", str(file), "--wait", "--timeout", "120", "--data", any_system["data"])
    metrics = await verb(claims, any_system, "flow", "show")
    assert metrics["in_effect"]["orchestrator.1"]["portal every other"]["rate"] == pytest.approx(0.01)
    tailed = await verb(claims, any_system, "list", "--limit", "100")
    assert {each["phase"] for each in tailed["claims"] if each["claim_id"].startswith("quota-")} == {"approved"}
    await flow(claims, any_system, "reset")

    async def as_before():
        return (await held(claims, any_system, "orchestrator.1", "portal every other"))["burst"] > 1

    await until(as_before, 20)
