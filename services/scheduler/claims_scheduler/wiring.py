"""The scheduler's parts put together, whatever they are given: a broker and stores, or a test's and the simulator's own."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from claims_scheduler.bookings import Bookings
from claims_scheduler.calendar import Rules
from claims_scheduler.commands import Commands, EffectDecider
from claims_scheduler.drain import Drain, Flow
from claims_scheduler.leaves import Leaves, Source
from claims_scheduler.letters import Letters
from claims_scheduler.mailer import Mailer
from claims_scheduler.moves import Moves
from claims_scheduler.pace import Pace
from claims_scheduler.returns import Returns
from claims_scheduler.shelf import Shelf
from claims_scheduler.slots import Board
from claims_scheduler.throttle import Throttle
from claims_scheduler.ticker import Ticker
from claims_scheduler.watch import Rhythm, Watch
from claims_scheduler.watched import Memory
from claims_shared.documents import Documents
from claims_shared.engine import Clock
from claims_shared.ports import Store
from claims_shared.wire import Output


@dataclass(frozen=True, slots=True)
class Stores:
    """Where documents live: the claims' waits, the slots, and the effects that were asked for."""

    waits: Store
    slots: Store
    effects: Store

    @property
    def close(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """Give what closes them."""
        return self.waits.close, self.slots.close, self.effects.close


@dataclass(frozen=True, slots=True)
class Place:
    """Where this process stands: how it sends, its clock, the partitions that it owns of how many, its unique name."""

    produce: Callable[[Sequence[Output]], Awaitable[None]]
    clock: Clock
    owned: Callable[[], Collection[int]]
    partitions: int
    writer: str


@dataclass(frozen=True, slots=True)
class Mail:
    """How letters are written and sent; `returns`: where bounces come to, without which nobody hears of them."""

    letters: Letters
    mailer: Mailer
    sender: str
    returns: Returns | None = None
    flow: Flow | None = None
    throttle: Throttle | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs: the processors of the life cycle and of commands, and the tasks beside them."""

    memory: Memory
    watch: Watch
    ticker: Ticker
    bookings: Bookings
    commands: Commands
    leaves: Leaves
    drain: Drain


def put_together(
    stores: Stores, place: Place, mail: Mail, *, staff: Source, rules: Rules, pace: Pace, rhythm: Rhythm | None = None
) -> Parts:
    """Make the parts and let them know each other; nothing runs yet."""
    memory, shelf = Memory(), Shelf(stores.slots, stores.effects, place.writer)
    bookings = Bookings(shelf, Board(rules, staff.current, place.partitions))
    decider = EffectDecider(bookings, place.clock, place.partitions)
    writer = f"{place.writer}/commands"
    documents = Documents(decider, stores.effects, writer=writer, partitions=place.partitions, cache=0)
    leaves = Leaves(
        staff,
        staffed=bookings.staffed,
        shelf=shelf,
        effects=stores.effects,
        rules=rules,
        clock=place.clock,
        owned=place.owned,
        writer=place.writer,
    )
    drain = Drain(
        stores.effects,
        bookings=bookings,
        moves=Moves(bookings, place.produce, place.partitions),
        letters=mail.letters,
        mailer=mail.mailer,
        produce=place.produce,
        clock=place.clock,
        owned=place.owned,
        pace=pace,
        sender=mail.sender,
        writer=place.writer,
        flow=mail.flow,
        returns=mail.returns,
        throttle=mail.throttle,
    )
    return Parts(
        memory,
        Watch(stores.waits, memory, place.clock, pace, writer=place.writer, rhythm=rhythm),
        Ticker(memory, place.produce, place.clock),
        bookings,
        Commands(documents, bookings, pace),
        leaves,
        drain,
    )
