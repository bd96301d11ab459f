"""The decider of weeks under the real fold and store: what a crash must not lose, and how the service is put together."""

import pytest
from week_walk import CLAIM, LAW, NOW, Walk, entry

from claims_benefits.__main__ import build
from claims_benefits.certify import answer_undecodable
from claims_benefits.entitlement import SHAPE
from claims_benefits.following import VIEWS
from claims_benefits.weeks import Weeks
from claims_shared.cluster import Unusable
from claims_shared.decoding import decode
from claims_shared.documents import Documents, Tally
from claims_shared.kafka import subscription
from claims_shared.memory import MemoryStore
from claims_shared.messages.catalog import CERTIFICATIONS, LIFECYCLE, WEEKS
from claims_shared.producing import Producer
from claims_shared.service import Kit, now, streams_of
from claims_shared.settings import KafkaSettings, ServiceSettings
from claims_shared.wire import DeadLetter, Record


class Desk:
    """One process of benefits over rows that outlive it."""

    def __init__(self, rows):
        self.documents = Documents(Weeks(LAW), MemoryStore(SHAPE, rows=rows), writer=str(id(self)), partitions=4)

    async def take(self, *messages, acknowledged=True):
        sends = await self.documents.process(messages, NOW, Tally())
        if acknowledged:
            self.documents.acknowledged()
        return [each.id for each in sends if not isinstance(each, DeadLetter)]


def messages_of(story):
    """The messages that a story says, unfolded."""
    walk, heard = Walk(), []
    walk.take = heard.append
    story(walk)
    return heard


def ordinary(walk):
    walk.certify(1)
    walk.approve()
    walk.certify(2)
    walk.hear("progressed", entry("referral", "identity"))
    walk.certify(3)
    walk.hear("progressed")


async def test_what_was_written_and_not_sent_is_sent_by_the_next_process():
    rows, messages = {}, messages_of(ordinary)
    await Desk(rows).take(*messages[:2])
    lost = await Desk(rows).take(messages[2], acknowledged=False)
    assert lost[-1] == f"{CLAIM}/2026-09-26"
    assert f"{CLAIM}/2026-09-26" in await Desk(rows).take(messages[2])


async def test_everything_read_again_by_another_process_moves_nothing():
    rows, messages = {}, messages_of(ordinary)
    first = await Desk(rows).take(*messages)
    stored = rows[CLAIM].body
    again = await Desk(rows).take(*messages)
    assert set(again) <= set(first)
    assert rows[CLAIM].body == stored
    assert first.count(f"{CLAIM}/2026-10-03") == 1


async def test_an_event_before_the_determination_leaves_nothing_behind():
    rows = {}
    assert await Desk(rows).take(*messages_of(lambda walk: walk.hear("opened"))) == []
    assert rows == {}


async def test_a_certification_that_cannot_be_read_is_answered():
    def told(topic):
        undecodable = decode(Record(topic, 1, 7, b"C-1", b"{", [("ce_id", b"p-1")]), VIEWS)
        return answer_undecodable(undecodable, NOW)

    [refused] = told(CERTIFICATIONS.name)
    assert (refused.topic, refused.key, refused.id) == (WEEKS.name, "C-1", f"{CERTIFICATIONS.name}/1/7/refused")
    assert b'"ce_id":"p-1"' in refused.body
    assert told(LIFECYCLE.name) == ()


@pytest.fixture
def kit():
    def make(store_url):
        kafka = KafkaSettings()
        producer = Producer(kafka, "claims.benefits", 4)
        _, consumption = subscription("benefits", kafka, streams_of("benefits"), producer)
        return Kit("benefits", ServiceSettings(store_url=store_url), kafka, 4, "test", producer, consumption, now)

    return make


async def test_every_topic_that_benefits_reads_has_a_processor(kit, tmp_path):
    built = await build(kit(f"sqlite://{tmp_path}"))
    assert set(built.processors) == set(streams_of("benefits"))
    assert built.processors[LIFECYCLE.name] is built.processors[CERTIFICATIONS.name]
    assert len(set(built.processors.values())) == 2
    assert [path.name for path in tmp_path.glob("*.db")] == ["entitlements.db"]
    for close in built.close:
        await close()


async def test_without_a_store_it_says_what_to_set(kit):
    with pytest.raises(Unusable, match="CLAIMS_STORE_URL"):
        await build(kit(""))
