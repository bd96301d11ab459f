import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2
import msgspec
import pytest
from aiokafka import AIOKafkaConsumer

from claims_cli import topics
from claims_orchestrator.console.app import build
from claims_orchestrator.console.desk import Desk
from claims_orchestrator.process import Clocks
from claims_orchestrator.store import SHAPE, ClaimDecider
from claims_orchestrator.window import Window
from claims_shared.cluster import partitions_of
from claims_shared.memory import MemoryStore
from claims_shared.messages.catalog import DESK
from claims_shared.ports import Row, StoreUnavailable
from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings

CLOCKS = Clocks()
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
REFERRAL = "C-1/referral-identity/2"
DECISION = {"answers": REFERRAL, "decision": "continue", "reason": "passport seen", "decided_by": "Grace"}


async def nobody(_assigned):
    return 0


DECIDER = ClaimDecider(CLOCKS, Window(1, 1, nobody))


async def stored(*claims) -> MemoryStore:
    store = MemoryStore(SHAPE)
    rows = [
        Row(each.id, 1, "test", 0, msgspec.msgpack.encode(each), DECIDER.due_at(each), DECIDER.fields(each))
        for each in claims
    ]
    assert not await store.write(rows)
    return store


class Away(MemoryStore):
    async def load(self, ids):  # noqa: ARG002 - the port's
        raise StoreUnavailable("no")

    async def ping(self):
        raise StoreUnavailable("no")


@asynccontextmanager
async def api(store, bootstrap="127.0.0.1:1", partitions=1) -> AsyncIterator[httpx2.AsyncClient]:
    kafka = KafkaSettings(bootstrap=bootstrap)
    producer = Producer(kafka, "test.console", partitions)
    desk = Desk(store, producer, kafka, CLOCKS, lambda: NOW, publish_seconds=5)
    transport = httpx2.ASGITransport(build(desk))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client
    await producer.stop()


@pytest.fixture(scope="module")
async def desk_topic(kafka):
    await topics.create(kafka)
    return kafka


