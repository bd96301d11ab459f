"""Hostile keys and headers around a good claim."""

from typing import Any, Final

from tests.hostile.batches import Header, Raw
from tests.hostile.shots import APPROVED, Hostile, Outcome, Shot, Victim, refused

HEADERS_WRONG: Final = refused("wrong_headers")
KEY_WRONG: Final = refused("wrong_key")
UNREAD: Final = "not a header that we read"


def headed(name: str, outcome: Outcome, why: str = "", **headers: Any) -> Hostile:
    """Give a class by the headers that it changes."""
    return Hostile(name, lambda victim: [victim.enveloped(outcome, **headers)], why)


def keyed(name: str, key: bytes | None, why: str = "", *, heavy: bool = False) -> Hostile:
    return Hostile(name, lambda victim: [victim.keyed(key, KEY_WRONG)], why, heavy=heavy)


def with_headers(victim: Victim, outcome: Outcome, *more: Header, empty: bool = False) -> Shot:
    """Give the good claim, or nothing for a body, with more headers behind its own."""
    raw = Raw(victim.id.encode(), None if empty else victim.text(), [*victim.headers(), *more])
    return victim.claim(outcome, shot__raw=raw)


def _many(number: int) -> list[Header]:
    return [(b"x-%d" % each, b"") for each in range(number)]


KEYS: Final = (
    keyed("no key", None),
    keyed("an empty key", b""),
    keyed("another claim's key", b"another-claim", "nobody files for a claim under another's key"),
    keyed("a key that is not UTF-8", b"\xff\xfe"),
    keyed("a key with a line break", b"a\r\nb"),
    keyed("a key of 100,000 bytes", b"k" * 100_000, heavy=True),
    Hostile(
        "a record in a partition that is not its key's",
        lambda victim: [victim.claim(APPROVED, shot__partition=(victim.claim(APPROVED).place + 1) % 4)],
        "clients differ in how they choose; what follows goes to the right one",
    ),
)
VALUES: Final = (
    headed("no id", HEADERS_WRONG, ce_id=...),
    headed("an empty id", HEADERS_WRONG, ce_id=b""),
    headed("an id of 10,000 characters", HEADERS_WRONG, ce_id=b"x" * 10_000),
    headed("an id of control characters", APPROVED, "opaque to us", ce_id=b"a\r\nb\0\x1b[2J"),
    headed("a null type", HEADERS_WRONG, ce_type=None),
    headed("a source that is not UTF-8", HEADERS_WRONG, ce_source=b"\xff\xfe"),
    headed("CloudEvents 0.3", HEADERS_WRONG, ce_specversion="0.3"),
    headed("CloudEvents 2.0", HEADERS_WRONG, ce_specversion="2.0"),
    headed("a time in words", HEADERS_WRONG, ce_time="tomorrow"),
    headed("a time in month 99", HEADERS_WRONG, ce_time="2025-99-99T00:00:00Z"),
    headed("a time in the year 9999", APPROVED, "filed_at decides, not the envelope", ce_time="9999-12-31T23:59:59Z"),
    headed("another content type", APPROVED, UNREAD, **{"content-type": "text/xml"}),
    headed("another claim for subject", APPROVED, UNREAD, ce_subject="another-claim"),
    headed("a forged causation", APPROVED, UNREAD, ce_causationid="another-claim/identity/1"),
    headed("a trace that is none", APPROVED, "it is not traced", traceparent="00-zz-zz-zz"),
    headed("a sequence far ahead on a submission", APPROVED, UNREAD, ce_sequence="999999999"),
    headed(
        "forged dead-letter headers",
        HEADERS_WRONG,
        "what we add stands behind them and counts",
        ce_id=...,
        dlq_code="not_json",
        dlq_topic="elsewhere",
        dlq_offset="-1",
    ),
)
NAMES: Final = (
    Hostile(
        "no headers", lambda victim: [victim.claim(HEADERS_WRONG, shot__raw=Raw(victim.id.encode(), victim.text()))]
    ),
    Hostile("a header with a null value", lambda victim: [with_headers(victim, APPROVED, (b"x-null", None))], UNREAD),
    Hostile(
        "a header value that is not UTF-8", lambda victim: [with_headers(victim, APPROVED, (b"x", b"\xff"))], UNREAD
    ),
    Hostile(
        "a header name that is not UTF-8",
        lambda victim: [with_headers(victim, APPROVED, (b"x-\xff", b"x"))],
        "no client library reads it: its batch is read by hand",
        heavy=True,
    ),
    Hostile(
        "a header name that is not UTF-8 around a null body",
        lambda victim: [with_headers(victim, refused("null_body"), (b"x-\xff", b"x"), empty=True)],
        "the dead letter spells the name out",
        heavy=True,
    ),
    Hostile("an empty header name", lambda victim: [with_headers(victim, APPROVED, (b"", b"x"))], UNREAD),
    Hostile(
        "10,000 headers",
        lambda victim: [with_headers(victim, APPROVED, *_many(10_000))],
        UNREAD,
        heavy=True,
    ),
    Hostile(
        "10,000 headers around a null body",
        lambda victim: [with_headers(victim, refused("null_body"), *_many(10_000), empty=True)],
        "the dead letter holds them all",
        heavy=True,
    ),
    Hostile(
        "an id twice", lambda victim: [with_headers(victim, APPROVED, (b"ce_id", b"another"))], "the last one counts"
    ),
)
ENVELOPES: Final = (*KEYS, *VALUES, *NAMES)
