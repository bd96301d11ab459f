"""Builds the orchestrator by hand and runs it."""

import time
from functools import partial

from claims_orchestrator import queues
from claims_orchestrator.alerts import Alerts
from claims_orchestrator.haste import Haste
from claims_orchestrator.lending import Lending
from claims_orchestrator.overdue import look_after
from claims_orchestrator.quotas import Quotas
from claims_orchestrator.settings import OrchestratorSettings
from claims_orchestrator.statutory_alerts import STATES, StatutoryAlerts
from claims_orchestrator.steps import Steps
from claims_orchestrator.store import SHAPE, ClaimDecider, answer_undecodable
from claims_orchestrator.window import Count, Window
from claims_shared.documents import Documents
from claims_shared.flow import Flow, Portals, follow
from claims_shared.ports import Store
from claims_shared.service import Built, Kit, run, store_of, streams_of
from claims_shared.staff.settings import StaffSettings


async def build(kit: Kit) -> Built:
    """Wire the claim store, the window and the decider to the engine."""
    settings, staff = OrchestratorSettings(), StaffSettings().open()
    store = await store_of(kit, SHAPE)
    alerts, statutory, steps = Alerts(), StatutoryAlerts(), Steps(partial(_at_step, store))
    window = Window(
        settings.window, kit.partitions, partial(_count_all, steps, partial(_count, store, alerts, statutory))
    )
    quotas, flow = Quotas(kit.partitions, time.monotonic, settings.quota_in_flight), Flow(kit.settings.flow_file)
    follow(flow, lambda found: found.portals, partial(_quotas, quotas, settings))
    lending = Lending(window, settings.deferred_beside, time.monotonic)
    haste = Haste(settings.urgent_batch_records, kit.kafka.batch_records)
    watching = (alerts.moved, statutory.moved, queues.moved, steps.moved, quotas.claim_moved, haste.moved)
    decider = ClaimDecider(settings.clocks(staff.current), window, *watching)
    documents = Documents(decider, store, writer=kit.writer, partitions=kit.partitions)
    return Built(
        processors=dict.fromkeys(streams_of(kit.service), documents),
        tasks=(
            flow.watch,
            partial(_recount, window, kit),
            partial(look_after, store, kit),
            partial(queues.keep_counted, store, kit),
            partial(staff.run, decider.staffed),
        ),
        close=(store.close,),
        answer_undecodable=answer_undecodable,
        on_assigned=partial(_assigned, window, quotas, haste),
        standard_open=window.open,
        deferred_room=lending.room,
        defers=quotas.defers,
        batch=haste.batch,
        urgent=haste.keys,
    )


def _quotas(quotas: Quotas, settings: OrchestratorSettings, portals: Portals) -> None:
    quotas.take(*settings.over(portals))


async def _assigned(window: Window, quotas: Quotas, haste: Haste, partitions: frozenset[int]) -> None:
    quotas.assigned(partitions)
    haste.assigned()
    await window.assigned(partitions)


async def _at_step(store: Store, step: str, assigned: frozenset[int]) -> int:
    return await store.count({"step": step}, assigned)


async def _count_all(steps: Steps, count: Count, assigned: frozenset[int]) -> int:
    """Count the claims at each step, then what the window counts."""
    await steps.recount(assigned)
    return await count(assigned)


async def _count(store: Store, alerts: Alerts, statutory: StatutoryAlerts, assigned: frozenset[int]) -> int:
    """Count the claims about which somebody was alerted, and give how many machines have in their hands at all."""
    alerts.count(await store.count({"too_long": True}, assigned))
    statutory.count({state: await store.count({"clock": state.value}, assigned) for state in STATES})
    return await store.count({"in_flight": True}, assigned)


async def _recount(window: Window, kit: Kit) -> None:
    await window.keep_counted(lambda: kit.consumption.assigned)


if __name__ == "__main__":
    run("orchestrator", build)
