"""The law's clocks on a claim: armed by the first delay, counted from where the law says, said in time, ended with the claim."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from claim_walk import (
    ADJUDICATED,
    APPROVED,
    IGNORED,
    Walk,
    booked,
    computed,
    conflict,
    conflict_unasked,
    decided,
    due,
    eligible,
    evidence,
    evidence_needed,
    exhausted,
    expedited,
    failed,
    held,
    notice_sent,
    passing,
    reminder,
    resumed,
    submitted,
    verified,
    withdrawal,
)
from prometheus_client import REGISTRY

from claims_orchestrator.claim import Lapse
from claims_orchestrator.statutory import worst
from claims_orchestrator.statutory_alerts import StatutoryAlerts
from claims_orchestrator.waiting import waiting_entry
from claims_shared.law.clocks_loader import FOLDER, load_clocks
from claims_shared.law.loader import load_packs
from claims_shared.messages import lifecycle
from claims_shared.messages.lifecycle import ClockOutcome
from claims_shared.wire import millis

FIRST, IDENTITY, FACTS = "clock-first_payment", "clock-identity", "clock-fact_finding"
DUE = datetime(2026, 12, 13, 6, 59, 59, 999_000, tzinfo=UTC)
"""Filed in Utah on Friday 20 November: two weeks from Sunday the 15th, and 14 days, to the end of Saturday 12 December."""
FAILED = DUE + timedelta(days=21)


def clock(walk, name=FIRST):
    return walk.entry(name).clock


def lapses(walk):
    return [each for moment in walk.claim.history for each in moment.clocks]


class Failing:
    """Clocks of the law on which our code fails."""

    def __getattr__(self, _name):
        raise OverflowError


def test_where_our_code_fails_on_the_clocks_the_claim_is_parked_without_them():
    walk = Walk().through(submitted())
    walk.clocks = replace(walk.clocks, law=Failing())
    walk.take(evidence_needed)
    assert walk.decision.verdict == "parked"
    assert set(walk.waits) >= {"identity", "park"}


def test_what_goes_through_carries_none():
    walk = Walk().through(*APPROVED)
    assert all(each.kind != "clock" for event in walk.story for each in event.open)
    assert lapses(walk) == []


def test_a_retry_is_no_delay():
    assert Walk().through(submitted(), failed("identity")).clocks_running == {}


@pytest.mark.parametrize(
    ("delay", "carries"),
    [
        ([due("identity")], [FIRST]),
        (exhausted("identity"), [FIRST]),
        ([evidence_needed], [FIRST]),
        ([conflict], [FIRST, IDENTITY]),
        ([verified, *ADJUDICATED[2:3]], [FIRST, FACTS]),
    ],
    ids=["a machine that is late", "retries used up", "evidence", "a conflict", "an issue"],
)
def test_the_first_delay_arms_them(delay, carries):
    walk = Walk().through(submitted(), *delay)
    expected = set(carries) if delay[-1] is not ADJUDICATED[2] else {FACTS}
    assert set(walk.clocks_running) == expected


def test_a_parked_claim_has_one_too_and_says_so_while_it_is_parked():
    walk = Walk()
    walk.fail_on(submitted())
    assert set(walk.clocks_running) == {FIRST}
    walk.through(reminder(FIRST), due(FIRST))
    assert [event.change for event in walk.story] == ["parked", "first_payment.forecast", "first_payment.late"]
    assert [each.kind for each in walk.claim.open.values()] == ["park", "clock"]
    walk.through(passing(seconds=1), resumed(), verified, eligible, computed, booked("orientation"))
    assert (walk.claim.phase, [each.outcome for each in lapses(walk)]) == ("approved", [ClockOutcome.LATE])


def test_it_counts_from_where_the_law_says_although_it_is_armed_later():
    walk = Walk().through(submitted(), passing(hours=1), evidence_needed)
    shown = next(each for each in walk.body(lifecycle.ClaimProgressed).open if each.kind == "clock")
    assert (shown.reason, shown.owner, shown.due_at, shown.advice) == ("first_payment", "agency", DUE, None)
    assert (shown.clock.citation, shown.clock.ends_with) == ("20 CFR 640.5", "authorisation")
    assert (shown.clock.due_at, shown.clock.failed_at, shown.clock.state) == (DUE, FAILED, "running")
    assert shown.remind_at == shown.clock.forecast_at < DUE - timedelta(days=3)


def test_nobody_waits_for_a_clock():
    walk = Walk().through(submitted(), evidence_needed)
    assert waiting_entry(walk.claim) == walk.entry("evidence")


def test_a_forecast_says_whose_turn_it_is_and_gives_precedence_with_its_reason():
    walk = Walk().through(submitted(), evidence_needed, due("evidence"), reminder(FIRST))
    event = walk.body(lifecycle.ClaimProgressed)
    shown = next(each for each in event.open if each.reason == "first_payment")
    assert (event.change, event.lane) == ("first_payment.forecast", "expedited")
    assert event.lane_reasons == ("ageing: first payment due 2026-12-12 (20 CFR 640.5)",)
    assert shown.advice == "It is the turn of adjudication: referral (no_answer), until 2026-12-15"
    assert (shown.clock.state, shown.remind_at, shown.due_at) == ("forecast", None, DUE)


def test_a_forecast_asks_a_machine_again_in_the_other_lane_and_keeps_older_reasons():
    walk = Walk().through(submitted(), due("identity"), reminder(FIRST))
    assert walk.sent == ["claim.progressed", "identity.verify"]
    walk = Walk().through(submitted(), expedited, due("identity"), reminder(FIRST))
    assert (walk.sent, walk.claim.lane_reasons) == (["claim.progressed"], ("expedited by a person",))


def test_late_and_failed_are_two_facts_and_decide_nothing():
    walk = Walk().through(submitted(), evidence_needed, due("evidence"), reminder(FIRST), due(FIRST))
    assert (walk.body(lifecycle.ClaimProgressed).change, walk.claim.phase) == ("first_payment.late", "open")
    assert walk.entry(FIRST).due == millis(FAILED)
    walk.through(due(FIRST))
    assert walk.body(lifecycle.ClaimProgressed).change == "first_payment.failed"
    assert (walk.entry(FIRST).due, walk.clocks_running[FIRST], walk.waits) == (None, "failed", ["referral-no_answer"])


def test_an_instant_is_said_once():
    walk = Walk().through(submitted(), evidence_needed)
    again = reminder(FIRST)(walk)
    walk.through(again, again)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "wait_is_over")


def test_what_is_delayed_beyond_its_due_day_is_late_at_once():
    walk = Walk().through(submitted(), passing(days=30), evidence_needed, due(FIRST))
    assert walk.body(lifecycle.ClaimProgressed).change == "first_payment.late"


def test_what_is_delayed_beyond_its_last_measure_has_failed_at_once_and_nobody_missed_that():
    walk = Walk().through(submitted(), passing(days=60), evidence_needed)
    assert (walk.entry(FIRST).due, walk.entry(FIRST).remind) == (millis(walk.now), ())
    armed = walk.entry(FIRST).due
    walk.through(passing(minutes=1), notice_sent("evidence_wanted"))
    assert walk.entry(FIRST).due == armed
    walk.through(due(FIRST))
    assert (walk.story[-1].change, walk.entry(FIRST).due) == ("first_payment.failed", None)


def test_an_authorisation_in_time_meets_it_and_the_event_says_so():
    walk = Walk().through(submitted(), evidence_needed, evidence(), verified, eligible, computed, booked("orientation"))
    started = DUE - timedelta(days=14)
    assert lapses(walk) == [
        Lapse("first_payment", ClockOutcome.MET, "authorisation", millis(started), millis(DUE)),
    ]
    (told,) = walk.body(lifecycle.ClaimApproved).clocks_ended
    assert (told.outcome, told.ended_by, told.due_at, walk.clocks_running) == ("met", "authorisation", DUE, {})


@pytest.mark.parametrize(
    ("end", "ended_by"),
    [(decided("identity", "deny"), "denial"), (withdrawal, "withdrawal")],
    ids=["denied", "withdrawn"],
)
def test_a_denial_and_a_withdrawal_end_it(end, ended_by):
    walk = Walk().through(submitted(), conflict, end)
    found = {each.name: each.ended_by for each in lapses(walk)}
    other = "determination" if ended_by == "denial" else ended_by
    assert found == {"first_payment": ended_by, "nonmonetary_determination": other}
    assert walk.clocks_running == {}


def test_what_ends_after_its_instant_but_before_that_was_said_is_late_all_the_same():
    walk = Walk().through(submitted(), conflict, passing(days=22), withdrawal)
    assert {each.outcome for each in lapses(walk)} == {ClockOutcome.LATE}


def test_an_issue_s_clock_runs_from_detection_to_the_person_s_decision():
    walk = Walk().through(*ADJUDICATED)
    detected = next(event.at for event in walk.story if event.change == "eligibility.issue-found")
    assert clock(walk, FACTS).started_at == millis(detected)
    walk.through(held, passing(days=2))
    assert set(walk.clocks_running) == {FIRST, FACTS}
    walk.through(decided("adjudicate", "continue"))
    assert [(each.name, each.outcome, each.ended_by) for each in lapses(walk)] == [
        ("nonmonetary_determination", ClockOutcome.MET, "determination")
    ]
    assert set(walk.clocks_running) == {FIRST}


def test_what_a_person_asks_in_between_does_not_begin_it_anew():
    walk = Walk().through(submitted(), conflict)
    began = clock(walk, IDENTITY)
    walk.through(passing(days=1), decided("identity", "ask"), due("evidence"), passing(days=1))
    assert clock(walk, IDENTITY) == began
    walk.through(decided("no_answer", "continue"))
    assert IDENTITY not in walk.clocks_running


def test_several_issues_have_a_clock_each():
    walk = Walk().through(*ADJUDICATED, passing(days=1))
    walk.through(conflict_unasked)
    assert set(walk.clocks_running) == {FIRST, FACTS, IDENTITY}
    assert clock(walk, FACTS).late_at < clock(walk, IDENTITY).late_at


def test_an_issue_of_an_approved_claim_has_its_clock_as_long_as_it_is_open():
    walk = Walk().through(*APPROVED)
    walk.through(conflict_unasked)
    assert set(walk.clocks_running) == {IDENTITY}
    walk.through(decided("identity", "continue"))
    assert (walk.clocks_running, [each.ended_by for each in lapses(walk)]) == ({}, ["determination"])


# --- standing still -------------------------------------------------------------------------------

STANDS = """
jurisdiction: UT
name: Utah
clocks:
  first_payment:
    stands_still:
      - {from: 2020-01-01, value: "evidence", unit: waits, reference: "made up for this test", trust: policy}
