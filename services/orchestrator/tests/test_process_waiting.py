"""Messages that wait in the document: for a claim that is not known yet, or for an engineer."""

import json
from datetime import timedelta

import pytest
from claim_walk import (
    APPROVED,
    CLAIM,
    FACTS,
    IGNORED,
    REFUSED,
    START,
    Walk,
    appeal,
    computed,
    due,
    eligible,
    evidence_needed,
    expedited,
    issue_found,
    passing,
    received,
    reminder,
    reopened,
    resumed,
    submitted,
    verified,
    withdrawal,
)

from claims_orchestrator import inbox
from claims_orchestrator.decide import decide, park
from claims_orchestrator.inbox import MAX_BYTES, MAX_MESSAGES
from claims_orchestrator.overdue import expired
from claims_orchestrator.process import Clocks
from claims_orchestrator.store import ClaimDecider
from claims_orchestrator.window import Window
from claims_shared.documents import Verdict
from claims_shared.messages import intake, lifecycle
from claims_shared.messages.catalog import REFUSALS
from claims_shared.wire import DeadLetter


def given_up(walk):
    return expired(CLAIM, walk.now)


def types(walk):
    return [dict(each.headers)["ce_type"].decode() for each in walk.claim.inbox]


# --- a claim that is not known yet ------------------------------------------------------------------


def test_a_submission_for_an_unknown_claim_waits():
    walk = Walk().through(withdrawal)
    assert (walk.claim.phase, walk.sent, walk.decision.verdict) == ("awaited", [], Verdict.APPLIED)
    assert types(walk) == ["claim.withdrawal-requested.v1"]


def test_it_waits_once():
    early = withdrawal(Walk())
    walk = Walk().through(early, early)
    assert (walk.decision.code, len(walk.claim.inbox)) == ("heard", 1)


def test_what_our_code_fails_on_waits_all_the_same():
    """Refused, it might be taken when it is redelivered, and its sender would have been told otherwise."""
    early = withdrawal(Walk())
    decision = park(None, early, "KeyError at decide.py:1", START, Clocks())
    assert (decision.verdict, decision.code, decision.letters) == (Verdict.APPLIED, "waits", ())
    assert [each.value for each in decision.claim.inbox] == [early.record.value]


def test_what_was_taken_before_parks_nothing_when_our_code_fails_on_it_late():
    """A process that stood still wrote it, and was no owner any more that could say so."""
    walk = Walk().through(submitted())
    answer, late = verified(walk), due("identity")(walk)
    walk.through(answer, eligible)
    said = withdrawal(walk)
    walk.take(said)
    for each in (answer, late, said):
        walk.fail_on(each)
        assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "heard")


def test_where_even_waiting_fails_it_is_put_aside(monkeypatch):
    monkeypatch.setattr(inbox, "keep", lambda *_: 1 / 0)
    decision = park(None, withdrawal(Walk()), "KeyError at decide.py:1", START, Clocks())
    assert (decision.verdict, decision.code) == (Verdict.REFUSED, "raised")


def test_the_claim_folds_itself_first_then_what_waited():
    walk = Walk().through(withdrawal, expedited, submitted())
    sent = ["claim.accepted", "identity.verify", "claim.withdrawn", "identity.release", "scheduler.send-notice"]
    assert walk.sent == sent
    assert (walk.claim.phase, walk.claim.inbox, walk.claim.awaited_until) == ("withdrawn", (), None)


def test_what_waited_is_known_when_it_comes_again():
    early = expedited(Walk())
    walk = Walk().through(early, submitted(), early)
    assert walk.decision.code == "heard"


def test_what_cannot_be_used_once_the_claim_is_there_is_given_back():
    def too_early(walk):
        return received(intake.EvidenceProvided(claim_id=CLAIM, answers=f"{CLAIM}/evidence/2", provided_at=walk.now))

    walk = Walk().through(too_early, submitted())
    told = (f"nothing of this claim waits under '{CLAIM}/evidence/2'",)
    assert [(each.code, each.reasons) for each in walk.decision.letters] == [("not_open", told)]
    assert walk.waits == ["identity"]


def test_after_a_day_what_waited_is_given_back():
    walk = Walk().through(withdrawal, passing(hours=23), given_up)
    assert walk.decision.code == "not_expired"
    walk.through(passing(hours=1), given_up)
    assert [each.code for each in walk.decision.letters] == ["claim_never_came"]
    assert walk.claim.inbox == ()


