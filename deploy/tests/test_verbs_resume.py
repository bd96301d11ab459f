"""`claims resume`: which parked claims are chosen, and what becomes of a bulk."""

import pytest
from typer.testing import CliRunner

from claims_cli import resuming
from claims_cli.api import Away
from claims_cli.errors import ClaimsError
from claims_cli.main import application
from claims_cli.resuming import Query, query


def parked(claim_id, cause="KeyError at decide.py:7 in _done", **more):
    waiting = {
        "kind": "park",
        "entry": f"{claim_id}/park/2",
        "reason": cause,
        "since": f"2026-03-02T17:31:0{claim_id[-1]}Z",
    }
    line = {"claim_id": claim_id, "phase": "open", "step": "benefit", "jurisdiction": "UT", "claim_type": "new"}
    return line | {"waiting": waiting} | more


class Api:
    """The operators' API as the bulk sees it: two pages, and what it was asked to resume."""

    def __init__(self, *lines, refuses=(), away=False):
        self.lines, self.refuses, self.away, self.asked, self.resumed = lines, refuses, away, [], []

    def claims(self, **query):
        self.asked.append(query)
        half = len(self.lines) // 2
        return (
            {"claims": self.lines[half:], "next": None}
            if query["after"]
            else {"claims": self.lines[:half], "next": "n"}
        )

    def act(self, claim_id, what, body):
        if self.away:
            raise Away("the API does not answer")
        if claim_id in self.refuses:
            raise ClaimsError("the claim is not parked")
        self.resumed.append((claim_id, what, body))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", {}),
        ("step=benefit cause=KeyError", {"step": "benefit", "cause": "KeyError"}),
        (
            "cause=KeyError at decide.py:7 in _done phase=open",
            {"cause": "KeyError at decide.py:7 in _done", "phase": "open"},
        ),
    ],
)
def test_a_query_is_names_and_values(written, words):
    assert query(written) == Query(words)


@pytest.mark.parametrize("wrong", ["benefit", "colour=red", "step=benefit KeyError"])
def test_a_word_that_says_nothing_is_named(wrong):
    with pytest.raises(ClaimsError, match="says nothing: write NAME=VALUE"):
        query(wrong)


def test_parked_claims_are_found_over_all_pages_the_longest_parked_first():
    every = [
        parked("C-3"),
        parked("C-1"),
        parked("C-2", "TypeError at sends.py:1 in _x"),
        parked("C-4", step="identity"),
    ]
    api = Api(*every)
    found = resuming.parked(api, query("cause=KeyError step=benefit"))
    assert [each["claim_id"] for each in found] == ["C-1", "C-3"]
    assert [each["after"] for each in api.asked] == [None, "n"]
    assert api.asked[0] | {"owner": "engineering", "step": "benefit", "phase": None} == api.asked[0]
    assert resuming.causes(every) == {"KeyError at decide.py:7 in _done": 3, "TypeError at sends.py:1 in _x": 1}


async def test_a_bulk_goes_on_where_one_claim_moved_on_meanwhile():
    api = Api(refuses={"C-2"})
    course, refused = await resuming.resume(api, [parked(f"C-{n}") for n in (1, 2, 3)], "replay", "Linus", 1_000)
    assert (course.done, course.stopped, refused) == (3, False, ["C-2: the claim is not parked"])
    body = {"answers": "C-1/park/2", "mode": "replay", "resumed_by": "Linus"}
    assert api.resumed[0] == ("C-1", "resume", body)
    assert [each[0] for each in api.resumed] == ["C-1", "C-3"]


async def test_a_bulk_ends_where_the_api_is_away():
    with pytest.raises(Away):
        await resuming.resume(Api(away=True), [parked("C-1")], "replay", "Linus", 1_000)


def test_nothing_is_resumed_that_nobody_chose():
    failure = CliRunner().invoke(application(), ["resume"], env={"CLAIMS_API_URL": "http://127.0.0.1:1"}).exception
    assert "--query, or --all" in str(failure)
