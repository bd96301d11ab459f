"""Hostile bodies: what JSON, its readers and the law's numbers can be tried with."""

import gzip
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from tests.hostile.mails import nothing_injected
from tests.hostile.shots import APPROVED, Hostile, Outcome, Shot, Victim, applied, ignored, refused

from claims_shared.messages.catalog import SUBMISSION_LIMIT

WRONG: Final = refused("wrong_field")
NOT_JSON: Final = refused("not_json")
UNREAD: Final = "fields that nobody knows are not read"


def body(
    name: str, outcome: Outcome, make: Callable[[Victim], bytes | None], why: str = "", *, heavy: bool = False
) -> Hostile:
    """Give a class by the body that it sends."""
    return Hostile(name, lambda victim: [victim.claim(outcome, make(victim))], why, heavy=heavy)


def changed(name: str, outcome: Outcome, why: str = "", **changes: Any) -> Hostile:
    """Give a class by what it changes in a good claim."""
    return Hostile(name, lambda victim: [victim.claim(outcome, **changes)], why)


def mailed(name: str, why: str, **changes: Any) -> Hostile:
    """Give a class whose words reach the citizen's letters."""
    return Hostile(name, lambda victim: [victim.claim(APPROVED, **changes)], why, nothing_injected)


def more(raw: bytes) -> Callable[[Victim], bytes]:
    """Add raw JSON to the end of a good claim."""
    return lambda victim: victim.text()[:-1] + b"," + raw + b"}"


def amount(raw: bytes) -> Callable[[Victim], bytes]:
    """Put raw JSON where an amount of money stands."""
    return lambda victim: victim.text().replace(b'"10400.00"', raw, 1)


def children(raw: bytes) -> Callable[[Victim], bytes]:
    return lambda victim: victim.text().replace(b'"children": 0', b'"children": ' + raw)


def _twice(victim: Victim) -> Sequence[Shot]:
    louder = json.loads(victim.text())
    louder["claimant"]["last_name"] = louder["claimant"]["last_name"].upper()
    return [victim.claim(APPROVED), victim.claim(refused("claim_id_taken"), json.dumps(louder).encode())]


def _same(victim: Victim) -> Sequence[Shot]:
    shuffled = json.dumps(dict(reversed(victim.body().items())), indent=3).encode()
    return [victim.claim(APPROVED), victim.claim(ignored("duplicate"), shuffled)]


def _cases(victim: Victim) -> Sequence[Shot]:
    """Two claims by two people whose ids differ in case only."""
    other = Victim(victim.number + 1, victim.run.lower())
    return [victim.claim(APPROVED), other.claim(APPROVED)]


def _fields(count: int) -> bytes:
    return b",".join(b'"%d":0' % each for each in range(count))


