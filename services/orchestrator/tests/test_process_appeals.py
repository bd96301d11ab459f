"""Appeals: recorded with the day, judged by the determination's own window, decided by a person; the rest is superseded."""

import json
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from claim_walk import (
    ADJUDICATED,
    APPROVED,
    CANCEL,
    COMPUTE,
    DENIED,
    NOTICE,
    PROGRESSED,
    REFERRED,
    REFUSED,
    RELEASE,
    SCHEDULE,
    VERIFY,
    Row,
    Walk,
    appeal,
    appealed,
    booked,
    cancelled,
    computed,
    conflict,
    conflict_unasked,
    decided,
    due,
    eligible,
    failed,
    held,
    ineligible_without_window,
    label,
    not_payable,
    notice_sent,
    passing,
    play,
    released,
    reopened,
    reschedule,
    sentence,
    submitted,
    verified,
    withdrawal,
)

from claims_orchestrator.claim import Claim, Result
from claims_orchestrator.facts import amounts_of
from claims_orchestrator.process import APPEAL, APPEAL_REFUSALS, SPECIAL_DECISIONS
from claims_shared.messages import lifecycle, scheduler

ADDITIONAL = submitted(claim_type="additional", benefit_year_of="C-0")
HEARD_AND_DENIED = [*ADJUDICATED, held, decided("adjudicate", "deny")]
"""Denied by a person, for how the job ended: eligibility is done, the benefit was never computed."""
ON_TWO = [*APPROVED, appeal, conflict_unasked, decided("identity", "deny")]
"""Appealed, and denied since for another reason."""
REVERSED = [*APPROVED, appeal, decided("appeal", "reverse")]

