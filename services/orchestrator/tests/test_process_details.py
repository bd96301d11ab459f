"""What the rows cannot show: instants, attempts, effect ids, the words of determinations and notices, duplicates, refusals."""

from datetime import datetime, timedelta

import pytest
from claim_walk import (
    ADJUDICATED,
    APPROVED,
    CLAIM,
    DENIED,
    IGNORED,
    REFUSED,
    START,
    Walk,
    answer,
    appeal,
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
    ineligible,
    ineligible_without_window,
    issue_found,
    notice_sent,
    passing,
    received,
    reminder,
    reschedule,
    retry,
    submitted,
    verified,
    withdrawal,
)

from claims_orchestrator.claim import in_flight
from claims_shared.messages import identity, intake, lifecycle, scheduler
from claims_shared.messages.catalog import ELIGIBILITY_COMMANDS, IDENTITY_COMMANDS
from claims_shared.messages.fields import utc
from claims_shared.wire import millis

ALL_SAID = [*APPROVED, notice_sent("approved")]


# --- evidence --------------------------------------------------------------------------------


DENVER_S_LAST = "2026-12-05T06:59:59.999000Z"
"""The end of 4 December in Denver: ten days after 24 November."""


def test_evidence_is_due_at_the_end_of_the_agency_s_tenth_day_and_reminded_after_three():
    walk = Walk().through(submitted(), evidence_needed)
    published = walk.body(lifecycle.ClaimProgressed).open[0]
    assert (published.due_at, published.remind_at) == (datetime.fromisoformat(DENVER_S_LAST), START + timedelta(days=3))
    walk.take(reminder("evidence"))
    assert walk.body(lifecycle.ClaimProgressed).open[0].remind_at is None
    assert walk.body(scheduler.SendNotice).notice == "evidence_reminder"


def test_a_clock_of_less_than_whole_days_runs_by_the_second():
    walk = Walk(evidence_due=timedelta(hours=36)).through(submitted(), evidence_needed)
    assert walk.entry("evidence").due == millis(START + timedelta(hours=36))


def test_a_short_clock_has_no_reminder_after_its_end():
    walk = Walk(evidence_due=timedelta(days=2)).through(submitted(), evidence_needed)
    assert walk.entry("evidence").remind == ()


def test_corrections_and_documents_reach_the_second_check():
    walk = Walk().through(submitted(), evidence_needed)
    walk.take(evidence(documents=["doc-1"], corrected={"last_name": "Obi-Wan"}))
    asked = walk.body(identity.VerifyIdentity)
    assert (asked.first_name, asked.last_name, asked.evidence) == ("Ada", "Obi-Wan", ("doc-1",))
    assert walk.body(identity.ReleaseIdentity).undoes == f"{CLAIM}/identity/1"
    walk.through(evidence_needed, evidence(documents=["doc-2"], corrected={"first_name": "Adah"}))
    asked = walk.body(identity.VerifyIdentity)
    assert (asked.first_name, asked.last_name, asked.evidence) == ("Adah", "Obi-Wan", ("doc-1", "doc-2"))


def test_the_request_for_evidence_says_what_is_wanted_by_when_and_under_which_reference():
    walk = Walk().through(submitted(), evidence_needed)
    notice = walk.body(scheduler.SendNotice)
    assert notice.sentences == ("last_name",)
    assert notice.values == {"due_at": DENVER_S_LAST, "reference": walk.entry("evidence").id}
    assert walk.entry("notice-evidence_wanted").of == walk.entry("evidence").id


def test_evidence_for_a_wait_that_is_over_is_refused():
    walk = Walk().through(submitted(), evidence_needed)
    late = evidence()(walk)
    walk.through(due("evidence"), late)
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "not_open")


def test_evidence_cannot_close_another_kind_of_entry():
    walk = Walk().through(submitted(), conflict)
    entry = walk.entry("referral-identity").id
    walk.take(received(intake.EvidenceProvided(claim_id=CLAIM, answers=entry, provided_at=walk.now)))
    assert walk.decision.verdict is REFUSED


# --- retries, lateness -------------------------------------------------------------------------