async def published(bootstrap: str, claim_id: str) -> list[tuple[dict[str, str], dict[str, object]]]:
    """Everything on the desk's topic for this claim."""
    consumer = AIOKafkaConsumer(DESK.name, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = list(consumer.assignment())
        ends = await consumer.end_offsets(places)
        found = []
        for place in places:
            while await consumer.position(place) < ends[place]:
                found += (await consumer.getmany(place, timeout_ms=1000)).get(place, [])
    finally:
        await consumer.stop()
    return [
        ({name: value.decode() for name, value in each.headers}, json.loads(each.value))
        for each in found
        if each.key == claim_id.encode()
    ]


async def test_a_claim_shows_where_it_stands_and_no_facts_of_the_citizen(claims):
    everyone = [
        claims(name, f"C-{name}") for name in ("evidence", "conflict", "denied", "withdrawn", "awaited", "parked")
    ]
    async with api(await stored(*everyone)) as client:
        for each in everyone:
            for path in ("", "/status"):
                text = (await client.get(f"/claims/{each.id}{path}")).raise_for_status().text
                secrets = ("900-12", "Ada", "Obi", "foreman", "1988", *(("KeyError",) if path else ()))
                assert not [secret for secret in secrets if secret in text]


async def test_a_parked_claim_waits_for_an_engineer_and_says_what_failed_and_where(claims):
    async with api(await stored(claims("parked"), claims("evidence", "C-2"))) as client:
        (shown,) = (await client.get("/claims", params={"owner": "engineering"})).json()["claims"]
    waiting = shown["waiting"]
    assert (shown["claim_id"], waiting["kind"], waiting["reason"]) == ("C-1", "park", "KeyError in decide.py:1")


async def test_what_will_be_late_by_the_law_can_be_listed_and_the_claim_tells_its_clocks(claims):
    async with api(await stored(claims("evidence", "C-2"), claims("forecast"), claims("withdrawn", "C-3"))) as client:
        (shown,) = (await client.get("/claims", params={"clock": "forecast"})).json()["claims"]
        late = (await client.get("/claims", params={"clock": "late"})).json()["claims"]
        wrong = await client.get("/claims", params={"clock": "soon"})
        whole = (await client.get("/claims/C-1")).json()
    first, issue = whole["clocks"]
    assert (shown["claim_id"], shown["clock"], late, wrong.status_code) == ("C-1", "forecast", [], 422)
    assert (first["name"], first["state"], first["citation"]) == ("first_payment", "forecast", "20 CFR 640.5")
    assert (issue["name"], issue["state"], issue["failed_at"]) == ("nonmonetary_determination", "running", None)
    assert {each["advice"] for each in whole["open"] if each["kind"] == "clock"} == {
        None,
        "It is the turn of identity unit: referral (identity), until 2026-03-05",
    }


async def test_a_claim_tells_what_became_of_its_clocks(claims):
    async with api(await stored(claims("denied_by_a_person"))) as client:
        whole = (await client.get("/claims/C-1")).json()
    assert whole["clocks"] == []
    assert {(each["name"], each["outcome"], each["ended_by"]) for each in whole["clocks_ended"]} == {
        ("first_payment", "met", "denial"),
        ("nonmonetary_determination", "met", "determination"),
    }


async def test_what_a_machine_has_had_for_too_long_can_be_listed_and_says_what_to_do(claims):
    async with api(await stored(claims("identity", "C-2"), claims("too_long"))) as client:
        (shown,) = (await client.get("/claims", params={"too_long": True})).json()["claims"]
        everyone = (await client.get("/claims", params={"too_long": False})).json()["claims"]
        (entry,) = (await client.get("/claims/C-1")).json()["open"]
    assert (shown["claim_id"], shown["too_long"], len(everyone)) == ("C-1", True, 2)
    assert entry["too_long_since"] > entry["since"]
    assert "provider answers" in entry["advice"]


async def test_a_waiting_claim_says_on_whom_since_and_until_when(claims):
    async with api(await stored(claims("evidence"))) as client:
        shown = (await client.get("/claims/C-1")).json()
    assert shown["phase"] == "open"
    assert shown["step"] == "identity"
    assert shown["plan"] == ["identity", "eligibility", "benefit", "orientation"]
    assert shown["waiting"] == {
        "on": "claimant",
        "kind": "evidence",
        "entry": "C-1/evidence/2",
        "step": "identity",
        "reason": None,
        "since": "2026-03-02T17:31:00Z",
        "until": "2026-03-13T05:59:59.999000Z",
    }
    assert [each["change"] for each in shown["history"]] == ["accepted", "identity.evidence-needed"]


async def test_a_determination_carries_amounts_and_reasons(claims):
    async with api(await stored(claims("approved", "A"), claims("denied", "D"))) as client:
        approved, denied = [(await client.get(f"/claims/{name}")).json()["determinations"][0] for name in "AD"]
    assert (approved["weekly_benefit_amount"], approved["maximum_benefit_amount"]) == ("395.00", "6715.00")
    assert approved["interview_at"] == "2026-03-09T21:00:00Z"
    assert denied["reasons"][0]["code"] == "insufficient_high_quarter_wages"
    assert denied["appeal_by"] == "2026-03-17"


async def test_a_list_is_filtered_and_paged(claims):
    names = ["identity", "evidence", "evidence", "approved"]
    async with api(await stored(*(claims(name, f"C-{n}") for n, name in enumerate(names)))) as client:
        waiting = (await client.get("/claims", params={"owner": "claimant"})).json()
        assert {each["claim_id"] for each in waiting["claims"]} == {"C-1", "C-2"}
        assert len((await client.get("/claims", params={"phase": "approved"})).json()["claims"]) == 1
        first = (await client.get("/claims", params={"limit": 3})).json()
        rest = (await client.get("/claims", params={"limit": 3, "after": first["next"]})).json()
    assert [each["claim_id"] for each in (*first["claims"], *rest["claims"])] == ["C-3", "C-2", "C-1", "C-0"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/claims/nobody", 404, "unknown_claim"),
        ("/claims?after=nonsense", 400, "wrong_page"),
        ("/claims?phase=nonsense", 422, "invalid"),
        ("/nowhere", 404, "http"),
    ],
)
async def test_errors_are_problem_documents(path, status, code):
    async with api(await stored()) as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert "nonsense" not in answer.json()["detail"]


async def test_a_page_under_another_name_is_not_served(claims):
    async with api(await stored(claims("identity"))) as client:
        assert (await client.get("/claims/C-1", headers={"host": "evil.example"})).status_code == 400


async def test_where_the_store_is_away_the_caller_is_told_when_to_come_back():
    async with api(Away(SHAPE)) as client:
        answer = await client.get("/claims/C-1")
        ready = await client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert ready.status_code == 503
    assert "store" in ready.text


@pytest.mark.parametrize(
    ("story", "changes", "code"),
    [
        ("evidence", {}, "not_open"),
        ("conflict", {"answers": "C-1/referral-identity/1"}, "not_open"),
        ("denied_no_window", {"answers": "C-1/referral-appeal_window/3", "decision": "deny"}, "not_allowed"),
        ("appealed", {"answers": "C-1/referral-appeal/4", "decision": "dismiss"}, "in_time"),
        ("appealed", {"answers": "C-1/referral-appeal/4", "decision": "reverse"}, "result_missing"),
        ("awaited", {}, "awaited"),
    ],
)
async def test_a_decision_that_the_claim_cannot_take_is_refused_with_a_sentence(claims, story, changes, code):
    async with api(await stored(claims(story))) as client:
        answer = await client.post("/claims/C-1/decisions", json=DECISION | changes)
    assert answer.status_code == 409, answer.text
    assert answer.json()["code"] == code
    assert " " in answer.json()["detail"]


