"""The same seed gives the same faults; they come while claims are on their way and spare nobody; runs can be summed."""

from collections import Counter
from datetime import UTC, datetime
from itertools import islice, pairwise

from tests.faults.plan import SPACING_S, Plan
from tests.faults.report import Injected, Report, summed

PLAN = Plan(claims=20_000, rate=150.0, faults={"kill": 300, "pause": 50, "broker": 20, "store": 20}, seed=7)
AT = datetime(2026, 11, 24, tzinfo=UTC)


def test_claims_are_sent_for_as_long_as_there_are_faults_to_come():
    assert PLAN.seconds == 300 * SPACING_S["kill"]
    assert PLAN.pace * PLAN.seconds == PLAN.claims
    assert all(0 <= each < PLAN.seconds for kind in PLAN.faults for each in PLAN.instants(kind))


def test_faults_come_in_order_and_by_their_seed():
    assert all(earlier < later for earlier, later in pairwise(PLAN.instants("kill")))
    assert PLAN.instants("kill") == Plan(20_000, 150.0, PLAN.faults, seed=7).instants("kill")
    assert PLAN.instants("kill") != Plan(20_000, 150.0, PLAN.faults, seed=8).instants("kill")


def test_no_service_is_spared():
    assert set(Counter(islice(PLAN.victims("kill"), 300)).values()) == {60}


def test_a_fault_that_nobody_felt_fails_the_run():
    report = Report(1, injected=[Injected("store", "mongo", AT, 1), Injected("pause", "identity.1", AT, 1)])
    report.felt["assignments"] = 1
    assert report.wrong() == ["nobody felt store: no store retries or cycles that waited"]


def test_a_process_that_was_not_started_again_fails_the_run():
    report = Report(1, injected=[Injected("kill", "identity.1", AT, 1)])
    report.felt["redelivered and recognised"] = 1
    assert report.wrong() == ["identity.1 was killed 1 times more than it was started again"]


def test_runs_are_summed():
    one, two = Report(100, seconds=3.0), Report(200, seconds=9.0, left=["C"])
    one.about = {"store": "mongo", "seed": 1, "commit": "a", "seconds": 60}
    two.about = {"store": "mongo", "seed": 2, "commit": "a", "seconds": 70}
    total = summed([one.record(), two.record()])
    assert (total["runs"], total["claims"], total["seconds"], total["settled_after_seconds"]) == (2, 300, 130, 9.0)
    assert (total["stores"], total["seeds"], total["commits"]) == (["mongo"], [1, 2], ["a"])
    assert total["wrong"] == ["C has not come to its end"]
