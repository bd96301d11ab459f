"""Exits by the engine's own exception are noted with the group on a real broker, over processes, until one record goes aside."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from reading_service import Service, Taking

from claims_shared.cluster import notes_of
from claims_shared.messages.catalog import DESK, group_of
from claims_shared.quarantine import EXITS


async def test_the_fourth_process_finds_the_record_on_which_three_have_left(kafka):
    service = Service(kafka, "exits-noted")
    await service.create()
    await service.publish("e1", "e2", "poison", "e3")
    for _ in range(EXITS):
        first = Taking("poison")
        async with service.running(first) as (_, task), asyncio.timeout(30):
            with pytest.raises(KeyError):
                await task
        assert first.taken == []
    last = Taking("poison")
    async with service.running(last):
        await last.has("e1", "e2", "e3")
        await service.publish("e4")
        await last.has("e4")
    assert [each for each in last.taken if each[0] == "e" and len(each) == 2] == ["e1", "e2", "e3", "e4"]
    letter = await one(kafka, service.letters)
    headers = dict(letter.headers)
    assert (headers["ce_id"], headers["dlq_code"], headers["dlq_attempts"]) == (b"poison", b"quarantined", b"3")
    place = TopicPartition(DESK.name, 0)
    assert await notes_of(service.kafka, group_of(service.name), [place]) == {place: ""}, "no suspicion is left"


async def one(bootstrap, topic):
    async with (
        AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest") as reader,
        asyncio.timeout(20),
    ):
        return await reader.getone()
