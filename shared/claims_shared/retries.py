"""What is done when an outside service fails, by class of error: one table a service, beside the code that keeps to it.

The tables are shown on a generated page; tests hold each to the code: every class that the code tells apart is a line, and
every line is met by an error.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiokafka.errors import (
    CommitFailedError,
    CorruptRecordException,
    IllegalStateError,
    KafkaError,
    UnsupportedCodecError,
)

from claims_shared.engine import FIRST_WAIT, LONGEST_WAIT
from claims_shared.kafka import COMMIT_SECONDS, LOOK_SECONDS
from claims_shared.quarantine import EXITS
from claims_shared.standing import SILENT_SECONDS


@dataclass(frozen=True, slots=True)
class Retry:
    """One class of errors: how it is recognised, what we do, how often, and until when."""

    error: str
    known_by: str
    done: str
    often: str
    until: str


@dataclass(frozen=True, slots=True)
class Outside:
    """One outside service and what is done about its errors."""

    name: str
    used_for: str
    retries: tuple[Retry, ...]


def lasting(span: timedelta | float) -> str:
    """Say how long: `0.1 s`, `30 s`, `10 min`, `4 days`."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else span
    for size, name in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or seconds == size:
            return f"{seconds / size:g} {name}{'s' if name == 'day' and seconds > size else ''}"
    return f"{seconds:g} s"


def names(*errors: type[BaseException]) -> str:
    """Name exceptions as a table does."""
    return ", ".join(error.__name__ for error in errors)


GROWING: Final = f"after {lasting(FIRST_WAIT)}, doubling to {lasting(LONGEST_WAIT)}"
PASSED_ON: Final = (
    "for ever; given up only where the partitions go to somebody else or the process stops: they go on with it"
)
LEAVE: Final = "the process ends without committing; it is started again and reads the same"

BROKER: Final = Outside(
    "Kafka",
    "every message in and out",
    (
        Retry(
            "not there at the start",
            f"{names(KafkaError, OSError)} or no answer within CLAIMS_START_SECONDS; a topic is missing",
            "the process ends with one line that says what to do",
            "whenever it is started again",
            "it starts",
        ),
        Retry(
            "does not take what we send",
            f"{names(KafkaError, OSError)} or no acknowledgement within CLAIMS_PRODUCE_SECONDS",
            "the producer is thrown away; a new one sends everything again under the same ids; readiness off",
            GROWING,
            PASSED_ON,
        ),
        Retry(
            "refuses a commit",
            names(CommitFailedError, IllegalStateError),
            "nothing: the partitions are somebody else's, who reads the records again and recognises them",
            "never",
            "at once",
        ),
        Retry(
            "does not take a commit",
            f"any other {names(KafkaError)}",
            "the newest offsets are committed with the next turn",
            f"every {lasting(COMMIT_SECONDS)}",
            "it takes them",
        ),
        Retry(
            "gives a record that cannot be decoded",
            f"{names(CorruptRecordException, UnsupportedCodecError)}, or whatever a decoder raises;"
            f" or nothing at all for {lasting(SILENT_SECONDS)}",
            "the others are read on; its batch is read by hand; where that fails the partition stands and is named",
            f"looked at every {lasting(LOOK_SECONDS)}",
            "an operator skips it (`claims skip`)",
        ),
        Retry("fails in another way while we read", f"any other {names(KafkaError)}", LEAVE, "at once", "it reads"),
    ),
)

STORE: Final = Outside(
    "the store",
    "the services' documents",
    (
        Retry(
            "not there at the start",
            "StoreUnavailable from the first ping",
            "the process ends with one line that says what to do",
            "whenever it is started again",
            "it starts",
        ),
        Retry(
            "away",
            "StoreUnavailable. MongoDB: no connection, no primary, no majority, no time left, a write conflict or a shutdown. "
            "SQLite: BUSY, LOCKED, IOERR, FULL, CANTOPEN, PROTOCOL",
            "the same batch again, nothing read on, readiness off",
            GROWING,
            PASSED_ON,
        ),
        Retry(
            "somebody else wrote first",
            "the id is among the losers of a write",
            "the document is read anew and its messages are folded again",
            "at once",
            "the write wins",
        ),
        Retry(
            "anything else",
            "every other error of the driver: a wrong statement, a broken file, a refused log-in",
            f"{LEAVE}; after {EXITS} such exits at one offset only the record that fails alone is put aside (`quarantined`)",
            "at once",
            "it works",
        ),
    ),
)
