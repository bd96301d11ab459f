"""What becomes of certified weeks: each rule as a short story. Week 1 is Utah's waiting week."""

import json

import pytest
from week_walk import CLAIM, Walk, entry

from claims_shared.documents import Verdict

IDENTITY = entry("referral", "identity")


@pytest.fixture
def walk():
    made = Walk()
    made.approve()
    assert made.certify(1) == ["waiting 1"]
    return made


def body(walk, number=-1):
    return json.loads(walk.outputs[number].body)


# --- an ordinary claim ------------------------------------------------------------------------------


def test_the_first_week_waits_and_the_next_is_paid_with_its_arithmetic(walk):
    assert walk.certify(2) == ["authorised 2: 395.00"]
    said = body(walk)
    assert (said["payable"], said["left"]) == ("395.00", "9875.00")
    assert said["arithmetic"] == ["no earnings and no hours: the weekly amount of $395.00 is payable"]
    assert said["citation"].startswith("Utah Code 35A-4-401")
    assert said["pack_hash"]
    assert walk.outputs[-1].id == f"{CLAIM}/2026-09-26"
    assert (walk.money("authorised"), walk.money("available")) == ("395.00", "9875.00")


def test_work_in_the_week_is_paid_by_the_law_of_partial_weeks(walk):
    # 30 % of 395.00 may be earned: 118.50. 395.00 - (200.00 - 118.50) = 313.50, whole dollars: 313.00.
    assert walk.certify(2, "200.00", "16.5") == ["authorised 2: 313.00"]
    assert "$118.50" in " ".join(body(walk)["arithmetic"])
    assert walk.certify(3, "395.00", "20") == ["not-payable 3: earnings_or_hours"]
    assert walk.certify(4, "10.00", "40") == ["not-payable 4: earnings_or_hours"]
    assert walk.money("authorised") == "313.00"


def test_a_week_that_would_pay_nothing_serves_no_waiting():
    walk = Walk()
    walk.approve()
    assert walk.certify(1, "900.00", "30") == ["not-payable 1: earnings_or_hours"]
    assert walk.certify(2) == ["waiting 2"]
    assert walk.certify(3) == ["authorised 3: 395.00"]


# --- what is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("week", "at", "code"),
    [
        (1.5, 0, "not_a_week_end"),
        (0, 0, "outside_benefit_year"),
        (53, 0, "outside_benefit_year"),
        (2, -1, "not_over"),
    ],
    ids=["another weekday", "before the claim", "after its year", "before the week was over"],
)
def test_what_is_no_week_of_the_claim_is_refused_with_its_code(walk, week, at, code):
    said = walk.certify(week, at=at, ce_id="p-7")
    assert [each.split(": ")[1] for each in said] == [code]
    assert walk.folding.verdict is Verdict.REFUSED
    assert walk.folding.document is None
    assert (body(walk)["ce_id"], body(walk)["claim_id"], walk.letters[-1].code) == ("p-7", CLAIM, code)


def test_the_last_week_of_the_year_is_taken_and_its_end_said_once(walk):
    assert walk.certify(51) == ["authorised 51: 395.00"]
    assert walk.certify(52) == ["authorised 52: 395.00", "year-ended"]
    assert (body(walk)["last_day"], body(walk)["left"]) == ("2027-09-11", "9480.00")
    assert walk.certify(50, at=40) == ["authorised 50: 395.00"]


def test_the_agency_s_midnight_ends_a_week(walk):
    # 05:59 in UTC on Sunday is still Saturday in Denver; 06:00 is not.
    assert walk.certify(2, at=-0.5 - 1 / 1440) == ["refused 2: not_over"]
    assert walk.certify(2, at=-0.5) == ["authorised 2: 395.00"]


def test_an_additional_claim_has_no_weeks_of_its_own():
    walk = Walk()
    walk.certify(1)
    assert walk.approve(weekly=None, maximum=None) == ["refused 1: no_award"]
    assert walk.certify(2) == ["refused 2: no_award"]
    assert walk.claim.weeks == {}


# --- before the determination ------------------------------------------------------------------------


def test_weeks_wait_for_the_claim_and_are_judged_in_their_order():
    walk = Walk()
    assert walk.certify(3) == ["held 3: not_determined"]
    assert walk.certify(1) == ["held 1: not_determined"]
    assert walk.certify(1.5) == ["held 1.43: not_determined"]
    assert walk.certify(2, at=-1) == ["held 2: not_determined"]
    assert walk.hear("opened", IDENTITY) == []
    assert walk.approve() == [
        "waiting 1",
        "refused 1.43: not_a_week_end",
        "refused 2: not_over",
        "authorised 3: 395.00",
    ]
    assert list(walk.claim.weeks) == ["2026-09-19", "2026-10-03"]


def test_only_so_many_weeks_wait():
    walk = Walk()
    for week in range(1, 61):
        walk.certify(week)
    assert walk.certify(61) == ["refused 61: too_many_weeks"]
    assert walk.certify(7, "5.00", "1", at=1) == ["held 7: not_determined"]


