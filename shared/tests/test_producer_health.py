"""A producer that failed is well again once the broker answers, also where nothing is left to send."""

import pytest
from aiokafka.errors import KafkaConnectionError

from claims_shared.producing import Producer
from claims_shared.settings import KafkaSettings


@pytest.fixture
def failed():
    made = Producer(KafkaSettings(), "test", 4)
    made.healthy = False
    return made


def answering(error=None):
    asked = []

    async def started():
        asked.append(1)
        if error is not None:
            raise error

    return asked, started


async def test_it_asks_and_is_well_again(failed):
    asked, failed._started = answering()
    await failed.look()
    assert (failed.healthy, len(asked)) == (True, 1)
    await failed.look()
    assert len(asked) == 1, "who is well asks nobody"


@pytest.mark.parametrize(
    "error", [KafkaConnectionError(), TimeoutError(), OSError()], ids=lambda each: type(each).__name__
)
async def test_it_stays_unwell_while_the_broker_is_away(failed, error):
    _, failed._started = answering(error)
    await failed.look()
    assert not failed.healthy


async def test_where_something_is_being_sent_that_will_tell(failed):
    asked, failed._started = answering()
    async with failed._lock:
        await failed.look()
    assert (failed.healthy, asked) == (False, [])
