"""`claims tasks`: which task is meant, what is asked of the API, what a person sees, and a bulk page by page."""

import json

import pytest
from typer.testing import CliRunner

from claims_cli import task_page
from claims_cli.commands import tasks
from claims_cli.errors import ClaimsError
from claims_cli.main import application

LINE = {
    "task": "C-1/referral-identity/2",
    "claim_id": "C-1",
    "queue": "identity unit",
    "unit": "identity unit",
    "reason": "identity",
    "left_seconds": 7_200,
    "due_at": "2026-03-05T06:59:59Z",
    "assignee": None,
    "claimed_at": None,
}


def entry(name, **more):
    shown = {"id": name, "kind": "referral", "owner": "identity unit", "reason": name.split("-")[-1].split("/")[0]}
    return shown | {"since": "2026-03-02T06:59:59Z", "due_at": "2026-03-05T06:59:59Z"} | more


def moved(name, to, why_not=None):
    return {"task": name, "claim_id": "C", "queue": "appeals", "was": "kim", "to": to, "why_not": why_not}


class Api:
    """The operators' API as these verbs see it: one claim, lists in two pages, and what it was asked to do."""

    def __init__(self, *entries, pages=()):
        self.entries, self.pages, self.asked = entries, pages, []

    def claim(self, _claim_id):
        history = [("accepted", None), ("identity.claimed", "C-1/referral-identity/2/claimed/kim/2")]
        told = [
            {"number": number, "at": "2026-03-02T06:59:59Z", "change": change, "cause": cause}
            for number, (change, cause) in enumerate(history, 1)
        ]
        return {"claim_id": "C-1", "open": list(self.entries), "history": told}

    def tasks(self, **query):
        self.asked.append(query)
        return {"tasks": [LINE], "next": None if query["after"] else "0.n"}

    def act(self, claim_id, what, body):
        self.asked.append((claim_id, what, body))
        return {"type": "t", "published": True, "note": "soon"}

    def move_tasks(self, what, body):
        self.asked.append((what, body))
        return {"tasks": self.pages[1 if body["after"] else 0], "next": None if body["after"] else "0.n"}


@pytest.fixture
def run(monkeypatch):
    def run(api, *arguments):
        monkeypatch.setattr(tasks, "Api", lambda _url: api)
        monkeypatch.setattr(tasks.reach, "api", lambda _data: "")
        done = CliRunner().invoke(application("tasks"), ["tasks", *arguments])
        if isinstance(done.exception, ClaimsError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done

    return run


ONE, TWO = entry("C-1/referral-identity/2", assignee="kim"), entry("C-1/referral-appeal/5")


def test_the_list_shows_time_left_and_who_has_it(run):
    api = Api()
    done = run(api, "list", "--queue", "identity unit", "--unassigned")
    assert "2 h" in done.output
    assert "nobody" in done.output
    (asked,) = api.asked
    assert (asked["queue"], asked["unassigned"], asked["overdue"]) == ("identity unit", True, None)


def test_a_list_for_scripts_is_the_api_s_own(run):
    assert json.loads(run(Api(), "list", "--json").stdout)["tasks"] == [LINE]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (200_000, "2 d"),
        (86_400, "1 d"),
        (7_300, "2 h"),
        (90, "1 min"),
        (5, "5 s"),
        (-90_000, "1 d overdue"),
        (0, "0 s overdue"),
    ],
)
def test_time_left_is_said_in_its_largest_whole_unit(seconds, said):
    assert task_page.left(seconds).plain == said


def test_a_claim_s_only_task_need_not_be_named(run):
    api = Api(ONE)
    run(api, "claim", "C-1", "--by", "kim")
    run(api, "release", "C-1", "--by", "bo", "--reason", "on leave")
    run(api, "assign", "C-1", "--to", "lin", "--instead-of", "kim", "--by", "bo")
    claimed, released, assigned = api.asked
    assert claimed == ("C-1", "tasks/claim", {"answers": ONE["id"], "caseworker_ref": "kim", "reason": ""})
    assert (released[2]["caseworker_ref"], released[2]["released_by"]) == ("kim", "bo")
    assert (assigned[2]["caseworker_ref"], assigned[2]["instead_of"]) == ("lin", "kim")


def test_of_several_tasks_one_must_be_named(run):
    with pytest.raises(ClaimsError, match=r"choose one of the tasks of claim C-1 with --task: .*identity.*appeal"):
        run(Api(ONE, TWO), "claim", "C-1", "--by", "kim")
    api = Api(ONE, TWO)
    run(api, "claim", "C-1", "--by", "kim", "--task", TWO["id"])
    assert api.asked[0][2]["answers"] == TWO["id"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("claim", "C-1"), "has no task"),
        (("assign", "C-1"), "say who gets the task"),
        (("assign", "C-1", "--to", "kim", "--dry-run"), "are for many tasks"),
        (("assign", "--to", "kim"), "name the claim"),
    ],
)
def test_what_makes_no_sense_is_said(run, arguments, says):
    with pytest.raises(ClaimsError, match=says):
        run(Api(), *arguments)


def test_a_bulk_goes_over_all_pages_and_says_how_many_each_got(run):
    api = Api(pages=([moved("a", "lin"), moved("b", "lin")], [moved("c", None, "nobody_fits")]))
    done = run(api, "reassign", "kim", "--reason", "leaves", "--by", "bo", "--dry-run")
    bodies = [each[1] for each in api.asked if isinstance(each, tuple)]
    assert [each["after"] for each in bodies] == [None, "0.n"]
    assert all(each["dry_run"] and each["caseworker_ref"] == "kim" for each in bodies)
    assert "2  lin" in done.stderr
    assert "1  nobody: nobody_fits" in done.stderr
    assert "2 of 3 tasks would be assigned" in done.stderr


def test_a_bulk_tells_scripts_what_became_of_each(run):
    api = Api(pages=([moved("a", "lin")], []))
    told = json.loads(run(api, "assign", "--queue", "appeals", "--by", "bo", "--json").stdout)
    assert told == {"dry_run": False, "of": 2, "stopped": False, "tasks": [moved("a", "lin")]}


def test_a_claim_s_tasks_are_shown_with_what_was_done_about_them(run):
    done = run(
        Api(ONE, entry("C-1/referral-appeal/5", due_at=None, overdue_since="2026-03-04T06:59:59Z")), "show", "C-1"
    )
    assert "identity.claimed" in done.output
    assert "accepted" not in done.output
    assert "04 Mar" in done.output
