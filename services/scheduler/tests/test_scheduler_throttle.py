"""The mail server's limits while they hold and when they change: how much at a time, how soon it is tried again."""

import pytest

from claims_scheduler.throttle import USUAL, Throttle
from claims_shared.flow import Limits


def test_without_a_rate_everything_may_go():
    assert Throttle().allows(100, 0.0) == 100


def test_a_rate_is_shared_by_the_replicas_and_holds_over_the_seconds():
    throttle = Throttle(USUAL.model_copy(update={"rate": 20.0}), share=lambda: 0.5)
    sent = 0
    for second in range(11):
        sent += (now := throttle.allows(100, float(second)))
        throttle.took(now, float(second))
    assert sent == 101, "ten a second, and the one that was there at the beginning"


def test_new_limits_hold_at_once():
    told = []
    throttle = Throttle(connections=told.append)
    throttle.take(Limits(concurrency=7, rate=1.0, breaker_failures=3, breaker_seconds=4.0))
    assert told == [2, 7]
    throttle.took(throttle.allows(100, 100.0), 100.0)
    assert throttle.allows(100, 100.1) == 0


@pytest.mark.parametrize(
    ("failures", "pauses"),
    [(1, [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]), (3, [0.5, 0.5, 0.5, 1.0, 2.0, 4.0])],
    ids=["from the first", "from the third"],
)
def test_a_server_that_is_away_is_tried_ever_more_seldom(failures, pauses):
    throttle = Throttle(Limits(concurrency=2, breaker_failures=failures, breaker_seconds=5.0))
    assert [throttle.pause(misses) for misses in range(1, 7)] == pauses
    assert throttle.pause(10_000) == 5.0
