"""The service as it is built: every topic has its processor, and what is wrong is said in one line."""

import asyncio

import pytest
from pydantic import ValidationError

from claims_scheduler.__main__ import build
from claims_scheduler.settings import SchedulerSettings
from claims_shared.cluster import Unusable
from claims_shared.kafka import subscription
from claims_shared.producing import Producer
from claims_shared.service import Kit, now, streams_of
from claims_shared.settings import KafkaSettings, ServiceSettings


@pytest.fixture
def kit():
    def make(store_url):
        kafka = KafkaSettings()
        producer = Producer(kafka, "claims.scheduler", 4)
        _, consumption = subscription("scheduler", kafka, streams_of("scheduler"), producer)
        settings = ServiceSettings(store_url=store_url)
        return Kit("scheduler", settings, kafka, 4, "test", producer, consumption, now)

    return make


async def test_every_topic_that_the_scheduler_reads_has_a_processor(kit, tmp_path):
    built = await build(kit(f"sqlite://{tmp_path}"))
    assert set(built.processors) == set(streams_of("scheduler"))
    assert len(set(built.processors.values())) == 2, "both lanes of the commands share one"
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["effects.db", "slots.db", "waits.db"]
    assert built.on_assigned is not None
    await built.on_assigned(frozenset({0, 1}))
    tasks = [asyncio.ensure_future(task()) for task in built.tasks]
    await asyncio.sleep(0.3)
    assert [task for task in tasks if task.done()] == []
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for close in built.close:
        await close()


@pytest.mark.parametrize(
    ("store_url", "why"), [("", "CLAIMS_STORE_URL"), ("redis://here", "no store is known by 'redis'")]
)
async def test_without_a_store_it_says_what_to_set(kit, store_url, why):
    with pytest.raises(Unusable, match=why):
        await build(kit(store_url))


async def test_a_wrong_mail_server_is_named_without_its_password(kit, monkeypatch):
    monkeypatch.setenv("CLAIMS_SMTP_URL", "mail.test:secret")
    with pytest.raises(Unusable, match="CLAIMS_SMTP_URL") as caught:
        await build(kit("memory://"))
    assert "secret" not in str(caught.value)


def test_a_wrong_number_is_refused(monkeypatch):
    monkeypatch.setenv("CLAIMS_SLOT_MINUTES", "none")
    with pytest.raises(ValidationError, match="CLAIMS_SLOT_MINUTES"):
        SchedulerSettings()


@pytest.mark.parametrize("sender", ["nobody", "A <a@b.test>\r\nBcc: x@y.test", "a@b@c"])
def test_a_sender_is_one_address(monkeypatch, sender):
    monkeypatch.setenv("CLAIMS_MAIL_FROM", sender)
    with pytest.raises(ValidationError, match="CLAIMS_MAIL_FROM"):
        SchedulerSettings()


async def test_a_broken_staff_file_is_named(kit, tmp_path, monkeypatch):
    (tmp_path / "staff.yaml").write_text("caseworkers: none")
    monkeypatch.setenv("CLAIMS_STAFF", str(tmp_path / "staff.yaml"))
    with pytest.raises(Unusable, match=r"CLAIMS_STAFF: staff\.yaml: caseworkers: is no list"):
        await build(kit(f"sqlite://{tmp_path}"))