@pytest.mark.parametrize("end", ["denied", "withdrawn"])
def test_a_claim_that_ended_pays_nothing_and_says_so(end):
    walk = Walk()
    walk.certify(2)
    assert (walk.deny() if end == "denied" else walk.hear("withdrawn")) == [f"held 2: claim_{end}"]
    assert walk.certify(3) == [f"held 3: claim_{end}"]
    assert walk.claim.transfers == ()


def test_a_denial_that_is_superseded_pays_what_was_certified_meanwhile():
    walk = Walk()
    walk.deny()
    walk.certify(1)
    walk.certify(2)
    assert walk.approve() == ["waiting 1", "authorised 2: 395.00"]


# --- again, corrected, out of order ---------------------------------------------------------------------


def test_the_same_facts_again_are_answered_the_same_and_nothing_moves(walk):
    walk.certify(2, ce_id="a")
    ledger, first = walk.claim.transfers, walk.outputs[-1]
    assert walk.certify(2, ce_id="a") == ["authorised 2: 395.00"]
    assert walk.folding.verdict is Verdict.IGNORED
    assert walk.certify(2, at=3, ce_id="b") == ["authorised 2: 395.00"]
    assert walk.outputs[-2:] == [first, first]
    assert walk.claim.transfers == ledger


def test_before_anything_moved_a_correction_replaces(walk):
    assert walk.certify(2, searched=False) == ["held 2: no_work_search"]
    assert walk.certify(2, at=1) == ["authorised 2: 395.00"]
    assert walk.certify(1, "900.00", "10", at=20) == ["not-payable 1: earnings_or_hours"]
    assert walk.certify(3) == ["waiting 3"]
    assert len(walk.claim.weeks["2026-09-26"].said) == 2


def test_a_waiting_week_that_is_corrected_and_could_still_be_paid_still_waits(walk):
    assert walk.certify(1, "100.00", "8", at=1) == ["waiting 1"]
    assert walk.certify(2) == ["authorised 2: 395.00"]


def test_a_lower_amount_takes_back_the_difference(walk):
    walk.certify(2)
    assert walk.certify(2, "200.00", "16.5", at=1) == ["reversed 2: 82.00"]
    assert (body(walk)["authorised"], body(walk)["payable"]) == ("313.00", "313.00")
    assert (walk.money("authorised"), walk.money("reversed"), walk.money("available")) == (
        "313.00",
        "82.00",
        "9875.00",
    )
    assert walk.certify(2, "500.00", "16.5", at=2) == ["reversed 2: 313.00"]
    assert walk.claim.weeks["2026-09-26"].authorised == 0
    assert len([each for each in walk.claim.transfers if each.id == f"{CLAIM}/2026-09-26"]) == 1


def test_a_higher_amount_is_a_person_s_and_is_held(walk):
    walk.certify(2, "200.00", "16.5")
    assert walk.certify(2, at=1) == ["held 2: more_than_authorised"]
    assert (body(walk)["authorised"], body(walk)["amount"]) == ("313.00", "82.00")
    assert (walk.money("authorised"), walk.money("held")) == ("313.00", "82.00")
    assert walk.certify(2, "200.00", "16", at=2) == ["reversed 2: 0.00"]
    assert (walk.money("authorised"), walk.money("held")) == ("313.00", "0.00")


def test_what_was_said_earlier_and_comes_later_does_not_count(walk):
    walk.certify(2, "200.00", "16.5", at=5, ce_id="late")
    assert walk.certify(2, at=4) == ["refused 2: overtaken"]
    assert walk.certify(2, at=5) == ["refused 2: contradicts"]
    walk.certify(2, "300.00", "20", at=6)
    assert walk.certify(2, "200.00", "16.5", at=5, ce_id="late") == ["reversed 2: 100.00"]
    assert walk.folding.verdict is Verdict.IGNORED
    walk.certify(2, "300.00", "20", at=8)
    assert walk.certify(2, "1.00", "1", at=7) == ["refused 2: overtaken"]


def test_a_week_is_certified_anew_so_often_and_no_more(walk):
    said = [walk.certify(2, f"{each}.00", "5", at=each) for each in range(1, 22)]
    assert said[-1] == ["refused 2: too_many_corrections"]
    assert all("refused" not in each for [each] in said[:-1])


def test_a_late_week_is_taken_for_itself(walk):
    walk.certify(3)
    walk.certify(5)
    assert walk.certify(4, at=30) == ["authorised 4: 395.00"]
    assert walk.certify(2, at=90) == ["authorised 2: 395.00"]


# --- holds ------------------------------------------------------------------------------------------------


def test_a_doubt_about_one_week_holds_that_week_alone(walk):
    assert walk.certify(2, able=False, searched=False) == ["held 2: not_able_and_available,no_work_search"]
    assert walk.certify(3) == ["authorised 3: 395.00"]
    assert (walk.money("held"), walk.money("authorised")) == ("395.00", "395.00")


