"""Services are killed while claims move: every claim is approved once, and nobody hears anything twice.

The short form; `python -m tests.faults` is the long one.
"""

import pytest
from tests.faults.storm import Weather, storm

STORMS = {
    "sqlite": Weather(claims=400, kills=6, rate=100.0, patience=90.0, seed=7),
    "mongo": Weather(claims=120, kills=5, rate=20.0, patience=150.0, seed=8),
}


@pytest.mark.parametrize("stack", STORMS, indirect=True)
async def test_killed_services_lose_nothing_and_do_nothing_twice(stack, people, request):
    report = await storm(stack, STORMS[request.node.callspec.params["stack"]], **people())
    assert not report.wrong(), report


def test_a_storm_spares_no_service():
    victims = [each for two in Weather(claims=1, kills=30, rate=1, patience=1).rounds() for each in two]
    assert {victims.count(each) for each in victims} == {6}


def test_those_who_are_killed_together_are_different_services():
    rounds = [each for seed in range(50) for each in Weather(1, 30, 1, 1, seed).rounds()]
    assert all(len(set(each)) == len(each) for each in rounds)
    assert {len(each) for each in rounds} == {1, 2}