def test_retries_follow_the_plan_and_keep_the_effect():
    walk = Walk().through(submitted())
    waits = []
    for attempt in range(1, 5):
        walk.take(failed("identity"))
        waits.append((walk.entry("identity").retry - millis(walk.now)) // 1000)
        walk.take(retry("identity"))
        asked = walk.body(identity.VerifyIdentity)
        assert (asked.effect_id, asked.attempt) == (f"{CLAIM}/identity/1", attempt + 1)
        assert walk.decision.messages[-1].id == f"{CLAIM}/identity/1/{attempt + 1}"
    assert waits == [10, 60, 600, 3600]


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(None, 10), (5, 10), (120, 120), (10**9, 86_400), (10**30, 86_400)],
    ids=["no header", "sooner than the plan", "later than the plan", "decades", "beyond any calendar"],
)
def test_retry_after_is_honoured_within_a_day(asked, waits):
    walk = Walk().through(submitted(), failed("identity", "throttled", after=asked))
    assert walk.entry("identity").retry == millis(START) + waits * 1000


def test_a_late_command_is_sent_again_under_the_same_effect_with_a_new_instant():
    walk = Walk().through(submitted(), due("identity"))
    entry = walk.entry("identity")
    assert (entry.attempt, entry.late, entry.due) == (2, 1, millis(START + timedelta(minutes=30)))
    assert walk.body(identity.VerifyIdentity).effect_id == f"{CLAIM}/identity/1"


def test_an_answer_to_the_first_attempt_counts_after_the_second_was_sent():
    walk = Walk().through(submitted(), due("identity"))
    walk.take(answer(identity.IdentityVerified, "identity", 1, checked_at=walk.now))
    assert walk.waits == ["eligibility"]


def test_an_answer_to_an_attempt_that_nobody_made_is_ignored():
    walk = Walk().through(submitted())
    walk.take(answer(identity.IdentityVerified, "identity", 2, checked_at=walk.now))
    assert (walk.decision.verdict, walk.decision.code) == ("ignored", "attempt_ahead")
    assert walk.waits == ["identity"]


def test_patience_is_four_times_late():
    walk = Walk(late_after={"identity": timedelta(minutes=1)}).through(submitted(), *[due("identity")] * 4)
    assert walk.now == START + timedelta(minutes=4)
    assert walk.waits == ["identity", "referral-late"]


def test_the_window_counts_machines_at_work_and_nobody_else():
    walk = Walk()
    counted = {}
    for name, said in {
        "asked": submitted(),
        "failed": failed("identity"),
        "asked again": retry("identity"),
        "evidence": evidence_needed,
        "second look": evidence(),
        "late": due("identity"),
        "next step": verified,
    }.items():
        walk.take(said)
        counted[name] = in_flight(walk.claim)
    assert [name for name, working in counted.items() if working] == [
        "asked",
        "asked again",
        "second look",
        "next step",
    ]
    walk.fail_on(eligible)
    assert not in_flight(walk.claim)


# --- decisions ------------------------------------------------------------------------------------


def test_a_decision_never_closes_another_referral():
    walk = Walk().through(submitted(), *exhausted("identity"))
    old = decided("technical", "continue")(walk)
    walk.through(verified, ineligible_without_window, old)
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "not_open")
    assert "referral-appeal_window" in walk.waits


def test_a_decision_on_a_command_is_refused():
    walk = Walk().through(submitted(), conflict)
    wrong = decided("identity", "deny")(walk)
    wrong.body = wrong.body.model_copy(update={"answers": f"{CLAIM}/identity/1"})
    walk.take(wrong)
    assert walk.decision.verdict is REFUSED


@pytest.mark.parametrize("decision", ["retry", "ask", "deny"])
@pytest.mark.parametrize("reason", ["undo_failed", "undeliverable", "reschedule"])
def test_referrals_beside_the_plan_are_only_closed(reason, decision):
    ways = {
        "undo_failed": [submitted(), withdrawal, failed("undo-identity", "permanent", "internal_error")],
        "undeliverable": [*APPROVED, failed("notice-approved", "permanent", "no_address")],
        "reschedule": [
            *APPROVED,
            reschedule,
            failed("move", "permanent", "no_free_slot"),
        ],
    }
    walk = Walk().through(*ways[reason], decided(reason, decision))
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "not_allowed")
    walk.take(decided(reason, "continue"))
    assert f"referral-{reason}" not in walk.waits


def test_two_commands_that_fail_have_a_person_each():
    """The other claim of a pair is checked anew while eligibility is at work; both run out."""
    walk = Walk().through(submitted(), verified, conflict_unasked, decided("identity", "retry"))
    walk.through(*exhausted("eligibility"), *exhausted("identity"))
    referrals = [entry for entry in walk.claim.open.values() if entry.reason == "technical"]
    assert [entry.of for entry in referrals] == [walk.entry("eligibility").id, walk.entry("identity").id]


