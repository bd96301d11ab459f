"""The broker or the store goes away for a while: services say so, wait, stay alive, and go on where they were."""

from collections.abc import Collection

from tests.faults.portal import Portal
from tests.faults.report import Report
from tests.faults.settling import judge, settle
from tests.faults.stack import Stack, probe, until
from tests.faults.tape import Tape

UNREADY_S = 20.0
PATIENCE_S = 90.0
OK = 200


async def outage(
    stack: Stack, what: str, claims: int, *, noticed_by: Collection[str] = (), run: str, first: int = 0
) -> Report:
    """Take it away until those who must notice (nobody named: everybody) have, with claims on their way; nobody may leave."""
    report, before = Report(claims), _running(stack)
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, run, first=first, rate=50) as sender:
        await sender.submit(claims)
        await stack.claims("stop", what)
        await until(lambda: _ready_ones(stack, noticed_by), UNREADY_S, "not noticed")
        await stack.claims("start", what)
        await stack.all_ready()
        await settle(stack, tape, sender.sent, PATIENCE_S)
        await judge(report, stack, tape, sender.sent)
    left = set(before) - set(_running(stack))
    report.complaints += [f"{name} (pid {pid}) left because {what} was away" for name, pid in sorted(left)]
    return report


def _ready_ones(stack: Stack, names: Collection[str]) -> list[str]:
    processes = [each for each in stack.processes("service", "api") if not names or each.name in names]
    return [f"{each.name} still says it is ready" for each in processes if probe(each.address)[0] == OK]


def _running(stack: Stack) -> list[tuple[str, int]]:
    return [(each.name, each.pid) for each in stack.processes()]
