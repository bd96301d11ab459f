"""What uvloop says of a closed connection, in words that the Kafka client understands.

asyncio lets a write to a connection pass that was reset a moment ago, and the client learns of it by reading. uvloop raises
RuntimeError, which aiokafka 0.14 takes for a defect of its own: its coordination or its fetching ends for good, and with it
the process (felt under connections that are reset while the broker is killed).
"""

import functools
from collections.abc import Callable
from typing import Any, Final

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

WRITERS: Final = ("send", "_send_sasl_token")


def understand_closed_connections() -> None:
    """Make the client take a write to a closed connection for a broken connection, as it does with every other loop's error."""
    for name in WRITERS:
        write = getattr(AIOKafkaConnection, name)
        if not hasattr(write, "__wrapped__"):
            setattr(AIOKafkaConnection, name, _understood(write))


def _understood(write: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(write)
    def understood(connection: AIOKafkaConnection, *arguments: Any, **named: Any) -> Any:
        try:
            return write(connection, *arguments, **named)
        except RuntimeError as closed:
            connection.close(reason=CloseReason.CONNECTION_BROKEN)
            raise KafkaConnectionError(f"{connection} is closed: {closed}") from closed

    return understood