# --- determinations ---------------------------------------------------------------------------------


def test_an_approval_carries_amounts_and_the_interview():
    walk = Walk().through(*APPROVED)
    told = walk.body(lifecycle.ClaimApproved)
    assert (str(told.weekly_benefit_amount), str(told.maximum_benefit_amount), told.weeks) == ("395.00", "6715.00", 17)
    assert told.interview_at == START + timedelta(days=7)
    assert (told.determination_number, told.phase, told.sequence) == (1, "approved", 5)


def test_a_denial_carries_reasons_citations_and_the_last_day_for_an_appeal():
    told = Walk().through(*DENIED).body(lifecycle.ClaimDenied)
    assert [(reason.code, reason.citation) for reason in told.reasons] == [("high_quarter", "35A-4-403")]
    assert (told.appeal_by, told.effective_on) == ((START + timedelta(days=15)).date(), told.effective_on)


def test_an_unknown_appeal_window_is_null_and_owned_by_adjudication():
    walk = Walk().through(submitted(), verified, ineligible_without_window)
    assert walk.body(lifecycle.ClaimDenied).appeal_by is None
    assert walk.entry("referral-appeal_window").owner == "adjudication"
    walk.take(decided("appeal_window", "continue"))
    assert walk.body(scheduler.SendNotice).sentences == ("Too little in the best quarter. (35A-4-403)",)


def test_a_person_who_denies_after_the_interview_denies_by_the_issue():
    told = Walk().through(*ADJUDICATED, held, decided("adjudicate", "deny")).body(lifecycle.ClaimDenied)
    assert [reason.code for reason in told.reasons] == ["quit"]


def test_a_person_who_denies_for_identity_does_not_deny_by_the_issue():
    walk = Walk().through(*ADJUDICATED, conflict_unasked, decided("identity", "deny"))
    assert [reason.code for reason in walk.body(lifecycle.ClaimDenied).reasons] == ["identity"]


def test_a_later_determination_supersedes_and_the_earlier_stays():
    walk = Walk().through(*APPROVED, conflict_unasked, decided("identity", "deny"))
    assert [(made.number, made.outcome) for made in walk.claim.determinations] == [(1, "approved"), (2, "denied")]
    assert walk.body(lifecycle.ClaimDenied).determination_number == 2


def test_a_repeated_notice_says_the_same():
    walk = Walk().through(*APPROVED, failed("notice-approved"))
    first = walk.told(scheduler.SendNotice)[-1]
    again = walk.through(retry("notice-approved")).body(scheduler.SendNotice)
    assert (again.effect_id, again.values, again.sentences) == (first.effect_id, first.values, first.sentences)


def test_an_outcome_is_told_instead_of_an_older_one_that_is_not_sent_yet():
    walk = Walk().through(*APPROVED)
    approval = walk.told(scheduler.SendNotice)[-1]
    walk.through(conflict_unasked, decided("identity", "deny"))
    question, denial = walk.told(scheduler.SendNotice)[-2:]
    assert (denial.notice, denial.supersedes) == ("denied", (approval.effect_id, question.effect_id))
    assert walk.notices == ["denied"]


def test_an_outcome_that_was_told_is_not_told_instead_of():
    told = [notice_sent("approved"), conflict_unasked, notice_sent("identity_question")]
    walk = Walk().through(*APPROVED, *told, decided("identity", "deny"))
    assert walk.told(scheduler.SendNotice)[-1].supersedes == ()


@pytest.mark.parametrize(
    ("given", "notice"),
    [
        ([submitted(), conflict], "identity_question"),
        ([submitted(), evidence_needed, notice_sent("evidence_wanted"), due("evidence")], "evidence_missed"),
        ([*ADJUDICATED, due("interview")], "interview_missed"),
        ([submitted(), *exhausted("identity")], "under_review"),
        ([submitted(), verified, failed("eligibility", "permanent", "no_pack")], "under_review"),
        ([*APPROVED, notice_sent("approved"), appeal], "appeal_received"),
    ],
)
def test_what_stops_a_claim_and_what_is_asked_for_is_told(given, notice):
    assert Walk().through(*given).notices == [notice]


def test_what_is_no_longer_true_is_not_told_beside_an_outcome():
    walk = Walk().through(submitted(), verified, eligible, conflict_unasked, decided("identity", "deny"))
    assert walk.notices == ["denied"]
    walk = Walk().through(submitted(), conflict, withdrawal)
    assert walk.notices == ["withdrawn"]


