"""What was once released stays readable: a golden sample of every message, read and written back by today's models."""

import hashlib
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from claims_cli.catalog import samples
from claims_shared.decoding import decode
from claims_shared.messages.catalog import BY_WIRE
from claims_shared.wire import Received, headers_of, output

ROOT = Path(__file__).parents[2]
NEWEST = samples.newest(ROOT)
EVERY = samples.every(ROOT)


def received(sample):
    decoded = decode(sample.record)
    assert isinstance(decoded, Received), decoded
    return decoded


def keeps(written, sample):
    """Whether everything of the sample is still said; later releases may say more."""
    if isinstance(sample, dict):
        return all(keeps(written[name], value) for name, value in sample.items())
    if isinstance(sample, list):
        return len(written) == len(sample) and all(map(keeps, written, sample))
    return written == sample


def test_every_message_has_a_golden_sample_and_every_sample_a_message():
    assert {sample.wire for sample in EVERY.values()} == set(NEWEST) == set(BY_WIRE)


@pytest.mark.parametrize("name", EVERY)
def test_todays_model_reads_every_release(name):
    sample = EVERY[name]
    assert keeps(json.loads(received(sample).body.model_dump_json()), sample.body)


@pytest.mark.parametrize("wire", NEWEST)
def test_todays_sample_is_written_back_equal(wire):
    assert json.loads(received(NEWEST[wire]).body.model_dump_json()) == NEWEST[wire].body


@pytest.mark.parametrize("wire", [wire for wire, sample in NEWEST.items() if sample.headers["ce_source"][:4] != "http"])
def test_what_we_send_has_exactly_the_sample_s_headers(wire):
    sample = NEWEST[wire]
    message = received(sample)
    trace, cause = sample.headers.get("traceparent"), sample.headers.get("ce_causationid")
    out = output(message.body, id=message.id, source=message.source, at=message.at, causation=cause, key=sample.key)
    sent = {name: value.decode() for name, value in headers_of(out)}
    assert sent | ({"traceparent": trace} if trace else {}) == sample.headers


@pytest.mark.parametrize("wire", NEWEST)
def test_a_field_that_a_later_release_adds_is_ignored(wire):
    sample = NEWEST[wire]
    later = samples.Sample(sample.key, sample.headers, sample.body | {"added_later": {"deep": [1, "two", None]}})
    assert received(later).body == received(sample).body


@pytest.mark.parametrize("wire", NEWEST)
def test_the_published_schema_takes_the_sample(wire):
    schema = json.loads((ROOT / "docs/schemas" / f"{wire}.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(NEWEST[wire].body)] == []


def test_released_samples_are_never_edited():
    """A field is added: the old sample is renamed to `<wire name>.<n>.json`, listed there, and stays."""
    lines = (ROOT / samples.FOLDER / "RELEASED").read_text().splitlines()
    released = dict(line.split("  ")[::-1] for line in lines if not line.startswith("#"))
    kept = {path.name: path.read_bytes() for path in (ROOT / samples.FOLDER).glob("*.json")}
    changed = [name for name, digest in released.items() if hashlib.sha256(kept.get(name, b"")).hexdigest() != digest]
    assert changed == []


def test_test_people_have_ssns_that_are_never_issued():
    ssns = [NEWEST["claim.submitted.v1"].body["claimant"]["ssn"], NEWEST["identity.verify.v1"].body["ssn"]]
    assert all(ssn.startswith("9") for ssn in ssns)
