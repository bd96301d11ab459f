"""`claims up`, `ps`, `stop`, `start`, `down` on the real five services, as a script would use them."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from claims_cli.errors import ClaimsError
from claims_cli.local.options import Options, parse_environment, parse_forwarded
from claims_cli.local.plan import SERVICES, environment, plan
from claims_cli.local.probes import ask
from claims_cli.local.state import Endpoints

ENDPOINTS = Endpoints(kafka="127.0.0.1:1", store="sqlite:///data/store", api="http://127.0.0.1:2")


def claims(*words, **variables):
    """Run the command with nothing of this terminal; give the finished process."""
    return subprocess.run(
        [sys.executable, "-m", "claims_cli.main", *words],
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
        stdin=subprocess.DEVNULL,
        env=os.environ | variables,
    )


def seen(data):
    return json.loads(claims("ps", "--json", "--data", data).stdout)


def until(condition):
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience, "waited a minute"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def stack(kafka, tmp_path_factory):
    """A stack on the session's broker; its directory and what `up` printed."""
    data = os.path.realpath(tmp_path_factory.mktemp("stack") / ".claims")
    up = claims("up", "--detach", "--json", "--data", data, "--within", "120", KAFKA_BOOTSTRAP_SERVERS=kafka)
    assert up.returncode == 0, up.stderr
    yield data, json.loads(up.stdout.splitlines()[-1])
    before = [psutil.Process(each["pid"]) for each in seen(data)["processes"]]
    assert claims("down", "--data", data).returncode == 0
    assert [process for process in before if process.is_running()] == []


async def test_up_prints_where_everything_is(stack, kafka):
    data, printed = stack
    assert printed["kafka"] == kafka
    assert printed["store"] == f"sqlite://{data}/store"
    assert list(printed["services"]) == list(SERVICES)
    assert all(len(pids) == 1 for pids in printed["services"].values())
    for url in (
        f"{printed['api']}/readyz",
        f"{printed['mail']['http']}/messages",
        f"{printed['identity_provider']}/stats",
    ):
        assert (await ask(url))[0] == 200


def test_a_second_up_answers_the_running_stack(stack):
    data, printed = stack
    assert json.loads(claims("up", "--detach", "--json", "--data", data).stdout) == printed


def test_ps_shows_every_process_as_it_is(stack):
    data, printed = stack
    shown = seen(data)
    assert shown["services"] == printed["services"]
    assert {each["health"] for each in shown["processes"]} == {"ready"}
    assert "orchestrator.1" in claims("ps", "--data", data).stdout


def test_a_killed_service_comes_back_on_its_port(stack):
    data, _ = stack
    (before,) = (each for each in seen(data)["processes"] if each["service"] == "eligibility")
    os.kill(before["pid"], signal.SIGKILL)

    def back():
        (now,) = (each for each in seen(data)["processes"] if each["service"] == "eligibility")
        return now["pid"] not in {0, before["pid"]} and now["health"] == "ready" and now["address"] == before["address"]

    until(back)


def test_a_stopped_service_stays_down_until_it_is_started(stack):
    data, _ = stack
    assert claims("stop", "benefits", "--data", data).returncode == 0
    assert seen(data)["services"]["benefits"] == []
    assert claims("start", "benefits", "--data", data).returncode == 0
    until(lambda: [each["health"] for each in seen(data)["processes"] if each["service"] == "benefits"] == ["ready"])


def test_a_wrong_setting_ends_up_with_one_clear_line(kafka, tmp_path):
    words = ("up", "--detach", "--data", str(tmp_path), "--env", "CLAIMS_SESSION_TIMEOUT_MS=soon")
    failed = claims(*words, KAFKA_BOOTSTRAP_SERVERS=kafka)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "CLAIMS_SESSION_TIMEOUT_MS" in failed.stderr.splitlines()[-1]
    assert "Traceback" not in failed.stderr


def test_a_broker_that_is_not_there_is_one_clear_line(tmp_path):
    failed = claims("up", "--detach", "--data", str(tmp_path), KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:9")
    assert failed.returncode == 1
    assert "the broker at 127.0.0.1:9 cannot be used" in failed.stderr.splitlines()[-1]


@pytest.mark.parametrize("words", [("ps",), ("stop", "identity"), ("restart", "identity")])
def test_a_verb_without_a_stack_says_how_to_start_one(words, tmp_path):
    failed = claims(*words, "--data", str(tmp_path))
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "claims up" in failed.stderr


def test_the_wiring_stands_and_a_users_settings_pass(monkeypatch):
    monkeypatch.setenv("CLAIMS_SESSION_TIMEOUT_MS", "9000")
    made = environment(ENDPOINTS, {"CLAIMS_EVIDENCE_DUE": "5"})
    assert "CLAIMS_SESSION_TIMEOUT_MS" not in made
    assert (made["CLAIMS_HEARTBEAT_INTERVAL_MS"], made["CLAIMS_EVIDENCE_DUE"]) == ("1000", "5")
    assert (made["CLAIMS_STORE_URL"], made["MONGODB_URI"]) == (ENDPOINTS.store, None)


async def test_a_broker_and_a_mongodb_that_exist_are_used(monkeypatch, tmp_path):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    monkeypatch.setenv("MONGODB_URI", "mongodb://mongo.example/claims")
    made = await plan(tmp_path, Options(replicas=2))
    assert [spec.name for spec in made.foundation] == ["identity-provider", "mail"]
    assert [spec.name for spec in made.services[:3]] == ["orchestrator.1", "orchestrator.2", "identity.1"]
    assert made.services[0].environment["MONGODB_URI"] == "mongodb://mongo.example/claims"
    assert len({spec.address for spec in made.services}) == 11


async def test_sqlite_is_used_where_it_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    monkeypatch.setenv("MONGODB_URI", "mongodb://mongo.example/claims")
    assert (await plan(tmp_path, Options(store="sqlite"))).endpoints.store == f"sqlite://{tmp_path}/store"


def test_the_port_behind_a_proxy_is_told_as_a_pair():
    assert (parse_forwarded("9093=9094"), parse_forwarded(None)) == ((9093, 9094), None)
    with pytest.raises(ClaimsError, match="'9093' is not of the form PORT=PROXY"):
        parse_forwarded("9093")


def test_an_environment_word_without_a_value_is_refused():
    assert parse_environment(["A=1", "B=x=y", "C="]) == {"A": "1", "B": "x=y", "C": ""}
    with pytest.raises(ClaimsError, match="'CLAIMS_X' is not of the form KEY=VALUE"):
        parse_environment(["CLAIMS_X"])
