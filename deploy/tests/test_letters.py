"""Dead letters without a broker: what is read from them, chosen, put together, shown, and how fast bulk work goes."""

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import ConsumerRecord

from claims_cli.errors import ClaimsError
from claims_cli.pacing import Pace, stoppable
from claims_cli.records import letters, masking
from claims_cli.records.letters import REDRIVEN, Wanted, apart, chosen, distinct, grouped, letter_of, original
from claims_shared.messages.catalog import INTAKE
from claims_shared.wire import DeadLetter, Record, letter_headers

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LETTERS = INTAKE.letters[0]


def lying(offset=0, code="not_json", at=NOW, headers=(("ce_id", b"m1"), ("ce_type", b"claim.submitted.v1")), of=7):
    """A record as it lies in a dead-letter topic."""
    put_aside = DeadLetter(Record(INTAKE.name, 2, of, b"c1", b"{", headers), "orchestrator", code, ("body: broken",))
    millis = int(at.timestamp() * 1000)
    return ConsumerRecord(LETTERS, 2, offset, millis, 1, b"c1", b"{", None, 2, 1, tuple(letter_headers(put_aside)))


def letter(**changes):
    return letter_of(lying(**changes))


def test_a_letter_says_which_record_why_and_when():
    read = letter()
    assert (str(read.place), str(read.of.place), read.of.service) == (
        f"{LETTERS}/2/0",
        f"{INTAKE.name}/2/7",
        "orchestrator",
    )
    assert (read.code, read.reasons, read.key, read.id, read.at) == ("not_json", "body: broken", "c1", "m1", NOW)


def test_a_record_of_somebody_else_is_no_letter():
    assert letter_of(ConsumerRecord(LETTERS, 0, 0, 0, 1, b"k", b"v", None, 1, 1, (("dlq_code", b"x"),))) is None


def test_what_is_sent_again_is_the_record_as_it_came_with_one_mark_more():
    forged = (("dlq_code", b"mine"), ("dlq_offset", None), ("ce_id", b"m1"))
    again = original(lying(headers=forged), letter(headers=forged))
    assert (again.topic, again.partition, again.key, again.value) == (INTAKE.name, 2, b"c1", b"{")
    assert again.headers == [*forged, (REDRIVEN, f"{LETTERS}/2/0".encode())]


def test_a_letter_counts_how_often_its_record_was_redriven():
    assert letter(headers=((REDRIVEN, b"a/0/1"), (REDRIVEN, b"a/0/2"))).redriven == 2


def test_headers_without_ours_are_all_the_senders():
    assert apart((("ce_id", b"m"),)) == ((("ce_id", b"m"),), ())


def test_copies_of_a_letter_are_one():
    assert [each.place.offset for each in distinct([letter(offset=0), letter(offset=1), letter(offset=2, of=8)])] == [
        0,
        2,
    ]


def test_causes_are_grouped_the_largest_first():
    every = [letter(code="wrong_key"), *(letter(offset=n, at=NOW + timedelta(hours=n), of=n) for n in (1, 2))]
    first, second = grouped(every)
    assert (first.code, len(first.letters), first.oldest.place.offset, first.newest.place.offset) == (
        "not_json",
        2,
        1,
        2,
    )
    assert second.code == "wrong_key"


@pytest.mark.parametrize(
    ("wanted", "takes"),
    [
        (Wanted(), True),
        (Wanted(places=frozenset({f"{INTAKE.name}/2/7"})), True),
        (Wanted(places=frozenset({f"{LETTERS}/2/0"})), True),
        (Wanted(places=frozenset({f"{INTAKE.name}/2/8"})), False),
        (Wanted(topic=INTAKE.name, code="not_json", claim="c1", service="orchestrator"), True),
        (Wanted(topic=LETTERS), True),
        (Wanted(topic=INTAKE.expedited), False),
        (Wanted(topic=INTAKE.deferred), False),
        (Wanted(code="wrong_key"), False),
        (Wanted(claim="c2"), False),
        (Wanted(since=NOW, until=NOW), True),
        (Wanted(since=NOW + timedelta(seconds=1)), False),
        (Wanted(until=NOW - timedelta(seconds=1)), False),
    ],
)
def test_a_letter_is_chosen_by_what_is_asked(wanted, takes):
    assert wanted.takes(letter()) is takes


def test_what_was_dealt_with_is_chosen_only_where_asked():
    every = [letter(), letter(of=8)]
    fates = {every[0].of: "discarded"}
    assert chosen(every, Wanted(), fates, handled=False) == every[1:]
    assert chosen(every, Wanted(), fates, handled=True) == every


def test_an_instant_is_written_or_so_long_ago():
    assert letters.instant("2026-11-24T11:00:00Z", NOW) == letters.instant("1h", NOW) == NOW - timedelta(hours=1)
    for wrong in ("yesterday", "2026-11-24T11:00:00", "1y"):
        with pytest.raises(ClaimsError, match="is no instant"):
            letters.instant(wrong, NOW)


# --- what is shown --------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["900-12-3456", "900123456", "900 12 3456", "900.12.3456", "900–12–3456"])  # noqa: RUF001
def test_a_persons_number_is_never_shown(number):
    for shown in (
        masking.text(f"x {number}."),
        str(masking.body(f'{{"a": ["{number}"], "{number}": 1}}'.encode())),
        str(masking.body(f'{{"a": "{number}"'.encode())),
    ):
        assert number not in shown
        assert "3456" not in shown


def test_a_field_that_is_called_so_is_hidden_whatever_is_in_it():
    told = masking.body(
        b'{"claimant": {"SSN": 900, "socialSecurityNumber": ["9", "0"], "number": 900123456, "none": null}}'
    )
    assert told["claimant"] == {
        "SSN": masking.HIDDEN,
        "socialSecurityNumber": [masking.HIDDEN, masking.HIDDEN],
        "number": masking.HIDDEN,
        "none": None,
    }


def test_what_is_no_json_is_shown_without_digits():
    assert masking.body(b'{"ssn": "\\u0039\xff00') == '{"ssn": "\\u####\ufffd##'
    assert masking.body(b"[" * 100_000).startswith("[[[")


def test_years_and_amounts_are_shown():
    assert masking.body(b'{"filed_at": "2026-11-20T15:04:05Z", "amount": "10400.00", "offset": 12345}') == {
        "filed_at": "2026-11-20T15:04:05Z",
        "amount": "10400.00",
        "offset": 12345,
    }


def test_nothing_plays_tricks_with_the_terminal():
    assert masking.text("\x1b[2J\ud800") == "\\x1b[2J\\ud800"


# --- bulk -----------------------------------------------------------------------------------


async def test_bulk_goes_in_parts_at_its_rate():
    began = asyncio.get_running_loop().time()
    found = [list(part) async for part in Pace(50.0, asyncio.Event()).parts(range(25))]
    assert found == [list(range(n, min(n + 10, 25))) for n in (0, 10, 20)]
    assert asyncio.get_running_loop().time() - began >= 20 / 50


async def test_bulk_stops_between_two_parts():
    with stoppable() as stop:
        found = []
        async for part in Pace(1_000.0, stop).parts(range(1_000)):
            found += part
            os.kill(os.getpid(), signal.SIGINT)
            await stop.wait()
    assert found == list(range(200))
