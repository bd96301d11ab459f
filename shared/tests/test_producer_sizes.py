"""A record alone in its batch is never dropped for its size: the largest dead letter is larger than a whole batch of ours."""

from aiokafka.producer.message_accumulator import BatchBuilder

from claims_shared.messages.catalog import BROKER_LIMIT
from claims_shared.producing import MAX_BATCH_BYTES


def test_the_client_takes_a_first_record_larger_than_its_batch() -> None:
    batch = BatchBuilder(MAX_BATCH_BYTES, 0, is_transactional=False)
    assert (
        batch.append(timestamp=None, key=b"k", value=b"x" * BROKER_LIMIT, headers=[("why", b"too large")]) is not None
    )
    assert batch.append(timestamp=None, key=b"k", value=b"y", headers=[]) is None


def test_the_client_takes_a_record_of_nothing_at_all() -> None:
    batch = BatchBuilder(MAX_BATCH_BYTES, 0, is_transactional=False)
    assert batch.append(timestamp=None, key=None, value=None, headers=[("dlq_code", b"null_body")]) is not None
