"""Whatever bytes and headers arrive, decoding answers; whatever stands in a field, its content stays out of the reasons."""

import json
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from claims_cli.catalog import samples
from claims_shared.decoding import decode
from claims_shared.messages.catalog import BY_STREAM, BY_WIRE
from claims_shared.wire import DeadLetter, Received, Record, Undecodable, Unknown, letter_headers

SAMPLES = samples.newest(Path(__file__).parents[2])
CODES = {"too_large", "wrong_headers", "unknown_type", "null_body", "wrong_key", "not_utf8", "not_json", "wrong_field"}
MARK = "900-98-7654"

header_names = (
    st.sampled_from(["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "traceparent"]) | st.text()
)
header_values = st.none() | st.binary(max_size=600) | st.sampled_from([b"1.0", b"2026-09-14T15:04:05Z"])
records = st.builds(
    Record,
    topic=st.sampled_from(sorted(BY_STREAM)),
    partition=st.integers(0, 47),
    offset=st.integers(0),
    key=st.none() | st.binary() | st.just(b"c-1"),
    value=st.none() | st.binary(),
    headers=st.lists(st.tuples(header_names, header_values)),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(MARK)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just(MARK), inner, max_size=4)
)


def places(value, path=()):
    """Give every path into a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, inner in pairs for place in places(inner, (*path, name)))]


def put(value, path, new):
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@st.composite
def spoiled(draw):
    """A golden sample with something else at one place."""
    sample = SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]
    body = put(sample.body, draw(st.sampled_from(places(sample.body))), draw(values))
    return replace(sample.record, value=json.dumps(body).encode())


def check(found):
    assert isinstance(found, Received | Undecodable | Unknown)
    if isinstance(found, Undecodable):
        assert found.code in CODES
        assert 0 < len(found.reasons) <= 20
        letter = DeadLetter(found.record, "orchestrator", found.code, found.reasons)
        assert sum(len(value or b"") for _, value in letter_headers(letter)) < 1_000_000


@settings(max_examples=300, deadline=None)
@given(records)
@example(Record("claims.intake.submissions.v1", 0, 0, None, None, ()))
def test_any_bytes_and_headers_are_answered(record):
    check(decode(record))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.none() | st.binary(max_size=2000))
def test_any_body_under_good_headers_is_answered(wire, body):
    found = decode(replace(SAMPLES[wire].record, value=body))
    check(found)
    assert not isinstance(found, Unknown)


@settings(max_examples=500, deadline=None)
@given(spoiled())
def test_any_value_in_any_place_is_answered_without_repeating_it(record):
    found = decode(record)
    check(found)
    if isinstance(found, Undecodable):
        assert MARK not in " ".join(found.reasons)


@settings(max_examples=300, deadline=None)
@given(spoiled())
def test_what_was_read_can_be_written_and_read_again(record):
    found = decode(record)
    if isinstance(found, Received):
        again = decode(replace(record, value=found.body.model_dump_json().encode()))
        assert isinstance(again, Received)
        assert again.body == found.body
        assert BY_WIRE[again.type].model is type(again.body)