def test_a_redriven_message_is_not_taken_for_one_that_was_heard():
    early = withdrawal(Walk())
    walk = Walk().through(early, passing(days=1), given_up, early)
    assert types(walk) == ["claim.withdrawal-requested.v1"]
    walk.take(submitted())
    assert walk.claim.phase == "withdrawn"


def test_a_message_after_one_was_given_up_waits_a_day_of_its_own():
    walk = Walk().through(
        withdrawal, passing(days=1), given_up, passing(minutes=5), given_up, passing(minutes=5), given_up
    )
    assert walk.claim.awaited_until is None
    walk.take(appeal)
    assert walk.claim.awaited_until is not None
    walk.through(passing(hours=23), given_up)
    assert walk.decision.code == "not_expired"
    walk.through(passing(hours=1), given_up)
    assert len(walk.decision.letters) == 1


def test_what_is_given_back_becomes_a_dead_letter_and_a_refusal_without_content():
    async def nobody(_assigned):
        return 0

    decider = ClaimDecider(Clocks(), Window(1, 1, nobody))
    walk = Walk().through(withdrawal, passing(days=1))
    folding = decider.fold(walk.claim, given_up(walk), walk.now)
    letter, refusal = folding.letters
    assert isinstance(letter, DeadLetter)
    assert letter.record.value == walk.claim.inbox[0].value
    assert (refusal.topic, refusal.key) == (REFUSALS.name, CLAIM)
    assert b"secret" not in refusal.body
    assert decider.due_at(walk.claim) <= int(walk.now.timestamp() * 1000)


def test_nobody_waits_for_the_end_of_a_wait_once_the_claim_is_there():
    walk = Walk().through(withdrawal, submitted(), passing(days=1), given_up)
    assert (walk.decision.verdict, walk.decision.code) == (IGNORED, "not_expired")


@pytest.mark.parametrize("park_first", [False, True])
def test_too_many_messages_are_refused(park_first):
    walk = Walk().through(*([submitted()] if park_first else []))
    if park_first:
        walk.fail_on(verified)
    walk.through(*[appeal] * (MAX_MESSAGES - park_first))
    assert len(walk.claim.inbox) == MAX_MESSAGES
    walk.take(appeal)
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "parked_overflow")


