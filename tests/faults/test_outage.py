"""The broker or the store goes away for a while: services say so, wait, stay alive, and go on where they were."""

import pytest
from tests.faults.portal import Portal
from tests.faults.report import Report
from tests.faults.settling import judge, settle
from tests.faults.stack import probe, until
from tests.faults.tape import Tape

UNREADY_S = 20.0
STORED = ("orchestrator.1", "identity.1", "scheduler.1", "api")
PATIENCE_S = 90.0
AWAY = {"sqlite": ("broker", (), 200), "mongo": ("mongo", STORED, 60)}
"""On which stack what goes away, who must notice (nobody named: everybody), and how many claims are on their way."""


def ready_ones(stack, names):
    processes = [each for each in stack.processes("service", "api") if not names or each.name in names]
    return [f"{each.name} still says it is ready" for each in processes if probe(each.address)[0] == 200]


@pytest.mark.parametrize("stack", AWAY, indirect=True)
async def test_while_the_broker_or_the_store_is_away_services_are_patient_and_not_ready(stack, people, request):
    what, names, claims = AWAY[request.node.callspec.params["stack"]]
    before = [(each.name, each.pid) for each in stack.processes()]
    report = Report(claims)
    person = people()
    async with Tape(stack.kafka) as tape, Portal(stack.kafka, person["run"], first=person["first"], rate=50) as sender:
        await sender.submit(claims)
        await stack.claims("stop", what)
        await until(lambda: ready_ones(stack, names), UNREADY_S, "not noticed")
        await stack.claims("start", what)
        await stack.all_ready()
        await settle(stack, tape, sender.sent, PATIENCE_S)
        await judge(report, stack, tape, sender.sent)
    assert not report.wrong(), report
    assert [(each.name, each.pid) for each in stack.processes()] == before, "nobody left for that"
