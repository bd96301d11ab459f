"""The simulated provider keeps the contract, and breaks it only where a test number or the switch says so."""

import importlib.resources

import httpx2
import jsonschema
import pytest
import yaml

from claims_cli.outside import provider
from claims_cli.outside.matching import RULES
from claims_cli.outside.provider_switch import Setting, Switch

CONTRACT = yaml.safe_load(importlib.resources.files("claims_identity").joinpath("provider.openapi.yaml").read_text())


@pytest.fixture
async def http():
    simulator = httpx2.ASGITransport(provider.app(provider.Provider(slow_s=0.01)))
    async with httpx2.AsyncClient(transport=simulator, base_url="http://provider") as client:
        yield client


def question(ssn, key="k-1", **other):
    person = {"first_name": "Ada", "last_name": "Obi", "date_of_birth": "1988-04-02"}
    return {"idempotency_key": key, "ssn": ssn} | person | other


async def ask(http, *questions):
    return await http.post("/v1/matches", json={"requests": list(questions)})


async def entries(http, *questions):
    response = await ask(http, *questions)
    assert response.status_code == 200
    return response.json()["results"]


def spoken(entry):
    return entry.get("outcome") or entry["error"]["code"]


def check(schema, body):
    jsonschema.validate(body, {"$ref": f"#/components/schemas/{schema}", "components": CONTRACT["components"]})


@pytest.mark.parametrize(
    ("ssn", "answers"),
    [
        ("900-12-3456", ["match", "match"]),
        ("123-05-6789", ["match"]),
        ("900000001", ["no_match", "no_match"]),
        ("999-01-0001", ["partial"]),
        ("900-02-0001", ["deceased"]),
        ("900-03-0001", ["match"]),
        ("900-04-0001", ["throttled", "match", "match"]),
        ("900-05-0001", ["unavailable"] * 5),
        ("900-06-0001", ["unavailable", "unavailable", "match"]),
        ("900-07-0001", ["partial"]),
        ("900-09-0001", ["not_ready", "not_ready", "not_ready", "match"]),
        ("not-a-number", ["invalid"]),
    ],
)
async def test_a_number_is_answered_as_the_contract_says(http, ssn, answers):
    for expected in answers:
        body = (await ask(http, question(ssn))).json()
        check("MatchResults", body)
        assert spoken(body["results"][0]) == expected


@pytest.mark.parametrize(("group", "answer"), [("00", "match"), ("01", "match"), ("02", "deceased"), ("07", "match")])
async def test_evidence_cures_a_missing_or_partial_match(http, group, answer):
    asked = question(f"900-{group}-0001", evidence=["birth-certificate"])
    assert [spoken(each) for each in await entries(http, asked)] == [answer]


async def test_group_08_answers_what_no_contract_knows(http):
    body = (await ask(http, question("900-08-0001"))).json()
    with pytest.raises(jsonschema.ValidationError):
        check("MatchResults", body)


def test_the_contract_lists_every_group_with_a_fixed_answer():
    text = CONTRACT["info"]["description"]
    assert [group for group in RULES if f"| 9xx-{group}-xxxx |" in text] == [f"0{digit}" for digit in range(10)]


async def test_the_same_key_gives_the_same_result(http):
    first, again = await entries(http, question("900-12-3456")), await entries(http, question("900-12-3456"))
    assert first == again


async def test_a_key_used_for_another_question_is_invalid(http):
    await entries(http, question("900-12-3456"))
    assert spoken((await entries(http, question("900-13-3456")))[0]) == "invalid"


async def test_one_bad_question_harms_no_other(http):
    asked = [
        question("900-12-0001", "a"),
        question("900-12-0002", "b", date_of_birth="tomorrow"),
        question("900-12-0003", "c", first_name=""),
        question("900-00-0004", "d"),
    ]
    answered = await entries(http, *asked)
    assert [(each["idempotency_key"], spoken(each)) for each in answered] == [
        ("a", "match"),
        ("b", "invalid"),
        ("c", "invalid"),
        ("d", "no_match"),
    ]


@pytest.mark.parametrize("body", [b"no json", b"{}", b'{"requests": []}', b'{"requests": [{"ssn": "900-12-3456"}]}'])
async def test_a_request_against_the_contract_is_a_problem_without_personal_data(http, body):
    response = await http.post("/v1/matches", content=body)
    assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")
    check("Problem", response.json())
    assert "900" not in response.text


async def test_more_than_a_hundred_questions_are_refused(http):
    assert (await ask(http, *(question("900-12-3456", str(n)) for n in range(101)))).status_code == 400


@pytest.mark.parametrize(
    ("setting", "status"),
    [
        ({"mode": "throttled", "retry_after_s": 7}, 429),
        ({"mode": "failing"}, 503),
        ({"mode": "failing", "status": 403}, 403),
    ],
)
async def test_the_switch_refuses_whole_requests(http, setting, status):
    await http.put("/control", json=setting)
    response = await ask(http, question("900-12-3456"))
    assert response.status_code == status
    assert response.headers.get("retry-after") == ("7" if status == 429 else None)
    check("Problem", response.json())


async def test_a_wrong_provider_answers_200_and_nonsense(http):
    await http.put("/control", json={"mode": "wrong"})
    response = await ask(http, question("900-12-3456"))
    assert (response.status_code, response.headers["content-type"][:9]) == (200, "text/html")


@pytest.mark.parametrize(
    ("mode", "code"), [("throttled", "throttled"), ("failing", "unavailable"), ("wrong", "perhaps")]
)
async def test_the_switch_can_trouble_test_numbers_only(http, mode, code):
    await http.put("/control", json={"mode": mode, "scope": "group"})
    answered = await entries(http, question("900-12-3456", "a"), question("900-00-3456", "b"))
    assert [spoken(each) for each in answered] == ["match", code]


async def test_the_switch_runs_out_after_its_requests(http):
    await http.put("/control", json={"mode": "failing", "for_requests": 2})
    assert [(await ask(http, question("900-12-3456"))).status_code for _ in range(3)] == [503, 503, 200]


def test_the_switch_runs_out_after_its_seconds():
    now = 100.0
    switch = Switch(lambda: now)
    switch.turn(Setting("slow", for_seconds=5))
    now = 104.0
    assert (switch.now.mode, switch.now.for_seconds) == ("slow", 1.0)
    now = 105.0
    assert switch.now.mode == "normal"


async def test_an_unknown_setting_is_refused_and_changes_nothing(http):
    assert (await http.put("/control", json={"mode": "sulking"})).status_code == 400
    assert (await http.get("/control")).json()["mode"] == "normal"


async def test_stats_count_requests_questions_and_answers(http):
    await entries(http, question("900-12-3456", "a"), question("900-00-3456", "b"))
    await entries(http, question("900-12-3456", "a"))
    assert (await http.get("/stats")).json() == {
        "match": 2,
        "no_match": 1,
        "questions": 3,
        "repeated": 1,
        "requests": 2,
    }
