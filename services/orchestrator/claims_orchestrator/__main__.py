"""Builds the orchestrator by hand and runs it."""

from functools import partial

from claims_orchestrator import queues
from claims_orchestrator.alerts import Alerts
from claims_orchestrator.overdue import look_after
from claims_orchestrator.settings import OrchestratorSettings
from claims_orchestrator.statutory_alerts import STATES, StatutoryAlerts
from claims_orchestrator.store import SHAPE, ClaimDecider, answer_undecodable
from claims_orchestrator.window import Window
from claims_shared.documents import Documents
from claims_shared.ports import Store
from claims_shared.service import Built, Kit, run, store_of, streams_of
from claims_shared.staff.settings import StaffSettings


async def build(kit: Kit) -> Built:
    """Wire the claim store, the window and the decider to the engine."""
    settings, staff = OrchestratorSettings(), StaffSettings().open()
    store = await store_of(kit, SHAPE)
    alerts, statutory = Alerts(), StatutoryAlerts()
    window = Window(settings.window, kit.partitions, partial(_count, store, alerts, statutory))
    decider = ClaimDecider(settings.clocks(staff.current), window, alerts, statutory)
    documents = Documents(decider, store, writer=kit.writer, partitions=kit.partitions)
    return Built(
        processors=dict.fromkeys(streams_of(kit.service), documents),
        tasks=(
            partial(_recount, window, kit),
            partial(look_after, store, kit),
            partial(queues.keep_counted, store, kit),
            partial(staff.run, decider.staffed),
        ),
        close=(store.close,),
        answer_undecodable=answer_undecodable,
        on_assigned=window.assigned,
        standard_open=window.open,
    )


async def _count(store: Store, alerts: Alerts, statutory: StatutoryAlerts, assigned: frozenset[int]) -> int:
    """Count the claims about which somebody was alerted, and give how many machines have in their hands at all."""
    alerts.count(await store.count({"too_long": True}, assigned))
    statutory.count({state: await store.count({"clock": state.value}, assigned) for state in STATES})
    return await store.count({"in_flight": True}, assigned)


async def _recount(window: Window, kit: Kit) -> None:
    await window.keep_counted(lambda: kit.consumption.assigned)


if __name__ == "__main__":
    run("orchestrator", build)