JSON: Final = (
    body("no JSON", NOT_JSON, lambda _: b"<claim/>"),
    body("a body cut off", NOT_JSON, lambda victim: victim.text()[:-40]),
    body("an empty body", NOT_JSON, lambda _: b""),
    body("a null body (a tombstone)", refused("null_body"), lambda _: None, "nothing is deleted by a tombstone"),
    body("the word null", WRONG, lambda _: b"null"),
    body("a list", WRONG, lambda _: b"[]"),
    body("text after the body", NOT_JSON, lambda victim: victim.text() + b"{}"),
    body("a byte order mark", NOT_JSON, lambda victim: b"\xef\xbb\xbf" + victim.text()),
    body("UTF-16", refused("not_utf8"), lambda victim: victim.text().decode().encode("utf-16")),
    body("bytes that are not UTF-8", refused("not_utf8"), lambda victim: victim.text().replace(b"Ada", b"Ad\xe9")),
    body("a body compressed by its sender", refused("not_utf8"), lambda victim: gzip.compress(victim.text())),
    body("nested 100,000 deep", NOT_JSON, lambda _: b"[" * 100_000, heavy=True),
    body(
        "nested 50,000 deep in a field that nobody knows",
        NOT_JSON,
        more(b'"x":' + b"[" * 50_000 + b"]" * 50_000),
        heavy=True,
    ),
    body("a lone surrogate", NOT_JSON, lambda victim: victim.put(rb'"\ud800"')),
    body("surrogates in the wrong order", NOT_JSON, lambda victim: victim.put(rb'"\udc00\ud800"')),
    body("20,000 fields that nobody knows", APPROVED, more(_fields(20_000)), UNREAD, heavy=True),
    body("100,000 fields", refused("too_large"), lambda _: b"{" + _fields(100_000) + b"}", heavy=True),
    body(
        "100,000 wages",
        WRONG,
        lambda victim: json.dumps(victim.body(wages=[0] * 100_000), separators=(",", ":")).encode(),
        "the reasons name their number, not each",
        heavy=True,
    ),
    body("201 wages", WRONG, lambda victim: victim.text(wages=victim.body()["wages"][:1] * 201)),
    body("a field twice: the last one counts", APPROVED, more(b'"veteran":false')),
    body("the claim id twice", refused("wrong_key"), more(b'"claim_id":"another"')),
    body(
        "fields in other letters",
        WRONG,
        lambda victim: json.dumps({name.upper(): value for name, value in victim.body().items()}).encode(),
    ),
    body(
        "larger than we take", refused("too_large"), lambda victim: victim.text() + b" " * SUBMISSION_LIMIT, heavy=True
    ),
)
NUMBERS: Final = (
    body("NaN for a count", WRONG, children(b"NaN")),
    body("Infinity for a count", WRONG, children(b"Infinity")),
    body("1e400 for a count", WRONG, children(b"1e400")),
    body("a count of 100,000 digits", NOT_JSON, children(b"9" * 100_000), heavy=True),
    body("a count of 30 digits", WRONG, children(b"9" * 30)),
    body(
        "NaN, Infinity and 1e400 in fields that nobody knows",
        APPROVED,
        more(b'"x":NaN,"y":-Infinity,"z":1e400'),
        UNREAD,
    ),
    body("money as a number", WRONG, amount(b"10400.00")),
    body("negative money", WRONG, amount(b'"-1.00"')),
    body("money with an exponent", WRONG, amount(b'"1e3"')),
    body("money that is not a number", WRONG, amount(b'"NaN"')),
    body("money of 100,000 digits", WRONG, amount(b'"' + b"9" * 100_000 + b'"'), heavy=True),
    body("money with three decimals", WRONG, amount(b'"1.005"')),
)
FIELDS: Final = (
    changed("a day that does not exist", WRONG, separation__last_day_worked="2025-02-30"),
    changed("an instant without an offset", WRONG, filed_at="2025-11-18T15:04:05"),
    changed("an instant that UTC cannot hold", WRONG, filed_at="0001-01-01T00:00:00+14:00"),
    changed(
        "filed in the year 1",
        applied("claim.referred.v1"),
        "no law of ours is so old: a person looks",
        filed_at="0001-01-02T00:00:00Z",
    ),
    changed(
        "filed in the year 9999",
        applied("claim.referred.v1"),
        "no law reaches so far: a person looks",
        filed_at="9999-12-30T00:00:00Z",
    ),
    changed("a time zone that is a path", WRONG, claimant__time_zone="../../etc/passwd"),
    changed(
        "a time zone that looks like one and is a file",
        APPROVED,
        "the agency's zone stands in",
        claimant__time_zone="etc/passwd",
    ),
    changed(
        "a time zone that does not exist", APPROVED, "the agency's zone stands in", claimant__time_zone="Mars/Olympus"
    ),
    changed("a language that does not exist", APPROVED, "letters are written in English", claimant__language="xx"),
    changed("an SSN without hyphens", WRONG, claimant__ssn="900123456"),
    changed("an SSN in other digits", WRONG, claimant__ssn="٩٠٠-١٢-٣٤٥٦"),
    changed(
        "a jurisdiction that does not exist",
        applied("claim.referred.v1"),
        "no law, no guess: a person looks",
        jurisdiction="ZZ",
    ),
    changed("an address with a line break", WRONG, claimant__email="ada@example.org\r\nBcc: eve@example.org"),
    changed("text for a truth", WRONG, veteran="yes"),
    changed("an id that is a path", WRONG, claim_id="../../etc"),
    Hostile("two bodies that differ in case only", _twice, "the first one is the claim"),
    Hostile("the same claim, written differently", _same, "equal as read is one claim"),
    Hostile("ids that differ in case only", _cases, "two claims"),
)
LETTERS: Final = (
    mailed(
        "line breaks and a header in names",
        "names are one line in a mail's header",
        claimant__first_name="Ada\r\nBcc: eve@example.org",
        claimant__last_name="Obi\n\nX-Eve: 1",
    ),
    mailed(
        "HTML in names",
        "escaped in the letter",
        claimant__first_name="<script>alert(1)</script>",
        claimant__last_name='"><img src=x onerror=y>',
    ),
    mailed(
        "a template in names",
        "what a portal sends is never rendered",
        claimant__first_name="{{ 7*7 }}",
        claimant__last_name="{% raw %}",
    ),
    mailed(
        "control characters and right-to-left marks in names",
        "left out of letters",
        claimant__first_name="A\0d\x1b[2Ja",
        claimant__last_name="Obi\u202egpj\u2066\ufeff\u200b",
    ),
    mailed(
        "line breaks and HTML in the portal's reference",
        "one line, escaped",
        portal_ref="R\r\nBcc: eve@example.org\r\n\r\n<script>x</script>",
    ),
    mailed(
        "a calendar's line in names",
        "escaped in the invite",
        claimant__first_name='A";X=\\n',
        claimant__last_name="O\r\nATTENDEE:mailto:eve@example.org",
    ),
)
BODIES: Final = (*JSON, *NUMBERS, *FIELDS, *LETTERS)
