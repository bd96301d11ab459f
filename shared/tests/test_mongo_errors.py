"""Which of MongoDB's errors pass by themselves, and that none of them carries a document into a log."""

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from claims_shared.mongo import passes, unavailable, without_documents
from claims_shared.ports import StoreUnavailable


def bulk(*codes, concern=()):
    operations = [{"index": 0, "code": code, "errmsg": "x", "op": {"name": "Ada Obi"}} for code in codes]
    return BulkWriteError({"writeErrors": operations, "writeConcernErrors": list(concern)})


def labelled(label):
    error = OperationFailure("x", 1)
    error._add_error_label(label)
    return error


PASSING = [
    AutoReconnect("reset"),
    NetworkTimeout("slow"),
    NotPrimaryError("stepped down"),
    ServerSelectionTimeoutError("nobody"),
    ExecutionTimeout("slow", 50),
    WTimeoutError("no majority", 64),
    OperationFailure("shutting down", 91),
    labelled("RetryableWriteError"),
    bulk(11_000, 112),
    bulk(concern=[{"code": 64, "errmsg": "no majority"}]),
]
STAYING = [PyMongoError("?"), OperationFailure("not allowed", 13), DuplicateKeyError("x", 11_000), bulk(11_000, 121)]


@pytest.mark.parametrize("error", PASSING, ids=repr)
async def test_what_passes_is_unavailable(error):
    assert passes(error)
    with pytest.raises(StoreUnavailable):
        async with unavailable():
            raise error


@pytest.mark.parametrize("error", STAYING, ids=repr)
async def test_what_stays_is_told_as_it_is(error):
    assert not passes(error)
    with pytest.raises(PyMongoError):
        async with unavailable():
            raise error


async def test_no_error_shows_a_document():
    for error in (bulk(112), bulk(121)):
        assert "Ada" in str(error)
        assert "Ada" not in str(without_documents(error))
        with pytest.raises((StoreUnavailable, OperationFailure)) as caught:
            async with unavailable():
                raise error
        assert "Ada" not in f"{caught.value} {caught.value.__cause__}"
