"""Faults on a stack with two replicas of each service on SQLite: every claim is approved once, nobody hears anything twice.

The short form; `python -m tests.faults` is the long one.
"""

import pytest
from tests.faults import stop
from tests.faults.campaign import campaign
from tests.faults.outage import outage
from tests.faults.plan import Plan

KILLS = Plan(400, 100.0, {"kill": 6}, patience=90.0, seed=7, spacing=0.25)
TROUBLES = Plan(300, 20.0, {"broker": 1, "store": 1, "link": 3, "storm": 1}, patience=90.0, seed=3, spacing=0.4)
SESSIONS_S = 3.0
"""What the stack's sessions last; who stands still for longer has lost its partitions when it wakes up."""
TOGETHER = (("orchestrator",), ("identity", "eligibility", "benefits", "scheduler"))

pytestmark = pytest.mark.parametrize("stack", ["sqlite"], indirect=True)


async def test_killed_services_lose_nothing_and_do_nothing_twice(stack, people):
    report = await campaign(stack, KILLS, **people())
    assert not report.wrong(), report


async def test_a_killed_broker_locked_files_lost_replies_and_replicas_that_come_and_go_lose_nothing(stack, people):
    report = await campaign(stack, TROUBLES, **people())
    assert not report.wrong(), report


async def test_while_the_broker_is_away_services_are_patient_and_not_ready(stack, people):
    report = await outage(stack, "broker", 200, **people())
    assert not report.wrong(), report


async def test_a_service_that_stands_still_delays_claims_and_loses_none(stack, people):
    report = await stop.in_turn(stack, 80, seconds=SESSIONS_S * 1.7, rate=60, groups=TOGETHER, **people())
    assert not report.wrong(), report


async def test_a_replica_that_wakes_up_after_others_took_over_changes_nothing(stack, people):
    report = await stop.half(stack, 200, seconds=SESSIONS_S * 1.7, rate=60, **people())
    assert not report.wrong(), report


async def test_all_services_are_restarted_under_load_one_replica_after_the_other(stack, people):
    report = await stop.rolling(stack, 200, rate=20, **people())
    assert not report.wrong(), report
    assert " ended with 0, starts again" in (stack.data / "logs" / "supervisor.log").read_text("utf-8")
