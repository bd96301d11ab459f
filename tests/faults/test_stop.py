"""Services that stand still, are replaced, or share the work: claims are late, never lost, and end the same."""

import pytest
from tests.faults import stop

SESSIONS_S = 3.0
"""What the stack's sessions last; who stands still for longer has lost its partitions when it wakes up."""
TOGETHER = (("orchestrator",), ("identity", "eligibility", "benefits", "scheduler"))

pytestmark = pytest.mark.parametrize("stack", ["sqlite"], indirect=True)


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
