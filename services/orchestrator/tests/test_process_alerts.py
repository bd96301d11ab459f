"""What a machine holds for too long: said once within seconds, with what to do, and over when it is done."""

from datetime import timedelta

import pytest
from claim_walk import (
    CLAIM,
    IGNORED,
    START,
    Walk,
    due,
    eligible,
    exhausted,
    expedited,
    failed,
    held_too_long,
    retry,
    submitted,
    verified,
    withdrawal,
)
from prometheus_client import REGISTRY

from claims_orchestrator.alerts import Alerts
from claims_orchestrator.orphans import overdue_at
from claims_shared.messages import lifecycle
from claims_shared.wire import millis

AFTER = timedelta(minutes=30)


def entry(walk, name="identity"):
    return walk.entry(name)


def test_what_is_answered_in_time_never_has_a_limit():
    walk = Walk().through(submitted(), verified, eligible)
    assert [each.limit for each in walk.claim.open.values()] == [None]


@pytest.mark.parametrize("delay", [due("identity"), failed("identity")], ids=["late", "failed"])
def test_what_something_delays_has_one_from_its_beginning_on(delay):
    walk = Walk().through(submitted(), delay)
    assert entry(walk).limit == millis(START + AFTER)
    assert walk.body(lifecycle.ClaimProgressed).open[0].limit_at == START + AFTER


def test_a_limit_before_it_would_be_late_is_armed_at_once():
    walk = Walk(too_long_after={"identity": timedelta(seconds=30)}).through(submitted())
    assert entry(walk).limit == millis(START + timedelta(seconds=30))


def test_the_alert_says_whose_it_is_since_when_and_what_to_do():
    walk = Walk().through(submitted(), failed("identity"), held_too_long("identity"))
    event = walk.body(lifecycle.ClaimProgressed)
    (shown,) = event.open
    assert (event.change, walk.sent) == ("identity.too_long", ["claim.progressed"])
    assert (shown.owner, shown.since, shown.limit_at, shown.too_long_since) == ("identity", START, None, START + AFTER)
    assert "provider answers" in shown.advice


def test_it_is_said_once_however_long_it_takes_and_asked_again_all_the_while():
    walk = Walk().through(submitted(), failed("identity"))
    again = held_too_long("identity")(walk)
    walk.through(again, again)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "wait_is_over")
    walk.through(retry("identity"), failed("identity", attempt=2), retry("identity"), due("identity"))
    identity = entry(walk, "identity")
    assert (identity.limit, identity.too_long) == (None, millis(START + AFTER))


def test_it_is_over_when_the_answer_comes():
    walk = Walk().through(submitted(), failed("identity"), held_too_long("identity"), verified)
    assert [each.too_long_since for each in walk.body(lifecycle.ClaimProgressed).open] == [None]


def test_a_withdrawal_ends_it_and_undoing_has_a_limit_of_its_own():
    walk = Walk().through(submitted(), failed("identity"), held_too_long("identity"), withdrawal)
    assert [(each.kind, each.too_long) for each in walk.claim.open.values()] == [("undo", None), ("notice", None)]
    walk.through(due("undo-identity"))
    assert entry(walk, "undo-identity").limit == millis(START + AFTER + AFTER)


def test_another_lane_does_not_begin_anew():
    walk = Walk().through(submitted(), due("identity"), expedited)
    assert entry(walk).limit == millis(START + AFTER)


def test_it_is_said_although_a_person_was_asked_already():
    walk = Walk(too_long_after={"identity": timedelta(hours=9)}).through(submitted(), *exhausted("identity"))
    walk.through(held_too_long("identity"))
    assert walk.body(lifecycle.ClaimProgressed).change == "identity.too_long"


def test_an_alert_that_nobody_fires_is_found():
    walk = Walk(too_long_after={"identity": timedelta(seconds=30)}).through(submitted())
    assert overdue_at(walk.claim, 5_000) == millis(START) + 35_000


def test_alerts_are_counted_and_how_many_claims_stand_so():
    def told():
        return REGISTRY.get_sample_value("claims_too_long_alerts_total", {"step": "identity", "owner": "identity"}) or 0

    alerts, before = Alerts(), told()
    alerts.count(2)
    walk = Walk().through(submitted(), failed("identity"))
    quiet = walk.claim
    alerts.moved(quiet, walk.through(held_too_long("identity")).claim)
    assert (told() - before, REGISTRY.get_sample_value("claims_held_too_long")) == (1, 3)
    alerts.moved(walk.claim, walk.claim)
    assert (told() - before, REGISTRY.get_sample_value("claims_held_too_long")) == (1, 3)
    loud = walk.claim
    alerts.moved(loud, walk.through(verified).claim)
    assert (told() - before, REGISTRY.get_sample_value("claims_held_too_long")) == (1, 2)
    assert walk.claim.id == CLAIM
