"""Builds the scheduler by hand and runs it: `python -m claims_scheduler`."""

from collections.abc import Awaitable, Callable, Sequence

from claims_scheduler import commands, returns, shelf, watch
from claims_scheduler.letters import Letters
from claims_scheduler.mailer import Mailer
from claims_scheduler.pace import Pace
from claims_scheduler.receiver import Receiver
from claims_scheduler.returns import Returns
from claims_scheduler.settings import SchedulerSettings
from claims_scheduler.throttle import Throttle
from claims_scheduler.waits import VIEWS
from claims_scheduler.wiring import Mail, Parts, Place, Stores, put_together
from claims_shared import flow as shared_flow
from claims_shared.messages.catalog import LIFECYCLE, SCHEDULER_COMMANDS
from claims_shared.ports import Store
from claims_shared.service import Built, Kit, run, store_of
from claims_shared.staff.settings import StaffSettings

Task = Callable[[], Awaitable[None]]


async def build(kit: Kit) -> Built:
    """Put the service together."""
    settings, staff = SchedulerSettings(), StaffSettings().open()
    stores = Stores(*[await store_of(kit, each) for each in (watch.SHAPE, shelf.SHAPE, commands.SHAPE)])
    returning = await _returns(kit, settings, stores.effects)
    mailer = Mailer(settings.server(), connections=settings.mail_connections)
    flow = shared_flow.Flow(kit.settings.flow_file)
    throttle = Throttle(
        settings.limits(),
        share=lambda: len(kit.consumption.assigned) / kit.partitions,
        connections=mailer.limit,
    )
    shared_flow.follow(flow, lambda found: found.mail.over(settings.limits()), throttle.take)
    letters = Letters(settings.mail_from, settings.mail_host)
    mail = Mail(letters, mailer, settings.mail_from, returning, settings.flow(), throttle)
    pace = Pace(settings.busy_from, kit.kafka.batch_records)
    rules, rhythm = settings.rules(), settings.rhythm()
    parts = put_together(stores, place_of(kit), mail, staff=staff, rules=rules, pace=pace, rhythm=rhythm)
    beside = (flow.watch, *_receiving(settings, returning))
    close = (mailer.close, *([returning.close] if returning else []), *stores.close)
    return built_of(parts, beside=beside, close=close)


def place_of(kit: Kit) -> Place:
    """Give where a process stands that the kit describes."""
    return Place(kit.producer.produce, kit.clock, lambda: kit.consumption.assigned, kit.partitions, kit.writer)


def built_of(parts: Parts, *, beside: Sequence[Task] = (), close: Sequence[Task] = ()) -> Built:
    """Give the parts as a service; `beside`: what else runs, `close`: what is closed at the end."""

    async def assigned(partitions: frozenset[int]) -> None:
        parts.watch.assigned(partitions)

    return Built(
        {LIFECYCLE.name: parts.watch, **dict.fromkeys(SCHEDULER_COMMANDS.streams, parts.commands)},
        tasks=(parts.watch.run, parts.ticker.run, parts.drain.run, parts.leaves.run, *beside),
        close=close,
        on_assigned=assigned,
        views=VIEWS,
    )


async def _returns(kit: Kit, settings: SchedulerSettings, effects: Store) -> Returns | None:
    """Without a key nobody could tell a return address of ours from another: then mail has none."""
    key = settings.bounce_key.get_secret_value().encode()
    if not key:
        return None
    host = settings.bounce_host or settings.mail_host
    store = await store_of(kit, returns.SHAPE)
    return Returns(store, effects, key=key, host=host, clock=kit.clock, writer=kit.writer)


def _receiving(settings: SchedulerSettings, returning: Returns | None) -> Sequence[Task]:
    return [Receiver(returning, settings.bounce_listen, settings.bounce_port).run] if returning else []


def main() -> None:
    """Run the service."""
    run("scheduler", build)


if __name__ == "__main__":
    main()
