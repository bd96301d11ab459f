"""Partitions that stand still on a record which cannot be read: who says so, and the word that lets a service pass over it."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table
from rich.text import Text

from claims_cli.errors import ClaimsError
from claims_cli.local.probes import ask
from claims_cli.portal import SOURCE, sender
from claims_cli.records.letters import Place
from claims_shared.messages.catalog import BY_STREAM, OPERATIONS, group_of
from claims_shared.messages.operations import RecordSkipped
from claims_shared.wire import output

OFFSET: Final = "claims_stuck_offset"
SINCE: Final = "claims_stuck_since_seconds"
POLL_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Stuck:
    """One partition, as a process that reads it says."""

    process: str
    service: str
    place: str
    since: str
    error: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def stuck(processes: Iterable[tuple[str, str]]) -> tuple[list[Stuck], list[str]]:
    """Ask processes, given as name and address, what stands still; and give the names of those that do not answer."""
    asked = list(processes)
    answers = await asyncio.gather(*(_metrics(address) for _, address in asked))
    silent = [name for (name, _), answer in zip(asked, answers, strict=True) if answer is None]
    found = [each for (name, _), answer in zip(asked, answers, strict=True) if answer for each in _stuck(name, answer)]
    return found, silent


async def skip(bootstrap: str, place: Place, service: str, reason: str, by: str) -> None:
    """Say that a service may pass over a record. It is heard only by a process that stands there."""
    now = datetime.now(UTC)
    topic, partition, offset = place
    said = RecordSkipped(
        service=service, topic=topic, partition=partition, offset=offset, reason=reason, skipped_by=by, skipped_at=now
    )
    out = output(said, id=f"{place}/{service}/skipped", source=SOURCE, at=now, key=service)
    async with sender(bootstrap, (OPERATIONS.name, topic)) as producer, asyncio.timeout(30):
        await producer.produce([out])


async def passed(bootstrap: str, place: Place, service: str, seconds: float) -> bool:
    """Whether the service's group is past the record, within so many seconds."""
    at = TopicPartition(place.topic, place.partition)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    deadline = asyncio.get_running_loop().time() + seconds
    try:
        await admin.start()
        while True:
            committed = await admin.list_consumer_group_offsets(group_of(service), partitions=[at])
            if committed[at].offset > place.offset:
                return True
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(POLL_S)
    except (KafkaError, OSError, TimeoutError) as away:
        raise ClaimsError(f"the broker at {bootstrap} cannot be asked: {type(away).__name__}") from away
    finally:
        await admin.close()


def reader_of(topic: str, asked: str | None) -> str:
    """Give the service that reads a topic and puts aside what it cannot use; raises ClaimsError where that is not one."""
    found = BY_STREAM[topic].dead_letters if topic in BY_STREAM else ()
    if asked in found:
        return str(asked)
    if len(found) == 1 and asked is None:
        return found[0]
    readers = f"is read by {', '.join(found)}: choose with --service" if found else "is no topic that a service reads"
    raise ClaimsError(f"{topic} {readers}")


def place_of(written: str) -> Place:
    """Read TOPIC/PARTITION/OFFSET."""
    topic, *numbers = written.rsplit("/", 2)
    if len(numbers) != 2 or not all(each.isdecimal() for each in numbers):  # noqa: PLR2004 - a partition and an offset
        raise ClaimsError(f"{written!r} is no place of a record: write TOPIC/PARTITION/OFFSET, as claims stuck does")
    return Place(topic, *map(int, numbers))


def as_table(found: Sequence[Stuck]) -> Table:
    shown = Table("process", "stands still at", "since", "why", box=None, pad_edge=False, header_style="dim")
    for each in found:
        since = f"{datetime.fromisoformat(each.since).astimezone():%d %b %H:%M:%S}"
        shown.add_row(*map(Text, (each.process, each.place, since, each.error)))
    return shown


async def _metrics(address: str) -> str | None:
    try:
        return (await ask(f"{address}/metrics", whole=True))[1]
    except OSError:
        return None


def _stuck(process: str, metrics: str) -> Iterator[Stuck]:
    said: dict[tuple[str, str, str, str], dict[str, float]] = defaultdict(dict)
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name in {OFFSET, SINCE}:
                labels = tuple(sample.labels[name] for name in ("service", "topic", "partition", "error"))
                said[labels][sample.name] = sample.value  # type: ignore[index] # four labels, four parts
    for (service, topic, partition, error), values in said.items():
        since = datetime.fromtimestamp(values[SINCE], UTC).isoformat()
        yield Stuck(process, service, f"{topic}/{partition}/{values[OFFSET]:.0f}", since, error)
