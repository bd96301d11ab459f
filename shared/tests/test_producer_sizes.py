"""A record alone in its batch is never dropped for its size: the largest dead letter is larger than a whole batch of ours."""

from aiokafka.producer.message_accumulator import BatchBuilder

from claims_shared.messages.catalog import BROKER_LIMIT
from claims_shared.producing import MAX_BATCH_BYTES, Producer
from claims_shared.settings import KafkaSettings
from claims_shared.wire import Copy, Record


def test_the_client_takes_a_first_record_larger_than_its_batch() -> None:
    batch = BatchBuilder(MAX_BATCH_BYTES, 0, is_transactional=False)
    assert (
        batch.append(timestamp=None, key=b"k", value=b"x" * BROKER_LIMIT, headers=[("why", b"too large")]) is not None
    )
    assert batch.append(timestamp=None, key=b"k", value=b"y", headers=[]) is None


def test_the_client_takes_a_record_of_nothing_at_all() -> None:
    batch = BatchBuilder(MAX_BATCH_BYTES, 0, is_transactional=False)
    assert batch.append(timestamp=None, key=None, value=None, headers=[("dlq_code", b"null_body")]) is not None


def test_a_copy_goes_to_its_own_partition_with_its_headers_as_the_client_wants_them() -> None:
    """The consumer gives headers as a tuple; the batch builder takes a list only."""
    came = Record("claims.intake.submissions.deferred.v1", 2, 7, b"c1", b"{}", (("ce_id", b"m1"),))
    grouped = Producer(KafkaSettings(), "test", 4)._grouped([Copy(came)])
    assert grouped == {("claims.intake.submissions.deferred.v1", 2): [(b"c1", b"{}", [("ce_id", b"m1")])]}
