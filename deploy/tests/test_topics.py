"""Topics come from the catalogue, once, with the count they were made with."""

from dataclasses import replace

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from claims_cli import topics
from claims_cli.errors import ClaimsError
from claims_shared.messages.catalog import INTAKE, LIFECYCLE, TOPICS


def renamed(topic, prefix):
    return replace(topic, name=f"{prefix}.{topic.name}")


async def configs_of(bootstrap, name):
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    responses = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    await admin.close()
    return {entry[0]: entry[1] for entry in responses[0].resources[0][4]}


def test_a_topic_brings_its_lane_and_its_dead_letters():
    assert [each.name for each in topics.wanted([INTAKE])] == [
        "claims.intake.submissions.v1",
        "claims.intake.submissions.expedited.v1",
        "claims.intake.submissions.deferred.v1",
        "claims.intake.submissions.v1.dlq.claims.orchestrator",
        "claims.intake.submissions.expedited.v1.dlq.claims.orchestrator",
        "claims.intake.submissions.deferred.v1.dlq.claims.orchestrator",
    ]


async def test_a_second_call_creates_nothing(kafka):
    mine = [renamed(topic, "twice") for topic in TOPICS]
    assert len(await topics.create(kafka, topics=mine)) == len(topics.wanted(mine))
    assert await topics.create(kafka, topics=mine) == []
    assert await topics.create(kafka, topics=mine, partitions=topics.LOCAL_PARTITIONS) == []


async def test_a_new_topic_takes_the_count_of_those_that_exist(kafka):
    first, second = renamed(INTAKE, "grown"), renamed(LIFECYCLE, "grown")
    await topics.create(kafka, topics=[first], partitions=2)
    await topics.create(kafka, topics=[first, second])
    assert await topics.create(kafka, topics=[first, second], partitions=2) == []


async def test_another_partition_count_is_refused(kafka):
    mine = [renamed(INTAKE, "recounted")]
    await topics.create(kafka, topics=mine, partitions=2)
    with pytest.raises(ClaimsError, match="has 2 partitions and 3 are wanted"):
        await topics.create(kafka, topics=mine, partitions=3)


async def test_a_topic_keeps_what_the_catalogue_says(kafka):
    lifecycle = renamed(LIFECYCLE, "kept")
    await topics.create(kafka, topics=[lifecycle])
    configs = await configs_of(kafka, lifecycle.name)
    assert configs["retention.ms"] == str(int(lifecycle.keep.total_seconds() * 1000))
    assert configs["message.timestamp.type"] == "LogAppendTime"
    assert (await configs_of(kafka, lifecycle.letters[0]))["max.message.bytes"] == str(2 * 1024 * 1024)


@pytest.mark.parametrize("address", ["127.0.0.1:9", "127.0.0.1:port"])
async def test_a_broker_that_is_not_there_is_one_clear_line(address):
    with pytest.raises(ClaimsError, match=f"the broker at {address} cannot be used"):
        await topics.create(address)


async def test_a_name_that_kafka_refuses_is_said_with_its_reason(kafka):
    with pytest.raises(ClaimsError, match="cannot be created"):
        await topics.create(kafka, topics=[replace(LIFECYCLE, name="no spaces allowed.v1", dead_letters=())])
