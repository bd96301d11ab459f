"""The tables of retries say what the code does: each class that it tells apart is a line, each line is met by an error."""

import sqlite3
from datetime import timedelta

import pytest
from aiokafka.errors import (
    CommitFailedError,
    CorruptRecordException,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
    UnsupportedCodecError,
)
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    NotPrimaryError,
    OperationFailure,
    ServerSelectionTimeoutError,
)

from claims_shared import mongo, sqlite
from claims_shared.retries import BROKER, STORE, lasting
from claims_shared.standing import _is_about_a_record

LINES = {each.error: each for outside in (BROKER, STORE) for each in outside.retries}
READ = "gives a record that cannot be decoded"


def test_a_store_is_away_by_exactly_these_sqlite_errors():
    told = LINES["away"].known_by.partition("SQLite: ")[2].split(", ")
    assert {getattr(sqlite3, f"SQLITE_{name}") for name in told} == sqlite.PASSING


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (AutoReconnect("no connection"), True),
        (ServerSelectionTimeoutError("no primary"), True),
        (NotPrimaryError("stepping down"), True),
        (OperationFailure("write conflict", 112), True),
        (OperationFailure("shutdown", 91), True),
        (OperationFailure("no time left", 50), True),
        (OperationFailure("refused log-in", 18), False),
        (DuplicateKeyError("somebody else wrote first", 11_000), False),
    ],
)
def test_a_store_is_away_by_these_mongodb_errors_and_not_by_those(error, away):
    assert mongo.passes(error) is away


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (CorruptRecordException(), READ),
        (UnsupportedCodecError(), READ),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"), READ),
        (KafkaConnectionError(), "fails in another way while we read"),
        (TopicAuthorizationFailedError(), "fails in another way while we read"),
        (CommitFailedError(), "refuses a commit"),
    ],
)
def test_an_error_of_the_broker_is_one_of_a_line(error, line):
    assert _is_about_a_record(error) is (line == READ)
    named = type(error).__name__ in LINES[line].known_by
    assert named or line in {READ, "fails in another way while we read"}


def test_every_line_says_everything():
    for outside in (BROKER, STORE):
        for each in outside.retries:
            assert all((each.error, each.known_by, each.done, each.often, each.until)), each


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (0.1, "0.1 s"),
        (30, "30 s"),
        (90, "90 s"),
        (timedelta(minutes=10), "10 min"),
        (86_400, "1 day"),
        (345_600, "4 days"),
    ],
)
def test_a_span_is_said_shortly(span, words):
    assert lasting(span) == words
