"""The broker is killed, the store too or it is locked, connections break and replies get lost, replicas come and go."""

import pytest
from tests.faults.campaign import campaign
from tests.faults.plan import Plan

TROUBLES = {
    "sqlite": Plan(300, 20.0, {"broker": 1, "store": 1, "link": 3, "storm": 1}, patience=90.0, seed=3, spacing=0.5),
    "mongo": Plan(100, 8.0, {"store": 1, "link": 3}, patience=90.0, seed=4, spacing=0.4),
}


@pytest.mark.parametrize("stack", TROUBLES, indirect=True)
async def test_broken_connections_and_killed_servers_lose_nothing_and_do_nothing_twice(stack, people, request):
    report = await campaign(stack, TROUBLES[request.node.callspec.params["stack"]], **people())
    assert not report.wrong(), report
