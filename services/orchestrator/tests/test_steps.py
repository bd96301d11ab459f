"""How many claims stand at each step: by difference between recounts, with the pace at which they leave."""

from types import SimpleNamespace

from prometheus_client import REGISTRY

from claims_orchestrator.steps import Steps


def at(step):
    return SimpleNamespace(step=step)


def told(name, step):
    return REGISTRY.get_sample_value(name, {"step": step})


async def test_claims_are_counted_as_they_move_and_anew_from_the_store():
    stored, now = {"identity": 40, "benefit": 3}, 0.0

    async def count(step, partitions):
        assert partitions == {0, 1}
        return stored.get(step, 0)

    steps = Steps(count, lambda: now)
    await steps.recount(frozenset({0, 1}))
    for before, after in ((None, at("identity")), (at("identity"), at("eligibility")), (at("benefit"), at(None))):
        steps.moved(before, after)
    steps.moved(at("identity"), at("identity"))
    now = 10.0
    steps.tell()
    assert [told("claims_at_step", step) for step in ("identity", "eligibility", "benefit")] == [40, 1, 2]
    assert told("claims_leaving_step_per_second", "benefit") == 0.1
    assert told("claims_step_drain_seconds", "benefit") == 20
    assert told("claims_step_drain_seconds", "eligibility") == float("inf")
    stored["identity"] = 5
    await steps.recount(frozenset({0, 1}))
    assert told("claims_at_step", "identity") == 5


async def test_who_owns_nothing_counts_nothing():
    steps = Steps(None, lambda: 0.0)
    await steps.recount(frozenset())
    assert told("claims_at_step", "identity") == 0
