import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from claims_cli.errors import ClaimsError
from claims_cli.main import application

REFERRAL = {"id": "C-1/referral-identity/2", "kind": "referral", "owner": "identity unit", "reason": "identity"}
SECOND = REFERRAL | {"id": "C-1/referral-appeal/5", "reason": "appeal"}
INSTANTS = {
    "since": "2026-03-02T17:31:00Z",
    "due_at": None,
    "retry_at": None,
    "remind_at": None,
    "attempt": 1,
}


def claim(*entries):
    return {
        "claim_id": "C-1",
        "portal_ref": "R-1",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "phase": "open",
        "step": "identity",
        "lane": "standard",
        "lane_reasons": [],
        "portal": "p",
        "waiting": {
            "on": "identity unit",
            "kind": "referral",
            "entry": REFERRAL["id"],
            "step": "identity",
            "reason": "identity",
            "since": INSTANTS["since"],
            "until": None,
        },
        "too_long": False,
        "clock": None,
        "updated_at": INSTANTS["since"],
        "filed_at": INSTANTS["since"],
        "accepted_at": INSTANTS["since"],
        "plan": ["identity", "eligibility"],
        "done": [],
        "open": [{"too_long_since": None, "advice": None} | each | INSTANTS | {"step": "identity"} for each in entries],
        "clocks": [],
        "clocks_ended": [],
        "determinations": [],
        "history": [{"number": 1, "at": INSTANTS["since"], "change": "accepted", "cause": None}],
    }


