"""Services are killed while claims move: every claim is approved once, and nobody hears anything twice.

The short form; `python -m tests.faults` is the long one.
"""

import pytest
from tests.faults.campaign import campaign
from tests.faults.plan import Plan

KILLS = {
    "sqlite": Plan(claims=400, rate=100.0, faults={"kill": 6}, patience=90.0, seed=7, spacing=0.4),
    "mongo": Plan(claims=120, rate=20.0, faults={"kill": 5}, patience=150.0, seed=8, spacing=0.4),
}


@pytest.mark.parametrize("stack", KILLS, indirect=True)
async def test_killed_services_lose_nothing_and_do_nothing_twice(stack, people, request):
    report = await campaign(stack, KILLS[request.node.callspec.params["stack"]], **people())
    assert not report.wrong(), report