def test_a_question_about_the_claim_holds_weeks_until_it_is_over(walk):
    walk.certify(2)
    assert walk.hear("progressed", IDENTITY) == []
    assert walk.certify(4) == ["held 4: identity"]
    assert walk.certify(3) == ["held 3: identity"]
    assert walk.hear("progressed", IDENTITY, entry("park")) == ["held 3: identity,parked", "held 4: identity,parked"]
    assert walk.hear("progressed") == ["authorised 3: 395.00", "authorised 4: 395.00"]
    assert walk.money("held") == "0.00"


@pytest.mark.parametrize("reason", ["appeal", "undeliverable", "reschedule"])
def test_other_matters_hold_nothing(walk, reason):
    assert walk.hear("progressed", entry("referral", reason)) == []
    assert walk.folding.verdict is Verdict.IGNORED
    assert walk.certify(2) == ["authorised 2: 395.00"]


def test_numbers_already_seen_are_passed_over(walk):
    walk.hear("progressed", IDENTITY, sequence=7)
    walk.hear("progressed", sequence=9)
    assert walk.hear("progressed", IDENTITY, sequence=8) == []
    assert walk.folding.verdict is Verdict.IGNORED
    assert walk.certify(2) == ["authorised 2: 395.00"]


def test_an_event_on_which_our_code_failed_holds_everything_until_a_later_one(walk):
    walk.folding = walk.weeks.park(walk.claim, _referred(), "KeyError", None)
    walk.claim = walk.folding.document
    assert walk.certify(2) == ["held 2: life_cycle_unread"]
    assert walk.hear("progressed") == ["authorised 2: 395.00"]


def _referred():
    heard = []
    other = Walk()
    other.take = heard.append
    other.hear("progressed", IDENTITY, sequence=2)
    return heard[0]


def test_a_certification_on_which_our_code_failed_is_refused_and_kept():
    walk = Walk(law=None)
    walk.weeks.fold = None
    assert walk.certify(1) == ["refused 1: internal_error"]
    assert walk.letters[0].code == "raised"


# --- what the law does not say ------------------------------------------------------------------------------


def test_a_state_without_a_pack_holds_every_week():
    walk = Walk()
    walk.approve(jurisdiction="ZZ")
    assert walk.certify(1) == ["held 1: no_pack"]
    assert body(walk)["detail"]


def test_a_state_without_a_rule_for_partial_weeks_pays_full_weeks_and_holds_the_others():
    walk = Walk()
    walk.approve(jurisdiction="WI")
    walk.certify(1)
    said = walk.certify(2, "200.00", "16.5")
    assert walk.certify(3) == ["authorised 3: 395.00"]
    assert said == ["held 2: partial_week_unknown"]


# --- the end of the award ------------------------------------------------------------------------------------


def test_the_last_week_pays_what_is_left_and_exhaustion_is_said_once():
    walk = Walk()
    walk.approve(maximum="500.00")
    walk.certify(1)
    walk.certify(2)
    assert walk.certify(3) == ["authorised 3: 105.00", "exhausted"]
    assert walk.certify(4) == ["not-payable 4: exhausted"]
    assert walk.certify(3, "0.00", "0.5", at=1) == ["authorised 3: 105.00"]


def test_what_is_held_for_one_week_does_not_keep_another_from_its_pay():
    walk = Walk()
    walk.approve(maximum="500.00")
    walk.certify(1)
    walk.certify(2, searched=False)
    assert (walk.money("held"), walk.money("available")) == ("395.00", "105.00")
    assert walk.certify(3) == ["authorised 3: 395.00"]
    assert (walk.money("held"), walk.money("available")) == ("105.00", "0.00")
    assert walk.certify(2, at=1) == ["authorised 2: 105.00", "exhausted"]


def test_another_determination_adds_what_it_gives_more_and_never_edits(walk):
    walk.certify(2)
    before = walk.claim.transfers
    walk.approve(weekly="500.00", maximum="13000.00")
    assert walk.claim.transfers[: len(before)] == before
    assert walk.money("award") == "-13000.00"
    assert walk.certify(3) == ["authorised 3: 500.00"]
    walk.approve(weekly="100.00", maximum="600.00")
    assert (walk.money("award"), walk.money("available")) == ("-895.00", "0.00")
    assert walk.certify(4) == ["not-payable 4: exhausted", "exhausted"]
    assert walk.approve(weekly="100.00", maximum="1000.00") == ["authorised 4: 100.00"]


def test_an_older_determination_read_later_changes_nothing(walk):
    walk.number = 4
    walk.approve(weekly="500.00", maximum="13000.00")
    walk.number = 2
    assert walk.approve(weekly="1.00", maximum="1.00", sequence=1) == []
    assert walk.folding.verdict is Verdict.IGNORED
    assert walk.claim.award.weekly == 50_000