def test_too_large_messages_are_refused():
    def long(walk):
        asked = intake.AppealFiled(claim_id=CLAIM, determination_number=1, received_at=walk.now, grounds="x" * 4000)
        return received(asked)

    walk = Walk().through(*[long] * (MAX_BYTES // 4000))
    assert walk.decision.code == "parked_overflow"
    assert sum(len(each.value) for each in walk.claim.inbox) <= MAX_BYTES


# --- parked -------------------------------------------------------------------------------------------


def test_a_message_on_which_our_code_fails_parks_the_claim_without_its_text():
    walk = Walk().through(submitted(), verified, reopened)
    told = walk.body(lifecycle.ClaimParked)
    assert told.error.startswith("TypeError at sends.py:")
    assert (walk.waits, walk.decision.verdict) == (["eligibility", "park"], Verdict.PARKED)
    assert walk.entry("park").owner == "engineering"


def test_a_message_too_large_to_wait_is_put_aside_when_it_parks_its_claim():
    walk = Walk().through(submitted())
    large = verified(walk)
    large.record.value += b" " * MAX_BYTES
    walk.fail_on(large)
    assert (walk.waits, walk.claim.inbox) == (["identity", "park"], ())
    assert [(each.record, each.code) for each in walk.decision.letters] == [(large.record, "parked_overflow")]


def test_later_messages_wait_in_order_and_once():
    walk = Walk().through(submitted())
    walk.fail_on(verified)
    late = due("identity")(walk)
    walk.through(late, withdrawal, late)
    assert types(walk) == ["identity.verified.v1", "scheduler.deadline-passed.v1", "claim.withdrawal-requested.v1"]
    assert walk.sent == []


def test_everything_that_waits_is_remembered_however_much_it_is():
    walk = Walk().through(submitted())
    first = verified(walk)
    walk.fail_on(first)
    walk.through(*[appeal] * 90, first)
    assert (walk.decision.code, len(walk.claim.inbox)) == ("heard", 91)


def test_replay_reads_everything_again():
    walk = Walk().through(submitted())
    walk.fail_on(verified)
    walk.through(expedited, resumed())
    assert walk.sent == [
        "claim.progressed",
        "claim.progressed",
        "eligibility.determine",
        "claim.progressed",
        "eligibility.determine",
    ]
    assert (walk.waits, walk.claim.inbox) == (["eligibility"], ())


def test_skip_leaves_the_failing_message_out():
    walk = Walk().through(submitted(), verified, reopened, withdrawal, resumed("skip"))
    assert walk.claim.phase == "withdrawn"
    assert walk.claim.inbox == ()


def test_a_claim_that_fails_again_is_parked_where_it_fails_and_can_be_resumed_again():
    walk = Walk().through(submitted(), verified, reopened, expedited, withdrawal, resumed())
    assert walk.decision.verdict is Verdict.PARKED
    assert types(walk) == ["eligibility.claimant-eligible.v1", "claim.expedited.v1", "claim.withdrawal-requested.v1"]
    walk.take(resumed("skip"))
    assert walk.claim.phase == "withdrawn"


def test_what_came_before_the_message_that_fails_again_is_done():
    walk = Walk().through(submitted(), verified)
    walk.fail_on(expedited)
    walk.through(reopened, withdrawal, resumed())
    assert walk.claim.lane == "expedited"
    assert types(walk) == ["eligibility.claimant-eligible.v1", "claim.withdrawal-requested.v1"]


def test_a_claim_that_fails_at_once_begins_when_it_is_resumed():
    walk = Walk()
    walk.fail_on(submitted())
    assert (walk.sent, walk.waits) == (["claim.parked"], ["park"])
    walk.take(resumed())
    assert (walk.sent, walk.waits) == (["claim.progressed", "identity.verify"], ["identity"])


def test_what_waited_for_a_claim_that_fails_at_once_waits_on():
    walk = Walk().through(withdrawal)
    walk.fail_on(submitted())
    assert types(walk) == ["claim.submitted.v1", "claim.withdrawal-requested.v1"]
    walk.take(resumed())
    assert walk.claim.phase == "withdrawn"


def test_an_engineer_whose_attempt_fails_hears_so():
    walk = Walk().through(submitted())
    walk.fail_on(verified)
    waiting = walk.claim.inbox
    walk.fail_on(resumed())
    assert (walk.decision.verdict, walk.claim.inbox) == (REFUSED, waiting)
    walk.take(resumed())
    assert walk.waits == ["eligibility"]


def test_resuming_what_is_not_parked_is_refused():
    walk = Walk().through(submitted())
    walk.fail_on(verified)
    again = resumed()(walk)
    walk.take(resumed())
    walk.take(again)
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "not_open")


def test_a_wait_that_was_skipped_fires_again():
    walk = Walk().through(submitted(), evidence_needed)
    late = due("evidence")(walk)
    walk.fail_on(late)
    walk.take(resumed("skip"))
    assert walk.waits == ["evidence"]
    walk.take(late)
    assert walk.waits == ["referral-no_answer"]


def test_a_message_that_was_skipped_is_not_taken_when_it_is_read_again():
    walk = Walk().through(*APPROVED)
    asked = appeal(walk)
    walk.fail_on(asked)
    walk.through(resumed("skip"), asked)
    assert walk.decision.code == "heard"


def test_our_own_message_never_waits_in_a_document():
    walk = Walk().through(withdrawal)
    late = given_up(walk)
    walk.fail_on(submitted())
    walk.take(late)
    assert walk.decision.verdict is IGNORED


def test_a_claim_told_to_wait_is_accepted_at_its_own_time():
    walk = Walk().through(withdrawal, passing(hours=5), submitted())
    assert walk.claim.accepted_at == int((START + timedelta(hours=5)).timestamp() * 1000)
    assert walk.claim.filed_at == int(
        intake.ClaimSubmitted.model_validate_json(json.dumps(FACTS)).filed_at.timestamp() * 1000
    )


def test_a_parked_claim_still_knows_its_own_submission():
    walk = Walk()
    first = submitted()(walk)
    walk.fail_on(first)
    assert decide(walk.claim, first, walk.now, walk.clocks).code == "duplicate"


def test_answers_wait_as_well():
    walk = Walk().through(submitted(), verified)
    walk.fail_on(issue_found)
    walk.through(eligible, resumed("skip"))
    assert walk.waits == ["benefit"]
    walk.take(computed)
    assert walk.waits == ["orientation"]


def test_a_reminder_that_waited_counts_if_its_wait_is_still_open():
    walk = Walk().through(submitted(), evidence_needed)
    walk.fail_on(expedited)
    walk.through(reminder("evidence"), resumed())
    assert walk.entry("evidence").remind == ()