async def test_a_misspelt_field_is_refused_and_the_reason_not_echoed(claims):
    async with api(await stored(claims("conflict"))) as client:
        answer = await client.post("/claims/C-1/decisions", json=DECISION | {"decision": "contniue", "note": "x"})
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["errors"]} == {"body.decision", "body.note"}
    assert "contniue" not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "modify"},
        {"decision": "modify", "weekly_benefit_amount": "395.00"},
        {"decision": "modify", "weekly_benefit_amount": "395.00", "maximum_benefit_amount": "394.99"},
        {"decision": "modify", "weekly_benefit_amount": "0.00", "maximum_benefit_amount": "0.00"},
        {"decision": "affirm", "weekly_benefit_amount": "395.00", "maximum_benefit_amount": "395.00"},
    ],
)
async def test_amounts_go_with_modify_and_modify_with_amounts(claims, changes):
    async with api(await stored(claims("appealed"))) as client:
        asked = DECISION | {"answers": "C-1/referral-appeal/4"} | changes
        answer = await client.post("/claims/C-1/decisions", json=asked)
    assert answer.status_code == 422, answer.text


async def test_a_claim_tells_its_appeals_and_what_was_decided_on_them(claims):
    async with api(await stored(claims("appealed"), claims("affirmed", "C-2"))) as client:
        open_, done = [(await client.get(f"/claims/{name}")).json() for name in ("C-1", "C-2")]
    told = {"determination_number": 1, "received_on": "2026-03-02", "appeal_by": "2026-03-17"}
    told |= {"timeliness": "timely", "late_days": 0}
    assert open_["appeals"] == [told | {"entry": "C-1/referral-appeal/4", "decision": None, "decided_at": None}]
    assert [each["appeal"] for each in open_["open"] if each["reason"] == "appeal"] == [told]
    assert done["appeals"][0]["decision"] == "affirm"
    assert "appeal" not in done["open"][0]


async def test_without_a_broker_a_decision_is_not_said_to_be_taken(claims):
    async with api(await stored(claims("conflict"))) as client:
        client.timeout = 20
        answer = await client.post("/claims/C-1/decisions", json=DECISION)
        ready = await client.get("/readyz")
    assert answer.status_code == 503
    assert "broker" in answer.json()["detail"]
    assert ready.status_code == 503


async def test_a_decision_repeated_is_one_message_by_id(claims, desk_topic):
    claim = claims("conflict", "C-repeat")
    decision = DECISION | {"answers": "C-repeat/referral-identity/2"}
    async with api(
        await stored(claim), desk_topic, await partitions_of(KafkaSettings(bootstrap=desk_topic), [DESK.name])
    ) as client:
        first = await client.post("/claims/C-repeat/decisions", json=decision)
        again = await client.post("/claims/C-repeat/decisions", json=decision)
        other = await client.post("/claims/C-repeat/decisions", json=decision, headers={"Idempotency-Key": "k1"})
        assert (await client.get("/readyz")).text == "ok\n"
    assert [each.status_code for each in (first, again, other)] == [202, 202, 202]
    assert first.headers["location"] == "/claims/C-repeat"
    sent = await published(desk_topic, "C-repeat")
    assert [headers["ce_id"] for headers, _ in sent] == [
        "C-repeat/referral-identity/2/continue",
        "C-repeat/referral-identity/2/continue",
        "C-repeat/referral-identity/2/continue/k1",
    ]
    headers, body = sent[0]
    assert headers["ce_type"] == "referral.decided.v1"
    assert headers["ce_source"] == "claims.console"
    assert body["decided_at"] == "2026-03-02T18:00:00Z"
    assert body["decision"] == "continue"


async def test_what_was_taken_already_is_not_published_again(claims, desk_topic):
    claim = claims("conflict", "C-heard")
    heard = msgspec.structs.replace(claim, heard=("claims.console C-heard/referral-identity/2/continue",))
    async with api(await stored(heard), desk_topic, 4) as client:
        answer = await client.post(
            "/claims/C-heard/decisions", json=DECISION | {"answers": "C-heard/referral-identity/2"}
        )
    assert (answer.status_code, answer.json()["published"]) == (202, False)
    assert await published(desk_topic, "C-heard") == []


async def test_interviews_expediting_and_resuming_go_to_the_desk(claims, desk_topic):
    asked = [
        ("interview", "interviews", {"answers": "{id}/interview/4", "held_by": "Grace"}, "interview.held.v1"),
        ("identity", "expedite", {"reason": "eviction", "expedited_by": "Grace"}, "claim.expedited.v1"),
        ("parked", "resume", {"answers": "{id}/park/1", "resumed_by": "Linus"}, "claim.resumed.v1"),
    ]
    for story, verb, body, wire in asked:
        name = f"C-{verb}"
        filled = {key: value.format(id=name) for key, value in body.items()}
        async with api(await stored(claims(story, name)), desk_topic, 4) as client:
            answer = await client.post(f"/claims/{name}/{verb}", json=filled)
        assert answer.status_code == 202, answer.text
        assert [headers["ce_type"] for headers, _ in await published(desk_topic, name)] == [wire]


async def test_a_closed_claim_cannot_be_expedited(claims):
    async with api(await stored(claims("withdrawn"))) as client:
        answer = await client.post("/claims/C-1/expedite", json={"reason": "x", "expedited_by": "Grace"})
    assert answer.status_code == 409
    assert "withdrawn" in answer.json()["detail"]
