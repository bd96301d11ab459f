"""The flow file: strict, taken while everything runs, and where it is broken the last good one stays."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from claims_shared.flow import Flow as Followed
from claims_shared.flow import FlowFile, FlowRefused, Limits, follow, read
from claims_shared.places import Places


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"identity: {concurency: 4}", "identity.concurency: Extra inputs are not permitted"),
        (b"identity: {concurrency: 0}", "greater than or equal to 1"),
        (b"identity: {rate: 'fast'}", "identity.rate: Input should be a valid number"),
        (b"identity: {rate: .inf}", "finite number"),
        (b"mail: {rate: 0}", "greater than 0"),
        (b"portals: {own: {p: {rate: 5}}}", "portals.own.p.burst: Field required"),
        (b"weather: {}", "weather: Extra inputs are not permitted"),
        (b"- a\n- b", "valid dictionary"),
        (b"identity: [", "it is no YAML (line 1)"),
        (b"x" * 70_000, "larger than"),
    ],
)
def test_what_we_do_not_know_or_cannot_be_is_refused(content, why):
    with pytest.raises(FlowRefused) as refused:
        read(content)
    assert why in str(refused.value)


def test_a_refusal_repeats_no_value():
    with pytest.raises(FlowRefused) as refused:
        read(b"identity: {rate: 'hunter2'}")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{}", b"# nothing\n"])
def test_a_file_may_say_nothing(content):
    assert read(content) == FlowFile()


def test_what_is_left_out_is_as_the_settings_say():
    usual = Limits(concurrency=4, breaker_failures=5, breaker_seconds=5.0)
    assert read(b"identity: {rate: 50}").identity.over(usual) == usual.model_copy(update={"rate": 50.0})


def test_a_change_is_taken_and_a_broken_one_leaves_the_last_good(tmp_path):
    file, heard = tmp_path / "flow.yaml", []
    flow = Followed(str(file))
    follow(flow, lambda found: found.identity.rate, heard.append)
    file.write_text("identity: {rate: 50}")
    flow.look()
    file.write_text("identity: {rate: fifty}")
    flow.look()
    assert (heard, flow.now.identity.rate) == ([None, 50.0], 50.0)
    assert REGISTRY.get_sample_value("claims_flow_refused") == 1
    file.unlink()
    flow.look()
    assert flow.now.identity.rate == 50.0
    file.write_text("{}")
    flow.look()
    assert heard == [None, 50.0, None]
    assert REGISTRY.get_sample_value("claims_flow_refused") == 0


async def test_places_grow_and_shrink_while_they_are_taken():
    places, inside = Places(1), []

    async def call(name):
        await places.acquire()
        inside.append(name)

    calls = [asyncio.create_task(call(name)) for name in "abcd"]
    await asyncio.sleep(0)
    assert inside == ["a"]
    places.resize(3)
    await asyncio.sleep(0)
    assert inside == ["a", "b", "c"]
    places.resize(1)
    places.release()
    places.release()
    await asyncio.sleep(0)
    assert inside == ["a", "b", "c"]
    places.release()
    await asyncio.gather(*calls)
    assert inside == ["a", "b", "c", "d"]


async def test_who_gives_up_waiting_leaves_no_place_taken():
    places = Places(1)
    await places.acquire()
    given_up = asyncio.create_task(places.acquire())
    also = asyncio.create_task(places.acquire())
    await asyncio.sleep(0)
    given_up.cancel()
    places.release()
    also.cancel()
    await asyncio.gather(given_up, also, return_exceptions=True)
    async with asyncio.timeout(1):
        await places.acquire()