def test_a_question_that_is_open_already_is_not_told_again():
    walk = Walk().through(submitted(), conflict, conflict_unasked)
    assert [each.notice for each in walk.told(scheduler.SendNotice)] == ["identity_question"]


def test_nobody_hears_that_a_notice_could_not_be_sent():
    walk = Walk().through(*APPROVED, failed("notice-approved", "permanent", "no_address"))
    assert walk.notices == []


def test_an_approval_says_which_wages_counted_and_until_when_it_may_be_appealed():
    values = Walk().through(*APPROVED).body(scheduler.SendNotice).values
    assert values["wages"] == "2025Q3=10400.00"
    assert values["appeal_by"] == "2026-12-09"
    assert "replaces" not in values


def test_a_determination_that_takes_anothers_place_says_so():
    walk = Walk().through(*APPROVED, conflict_unasked, decided("identity", "deny"))
    assert walk.body(scheduler.SendNotice).values["replaces"] == "1"


def test_an_acknowledged_appeal_names_the_day_it_came():
    walk = Walk().through(*APPROVED, notice_sent("approved"), appeal)
    assert walk.body(scheduler.SendNotice).values == {"received_at": "2026-11-24T12:00:00Z"}


def test_the_interview_of_a_fact_finding_is_reminded_of_two_days_before():
    walk = Walk().through(*ADJUDICATED, reminder("interview"))
    assert walk.now == START + timedelta(days=5)
    notice = walk.body(scheduler.SendNotice)
    assert (notice.notice, notice.values) == ("interview_reminder", {"interview_at": "2026-12-01T12:00:00Z"})


def test_an_interview_tomorrow_is_not_reminded_of():
    walk = Walk().through(submitted(), verified, issue_found, booked("fact_finding", days=1))
    assert walk.entry("interview").remind == ()


def test_an_orientation_is_not_waited_for():
    assert Walk().through(*APPROVED).waits == []


# --- lanes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expedited_topic", "lane", "reasons"),
    [
        ({}, False, "standard", ()),
        ({}, True, "standard", ("expedited lane asked without cause",)),
        ({"veteran": True}, False, "expedited", ("veteran: agency policy, no federal duty",)),
        ({"hardship": "a secret"}, True, "expedited", ("hardship: agency policy",)),
        ({"hardship": ""}, True, "standard", ("expedited lane asked without cause",)),
        (
            {"veteran": True, "hardship": "a secret"},
            False,
            "expedited",
            ("hardship: agency policy", "veteran: agency policy, no federal duty"),
        ),
    ],
    ids=["standard", "asked without cause", "veteran", "hardship", "no hardship", "both, in their order"],
)
def test_policy_decides_the_lane(changes, expedited_topic, lane, reasons):
    walk = Walk().through(submitted(expedited=expedited_topic, **changes))
    told = walk.body(lifecycle.ClaimAccepted)
    assert (told.lane, told.lane_reasons) == (lane, reasons)
    topic = IDENTITY_COMMANDS.expedited if lane == "expedited" else IDENTITY_COMMANDS.name
    assert walk.decision.messages[-1].topic == topic


def test_expediting_asks_for_the_same_effect_on_the_other_lane():
    walk = Walk().through(submitted(), verified, expedited)
    sent = walk.decision.messages[-1]
    assert (sent.topic, sent.id) == (ELIGIBILITY_COMMANDS.expedited, f"{CLAIM}/eligibility/2/2")
    assert walk.body(lifecycle.ClaimProgressed).lane_reasons == ("expedited by a person",)
    assert b"a secret" in walk.claim.decisions[-1], "the reason is kept with the claim"
    assert not any(b"a secret" in each.body for each in walk.decision.messages), "and leaves it nowhere"
    walk.take(eligible)
    assert ".expedited." in walk.decision.messages[-1].topic


def test_a_planned_retry_takes_the_lane_of_its_time():
    walk = Walk().through(submitted(), failed("identity"), expedited, retry("identity"))
    assert walk.decision.messages[-1].topic == IDENTITY_COMMANDS.expedited


# --- fired waits ----------------------------------------------------------------------------------------


def test_a_wait_counts_only_for_the_instant_that_the_entry_holds():
    walk = Walk().through(submitted())
    early = due("identity")(walk)
    walk.through(passing(minutes=1), due("identity"))
    number, newest = walk.claim.number, walk.decision.messages[0]
    walk.take(early)
    assert (walk.decision.verdict, walk.decision.code, walk.claim.number) == (IGNORED, "wait_is_over", number)
    assert walk.decision.messages == (newest,)


