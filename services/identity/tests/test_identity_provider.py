"""The provider over real HTTP on loopback: every way to fail, the deadline, the breaker, what goes over the wire."""

import asyncio
import json
import time
from contextlib import asynccontextmanager
from importlib import resources

import httpx2
import jsonschema
import pytest
import stamina
import structlog
import yaml
from prometheus_client import REGISTRY

from claims_identity.breaker import BreakerOpen, PurgatoryBreaker
from claims_identity.failures import DENIED, NOT_READY, PERMANENT, THROTTLED, TRANSIENT, CallFailed, CheckFailure
from claims_identity.memory import MemoryProvider
from claims_identity.provider import HttpProvider, is_down
from claims_identity.verify import Match, Outcome

MATCH = Match(Outcome.MATCH)
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def _soon():
    """Retry as often as in production, without the waits."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def lines():
    with structlog.testing.capture_logs() as captured:
        yield captured


@pytest.fixture
async def provider(server, now):
    async with provider_at(server.url, now) as made:
        yield made


@asynccontextmanager
async def provider_at(url, now, *, breaker=None, **settings):
    guard = breaker or PurgatoryBreaker("test", is_down, threshold=1000)
    async with httpx2.AsyncClient(base_url=url, timeout=None) as client:
        yield HttpProvider(client, guard, **{"deadline_seconds": 5, "now": lambda: now} | settings)


@pytest.fixture
def crowd(verify_ada):
    return lambda size: [verify_ada(claim_id=f"C{nr}", ssn=f"900-{nr // 9999:02}-{nr % 9999:04}") for nr in range(size)]


def replies(status, headers=None, content=b""):
    async def behave(_body):
        return status, headers or {}, content

    return behave


def answers(*results):
    return replies(200, JSON, json.dumps({"results": results}).encode())


async def hangs(_body):
    await asyncio.Event().wait()


async def hangs_up(_body):
    return None


ERRORS = [
    ("401 is denied", replies(401), CheckFailure(DENIED, "unauthorized"), 1),
    ("403 is denied", replies(403), CheckFailure(DENIED, "forbidden"), 1),
    ("404 is a wrong address and no claim's fault", replies(404), CheckFailure(NOT_READY, "wrong_address"), 1),
    ("a redirect is a wrong address", replies(302, {"location": "/"}), CheckFailure(NOT_READY, "wrong_address"), 1),
    ("422 is permanent", replies(422), CheckFailure(PERMANENT, "refused"), 1),
    ("429 is throttled", replies(429), CheckFailure(THROTTLED, "throttled"), 1),
    ("429 says when", replies(429, {"retry-after": "30"}), CheckFailure(THROTTLED, "throttled", 30), 1),
    (
        "429 says when, as a date",
        replies(429, {"retry-after": "Fri, 20 Nov 2026 15:05:00 GMT"}),
        CheckFailure(THROTTLED, "throttled", 55),
        1,
    ),
    (
        "a date that has passed is now",
        replies(429, {"retry-after": "Fri, 20 Nov 2025 15:05:00 GMT"}),
        CheckFailure(THROTTLED, "throttled", 0),
        1,
    ),
    (
        "nobody makes us wait longer than a day",
        replies(429, {"retry-after": "9" * 400}),
        CheckFailure(THROTTLED, "throttled", 86_400),
        1,
    ),
    ("a Retry-After in words is none", replies(429, {"retry-after": "soon"}), CheckFailure(THROTTLED, "throttled"), 1),
    ("503 is not ready", replies(503, {"retry-after": "5"}), CheckFailure(NOT_READY, "unavailable", 5), 1),
    ("500 is transient, tried again", replies(500), CheckFailure(TRANSIENT, "provider_error"), 3),
    ("502 is transient, tried again", replies(502), CheckFailure(TRANSIENT, "provider_error"), 3),
    ("hanging up is transient, tried again", hangs_up, CheckFailure(TRANSIENT, "connection"), 3),
    ("no JSON is garbage", replies(200, JSON, b"<html>"), CheckFailure(TRANSIENT, "garbage"), 3),
    ("no UTF-8 is garbage", replies(200, JSON, b'{"results": "\xff"}'), CheckFailure(TRANSIENT, "garbage"), 3),
    ("a wrong shape is garbage", replies(200, JSON, b'{"results": [7]}'), CheckFailure(TRANSIENT, "garbage"), 3),
    ("an empty body is garbage", replies(200), CheckFailure(TRANSIENT, "garbage"), 3),
    (
        "a broken compression is garbage",
        replies(200, {"content-encoding": "gzip"}, b"no gzip"),
        CheckFailure(TRANSIENT, "garbage"),
        3,
    ),
    ("a missing result is garbage", answers(), CheckFailure(TRANSIENT, "garbage"), 1),
    (
        "an unknown outcome is garbage",
        answers({"idempotency_key": "A/identity/2", "outcome": "maybe"}),
        CheckFailure(TRANSIENT, "garbage"),
        1,
    ),
    (
        "a throttled match says when",
        answers({"idempotency_key": "A/identity/2", "error": {"code": "throttled", "retry_after_seconds": 7}}),
        CheckFailure(THROTTLED, "throttled", 7),
        1,
    ),
    (
        "an unavailable match is transient",
        answers({"idempotency_key": "A/identity/2", "error": {"code": "unavailable", "detail": "records are away"}}),
        CheckFailure(TRANSIENT, "unavailable"),
        1,
    ),
    (
        "a match that is not ready is not ready",
        answers({"idempotency_key": "A/identity/2", "error": {"code": "not_ready"}}),
        CheckFailure(NOT_READY, "not_ready"),
        1,
    ),
    (
        "an invalid match is permanent",
        answers({"idempotency_key": "A/identity/2", "error": {"code": "invalid"}}),
        CheckFailure(PERMANENT, "invalid"),
        1,
    ),
    (
        "an error of an unknown code is transient",
        answers({"idempotency_key": "A/identity/2", "error": {"code": "tired"}}),
        CheckFailure(TRANSIENT, "garbage"),
        1,
    ),
]


@pytest.mark.parametrize("row", [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS])
async def test_errors(row, provider, server, verify_ada):
    behaviour, failure, tries = row
    server.usual = behaviour
    assert await provider.match([verify_ada()]) == {"A/identity/2": failure}
    assert len(server.asked) == tries


async def test_nobody_listening_is_transient(now, verify_ada):
    async with provider_at("http://127.0.0.1:9", now) as provider:
        assert await provider.match([verify_ada()]) == {"A/identity/2": CheckFailure(TRANSIENT, "connection")}


async def test_a_moment_s_trouble_is_over_at_the_next_try(provider, server, verify_ada):
    server.script = [replies(500), hangs_up]
    assert await provider.match([verify_ada()]) == {"A/identity/2": MATCH}


@pytest.mark.parametrize(
    ("result", "match"),
    [
        ({"outcome": "match"}, MATCH),
        ({"outcome": "no_match"}, Match(Outcome.NO_MATCH)),
        ({"outcome": "deceased"}, Match(Outcome.DECEASED)),
        ({"outcome": "partial", "mismatched": ["last_name"]}, Match(Outcome.PARTIAL, ("last_name",))),
        ({"outcome": "match", "added": "later"}, MATCH),
    ],
    ids=lambda value: value["outcome"] if isinstance(value, dict) else "",
)
async def test_outcomes(result, match, provider, server, verify_ada):
    server.usual = answers({"idempotency_key": "A/identity/2", **result})
    assert await provider.match([verify_ada()]) == {"A/identity/2": match}


async def test_one_item_s_error_leaves_the_others_alone(provider, server, verify_ada):
    server.usual = answers(
        {"idempotency_key": "somebody/else/1", "outcome": "deceased"},
        {"idempotency_key": "B/identity/2", "error": {"code": "invalid"}},
        {"idempotency_key": "A/identity/2", "outcome": "match"},
    )
    found = await provider.match([verify_ada(claim_id=claim) for claim in "ABC"])
    assert found == {
        "A/identity/2": MATCH,
        "B/identity/2": CheckFailure(PERMANENT, "invalid"),
        "C/identity/2": CheckFailure(TRANSIENT, "garbage"),
    }


async def test_a_batch_is_split_into_hundreds_each_with_its_keys(provider, server, crowd):
    asked = crowd(250)
    found = await provider.match(asked)
    assert sorted(len(body["requests"]) for body in server.asked) == [50, 100, 100]
    keys = [each["idempotency_key"] for body in server.asked for each in body["requests"]]
    assert sorted(keys) == sorted(found) == sorted(each.effect_id for each in asked)


async def test_nobody_asked_is_no_request(provider, server):
    assert await provider.match([]) == {}
    assert server.asked == []


async def test_the_idempotency_key_is_the_effect_over_all_attempts(provider, server, verify_ada):
    for attempt in (1, 2):
        await provider.match([verify_ada(attempt=attempt)])
    assert [body["requests"][0]["idempotency_key"] for body in server.asked] == ["A/identity/2"] * 2


async def test_never_more_requests_at_once_than_allowed(server, now, crowd):
    together = asyncio.Event()

    async def wait_for_two(body):
        if server.now_open == 2:
            together.set()
        await asyncio.wait_for(together.wait(), 5)
        return await matches(body)

    matches, server.usual = server.usual, wait_for_two
    async with provider_at(server.url, now, concurrency=2) as provider:
        batches = await asyncio.gather(provider.match(crowd(300)), provider.match(crowd(200)))
    assert [len(found) for found in batches] == [300, 200]
    assert server.most_open == 2


async def test_more_places_hold_at_once_for_who_waits_already(server, now, crowd):
    together = asyncio.Event()

    async def makes_room_and_waits_for_a_second(body):
        provider.limit(2, None)
        if server.now_open == 2:
            together.set()
        await asyncio.wait_for(together.wait(), 5)
        return await matches(body)

    matches, server.usual = server.usual, makes_room_and_waits_for_a_second
    async with provider_at(server.url, now, concurrency=1) as provider:
        found = await provider.match(crowd(400))
    assert set(found.values()) == {MATCH}
    assert server.most_open == 2


async def test_beyond_the_rate_a_batch_waits_its_turn_and_nothing_fails_for_it(server, now, crowd):
    async with provider_at(server.url, now, deadline_seconds=1) as provider:
        provider.limit(4, 100.0)
        began = time.monotonic()
        found = [await provider.match(crowd(40)) for _ in range(4)]
    assert all(set(each.values()) == {MATCH} for each in found)
    assert time.monotonic() - began >= 0.15, "the fourth waits until what was owed is refilled"


async def test_what_is_unanswered_at_the_deadline_is_not_ready_and_the_rest_counts(server, now, crowd):
    server.script = [hangs]
    async with provider_at(server.url, now, deadline_seconds=0.2, concurrency=1) as provider:
        began = time.monotonic()
        found = await provider.match(crowd(101))
        spent = time.monotonic() - began
    assert set(found.values()) == {CheckFailure(NOT_READY, "deadline")}
    assert spent < 2, "the one that hangs holds nobody beyond the deadline"
    server.script = [hangs]
    async with provider_at(server.url, now, deadline_seconds=0.5) as provider:
        found = await provider.match(crowd(101))
    assert sum(result == MATCH for result in found.values()) in (1, 100)


async def test_a_person_who_spoils_a_request_spoils_it_alone(provider, server, crowd):
    async def refuses_c37(body):
        if any(each["idempotency_key"] == "C37/identity/2" for each in body["requests"]):
            return 422, JSON, b"{}"
        return await matches(body)

    matches, server.usual = server.usual, refuses_c37
    found = await provider.match(crowd(100))
    assert found.pop("C37/identity/2") == CheckFailure(PERMANENT, "refused")
    assert set(found.values()) == {MATCH}


async def test_a_call_leaves_one_line_without_personal_data(provider, server, verify_ada, lines):
    server.usual = replies(429)
    await provider.match([verify_ada()])
    (line,) = lines
    assert (line["event"], line["dependency"], line["requests"], line["outcome"]) == (
        "outside_call",
        "identity_provider",
        1,
        "throttled",
    )
    assert not any(data in repr(line) for data in ("900-12", "Ada", "Obi", "1988"))


async def test_credentials_go_along(server, now, verify_ada):
    async with httpx2.AsyncClient(base_url=server.url, headers={"authorization": "Bearer token"}) as client:
        await HttpProvider(client, PurgatoryBreaker("test", is_down), now=lambda: now).match([verify_ada()])
    assert "authorization: bearer token" in server.heads[0].lower()


class TestBreaker:
    @pytest.fixture
    def breaker(self):
        return PurgatoryBreaker("provider", is_down, threshold=3, ttl=60)

    async def test_it_opens_after_failures_in_a_row_and_then_asks_nobody(self, breaker, server, now, verify_ada):
        server.usual = replies(503)
        async with provider_at(server.url, now, breaker=breaker) as provider:
            for _ in range(3):
                await provider.match([verify_ada()])
            (found,) = (await provider.match([verify_ada()])).values()
        assert (found.kind, found.reason) == (NOT_READY, "breaker_open")
        assert 0 < found.retry_after_seconds <= 60
        assert len(server.asked) == 3

    async def test_with_other_limits_it_begins_closed_and_with_the_same_it_stays_open(
        self, breaker, server, now, verify_ada
    ):
        server.usual = replies(503)
        async with provider_at(server.url, now, breaker=breaker) as provider:
            for _ in range(3):
                await provider.match([verify_ada()])
            breaker.set(3, 60)
            assert [each.reason for each in (await provider.match([verify_ada()])).values()] == ["breaker_open"]
            assert REGISTRY.get_sample_value("claims_breaker_open", {"dependency": "provider"}) == 1
            breaker.set(1, 60)
            assert REGISTRY.get_sample_value("claims_breaker_open", {"dependency": "provider"}) == 0
            await provider.match([verify_ada()])
            assert [each.reason for each in (await provider.match([verify_ada()])).values()] == ["breaker_open"]
        assert len(server.asked) == 4

    async def test_after_its_time_one_call_goes_to_see_and_closes_it(self, breaker, server, now, verify_ada):
        await self.open(breaker)
        await self.pass_its_time(breaker)
        async with provider_at(server.url, now, breaker=breaker) as provider:
            assert await provider.match([verify_ada()]) == {"A/identity/2": MATCH}
            assert await provider.match([verify_ada()]) == {"A/identity/2": MATCH}

    async def test_a_probe_that_fails_opens_it_again(self, breaker, server, now, verify_ada):
        await self.open(breaker)
        await self.pass_its_time(breaker)
        server.usual = replies(503)
        async with provider_at(server.url, now, breaker=breaker) as provider:
            for _ in range(2):
                await provider.match([verify_ada()])
        assert len(server.asked) == 1

    async def test_half_open_exactly_one_goes_through(self, breaker):
        await self.open(breaker)
        await self.pass_its_time(breaker)
        async with breaker.guard():
            with pytest.raises(BreakerOpen):
                async with breaker.guard():
                    raise AssertionError("a second call went through")
        async with breaker.guard():
            pass

    async def test_who_throttles_or_refuses_us_is_up(self, breaker, server, now, verify_ada):
        server.script = [replies(status) for status in (429, 403, 422) * 3]
        async with provider_at(server.url, now, breaker=breaker) as provider:
            for _ in range(9):
                await provider.match([verify_ada()])
            assert await provider.match([verify_ada()]) == {"A/identity/2": MATCH}

    async def test_a_provider_that_hangs_opens_it(self, breaker, server, now, verify_ada):
        server.usual = hangs
        async with provider_at(server.url, now, breaker=breaker, deadline_seconds=0.05) as provider:
            for _ in range(4):
                (found,) = (await provider.match([verify_ada()])).values()
        assert found.reason == "breaker_open"

    async def test_open_for_long_it_does_not_collect_tracebacks(self, breaker):
        await self.open(breaker)
        for _ in range(100):
            with pytest.raises(BreakerOpen):
                async with breaker.guard():
                    pass
        state = (await breaker._factory.get_breaker("provider")).context._state
        assert state.__traceback__ is None

    @staticmethod
    async def open(breaker):
        for _ in range(3):
            with pytest.raises(CallFailed):
                async with breaker.guard():
                    raise CallFailed(CheckFailure(NOT_READY, "unavailable"))

    @staticmethod
    async def pass_its_time(breaker):
        (await breaker._factory.get_breaker("provider")).context._state.opened_at -= 61


class TestContract:
    """The OpenAPI file says what the adapter sends and reads."""

    @pytest.fixture
    def schemas(self):
        document = yaml.safe_load(resources.files("claims_identity").joinpath("provider.openapi.yaml").read_text())
        return lambda name: document | {"$ref": f"#/components/schemas/{name}"}

    async def test_what_is_sent_is_as_written(self, provider, server, verify_ada, schemas):
        await provider.match([verify_ada(), verify_ada(claim_id="B", evidence=("document-1",))])
        jsonschema.validate(server.asked[0], schemas("MatchRequests"))
        assert server.asked[0]["requests"][1] == {
            "idempotency_key": "B/identity/2",
            "ssn": "900-12-3456",
            "first_name": "Ada",
            "last_name": "Obi",
            "date_of_birth": "1988-04-02",
            "evidence": ["document-1"],
        }

    async def test_an_answer_as_written_is_read(self, provider, server, verify_ada, schemas):
        jsonschema.validate(EXAMPLE, schemas("MatchResults"))
        server.usual = answers(*EXAMPLE["results"])
        found = await provider.match([verify_ada(claim_id=claim) for claim in "ABC"])
        assert found == {
            "A/identity/2": Match(Outcome.PARTIAL, ("last_name",)),
            "B/identity/2": CheckFailure(THROTTLED, "throttled", 30),
            "C/identity/2": MATCH,
        }
        assert server.heads[0].startswith("POST /v1/matches ")


EXAMPLE = {
    "results": [
        {
            "idempotency_key": "A/identity/2",
            "outcome": "partial",
            "mismatched": ["last_name"],
            "checked_at": "2026-11-20T15:04:06Z",
        },
        {"idempotency_key": "B/identity/2", "error": {"code": "throttled", "retry_after_seconds": 30}},
        {
            "idempotency_key": "C/identity/2",
            "outcome": "match",
            "mismatched": [],
            "checked_at": "2026-11-20T15:04:06Z",
        },
    ]
}

KNOWN = {
    "900-00-0001": Match(Outcome.PARTIAL, ("first_name",)),
    "900-00-0002": CheckFailure(NOT_READY, "not_ready", 3),
    "900-00-0003": CheckFailure(PERMANENT, "invalid", 0),
}


class TestPort:
    """What the decider relies on, of the provider in memory and of the one over HTTP."""

    @pytest.fixture(params=["memory", "http"])
    async def either(self, request, server, now):
        memory = MemoryProvider(KNOWN)
        if request.param == "memory":
            yield memory
            return
        server.usual = self.over_http
        async with provider_at(server.url, now) as over_http:
            yield over_http

    async def over_http(self, body):
        return await answers(*(self.result(each) for each in body["requests"]))(body)

    def result(self, asked):
        known = KNOWN.get(asked["ssn"], MATCH)
        if isinstance(known, Match):
            said = {"outcome": known.outcome, "mismatched": known.mismatched}
        else:
            said = {"error": {"code": known.reason, "retry_after_seconds": known.retry_after_seconds}}
        return {"idempotency_key": asked["idempotency_key"], **said}

    async def test_every_effect_has_its_entry(self, either, verify_ada):
        ssns = {"A": "900-12-3456", "B": "900-00-0001", "C": "900-00-0002", "D": "900-00-0003"}
        found = await either.match([verify_ada(claim_id=claim, ssn=ssn) for claim, ssn in ssns.items()])
        assert found == {f"{claim}/identity/2": KNOWN.get(ssn, MATCH) for claim, ssn in ssns.items()}

    async def test_nobody_asked_nothing_answered(self, either):
        assert await either.match([]) == {}
