"""Creates the catalogue's topics; they come from here and never from a client."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import CoordinatorNotAvailableError, KafkaError, TopicAlreadyExistsError, for_code

from claims_cli.errors import ClaimsError
from claims_shared.messages.catalog import BROKER_LIMIT, DEAD_LETTER_BROKER_LIMIT, TOPICS, Topic

LOCAL_PARTITIONS = 4
MOST_REPLICAS = 3
EXISTS = TopicAlreadyExistsError.errno
SETTLE_S = 20.0
POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """One Kafka topic as the catalogue wants it."""

    name: str
    retention_ms: int
    cleanup: str
    max_message_bytes: int

    def new(self, partitions: int, replicas: int) -> NewTopic:
        configs = {
            "retention.ms": str(self.retention_ms),
            "cleanup.policy": self.cleanup,
            "max.message.bytes": str(self.max_message_bytes),
            # The broker's clock: a portal that stamps its records with the filing date would lose them to retention.
            "message.timestamp.type": "LogAppendTime",
            # The broker unpacks what portals compress: our readers know no codec but gzip, and unpack without a bound, so that
            # 64 KB could become 2 GB in each of them. What unpacks to more than a message may have is turned away.
            "compression.type": "uncompressed",
        }
        return NewTopic(self.name, partitions, replicas, topic_configs=configs)


def wanted(topics: Iterable[Topic] = TOPICS) -> list[Wanted]:
    """Every topic with its lane and its dead letters."""
    return [each for topic in topics for each in (*_streams(topic), *_letters(topic))]


async def create(bootstrap: str, *, partitions: int | None = None, topics: Iterable[Topic] = TOPICS) -> list[str]:
    """Create what is missing and answer its names.

    `partitions` is for new topics (4 where nothing says otherwise). All topics have one count, so a claim lives in one
    partition everywhere; a count that differs from what exists is refused: changing it would part claims from their past.
    """
    async with _admin(bootstrap) as admin:
        plan = wanted(topics)
        counts = await _partition_counts(admin, {each.name for each in plan})
        count = _agreed(counts, partitions)
        missing = [each for each in plan if each.name not in counts]
        replicas = min(MOST_REPLICAS, len((await admin.describe_cluster())["brokers"]))
        await _create(admin, [each.new(count, replicas) for each in missing])
        async with asyncio.timeout(SETTLE_S):
            await _all_known(admin, {each.name for each in plan})
            await _warm_up(admin)
    return [each.name for each in missing]


def _streams(topic: Topic) -> list[Wanted]:
    return [Wanted(name, _retention_ms(topic), topic.cleanup, BROKER_LIMIT) for name in topic.streams]


def _letters(topic: Topic) -> list[Wanted]:
    return [Wanted(name, _retention_ms(topic), "delete", DEAD_LETTER_BROKER_LIMIT) for name in topic.letters]


def _retention_ms(topic: Topic) -> int:
    return int(topic.keep.total_seconds() * 1000)


def _agreed(counts: Mapping[str, int], asked: int | None) -> int:
    count = asked or next(iter(counts.values()), LOCAL_PARTITIONS)
    if differing := {name: found for name, found in counts.items() if found != count}:
        name, found = min(differing.items())
        raise ClaimsError(
            f"topic {name} has {found} partitions and {count} are wanted: the count is never changed in place, "
            f"claims would be parted from their past. Use {found}, or a broker (locally: a --data directory) of its own"
        )
    return count


async def _partition_counts(admin: AIOKafkaAdminClient, names: set[str]) -> dict[str, int]:
    existing = sorted(names.intersection(await admin.list_topics()))
    described = await admin.describe_topics(existing) if existing else []
    return {each["topic"]: len(each["partitions"]) for each in described}


async def _create(admin: AIOKafkaAdminClient, new: list[NewTopic]) -> None:
    """Errors stand in the response; nothing is raised for them."""
    response = await admin.create_topics(new) if new else None
    for name, code, message in response.topic_errors if response else []:
        if code not in (0, EXISTS):
            raise ClaimsError(f"topic {name} cannot be created: {message or for_code(code).__name__}")


async def _all_known(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """A topic is created before the brokers know of it: who starts in between would find it missing."""
    while names.difference(await _partition_counts(admin, names)):  # noqa: ASYNC110 - the brokers' state, as below
        await asyncio.sleep(POLL_S)


async def _warm_up(admin: AIOKafkaAdminClient) -> None:
    """The first group of a fresh broker waits half a second for the offsets topic: let it be nobody's."""
    while not await _coordinates(admin):  # noqa: ASYNC110 - the broker's state: nothing here could wake us
        await asyncio.sleep(POLL_S)


async def _coordinates(admin: AIOKafkaAdminClient) -> bool:
    try:
        await admin.find_coordinator("claims.warm-up")
    except CoordinatorNotAvailableError:
        return False
    return True


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        yield admin
    except (KafkaError, TimeoutError, ValueError) as trouble:
        raise ClaimsError(
            f"the broker at {bootstrap} cannot be used: {trouble or 'it did not answer in time'}"
        ) from trouble
    finally:
        await admin.close()
