"""Builds the scheduler by hand and runs it: `python -m claims_scheduler`."""

from collections.abc import Awaitable, Callable, Sequence

from claims_scheduler import commands, returns, shelf, watch
from claims_scheduler.bookings import Bookings
from claims_scheduler.commands import Commands, EffectDecider
from claims_scheduler.drain import Drain
from claims_scheduler.leaves import Leaves
from claims_scheduler.letters import Letters
from claims_scheduler.mailer import Mailer
from claims_scheduler.moves import Moves
from claims_scheduler.pace import Pace
from claims_scheduler.receiver import Receiver
from claims_scheduler.returns import Returns
from claims_scheduler.settings import SchedulerSettings
from claims_scheduler.shelf import Shelf
from claims_scheduler.slots import Board
from claims_scheduler.throttle import Throttle
from claims_scheduler.ticker import Ticker
from claims_scheduler.waits import VIEWS
from claims_scheduler.watch import Watch
from claims_scheduler.watched import Memory
from claims_shared import flow as shared_flow
from claims_shared.documents import Documents
from claims_shared.messages.catalog import LIFECYCLE, SCHEDULER_COMMANDS
from claims_shared.ports import Store
from claims_shared.service import Built, Kit, run, store_of
from claims_shared.staff.settings import StaffSettings


async def build(kit: Kit) -> Built:
    """Put the service together."""
    settings, staff = SchedulerSettings(), StaffSettings().open()
    waits, slots, effects = [await store_of(kit, each) for each in (watch.SHAPE, shelf.SHAPE, commands.SHAPE)]
    returning = await _returns(kit, settings, effects)
    pace, memory = Pace(settings.busy_from, kit.kafka.batch_records), Memory()
    rules, shelved = settings.rules(), Shelf(slots, effects, kit.writer)
    booker = Bookings(shelved, Board(rules, staff.current, kit.partitions))
    leaves = Leaves(
        staff,
        staffed=booker.staffed,
        shelf=shelved,
        effects=effects,
        rules=rules,
        clock=kit.clock,
        owned=lambda: kit.consumption.assigned,
        writer=kit.writer,
    )
    watching = Watch(waits, memory, kit.clock, pace, writer=kit.writer, rhythm=settings.rhythm())
    ticker = Ticker(memory, kit.producer.produce, kit.clock)
    mailer = Mailer(settings.server(), connections=settings.mail_connections)
    flow = shared_flow.Flow(kit.settings.flow_file)
    throttle = Throttle(
        settings.limits(),
        share=lambda: len(kit.consumption.assigned) / kit.partitions,
        connections=mailer.limit,
    )
    shared_flow.follow(flow, lambda found: found.mail.over(settings.limits()), throttle.take)
    drain = Drain(
        effects,
        bookings=booker,
        moves=Moves(booker, kit.producer.produce, kit.partitions),
        letters=Letters(settings.mail_from, settings.mail_host),
        mailer=mailer,
        produce=kit.producer.produce,
        clock=kit.clock,
        owned=lambda: kit.consumption.assigned,
        pace=pace,
        sender=settings.mail_from,
        writer=kit.writer,
        flow=settings.flow(),
        returns=returning,
        throttle=throttle,
    )
    processors = dict.fromkeys(SCHEDULER_COMMANDS.streams, _commands(kit, booker, effects, pace))

    async def assigned(partitions: frozenset[int]) -> None:
        watching.assigned(partitions)

    return Built(
        {LIFECYCLE.name: watching, **processors},
        tasks=(watching.run, ticker.run, drain.run, leaves.run, flow.watch, *_receiving(settings, returning)),
        close=(mailer.close, *([returning.close] if returning else []), waits.close, slots.close, effects.close),
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


def _receiving(settings: SchedulerSettings, returning: Returns | None) -> Sequence[Callable[[], Awaitable[None]]]:
    return [Receiver(returning, settings.bounce_listen, settings.bounce_port).run] if returning else []


def _commands(kit: Kit, booker: Bookings, effects: Store, pace: Pace) -> Commands:
    decider = EffectDecider(booker, kit.clock, kit.partitions)
    documents = Documents(decider, effects, writer=f"{kit.writer}/commands", partitions=kit.partitions, cache=0)
    return Commands(documents, booker, pace)


def main() -> None:
    """Run the service."""
    run("scheduler", build)


if __name__ == "__main__":
    main()
