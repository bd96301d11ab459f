"""What each fault does to the process whose call it strikes; gives what that call then waits for."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import KafkaConnectionError
from tests.simulation.topics import SESSION

from claims_shared.ports import StoreUnavailable

if TYPE_CHECKING:
    from tests.simulation.replica import Process

Strike = Callable[["Process", str], Awaitable[None]]


class _Now:
    """Awaited, it goes on at once."""

    def __await__(self) -> Any:
        return iter(())


NOW: Final = _Now()


def crash(process: "Process", name: str) -> Awaitable[None]:
    """It ends at once; its call never comes back."""
    process.die(process.weather.length(name))
    return process.loop.create_future()


def freeze(process: "Process", name: str) -> Awaitable[None]:
    """It stands still for longer than its session, then goes on in the middle of its call."""
    process.loop.frozen = process.slept = True
    process.timeline.after(SESSION, process.client.expire)
    process.timeline.after(process.weather.length(name), process.wake)
    return process.pause(process.weather.latency())


def rebalance(process: "Process", _name: str) -> Awaitable[None]:
    """Its group shares out the partitions anew."""
    process.world.groups[process.replica.service].rebalance()
    return NOW


def restart(process: "Process", name: str) -> Awaitable[None]:
    """It is asked to leave, as at every deployment."""
    process.loop.create_task(process.stop(process.weather.length(name)))
    return NOW


def store_away(process: "Process", name: str) -> Awaitable[None]:
    """The stores of its service are away for a while."""
    until = process.weather.begin(name, process.replica.service)
    process.timeline.at(until, process.world.touch, process.replica.service)
    return process.fails(name, StoreUnavailable("away"))


def store_reply_lost(process: "Process", name: str) -> Awaitable[None]:
    """All, or a part, of what it writes is written, and it does not hear so."""
    return process.fails(name, StoreUnavailable("no reply"))


def broker_away(process: "Process", name: str) -> Awaitable[None]:
    """The broker takes nothing from anybody for a while."""
    process.timeline.at(process.weather.begin(name), process.world.touch, None)
    return process.fails(name, KafkaConnectionError())


def broker_reply_lost(process: "Process", name: str) -> Awaitable[None]:
    """All, or a part, of what it sends is taken, and it does not hear so."""
    return process.fails(name, KafkaConnectionError())


def broker_hangs(process: "Process", _name: str) -> Awaitable[None]:
    """What it sends arrives only after it has given up and sent it again."""
    process.weather.hang()
    return NOW


def topic_late(process: "Process", _name: str) -> Awaitable[None]:
    """Some partition is read late, behind all others."""
    process.world.stall()
    return NOW


def mail_reply_lost(process: "Process", _name: str) -> Awaitable[None]:
    """The mail server takes a mail, and its word is lost."""
    process.weather.lose_reply()
    return NOW


def lasting(process: "Process", name: str) -> Awaitable[None]:
    """Something outside fails in its own way for a while."""
    process.timeline.at(process.weather.begin(name), process.world.touch, process.replica.service)
    return NOW


STRUCK: Final[Mapping[str, Strike]] = {
    "crash": crash,
    "freeze": freeze,
    "rebalance": rebalance,
    "restart": restart,
    "store away": store_away,
    "store reply lost": store_reply_lost,
    "store write broken off": store_reply_lost,
    "broker away": broker_away,
    "broker reply lost": broker_reply_lost,
    "broker hangs": broker_hangs,
    "topic late": topic_late,
    "mail reply lost": mail_reply_lost,
}
"""By fault; the others are `lasting`."""
