"""`claims expedite`: which claims are chosen, by query, file or name, and what becomes of a bulk."""

import json

import pytest
from typer.testing import CliRunner

from claims_cli import expediting
from claims_cli.api import Away
from claims_cli.errors import ClaimsError
from claims_cli.expediting import wanted
from claims_cli.main import application


def open_claim(claim_id, since="2026-03-02T10:00:00Z", lane="standard", **more):
    waiting = {"on": "identity", "kind": "command", "since": since}
    line = {"claim_id": claim_id, "phase": "open", "step": "identity", "jurisdiction": "UT", "claim_type": "new"}
    return line | {"program": "UI", "lane": lane, "waiting": waiting, "updated_at": since} | more


class Api:
    """The operators' API as the bulk sees it: two pages, and what it was asked to expedite."""

    def __init__(self, *lines, refuses=(), away=False):
        self.lines, self.refuses, self.away, self.asked, self.expedited = lines, refuses, away, [], []

    def claims(self, **query):
        self.asked.append(query)
        half = len(self.lines) // 2
        first = {"claims": self.lines[:half], "next": "n"}
        return {"claims": self.lines[half:], "next": None} if query["after"] else first

    def act(self, claim_id, what, body):
        if self.away:
            raise Away("the API does not answer")
        if claim_id in self.refuses:
            raise ClaimsError("the claim is approved")
        self.expedited.append((claim_id, what, body))


def test_open_claims_of_the_standard_lane_are_found_over_all_pages_the_longest_waiting_first():
    api = Api(
        open_claim("C-1", "2026-03-03T10:00:00Z"),
        open_claim("C-2", lane="expedited"),
        open_claim("C-3"),
        open_claim("C-4", jurisdiction="NY"),
    )
    found = expediting.found(api, wanted("step=identity owner=identity unit jurisdiction=UT"))
    assert [each["claim_id"] for each in found] == ["C-3", "C-1"]
    assert [each["after"] for each in api.asked] == [None, "n"]
    assert api.asked[0] | {"phase": "open", "owner": "identity unit", "step": "identity"} == api.asked[0]


@pytest.mark.parametrize("wrong", ["identity", "phase=open", "step=identity unit"])
def test_a_word_that_says_nothing_is_named(wrong):
    with pytest.raises(ClaimsError, match="says nothing: write NAME=VALUE"):
        wanted(wrong)


def test_a_file_holds_ids_once_each(tmp_path):
    file = tmp_path / "ids.csv"
    file.write_text("# evictions of March\nC-1,Ada\n\nC-2 Bo\nC-1\n")
    assert expediting.listed(file) == ["C-1", "C-2"]


async def test_a_bulk_goes_on_where_one_claim_has_ended_meanwhile():
    api = Api(refuses={"C-2"})
    course, refused = await expediting.expedite(api, ["C-1", "C-2", "C-3"], "eviction", "Grace", 1_000)
    assert (course.done, course.stopped, refused) == (3, False, ["C-2: the claim is approved"])
    assert api.expedited[0] == ("C-1", "expedite", {"reason": "eviction", "expedited_by": "Grace"})
    assert [each[0] for each in api.expedited] == ["C-1", "C-3"]


async def test_a_bulk_ends_where_the_api_is_away():
    with pytest.raises(Away):
        await expediting.expedite(Api(away=True), ["C-1"], "eviction", "Grace", 1_000)


@pytest.mark.parametrize("words", [(), ("C-1", "--query", "step=identity")])
def test_claims_are_chosen_in_one_way(words):
    ran = CliRunner().invoke(
        application(), ["expedite", "--reason", "x", *words], env={"CLAIMS_API_URL": "http://127.0.0.1:1"}
    )
    assert "one of the three" in str(ran.exception)


def test_a_dry_run_says_where_they_stand_and_asks_nothing_of_anybody(monkeypatch):
    api = Api(open_claim("C-1"), open_claim("C-2", step="benefit"))
    monkeypatch.setattr("claims_cli.commands.expedite.Api", lambda _url: api)
    ran = CliRunner().invoke(
        application(),
        ["expedite", "--reason", "x", "--query", "", "--dry-run", "--json"],
        env={"CLAIMS_API_URL": "http://127.0.0.1:1"},
    )
    where = {"identity, identity": 1, "benefit, identity": 1}
    assert json.loads(ran.stdout.splitlines()[0]) == {"would_be": "expedited", "count": 2, "where": where}
    assert api.expedited == []
