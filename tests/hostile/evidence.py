"""What became of records, read from outside: the streams that tell it, the committed offsets, and the services' own counts."""

import asyncio
import json
import re
import urllib.request
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client.parser import text_string_to_metric_families
from tests.faults.stack import Stack, probe
from tests.hostile.sending import Socket
from tests.hostile.shots import PARTITIONS

from claims_shared.messages.catalog import LIFECYCLE, REFUSALS, TOPICS, group_of
from claims_shared.service import streams_of

Place = tuple[str, int, int]
LETTERS: Final = tuple(letter for topic in TOPICS for letter in topic.letters)
PERSONAL: Final = re.compile(rb"Obi-|90\d-\d\d-\d{4}|@example")
PUT_ASIDE: Final = ("dead_lettered", "refused", "parked")
"""Verdicts that come with a dead letter. Nothing here may park a claim at the orchestrator, which would keep its record."""


@dataclass(slots=True)
class Told:
    """What the streams say: the code of every dead letter and refusal by the record's place, and each claim's events.

    A record that two services read has a letter of each; where they do not agree, both codes are told.
    """

    letters: dict[Place, str] = field(default_factory=dict)
    written: set[tuple[str, Place]] = field(default_factory=set)
    """Every letter there is: of which stream of letters, about which record."""
    refusals: dict[Place, str] = field(default_factory=dict)
    events: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    twice: list[Place] = field(default_factory=list)
    leaks: list[Place] = field(default_factory=list)
    """Refusals that repeat what a person is called or known by; dead letters keep it, and only the agency reads them."""

    def take(self, record: ConsumerRecord) -> None:
        headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
        if record.topic == LIFECYCLE.name:
            self.events[(record.key or b"").decode("utf-8", "replace")].add(headers.get("ce_type", ""))
        elif record.topic == REFUSALS.name:
            body = json.loads(record.value)
            place = body["topic"], body["partition"], body["offset"]
            self._note(self.refusals, place, body["code"], again=place in self.refusals)
            self.leaks += [place] if PERSONAL.search(record.value) else []
        else:
            place = headers["dlq_topic"], int(headers["dlq_partition"]), int(headers["dlq_offset"])
            self._note(self.letters, place, headers["dlq_code"], again=(record.topic, place) in self.written)
            self.written.add((record.topic, place))

    def _note(self, where: dict[Place, str], place: Place, code: str, *, again: bool) -> None:
        if again:
            self.twice.append(place)
        before = where.get(place, code)
        where[place] = code if before == code else f"{before}, {code}"


@dataclass(frozen=True, slots=True)
class Account:
    """One service: how far its group has committed, how much there is, what it says became of it and why."""

    committed: int
    there: int
    verdicts: Mapping[str, int]
    reasons: Mapping[str, int]

    @property
    def lag(self) -> int:
        return self.there - self.committed

    @property
    def counted(self) -> int:
        return sum(self.verdicts.values())

    @property
    def put_aside(self) -> int:
        return sum(self.verdicts.get(each, 0) for each in PUT_ASIDE)

    @property
    def quarantined(self) -> int:
        return self.verdicts.get("quarantined", 0)


class Witness:
    """Reads along and asks."""

    def __init__(self, stack: Stack, socket: Socket, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self.told = Told()
        self._stack = stack
        self._socket = socket
        self._consumer = consumer
        self._admin = admin

    async def read(self) -> None:
        """Take everything up to what is the end now."""
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._consumer.assignment())
        while any([await self._consumer.position(place) < end for place, end in ends.items()]):
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    self.told.take(record)

    async def accounts(self) -> dict[str, Account]:
        """Give every service's account."""
        counts = await asyncio.to_thread(_counts, [each.address for each in self._stack.processes()])
        services = dict.fromkeys(each.service for each in self._stack.processes())
        return {service: await self._account(service, counts) for service in services}

    async def _account(self, service: str, counts: Mapping[str, Mapping[str, Counter[str]]]) -> Account:
        committed = await self._admin.list_consumer_group_offsets(group_of(service))
        places = [TopicPartition(stream, each) for stream in streams_of(service) for each in range(PARTITIONS)]
        ends = await self._socket.ends(places)
        done = sum(committed[place].offset if place in committed else 0 for place in places)
        return Account(done, sum(ends.values()), counts["messages"][service], counts["reasons"][service])


@asynccontextmanager
async def witness(stack: Stack, socket: Socket) -> AsyncIterator[Witness]:
    consumer = AIOKafkaConsumer(
        *(*LETTERS, REFUSALS.name, LIFECYCLE.name),
        bootstrap_servers=stack.kafka,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka)
    await consumer.start()
    await admin.start()
    try:
        yield Witness(stack, socket, consumer, admin)
    finally:
        await admin.close()
        await consumer.stop()


def _counts(addresses: Sequence[str]) -> Mapping[str, Mapping[str, Counter[str]]]:
    found: dict[str, defaultdict[str, Counter[str]]] = {
        "messages": defaultdict(Counter),
        "reasons": defaultdict(Counter),
    }
    for address in addresses:
        for name, labels, value in _samples(address):
            if name == "claims_messages_total":
                found["messages"][labels["service"]][labels["verdict"]] += int(value)
            elif name == "claims_message_reasons_total":
                found["reasons"][labels["service"]][labels["reason"]] += int(value)
    return found


def _samples(address: str) -> list[tuple[str, Mapping[str, str], float]]:
    """Give what a process counts; nothing where it is gone, which no sum survives."""
    status, text = probe(address, "/metrics")
    families = text_string_to_metric_families(text) if status else ()
    return [(each.name, each.labels, each.value) for family in families for each in family.samples]


def mails_to(sink: str, address: str) -> list[bytes]:
    """Give what the mail server was handed for an address, as bytes."""
    numbers = [each["number"] for each in _get(f"{sink}/messages?to={address}")]
    return [_fetch(f"{sink}/messages/{number}/raw") for number in numbers]


def _get(url: str) -> Any:
    return json.loads(_fetch(url))


def _fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - loopback
        content: bytes = answer.read()
    return content
