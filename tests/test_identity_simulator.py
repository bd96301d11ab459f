"""The identity service's adapter against the local stack's provider: what people see when they play with its switch."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import httpx2
import pytest
import stamina

from claims_cli.outside.provider import Provider, app
from claims_identity.breaker import PurgatoryBreaker
from claims_identity.failures import NOT_READY, THROTTLED, TRANSIENT, CheckFailure
from claims_identity.provider import HttpProvider, is_down
from claims_identity.verify import Match, Outcome
from claims_shared.messages.identity import VerifyIdentity

MATCH = Match(Outcome.MATCH)
GARBAGE = CheckFailure(TRANSIENT, "garbage")


@asynccontextmanager
async def simulator(threshold=1000):
    transport = httpx2.ASGITransport(app=app(Provider()))
    with stamina.set_testing(True, attempts=3, cap=True):
        async with httpx2.AsyncClient(transport=transport, base_url="http://provider") as client:
            breaker = PurgatoryBreaker("provider", is_down, threshold=threshold, ttl=60)
            yield client, HttpProvider(client, breaker)


def check(ssn, *, nr=1, **changes):
    usual = {
        "claim_id": f"C{nr}",
        "effect_id": f"C{nr}/identity/2",
        "attempt": 1,
        "jurisdiction": "UT",
        "claim_type": "new",
        "filed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "ssn": ssn,
        "first_name": "Ada",
        "last_name": "Obi",
        "date_of_birth": date(1988, 4, 2),
    }
    return VerifyIdentity(**(usual | changes))


@pytest.mark.parametrize(
    ("ssn", "answers"),
    [
        ("900-12-3456", [MATCH]),
        ("900-00-0001", [Match(Outcome.NO_MATCH)]),
        ("900-01-0001", [Match(Outcome.PARTIAL, ("date_of_birth",))]),
        ("900-02-0001", [Match(Outcome.DECEASED)]),
        ("900-04-0001", [CheckFailure(THROTTLED, "throttled", 2), MATCH]),
        ("900-05-0001", [CheckFailure(TRANSIENT, "unavailable")] * 3),
        ("900-06-0001", [CheckFailure(TRANSIENT, "unavailable")] * 2 + [MATCH]),
        ("900-07-0001", [Match(Outcome.PARTIAL, ("last_name",))]),
        ("900-08-0001", [GARBAGE] * 2),
        ("900-09-0001", [CheckFailure(NOT_READY, "not_ready")] * 3 + [MATCH]),
    ],
)
async def test_a_test_number_asked_again_and_again_is_answered(ssn, answers):
    async with simulator() as (_, provider):
        for answer in answers:
            assert await provider.match([check(ssn)]) == {"C1/identity/2": answer}


@pytest.mark.parametrize("group", ["00", "01", "07"])
async def test_with_evidence_who_did_not_match_does(group):
    async with simulator() as (_, provider):
        assert await provider.match([check(f"900-{group}-0001")]) != {"C1/identity/2": MATCH}
        again = check(f"900-{group}-0001", effect_id="C1/identity/7", evidence=("document-1",))
        assert await provider.match([again]) == {"C1/identity/7": MATCH}


async def test_one_odd_person_in_a_full_request_harms_nobody():
    async with simulator() as (_, provider):
        people = [check(f"900-12-{nr:04}", nr=nr) for nr in range(99)] + [check("900-12-9999", nr=99, first_name="")]
        found = await provider.match(people)
    assert found.pop("C99/identity/2").kind == "permanent"
    assert set(found.values()) == {MATCH}


@pytest.mark.parametrize(
    ("setting", "kind"),
    [({"mode": "throttled"}, THROTTLED), ({"mode": "failing"}, TRANSIENT), ({"mode": "wrong"}, TRANSIENT)],
    ids=lambda value: value["mode"] if isinstance(value, dict) else "",
)
async def test_told_to_be_in_trouble_it_is_and_recovers(setting, kind):
    async with simulator() as (client, provider):
        (await client.put("/control", json=setting | {"scope": "all"})).raise_for_status()
        (failure,) = (await provider.match([check("900-12-3456")])).values()
        assert failure.kind in {kind, NOT_READY}
        (await client.put("/control", json={"mode": "normal"})).raise_for_status()
        assert await provider.match([check("900-12-3456")]) == {"C1/identity/2": MATCH}


async def test_failing_for_long_it_is_left_alone():
    async with simulator(threshold=3) as (client, provider):
        (await client.put("/control", json={"mode": "failing", "scope": "all"})).raise_for_status()
        for _ in range(5):
            (failure,) = (await provider.match([check("900-12-3456")])).values()
        assert (failure.kind, failure.reason) == (NOT_READY, "breaker_open")
        assert (await client.get("/stats")).json()["requests"] == 3
