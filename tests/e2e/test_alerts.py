"""What a machine holds for too long, as an operator meets it: the alert, what it says, and its end."""

import os
import signal
from datetime import datetime

import pytest
from tests.e2e.asking import shown, until, verb

from claims_cli.demo.examples import named
from claims_cli.demo.filings import encoded, filing
from claims_cli.demo.people import People

pytestmark = pytest.mark.parametrize("any_system", ["sqlite"], indirect=True)
PEOPLE = People(70_000_000)


@pytest.fixture
async def standing_still(any_system, claims):
    """The benefits service stands still."""
    processes = (await verb(claims, any_system, "ps"))["processes"]
    (pid,) = [each["pid"] for each in processes if each["service"] == "benefits"]
    os.kill(pid, signal.SIGSTOP)
    yield lambda: os.kill(pid, signal.SIGCONT)
    os.kill(pid, signal.SIGCONT)


async def test_an_alert_comes_within_seconds_of_its_limit_and_is_over_when_the_service_answers(
    any_system, claims, standing_still, tmp_path, record_property
):
    file = tmp_path / "claims.jsonl"
    file.write_bytes(encoded(filing("held-1", named("O0379"), PEOPLE.next())))
    await verb(claims, any_system, "submit", str(file))
    (listed,) = (await until(lambda: _held(claims, any_system), 90))["claims"]
    assert (listed["claim_id"], listed["step"]) == ("held-1", "benefit")
    held = await verb(claims, any_system, "show", "held-1")
    (entry,) = held["open"]
    assert (entry["owner"], entry["limit_at"]) == ("benefits", None)
    assert "benefits service" in entry["advice"]
    (said,) = [each for each in held["history"] if each["change"] == "benefit.too_long"]
    after = datetime.fromisoformat(said["at"]) - datetime.fromisoformat(entry["too_long_since"])
    record_property("alert_after_limit_seconds", after.total_seconds())
    standing_still()
    await until(lambda: shown(claims, any_system, "held-1", "phase", "approved"), 90)
    assert (await verb(claims, any_system, "list", "--too-long"))["claims"] == []


async def _held(claims, system):
    found = await verb(claims, system, "list", "--too-long")
    return found if found["claims"] else None