ROWS = [
    Row(
        "affirmed: the determination stands and the citizen is told",
        [*DENIED, released, appeal],
        decided("appeal", "affirm"),
        [PROGRESSED, NOTICE],
        "denied",
        [],
    ),
    Row(
        "dismissed for lateness: the determination stands and the citizen is told",
        [*DENIED, released, passing(days=16), appeal],
        decided("appeal", "dismiss"),
        [PROGRESSED, NOTICE],
        "denied",
        [],
    ),
    Row(
        "what is late with good cause may be decided otherwise",
        [*HEARD_AND_DENIED, passing(days=16), appeal],
        decided("appeal", "reverse"),
        [PROGRESSED, VERIFY, NOTICE],
        "open",
        ["identity", "undo-fact_finding", "undo-identity"],
    ),
    Row(
        "where the window is not known a person may say that it was late",
        [submitted(), verified, ineligible_without_window, appeal],
        decided("appeal", "dismiss"),
        [PROGRESSED, NOTICE],
        "denied",
        ["referral-appeal_window", "undo-identity"],
    ),
    Row(
        "in time is not dismissed",
        [*APPROVED, passing(days=15), appeal],
        decided("appeal", "dismiss"),
        [],
        "approved",
        ["referral-appeal"],
    ),
    Row(
        "an approval that is reversed is denied",
        [*APPROVED, appeal],
        decided("appeal", "reverse"),
        ["claim.denied", CANCEL, RELEASE, NOTICE, NOTICE],
        "denied",
        ["undo-identity", "undo-orientation"],
    ),
    Row(
        "a denial that is reversed goes on with what it gave back",
        [*HEARD_AND_DENIED, appeal],
        decided("appeal", "reverse"),
        [PROGRESSED, VERIFY, NOTICE],
        "open",
        ["identity", "undo-fact_finding", "undo-identity"],
    ),
    Row(
        "then with what was never computed; the issue is decided and not heard again",
        [*HEARD_AND_DENIED, appeal, decided("appeal", "reverse")],
        verified,
        [PROGRESSED, COMPUTE],
        "open",
        ["benefit", "undo-fact_finding", "undo-identity"],
    ),
    Row(
        "then with the interview that was given back",
        [*HEARD_AND_DENIED, appeal, decided("appeal", "reverse"), verified],
        computed,
        [PROGRESSED, SCHEDULE],
        "open",
        ["orientation", "undo-fact_finding", "undo-identity"],
    ),
    Row(
        "to its approval",
        [*HEARD_AND_DENIED, appeal, decided("appeal", "reverse"), verified, computed],
        booked("orientation"),
        ["claim.approved", NOTICE],
        "approved",
        ["undo-fact_finding", "undo-identity"],
    ),
    Row(
        "where nothing is missing a denial that is reversed is approved at once",
        [ADDITIONAL, failed("eligibility", "permanent", "no_pack"), decided("no_pack", "deny"), appeal],
        decided("appeal", "reverse"),
        ["claim.approved", NOTICE, NOTICE],
        "approved",
        [],
    ),
    Row(
        "what it was denied on is asked again where the law said nothing",
        [submitted(), verified, failed("eligibility", "permanent", "no_pack"), decided("no_pack", "deny"), appeal],
        decided("appeal", "reverse"),
        [PROGRESSED, VERIFY, NOTICE],
        "open",
        ["identity", "undo-identity"],
    ),
    Row(
        "whose identity was the question is checked again, and the letter of the denial is not waited for any more",
        [submitted(), conflict, decided("identity", "deny"), appeal],
        decided("appeal", "reverse"),
        [PROGRESSED, VERIFY, NOTICE],
        "open",
        ["identity", "undo-identity"],
    ),
    Row(
        "too little earned is not reversed: asked again, the law would say the same",
        [*DENIED, appeal],
        decided("appeal", "reverse"),
        [],
        "denied",
        ["referral-appeal", "undo-identity"],
    ),
    Row(
        "nothing payable is not reversed either",
        [submitted(), verified, eligible, not_payable, appeal],
        decided("appeal", "reverse"),
        [],
        "denied",
        ["referral-appeal", "undo-identity"],
    ),
    Row(
        "too little earned is modified: the decision gives the amounts",
        [*DENIED, appeal],
        decided("appeal", "modify"),
        [PROGRESSED, VERIFY, NOTICE],
        "open",
        ["identity", "undo-identity"],
    ),
    Row(
        "and nobody computes them again",
        [*DENIED, appeal, decided("appeal", "modify")],
        verified,
        [PROGRESSED, SCHEDULE],
        "open",
        ["orientation", "undo-identity"],
    ),
    Row(
        "an approval is modified by another one",
        [*APPROVED, appeal],
        decided("appeal", "modify"),
        ["claim.approved", NOTICE, NOTICE],
        "approved",
        [],
    ),
    Row(
        "without any determination of eligibility there is nothing to modify",
        [submitted(), conflict, decided("identity", "deny"), appeal],
        decided("appeal", "modify"),
        [],
        "denied",
        ["referral-appeal", "referral-appeal_window", "undo-identity"],
    ),
    Row(
        "a claim without amounts of its own is not modified",
        [ADDITIONAL, reopened, appeal],
        decided("appeal", "modify"),
        [],
        "approved",
        ["referral-appeal"],
    ),
    Row(
        "an appeal against what stands is not closed without a decision",
        [*APPROVED, appeal],
        decided("appeal", "continue"),
        [],
        "approved",
        ["referral-appeal"],
    ),
    Row(
        "one against what no longer stands is",
        ON_TWO,
        decided("appeal", "continue"),
        [PROGRESSED],
        "denied",
        ["undo-identity", "undo-orientation"],
    ),
    *(
        Row(
            f"{decision} does not touch what no longer stands",
            ON_TWO,
            decided("appeal", decision),
            [],
            "denied",
            ["referral-appeal", "undo-identity", "undo-orientation"],
        )
        for decision in ("affirm", "reverse", "modify", "dismiss")
    ),
    Row(
        "one of a claim that was taken back is closed",
        [*APPROVED, appeal, withdrawal, decided("withdrawal", "continue")],
        decided("appeal", "continue"),
        [PROGRESSED],
        "withdrawn",
        ["undo-identity", "undo-orientation"],
    ),
    Row(
        "a claim that goes on after a reversal may be taken back",
        [*HEARD_AND_DENIED, appeal, decided("appeal", "reverse")],
        withdrawal,
        ["claim.withdrawn", RELEASE, NOTICE],
        "withdrawn",
        ["undo-fact_finding", "undo-identity", "undo-identity"],
    ),
    Row(
        "another appeal against the same determination asks nothing new",
        [*APPROVED, appeal],
        appeal,
        [PROGRESSED],
        "approved",
        ["referral-appeal"],
    ),
    Row(
        "one against the next determination does",
        ON_TWO,
        appealed(2),
        [REFERRED, NOTICE],
        "denied",
        ["referral-appeal", "referral-appeal", "undo-identity", "undo-orientation"],
    ),
    Row(
        "one that is decided may be followed by another",
        [*APPROVED, appeal, decided("appeal", "affirm")],
        appeal,
        [REFERRED, NOTICE],
        "approved",
        ["referral-appeal"],
    ),
    Row(
        "an appeal against what was never determined is refused",
        APPROVED,
        appealed(2),
        [],
        "approved",
        [],
    ),
    Row(
        "an interview that was given back is not moved before there is another",
        [*REVERSED, cancelled("orientation"), released, appealed(2), decided("appeal", "reverse"), verified],
        reschedule,
        [REFERRED],
        "open",
        ["orientation", "referral-reschedule"],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=sentence)
def test_it_is_so(row):
    play(row)


def test_every_decision_on_an_appeal_has_its_rows_and_says_when_it_is_refused():
    assert SPECIAL_DECISIONS[APPEAL].keys() == APPEAL_REFUSALS.keys()


# --- received when, in time or not ---------------------------------------------------------------------

LAST = datetime(2026, 12, 10, 6, 59, 59, tzinfo=UTC)
"""The last second of the fifteenth day, 9 December, in Denver: the determination was made at noon UTC on 24 November."""


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (LAST - timedelta(days=1), ("2026-12-08", "timely", 0)),
        (LAST, ("2026-12-09", "timely", 0)),
        (LAST + timedelta(seconds=1), ("2026-12-10", "late", 1)),
        (LAST + timedelta(days=11), ("2026-12-20", "late", 11)),
    ],
)
@pytest.mark.parametrize("given", [APPROVED, DENIED], ids=["approval", "denial"])
def test_an_appeal_is_in_time_to_the_end_of_the_agency_s_last_day(given, at, wanted):
    walk = Walk().through(*given)
    walk.now = at
    walk.take(appeal)
    told = next(each for each in walk.story[-1].open if each.reason == "appeal").appeal
    assert (str(told.received_on), told.timeliness.value, told.late_days) == wanted
    assert (told.appeal_by, told.determination_number) == (date(2026, 12, 9), 1)


