"""The five services, built by hand from production code as each `__main__` does it, with the simulated outside at the ports."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tests.simulation.caseworkers import STAFF
from tests.simulation.outside import Mailer, Provider
from tests.simulation.weather import FULL_CALENDAR

from claims_benefits.__main__ import built_of as benefits_of
from claims_benefits.entitlement import SHAPE as ENTITLEMENTS
from claims_eligibility.determine import determine
from claims_identity.claim import IDENTITY
from claims_identity.decider import Identity
from claims_identity.persons import PERSONS, Persons
from claims_identity.tokens import Tokens
from claims_orchestrator import queues
from claims_orchestrator.__main__ import _count, _recount
from claims_orchestrator.alerts import Alerts
from claims_orchestrator.claim import Claim
from claims_orchestrator.haste import Haste
from claims_orchestrator.lending import Lending
from claims_orchestrator.overdue import look_after
from claims_orchestrator.process import Clocks
from claims_orchestrator.quotas import Quotas
from claims_orchestrator.statutory_alerts import StatutoryAlerts
from claims_orchestrator.store import SHAPE as CLAIMS
from claims_orchestrator.store import ClaimDecider, answer_undecodable
from claims_orchestrator.window import Window
from claims_scheduler.__main__ import built_of, place_of
from claims_scheduler.calendar import Rules
from claims_scheduler.commands import SHAPE as EFFECTS
from claims_scheduler.letters import Letters
from claims_scheduler.pace import Pace
from claims_scheduler.returns import SHAPE as RETURNS
from claims_scheduler.returns import Returns
from claims_scheduler.shelf import SHAPE as SLOTS
from claims_scheduler.watch import SHAPE as WAITS
from claims_scheduler.wiring import Mail, Stores, put_together
from claims_shared.answering import answering
from claims_shared.documents import Documents, Folding, Tally
from claims_shared.law.loader import load_packs
from claims_shared.memory import MemoryStore
from claims_shared.messages.eligibility import EligibilityCheckFailed
from claims_shared.ports import Shape, Store
from claims_shared.service import Built, Kit, streams_of
from claims_shared.settings import ServiceSettings
from claims_shared.staff.people import default_staff
from claims_shared.wire import DeadLetter, Output, Received

if TYPE_CHECKING:
    from tests.simulation.replica import Process

SHAPES: Final = {
    "orchestrator": (CLAIMS,),
    "identity": (IDENTITY, PERSONS),
    "eligibility": (),
    "benefits": (ENTITLEMENTS,),
    "scheduler": (WAITS, SLOTS, EFFECTS, RETURNS),
}
SENDER: Final = "Unemployment Insurance <no-reply@claims.invalid>"
RULES: Final = Rules(days=60)
FEW: Final = default_staff(3)
"""Few caseworkers: two replicas want the same slots."""
FULL: Final = Rules(minutes=60, days=4)
ONE: Final = default_staff(1, closes=10)
"""One interview a working day: who finds none asks again, and a slot that is given back is taken at once."""
CLOCKS: Final = Clocks(staff=STAFF)

_SETTINGS: Final = ServiceSettings()
_LETTERS: Final = Letters(SENDER, "claims.invalid")
_PACKS: Final = load_packs()
_TOKENS: Final = Tokens(b"the simulator keys its tokens so")


class EngineFailure(Exception):  # noqa: N818 - what it stands for has no other name
    """Our own code failed outside of any decision."""


@dataclass(slots=True)
class Defects:
    """Where our own code fails: on messages of these types for these claims, until it is repaired; on these claims always."""

    found: set[tuple[str, str]] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    repaired: bool = False

    def meet(self, claim_id: str, kind: str) -> None:
        if not self.repaired and (claim_id, kind) in self.found:
            raise ZeroDivisionError("a defect that stays until the repair")


class FailingDecider(ClaimDecider):
    """The production decider, with a defect."""

    def __init__(self, defects: Defects, *args: Any) -> None:
        super().__init__(*args)
        self._defects = defects

    def fold(self, document: Claim | None, message: Received, now: datetime) -> Folding[Claim]:
        self._defects.meet(message.claim_id, message.type)
        return super().fold(document, message, now)


class FailingDocuments(Documents[Claim]):
    """The production fold of a batch, which ends the process where the batch holds a poisoned record."""

    def __init__(self, defects: Defects, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._defects = defects

    async def process(self, batch: Sequence[Received], now: datetime, tally: Tally) -> list[Output | DeadLetter]:
        if self._defects.poison and any(message.claim_id in self._defects.poison for message in batch):
            raise EngineFailure
        return await super().process(batch, now, tally)


def kit_of(process: "Process") -> Kit:
    return Kit(
        process.replica.service,
        _SETTINGS,
        process.world.kafka,
        process.world.topics.partitions,
        process.name,
        process.producer,
        process.consumption,
        process.clock,
    )


def _store(process: "Process", shape: Shape) -> Store:
    return MemoryStore(shape, rows=process.world.rows[shape.name], at=process.at)


def orchestrator(process: "Process") -> Built:
    kit, store = kit_of(process), _store(process, CLAIMS)
    alerts, statutory = Alerts(), StatutoryAlerts()

    def seconds() -> float:
        return float(kit.clock().timestamp())

    async def assigned(partitions: frozenset[int]) -> None:
        quotas.assigned(partitions)
        haste.assigned()
        await window.recount(partitions)

    window = Window(process.world.window, kit.partitions, partial(_count, store, alerts, statutory))
    quotas = Quotas(kit.partitions, seconds, process.world.beside)
    haste = Haste(2, kit.kafka.batch_records)
    watching = (alerts.moved, statutory.moved, queues.moved, quotas.claim_moved, haste.moved)
    decider = FailingDecider(process.world.broken, CLOCKS, window, *watching)
    quotas.take(process.world.quota, {})
    process.lending = Lending(window, process.world.beside, seconds)
    documents = FailingDocuments(process.world.broken, decider, store, writer=kit.writer, partitions=kit.partitions)
    return Built(
        processors=dict.fromkeys(streams_of("orchestrator"), documents),
        tasks=(partial(_recount, window, kit), partial(look_after, store, kit)),
        answer_undecodable=answer_undecodable,
        on_assigned=assigned,
        standard_open=window.open,
        deferred_room=process.lending.room,
        defers=quotas.defers,
        batch=haste.batch,
        urgent=haste.keys,
    )


def identity(process: "Process") -> Built:
    persons = Persons(_store(process, PERSONS), process.name)
    decider = Identity(Provider(process, process.world.provider), persons, _TOKENS)
    partitions = process.world.topics.partitions
    documents = Documents(decider, _store(process, IDENTITY), writer=process.name, partitions=partitions)
    return Built(dict.fromkeys(streams_of("identity"), documents))


def eligibility(process: "Process") -> Built:
    return answering(kit_of(process), partial(determine, packs=_PACKS), EligibilityCheckFailed)


def benefits(process: "Process") -> Built:
    return benefits_of(kit_of(process), _PACKS, _store(process, ENTITLEMENTS))


class Register:
    """One process's view of the staff: it reads the file again where that was changed."""

    def __init__(self, process: "Process") -> None:
        self._world = process.world
        self.current = process.world.staff

    async def looked(self) -> bool:
        changed = self.current is not self._world.staff
        self.current = self._world.staff
        return changed


def scheduler(process: "Process") -> Built:
    kit = kit_of(process)
    stores = Stores(*(_store(process, each) for each in (WAITS, SLOTS, EFFECTS)))
    addresses = _store(process, RETURNS)
    returns = Returns(addresses, stores.effects, key=b"k", host="claims.invalid", clock=kit.clock, writer=kit.writer)
    mailer = Mailer(process, process.world.mails)
    mail = Mail(_LETTERS, mailer, SENDER, returns)  # type: ignore[arg-type] # a mailer of the same two methods
    staff = Register(process)
    rules = FULL if FULL_CALENDAR in process.world.weather.classes else RULES
    pace = Pace(1_000, process.world.kafka.batch_records)
    parts = put_together(stores, place_of(kit), mail, staff=staff, rules=rules, pace=pace)
    process.memory, process.leaves, process.register, process.returns = parts.memory, parts.leaves, staff, returns
    return built_of(parts)


BUILD: Final[Mapping[str, Callable[[Any], Built]]] = {
    "orchestrator": orchestrator,
    "identity": identity,
    "eligibility": eligibility,
    "benefits": benefits,
    "scheduler": scheduler,
}