class Recorded(BaseHTTPRequestHandler):
    """An API that answers what the test wants and remembers what it was asked; the real one has its own tests."""

    answers: ClassVar[dict[str, object]]
    asked: ClassVar[list[tuple[str, object]]]

    def do_GET(self):
        self._answer(200, self.answers[self.path])

    def do_POST(self):
        self.asked.append((self.path, json.loads(self.rfile.read(int(self.headers["content-length"])))))
        status, body = self.answers.get("POST", (202, {"type": "t", "published": True, "note": "soon"}))
        self._answer(status, body)

    def _answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments):
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[type[Recorded]]:
    handler = type("Handler", (Recorded,), {"answers": {}, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        handler.url = f"http://127.0.0.1:{server.server_port}"
        yield handler
        server.shutdown()


def run(api, *arguments):
    return CliRunner().invoke(application(), arguments, env={"CLAIMS_API_URL": api.url, "COLUMNS": "200"})


DECIDE = ("decide", "C-1", "--decision", "continue", "--reason", "seen", "--by", "Grace")


def test_the_only_open_referral_is_decided(api):
    api.answers["/claims/C-1"] = claim(REFERRAL)
    assert run(api, *DECIDE).exit_code == 0
    assert api.asked == [
        (
            "/claims/C-1/decisions",
            {"answers": REFERRAL["id"], "decision": "continue", "reason": "seen", "decided_by": "Grace"},
        )
    ]


def test_an_appeal_that_is_modified_says_what_it_gives(api):
    appeal = {"determination_number": 1, "received_on": "2026-03-26", "appeal_by": "2026-03-17"}
    appeal |= {"timeliness": "late", "late_days": 9}
    filed = appeal | {"entry": SECOND["id"], "decision": None, "decided_at": None}
    api.answers["/claims/C-1"] = claim(SECOND | {"appeal": appeal}) | {"appeals": [filed]}
    asked = ("--decision", "modify", "--reason", "seen", "--by", "Grace", "--weekly", "420.00", "--maximum", "10920")
    assert run(api, "decide", "C-1", *asked).exit_code == 0
    amounts = {"weekly_benefit_amount": "420.00", "maximum_benefit_amount": "10920"}
    decision = {"answers": SECOND["id"], "decision": "modify", "reason": "seen", "decided_by": "Grace"}
    assert api.asked[0][1] == decision | amounts
    assert run(api, "show", "C-1").stdout.count("late by 9 days, until 2026-03-17") == 2
    assert "late by 9 days, until 2026-03-17" in run(api, "tasks", "show", "C-1").stdout


def test_where_several_are_open_they_are_listed_and_one_can_be_chosen(api):
    api.answers["/claims/C-1"] = claim(REFERRAL, SECOND)
    failure = run(api, *DECIDE).exception
    assert isinstance(failure, ClaimsError)
    assert REFERRAL["id"] in str(failure)
    assert "appeal" in str(failure)
    assert run(api, *DECIDE, "--referral", SECOND["id"]).exit_code == 0
    assert api.asked[0][1]["answers"] == SECOND["id"]


def test_where_none_is_open_the_claims_standing_is_said(api):
    api.answers["/claims/C-1"] = claim()
    assert "waits for identity unit" in str(run(api, *DECIDE).exception)


def test_what_the_api_refuses_is_its_own_sentence(api):
    api.answers |= {"/claims/C-1": claim(REFERRAL), "POST": (409, {"detail": "benefit needs the result"})}
    assert str(run(api, *DECIDE).exception) == "benefit needs the result"


def test_a_page_says_what_a_machine_has_had_for_too_long_and_what_to_do(api):
    told = {"too_long_since": "2026-03-02T18:01:00Z", "advice": "See whether the service is up."}
    api.answers["/claims/C-1"] = claim(
        {"id": "C-1/identity/1", "kind": "command", "owner": "identity", "reason": None, **told}
    )
    shown = run(api, "show", "C-1").output
    assert "  identity: too long since " in shown
    assert ". See whether the service is up." in shown


def test_the_list_of_what_is_held_too_long_is_asked_for_and_marked(api):
    line = claim(REFERRAL) | {"too_long": True}
    api.answers["/claims?too_long=true&limit=20"] = {"claims": [line], "next": None}
    assert " too long" in run(api, "list", "--too-long").output


CLOCK = {
    "name": "first_payment",
    "citation": "20 CFR 640.5",
    "started_at": "2026-03-15T05:59:59.999Z",
    "due_at": "2026-03-29T05:59:59.999Z",
    "failed_at": "2026-04-19T05:59:59.999Z",
    "state": "forecast",
}


def test_a_page_tells_the_clocks_of_the_law_whose_turn_it_is_and_what_became_of_those_that_ended(api):
    turn = {"advice": "It is the turn of claimant: evidence (identity)"}
    entry = {"id": "C-1/clock-first_payment/2", "kind": "clock", "owner": "agency", "reason": "first_payment", **turn}
    ended = {**CLOCK, "name": "nonmonetary_determination", "outcome": "late", "ended_by": "determination"}
    whole = claim(entry, entry, REFERRAL) | {
        "clocks": [CLOCK],
        "clocks_ended": [ended | {"ended_at": "2026-03-20T12:00:00Z"}],
    }
    api.answers["/claims/C-1"] = whole
    shown = run(api, "show", "C-1").output
    assert "clocks of the law" in shown
    assert "20 CFR 640.5" in shown
    assert shown.count("It is the turn of claimant: evidence (identity)") == 1
    assert "late, by determination 2026-03-20" in shown
    assert "clock-first_payment" not in shown


@pytest.mark.parametrize("state", ["forecast", "late", "failed"])
def test_what_a_clock_of_the_law_has_said_is_asked_for_and_marked(api, state):
    api.answers[f"/claims?clock={state}&limit=20"] = {"claims": [claim(REFERRAL) | {"clock": state}], "next": None}
    assert f" {state} by the law" in run(api, "list", f"--{state}").output


def test_a_page_shows_the_standing_and_the_history(api):
    api.answers["/claims/C-1"] = claim(REFERRAL)
    shown = run(api, "show", "C-1").stdout
    assert "waits for identity unit (referral: identity) since" in shown
    assert "accepted" in shown
    assert json.loads(run(api, "show", "C-1", "--json").stdout) == claim(REFERRAL)


def test_a_list_passes_its_filters_on(api):
    page = {"claims": [claim(REFERRAL)], "next": None}
    api.answers["/claims?phase=open&owner=identity+unit&limit=20"] = page
    shown = run(api, "list", "--phase", "open", "--owner", "identity unit").stdout
    assert "C-1" in shown
    assert "identity unit (referral: identity)" in shown


def test_an_api_that_is_away_is_one_sentence():
    failure = CliRunner().invoke(application(), ["list"], env={"CLAIMS_API_URL": "http://127.0.0.1:1"}).exception
    assert "does not answer" in str(failure)