@pytest.mark.parametrize("wait", ["retry", "remind"])
def test_a_wait_of_another_kind_does_not_count(wait):
    walk = Walk().through(submitted())
    entry = walk.entry("identity")
    kind = {"retry": scheduler.RetryDue, "remind": scheduler.ReminderDue}[wait]
    walk.take(received(kind(claim_id=CLAIM, answers=entry.id, wait=wait, armed_for=utc(entry.due))))
    assert walk.decision.verdict is IGNORED


@pytest.mark.parametrize(
    "way",
    [
        [submitted(), verified],
        [submitted(), conflict],
        [*APPROVED],
        [*DENIED],
        [submitted(), withdrawal],
        ALL_SAID,
        [*APPROVED, withdrawal],
        [submitted(), evidence_needed, reminder("evidence")],
    ],
    ids=["progressed", "referred", "approved", "denied", "withdrawn", "told", "asked to withdraw", "reminded"],
)
def test_a_wait_that_is_not_open_is_answered_by_the_newest_event_as_it_was(way):
    walk = Walk().through(*way)
    newest = walk.decision.messages[0]
    walk.take(passing(hours=1))
    over = scheduler.DeadlinePassed(claim_id=CLAIM, answers=f"{CLAIM}/evidence/99", wait="due", armed_for=walk.now)
    walk.take(received(over))
    assert walk.decision.messages == (newest,)


def test_an_unknown_claim_has_no_waits():
    walk = Walk().through(received(scheduler.DeadlinePassed(claim_id=CLAIM, answers="x", wait="due", armed_for=START)))
    assert (walk.claim, walk.decision.code) == (None, "unknown_claim")


# --- duplicates ---------------------------------------------------------------------------------------------


def test_the_same_claim_again_is_the_same_claim():
    first = submitted()(Walk())
    walk = Walk().through(first, first)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "duplicate")
    other = submitted()(walk)
    other.record = type(first.record)(
        **{name: getattr(first.record, name) for name in ("topic", "partition", "offset", "key", "headers")},
        value=b" " + first.record.value,
    )
    walk.take(other)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "duplicate")


def test_the_same_id_with_another_body_is_refused():
    walk = Walk().through(submitted(), submitted(portal_ref="UT-2026-000124"))
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "claim_id_taken")


def test_unasked_messages_are_heard_once():
    walk = Walk().through(*APPROVED)
    once = appeal(walk)
    walk.through(once, decided("appeal", "affirm"), once)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "heard")


def test_a_message_of_the_same_id_from_another_source_is_another_message():
    walk = Walk().through(*APPROVED)
    for source in ("portal-a", "portal-b"):
        asked = intake.AppealFiled(claim_id=CLAIM, determination_number=1, received_at=walk.now)
        walk.take(received(asked, ce_id="1", source=source))
    assert walk.decision.verdict != IGNORED


def test_what_was_heard_is_bounded():
    walk = Walk().through(*APPROVED)
    for _ in range(70):
        walk.through(appeal, decided("appeal", "affirm"))
    assert len(walk.claim.heard) == 64


def test_an_answer_to_an_entry_that_no_service_was_asked_is_ignored():
    walk = Walk().through(submitted(), conflict)
    walk.take(answer(identity.IdentityVerified, "referral-identity", checked_at=walk.now))
    assert (walk.decision.verdict, walk.waits) == (IGNORED, ["referral-identity"])


def test_an_answer_that_the_step_does_not_know_is_ignored():
    walk = Walk().through(submitted(), verified)
    walk.take(answer(identity.IdentityVerified, "eligibility", checked_at=walk.now))
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "unexpected")


def test_history_names_change_and_cause():
    walk = Walk().through(submitted(), evidence_needed, due("evidence"), decided("no_answer", "continue"), ineligible)
    changes = [moment.change for moment in walk.claim.history]
    assert changes == ["accepted", "identity.evidence-needed", "identity.due", "identity.continue", "denied"]
    assert all(moment.cause for moment in walk.claim.history)


def test_the_effective_facts_of_the_claim_reach_each_command():
    walk = Walk().through(submitted(), verified, eligible)
    asked = walk.decision.messages[-1].body.decode()
    assert '"base_period":"standard"' in asked
    assert '"effective_on":"2026-11-15"' in asked
    walk.take(computed)
    assert '"kind":"orientation"' in walk.decision.messages[-1].body.decode()
