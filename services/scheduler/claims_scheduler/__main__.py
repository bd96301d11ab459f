"""Builds the scheduler by hand and runs it: `python -m claims_scheduler`."""

from claims_scheduler import bookings, commands, watch
from claims_scheduler.bookings import Bookings
from claims_scheduler.commands import Commands, EffectDecider
from claims_scheduler.drain import Drain
from claims_scheduler.letters import Letters
from claims_scheduler.mailer import Mailer
from claims_scheduler.pace import Pace
from claims_scheduler.settings import SchedulerSettings
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


async def build(kit: Kit) -> Built:
    """Put the service together."""
    settings = SchedulerSettings()
    waits, slots, effects = [await store_of(kit, each) for each in (watch.SHAPE, bookings.SHAPE, commands.SHAPE)]
    pace, memory = Pace(settings.busy_from, kit.kafka.batch_records), Memory()
    board = Board(settings.rules(), kit.partitions)
    booker = Bookings(slots, effects, board, writer=kit.writer, partitions=kit.partitions)
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
        letters=Letters(settings.mail_from, settings.mail_host),
        mailer=mailer,
        produce=kit.producer.produce,
        clock=kit.clock,
        owned=lambda: kit.consumption.assigned,
        pace=pace,
        sender=settings.mail_from,
        writer=kit.writer,
        flow=settings.flow(),
        throttle=throttle,
    )
    processors = dict.fromkeys(SCHEDULER_COMMANDS.streams, _commands(kit, settings, booker, effects, pace))

    async def assigned(partitions: frozenset[int]) -> None:
        watching.assigned(partitions)

    return Built(
        {LIFECYCLE.name: watching, **processors},
        tasks=(watching.run, ticker.run, drain.run, flow.watch),
        close=(mailer.close, waits.close, slots.close, effects.close),
        on_assigned=assigned,
        views=VIEWS,
    )


def _commands(kit: Kit, settings: SchedulerSettings, booker: Bookings, effects: Store, pace: Pace) -> Commands:
    decider = EffectDecider(booker, settings.rules(), kit.clock, kit.partitions)
    documents = Documents(decider, effects, writer=f"{kit.writer}/commands", partitions=kit.partitions, cache=0)
    return Commands(documents, booker, pace)


def main() -> None:
    """Run the service."""
    run("scheduler", build)


if __name__ == "__main__":
    main()