"""


@pytest.fixture(scope="module")
def law(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clocks")
    (folder / "US.yaml").write_text((FOLDER / "US.yaml").read_text())
    (folder / "UT.yaml").write_text(STANDS)
    return load_clocks(folder, load_packs())


def test_while_it_stands_still_nothing_is_armed_and_then_everything_moves(law):
    walk = Walk(law=law).through(submitted(), evidence_needed)
    entry, before = walk.entry(FIRST), clock(walk)
    assert (walk.clocks_running[FIRST], entry.due, entry.remind) == ("stopped", None, ())
    assert walk.body(lifecycle.ClaimProgressed).open[-1].clock.stopped_at == walk.now
    walk.through(passing(days=4), evidence())
    after = clock(walk)
    moved = millis(timedelta(days=4) + datetime(1970, 1, 1, tzinfo=UTC))
    assert (after.stopped_at, after.stood, after.late_at - before.late_at) == (None, moved, moved)
    assert (after.failed_at - before.failed_at, after.forecast_at - before.forecast_at) == (moved, moved)
    assert (walk.entry(FIRST).due, walk.entry(FIRST).remind) == (after.late_at, (after.forecast_at,))


def test_what_ends_while_it_stands_still_is_judged_by_the_time_that_it_went(law):
    walk = Walk(law=law).through(submitted(), evidence_needed, passing(days=60), withdrawal)
    (lapse,) = lapses(walk)
    assert (lapse.outcome, lapse.stood) == (ClockOutcome.MET, 60 * 86_400_000)


# --- who is told ------------------------------------------------------------------------------------


def test_what_they_say_is_counted_and_how_many_claims_stand_so():
    def said(state):
        labels = {"clock": "first_payment", "jurisdiction": "UT", "state": state}
        return REGISTRY.get_sample_value("claims_statutory_said_total", labels) or 0

    def stand(state):
        return REGISTRY.get_sample_value("claims_statutory", {"state": state})

    alerts, before = StatutoryAlerts(), (said("forecast"), said("late"))
    walk = Walk().through(submitted(), evidence_needed, due("evidence"))
    for told in (reminder(FIRST), due(FIRST)):
        was = walk.claim
        alerts.moved(was, walk.through(told).claim)
        alerts.moved(walk.claim, walk.claim)
    assert (said("forecast") - before[0], said("late") - before[1]) == (1, 1)
    assert (stand("forecast"), stand("late"), stand("failed")) == (0, 1, 0)
    assert worst(walk.claim) == "late"
    ended = {"clock": "first_payment", "jurisdiction": "UT", "outcome": "late"}
    count = REGISTRY.get_sample_value("claims_statutory_ended_total", ended) or 0
    was = walk.claim
    alerts.moved(was, walk.through(passing(seconds=1), withdrawal).claim)
    assert REGISTRY.get_sample_value("claims_statutory_ended_total", ended) - count == 1
    assert (stand("late"), worst(walk.claim)) == (0, None)