def test_it_counts_from_the_day_on_which_the_portal_received_it():
    walk = Walk().through(*DENIED, passing(days=20), appealed(days_ago=6))
    told = next(each for each in walk.story[-1].open if each.reason == "appeal").appeal
    assert (str(told.received_on), told.timeliness) == ("2026-12-08", "timely")


def test_what_is_received_was_not_received_later_than_now():
    walk = Walk().through(*DENIED, appealed(days_ago=-30))
    assert walk.claim.appeals[0].received_on == date(2026, 11, 24)


def test_where_the_window_is_not_known_so_is_whether_it_was_in_time():
    walk = Walk().through(submitted(), verified, ineligible_without_window, passing(days=300), appeal)
    told = next(each for each in walk.story[-1].open if each.reason == "appeal").appeal
    assert (told.timeliness, told.appeal_by, told.late_days) == ("not_known", None, 0)


def test_an_appeal_that_names_no_determination_is_against_the_newest():
    walk = Walk().through(*ON_TWO, appealed(None))
    assert [each.against for each in walk.claim.appeals] == [1, 2]


def test_what_is_recorded_stays_with_what_was_decided_on_it():
    walk = Walk().through(*DENIED, passing(days=16), appeal, passing(hours=1), decided("appeal", "dismiss"))
    (kept,) = walk.claim.appeals
    assert (kept.entry, kept.against, kept.late_days, kept.decision) == ("C-1/referral-appeal/4", 1, 1, "dismiss")
    assert kept.decided_at == walk.claim.updated_at
    assert b"a secret" in walk.claim.decisions[-1]


def test_of_a_determination_that_nobody_made_the_portal_hears():
    walk = Walk().through(*APPROVED, appealed(7))
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "no_such_determination")


# --- what the new determination says ------------------------------------------------------------------


def test_a_reversed_denial_stands_in_the_history_and_is_superseded_by_the_next_number():
    walk = Walk().through(*HEARD_AND_DENIED, appeal, decided("appeal", "reverse"), verified, computed)
    denied = walk.claim.determinations[0]
    walk.take(booked("orientation"))
    assert walk.claim.determinations[0] == denied
    assert [(each.number, each.outcome.value) for each in walk.claim.determinations] == [(1, "denied"), (2, "approved")]
    told = walk.body(lifecycle.ClaimApproved)
    assert (told.determination_number, [each.code for each in told.reasons]) == (2, ["appeal_reversed"])
    assert str(told.weekly_benefit_amount) == "395.00"
    assert walk.body(scheduler.SendNotice).values["replaces"] == "1"


