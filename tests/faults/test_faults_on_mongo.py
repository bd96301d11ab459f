"""Faults on a stack with a MongoDB-compatible server: every claim is approved once, and nobody hears anything twice."""

import pytest
from tests.faults.campaign import campaign
from tests.faults.outage import outage
from tests.faults.plan import Plan

KILLS = Plan(120, 20.0, {"kill": 5}, patience=150.0, seed=8, spacing=0.4)
TROUBLES = Plan(100, 8.0, {"store": 1, "link": 3}, patience=90.0, seed=4, spacing=0.4)
STORED = ("orchestrator.1", "identity.1", "scheduler.1", "api")

pytestmark = pytest.mark.parametrize("stack", ["mongo"], indirect=True)


async def test_killed_services_lose_nothing_and_do_nothing_twice(stack, people):
    report = await campaign(stack, KILLS, **people())
    assert not report.wrong(), report


async def test_a_killed_server_broken_connections_and_lost_replies_lose_nothing(stack, people):
    report = await campaign(stack, TROUBLES, **people())
    assert not report.wrong(), report


async def test_while_the_store_is_away_services_are_patient_and_not_ready(stack, people):
    report = await outage(stack, "mongo", 60, noticed_by=STORED, **people())
    assert not report.wrong(), report
