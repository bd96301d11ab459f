"""The scheduler reads a life-cycle event within the bounds of its message; beyond them the message says what is wrong."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from claims_cli.catalog import samples
from claims_scheduler.waits import VIEWS, Seen, waits_of
from claims_shared.decoding import decode
from claims_shared.messages.fields import MOST
from claims_shared.wire import Received, Undecodable

SAMPLE = samples.newest(Path(__file__).parents[3])["claim.progressed.v1"]


def read(body: bytes, views=VIEWS):
    return decode(replace(SAMPLE.record, value=body), views)


def changed(**changes):
    return json.dumps(SAMPLE.body | changes).encode()


def opened(**changes):
    return changed(open=[SAMPLE.body["open"][0] | changes])


BEYOND = {
    "a number of thirty digits": changed(sequence=10**30),
    "the number zero": changed(sequence=0),
    "an endless id": opened(id="x" * 161),
    "no id": opened(id=""),
    "a step that is no code": opened(step="<b>"),
    "an instant of no zone": opened(due_at="2026-11-20T15:04:05"),
    "an instant that UTC cannot hold": opened(retry_at="0001-01-01T00:00:00+14:00"),
    "no JSON": b"{",
    "depth": changed()[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
}


@pytest.mark.parametrize("name", BEYOND)
def test_beyond_the_message_s_bounds_the_view_gives_way(name):
    found = read(BEYOND[name])
    assert isinstance(found, Undecodable)
    assert found == read(BEYOND[name], {})


def test_an_instant_with_an_offset_is_read_as_the_same_instant():
    body = opened(due_at="2026-11-20T17:04:05+02:00")
    found, by_model = read(body), read(body, {})
    assert isinstance(found, Received)
    assert waits_of(found.body) == waits_of(by_model.body)


@pytest.mark.parametrize("field", ["due_at", "retry_at", "remind_at", "limit_at"])
@pytest.mark.parametrize(
    ("at", "viewed"), [(None, True), ("2026-11-20T15:04:05Z", True), ("2026-11-20T17:04:05+02:00", False)]
)
def test_an_instant_is_read_by_the_view_if_it_is_written_as_we_write_it(field, at, viewed):
    found = read(opened(**{"due_at": None, "retry_at": None, "remind_at": None, "limit_at": None, field: at}))
    assert isinstance(found.body, Seen) == viewed


@pytest.mark.parametrize("body", [opened(id="x"), opened(id="x" * 160), changed(sequence=1), changed(sequence=MOST)])
def test_at_the_very_bounds_the_view_reads(body):
    assert isinstance(read(body).body, Seen)


def test_within_them_both_say_the_same():
    found, by_model = read(changed()), read(changed(), {})
    assert type(found.body) is not type(by_model.body)
    assert waits_of(found.body) == waits_of(by_model.body) != ()