def test_a_reversed_approval_says_why_and_until_when_it_may_be_appealed():
    walk = Walk().through(*APPROVED, appeal, decided("appeal", "reverse"))
    told = walk.body(lifecycle.ClaimDenied)
    assert (told.determination_number, [each.code for each in told.reasons]) == (2, ["appeal_reversed"])
    assert told.appeal_by == date(2026, 12, 9)


@pytest.mark.parametrize("given", [APPROVED, DENIED], ids=["approval", "denial"])
def test_a_modified_determination_gives_what_the_decision_gives(given):
    walk = Walk().through(*given, appeal, decided("appeal", "modify"))
    if walk.claim.phase == "open":
        walk.through(verified, booked("orientation"))
    told = walk.body(lifecycle.ClaimApproved)
    amounts = (str(told.weekly_benefit_amount), str(told.maximum_benefit_amount), told.weeks)
    assert amounts == ("420.00", "10920.00", 26)
    assert (told.determination_number, [each.code for each in told.reasons]) == (2, ["appeal_modified"])


def test_the_next_determination_is_not_because_of_an_appeal_against_an_older_one():
    walk = Walk().through(*HEARD_AND_DENIED, appeal, decided("appeal", "reverse"), verified, computed)
    walk.through(booked("orientation"), conflict_unasked, decided("identity", "deny"), appealed(3))
    walk.through(decided("appeal", "reverse"), verified, booked("orientation"))
    assert [each.number for each in walk.claim.determinations] == [1, 2, 3, 4]
    assert [each.code for each in walk.told(lifecycle.ClaimDenied)[-1].reasons] == ["identity"]


def test_money_that_a_person_writes_without_cents_is_told_with_them():
    walk = Walk().through(*APPROVED)
    decision = Result("referral.decided.v1", b'{"weekly_benefit_amount": "420", "maximum_benefit_amount": "10919.5"}')
    claim = msgspec.structs.replace(walk.claim, results={"benefit": decision})
    assert amounts_of(claim) == {"weekly_benefit_amount": "420.00", "maximum_benefit_amount": "10919.50", "weeks": 25}


# --- letters --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", ["affirm", "reverse", "modify"])
def test_the_citizen_hears_what_was_decided_on_the_appeal(decision):
    walk = Walk().through(*APPROVED, notice_sent("approved"), appeal, decided("appeal", decision))
    told = next(each for each in walk.told(scheduler.SendNotice) if each.notice == "appeal_decided")
    said = {"determination_number": "1", "received_on": "2026-11-24", "appeal_by": "2026-12-09"}
    assert told.values == said | {"decision": decision}


def test_a_letter_that_is_sent_again_is_about_its_own_appeal_whatever_was_decided_since():
    walk = Walk().through(*ON_TWO, appealed(2), decided("C-1/referral-appeal/9", "affirm"))
    name = next(entry.id for entry in walk.claim.open.values() if label(entry) == "notice-appeal_decided")
    walk.take(decided("C-1/referral-appeal/6", "continue"))
    first = [each for each in walk.told(scheduler.SendNotice) if each.effect_id == name]
    walk.take(due(name))
    again = [each for each in walk.told(scheduler.SendNotice) if each.effect_id == name]
    assert len(again) == len(first) + 1
    assert again[-1].values == first[-1].values


def test_a_denial_that_is_not_sent_yet_is_not_sent_once_it_is_reversed():
    walk = Walk().through(*HEARD_AND_DENIED, appeal, decided("appeal", "reverse"))
    told = next(each for each in walk.told(scheduler.SendNotice) if each.notice == "appeal_decided")
    assert [each.split("/")[1] for each in told.supersedes] == ["notice-denied"]
    assert "notice-denied" not in walk.notices


# --- documents from before --------------------------------------------------------------------------


def before(claim: Claim) -> Claim:
    """The claim as it was stored when appeals were not recorded and approvals did not say until when."""
    made = []
    for each in claim.determinations:
        body = json.loads(each.body)
        del body["appeal_by"]
        made.append(msgspec.structs.replace(each, body=json.dumps(body).encode(), step=None))
    return msgspec.structs.replace(claim, appeals=(), determinations=tuple(made))


def test_a_referral_from_before_is_against_the_newest_determination_and_decided_like_any():
    walk = Walk().through(*APPROVED, appeal)
    walk.claim = before(walk.claim)
    walk.take(decided("appeal", "affirm"))
    (kept,) = walk.claim.appeals
    assert (kept.against, kept.appeal_by, kept.decision) == (1, date(2026, 12, 9), "affirm")
