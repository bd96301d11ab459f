"""Bad input: each kind comes back with its code and reasons that name the place, never as an exception, never with content."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from claims_cli.catalog import samples
from claims_shared.decoding import decode
from claims_shared.messages.catalog import INTAKE, SUBMISSION_LIMIT, TOPICS
from claims_shared.wire import Received, Undecodable, Unknown

SAMPLES = samples.newest(Path(__file__).parents[2])
GOOD = SAMPLES["claim.submitted.v1"]
SSN = "900-12-3456"


def body(**changes):
    return json.dumps(GOOD.body | changes).encode()


def within(part, **changes):
    return body(**{part: GOOD.body[part] | changes})


def amount(value):
    return body(wages=[{"quarter": "2025Q3", "amount": value, "employer": "E-1"}])


def without(name):
    return json.dumps({each: value for each, value in GOOD.body.items() if each != name}).encode()


def put(raw):
    """Put raw JSON where `portal_ref` stands."""
    return body(portal_ref="@@").replace(b'"@@"', raw)


def headers(**changes):
    values = {name: text.encode() for name, text in GOOD.headers.items()} | changes
    return [(name, value) for name, value in values.items() if value != b"left out"]


def record(**changes):
    return replace(GOOD.record, **changes)


BODIES = {
    "not JSON": (f"<claim ssn='{SSN}'/>".encode(), "not_json", "body: Invalid JSON: expected value at line 1"),
    "cut off": (body()[:-40], "not_json", "body: Invalid JSON: EOF while parsing"),
    "an empty body": (b"", "not_json", "body: Invalid JSON: EOF while parsing a value"),
    "text after the body": (body() + b"{}", "not_json", "body: Invalid JSON: trailing characters"),
    "a byte order mark": (b"\xef\xbb\xbf" + body(), "not_json", "body: Invalid JSON"),
    "not UTF-8": (body().replace(b"Ada", b"Ad\xe9"), "not_utf8", "body: not UTF-8"),
    "UTF-16": (GOOD.record.value.decode().encode("utf-16"), "not_utf8", "body: not UTF-8"),
    "compressed": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "not_utf8", "body: not UTF-8"),
    "a lone surrogate": (put(rb'"\ud800"'), "not_json", "body: Invalid JSON: unexpected end of hex escape"),
    "a surrogate pair in the wrong order": (put(rb'"\udc00\ud800"'), "not_json", "body: Invalid JSON: lone leading"),
    "deep nesting": (b"[" * 100_000, "not_json", "body: Invalid JSON: recursion limit exceeded"),
    "deep nesting in an unknown field": (
        body()[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        "not_json",
        "body: Invalid JSON: recursion limit exceeded",
    ),
    "a number of 5,000 digits": (put(b"9" * 5_000), "not_json", "body: Invalid JSON: number out of range"),
    "no object": (b"[]", "wrong_field", "body: Input should be an object"),
    "the word null": (b"null", "wrong_field", "body: Input should be an object"),
    "a missing field": (without("filed_at"), "wrong_field", "filed_at: Field required"),
    "a missing nested field": (body(claimant={"ssn": SSN}), "wrong_field", "claimant.first_name: Field required"),
    "a null where a value is wanted": (body(veteran=None), "wrong_field", "veteran: Input should be a valid boolean"),
    "an unknown claim type": (body(claim_type=SSN), "wrong_field", "claim_type: Input should be 'new', "),
    "a jurisdiction in words": (body(jurisdiction="Utah"), "wrong_field", "jurisdiction: String should match pattern"),
    "an SSN without hyphens": (within("claimant", ssn="900123456"), "wrong_field", "claimant.ssn: String should match"),
    "an SSN where a date stands": (
        within("claimant", date_of_birth=SSN),
        "wrong_field",
        "claimant.date_of_birth: Input should be a valid date",
    ),
    "a day that does not exist": (
        within("separation", last_day_worked="2026-02-30"),
        "wrong_field",
        "separation.last_day_worked: Input should be a valid date",
    ),
    "a quarter that does not exist": (
        body(wages=[{"quarter": "2025Q5", "amount": "1.00", "employer": "E-1"}]),
        "wrong_field",
        "wages.0.quarter: String should match pattern",
    ),
    "an instant without an offset": (
        body(filed_at="2026-09-14T15:04:05"),
        "wrong_field",
        "filed_at: Input should have timezone info",
    ),
    "an instant before the first year": (
        body(filed_at="0001-01-01T00:00:00+14:00"),
        "wrong_field",
        "filed_at: Value error, an instant lies in the years 1 to 9999",
    ),
    "an instant after the last year": (
        body(filed_at="9999-12-31T23:59:59-12:00"),
        "wrong_field",
        "filed_at: Value error, an instant lies in the years 1 to 9999",
    ),
    "an instant as a huge number": (body(filed_at=1e300), "wrong_field", "filed_at: Input should be a valid datetime"),
    "money as a float": (amount(10400.5), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "money as an integer": (amount(10400), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "money as a truth": (amount(value=True), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "money that is not a number": (amount(float("nan")), "wrong_field", "wages.0.amount: Value error, money is a"),
    "money that says NaN": (amount("NaN"), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "money that says sNaN": (amount("sNaN"), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "infinite money": (amount("Infinity"), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "negative money": (amount("-0.01"), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "money with three decimals": (amount("1.005"), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "a huge exponent": (amount("1e999999999"), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "money of 200,000 digits": (amount("9" * 200_000), "wrong_field", "wages.0.amount: Value error, money is a string"),
    "an infinite count": (
        within("dependents", children=1e300),
        "wrong_field",
        "dependents.children: Input should be a valid integer",
    ),
    "a count that is not a number": (
        within("dependents", children=float("nan")),
        "wrong_field",
        "dependents.children: Input should be a valid integer",
    ),
    "too many wages": (
        body(wages=[GOOD.body["wages"][0]] * 201),
        "wrong_field",
        "wages: Tuple should have at most 200 items",
    ),
    "an additional claim of nothing": (
        body(claim_type="additional"),
        "wrong_field",
        "body: Value error, additional and transitional claims name the earlier claim",
    ),
    "40,000 wrong wages": (body(wages=[0] * 40_000), "wrong_field", "body: 40000 fields are wrong, too many to name"),
    "fields by the ten thousand": (
        b"{" + b",".join(b'"%d":0' % each for each in range(25_000)) + b"}",
        "wrong_field",
        "claim_id: Field required",
    ),
    "a body for another claim": (body(claim_id="another"), "wrong_key", "the record's key is not the body's claim_id"),
    "the claim id twice": (body()[:-1] + b',"claim_id":"another"}', "wrong_key", "the record's key is not the body's"),
    "one byte too large": (
        body() + b" " * (SUBMISSION_LIMIT + 1 - len(body())),
        "too_large",
        f"the body is larger than {SUBMISSION_LIMIT} bytes",
    ),
    "no body": (None, "null_body", "the body is null"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_read_is_undecodable_with(name):
    value, code, reason = BODIES[name]
    found = decode(record(value=value))
    assert isinstance(found, Undecodable)
    assert (found.code, found.id) == (code, GOOD.headers["ce_id"])
    assert found.reasons[0].startswith(reason)


HEADERS = {
    "no headers at all": ([], "wrong_headers", "header ce_specversion is missing"),
    "no id": (headers(ce_id=b"left out"), "wrong_headers", "header ce_id is missing"),
    "a null id": (headers(ce_id=None), "wrong_headers", "header ce_id is null, empty, not UTF-8, or longer than 512"),
    "an empty source": (headers(ce_source=b""), "wrong_headers", "header ce_source is null, empty, not UTF-8"),
    "a source that is not UTF-8": (headers(ce_source=b"\xff"), "wrong_headers", "header ce_source is null, empty, not"),
    "an endless type": (headers(ce_type=b"x" * 513), "wrong_headers", "header ce_type is null, empty, not UTF-8, or"),
    "another CloudEvents": (headers(ce_specversion=b"0.3"), "wrong_headers", "header ce_specversion must be 1.0"),
    "a time in words": (headers(ce_time=b"yesterday"), "wrong_headers", "header ce_time must be an RFC 3339 instant"),
    "a time without offset": (headers(ce_time=b"2026-09-14T15:04:05"), "wrong_headers", "header ce_time must be an"),
    "a time before all": (headers(ce_time=b"0001-01-01T00:00:00+14:00"), "wrong_headers", "header ce_time must be an"),
    "names in capitals": ([(n.upper(), v) for n, v in headers()], "wrong_headers", "header ce_specversion is missing"),
    "an unknown type": (
        headers(ce_type=b"claim.invented.v1"),
        "unknown_type",
        "ce_type, 'claim.invented.v1', is not known on claims.intake.submissions.v1",
    ),
    "a type of another topic": (
        headers(ce_type=b"claim.approved.v1"),
        "unknown_type",
        "ce_type, 'claim.approved.v1', is not known on claims.intake.submissions.v1",
    ),
    "a later version of a known type": (
        headers(ce_type=b"claim.submitted.v2"),
        "unknown_type",
        "ce_type, 'claim.submitted.v2', is not known",
    ),
    "an SSN for a type": (
        headers(ce_type=SSN.encode()),
        "unknown_type",
        "ce_type, which is no wire name, is not known",
    ),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_cannot_be_read_are_undecodable_with(name):
    wrong, code, reason = HEADERS[name]
    found = decode(record(headers=wrong))
    assert isinstance(found, Undecodable)
    assert found.code == code
    assert found.reasons[0].startswith(reason)


@pytest.mark.parametrize("key", [None, b"", b"\xff", b"a b", b"x" * 65, b"x" * 600, GOOD.key.encode() + b"\n"])
def test_a_key_that_is_no_claim_id_is_said(key):
    found = decode(record(key=key))
    assert isinstance(found, Undecodable)
    assert found.code == "wrong_key"
    assert found.reasons[0].startswith("the record's key must be the claim id")


def test_every_reason_is_said_at_once():
    found = decode(record(key=None, value=None, headers=headers(ce_time=b"now")))
    assert isinstance(found, Undecodable)
    assert [reason.split(":")[0] for reason in found.reasons] == [
        "header ce_time must be an RFC 3339 instant with its offset",
        "the record's key must be the claim id",
        "the body is null",
    ]


ALL_BAD = [record(value=value) for value, _, _ in BODIES.values()] + [record(headers=h) for h, _, _ in HEADERS.values()]


@pytest.mark.parametrize("bad", ALL_BAD, ids=[*BODIES, *HEADERS])
def test_reasons_never_repeat_what_was_sent(bad):
    found = decode(bad)
    assert isinstance(found, Undecodable)
    said = " ".join(found.reasons)
    assert not [
        secret for secret in (SSN, "900123456", "Ada", "Obi", "1988-04-02", "ada@example.org") if secret in said
    ]


def test_a_name_that_the_sender_made_up_is_content_too():
    notice = SAMPLES["scheduler.send-notice.v1"]
    wrong = json.dumps(notice.body | {"values": {SSN: 1}}).encode()
    found = decode(replace(notice.record, value=wrong))
    assert isinstance(found, Undecodable)
    assert found.reasons == ("values.*: Input should be a valid string",)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_an_unknown_type_is_skipped_where_facts_travel_and_kept_where_somebody_waits(topic):
    found = decode(record(topic=topic.name, headers=headers(ce_type=b"claim.invented.v1")))
    assert isinstance(found, Unknown if ".events." in topic.name else Undecodable)


def test_only_what_comes_from_outside_is_limited_in_size():
    padding = b" " * (SUBMISSION_LIMIT + 1)
    for wire, expected in {
        "claim.resumed.v1": Undecodable,
        "claim.approved.v1": Received,
        "identity.verify.v1": Received,
    }.items():
        good = SAMPLES[wire].record
        assert isinstance(decode(replace(good, value=good.value + padding)), expected)


GOOD_ENOUGH = {
    "the largest body": {"value": body() + b" " * (SUBMISSION_LIMIT - len(body()))},
    "the expedited lane": {"topic": INTAKE.expedited},
    "only the headers asked of portals": {"headers": [each for each in headers() if each[0].startswith("ce_")]},
    "a header of somebody else": {"headers": [*headers(), ("x-trace", b"\xff"), ("ce_tenant", None)]},
    "a broken trace": {"headers": headers(traceparent=b"\xff\xff")},
    "a header twice: the last counts": {"headers": [("ce_time", b"never"), *headers()]},
    "another offset than UTC": {"value": body(filed_at="2026-09-14T09:04:05-06:00")},
    "a field twice: the last counts": {"value": b'{"portal_ref": 7,' + body()[1:]},
    "a huge number in an unknown field": {"value": body()[:-1] + b',"x": 1e999999}'},
    "25,000 unknown fields": {"value": body()[:-1] + b"".join(b',"%d":0' % each for each in range(20_000)) + b"}"},
}


@pytest.mark.parametrize("name", GOOD_ENOUGH)
def test_what_is_merely_unusual_is_taken(name):
    found = decode(record(**GOOD_ENOUGH[name]))
    assert isinstance(found, Received)
    assert found.body == decode(GOOD.record).body


def test_what_was_read_is_at_hand():
    found = decode(GOOD.record)
    assert isinstance(found, Received)
    assert (found.id, found.source, found.type) == (
        "ut-portal-77120",
        "https://portal.ut.example",
        "claim.submitted.v1",
    )
    assert (found.claim_id, found.at.isoformat()) == (GOOD.key, "2026-09-14T15:04:05+00:00")
    assert found.traceparent == GOOD.headers["traceparent"]
