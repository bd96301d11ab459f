"""Interviews that get another slot: asked for by the claimant within limits, or because the caseworker is away."""

from datetime import timedelta

import pytest
from claim_walk import (
    APPROVED,
    MOVE,
    NOTICE,
    PROGRESSED,
    REFERRED,
    SCHEDULE,
    START,
    Walk,
    another_after,
    booked,
    cancelled,
    computed,
    decided,
    due,
    eligible,
    failed,
    held,
    issue_found,
    moved,
    notice_sent,
    passing,
    received,
    reminder,
    reschedule,
    submitted,
    verified,
    withdrawal,
)

from claims_orchestrator.facts import interview_at, result_of
from claims_shared.documents import Verdict
from claims_shared.messages import scheduler
from claims_shared.messages.scheduler import MoveInterview, NoticeKind, ScheduleInterview, SendNotice
from claims_shared.wire import millis

WAITING = [submitted(), verified, issue_found, booked("fact_finding")]
GRACE = timedelta(minutes=30, hours=2)


def sent(walk: Walk) -> list[str]:
    return [each.type.removesuffix(".v1") for each in walk.decision.messages]


def test_the_claimant_may_say_from_when():
    walk = Walk().through(*APPROVED, another_after(12))
    asked = walk.body(MoveInterview)
    assert (asked.moves, asked.not_before) == (walk.claim.effects[-1].id, START + timedelta(days=12))


def test_without_that_it_is_a_day_later():
    walk = Walk().through(*APPROVED, reschedule)
    assert walk.body(MoveInterview).not_before == START + timedelta(days=8)


def test_the_new_slot_is_known_and_the_move_is_over():
    walk = Walk().through(*APPROVED, reschedule, moved())
    assert "move" not in walk.waits
    assert interview_at(walk.claim, "orientation") == START + timedelta(days=9)
    assert sent(walk) == [PROGRESSED]
    walk.take(moved(None, days=9))
    assert (walk.decision.verdict, walk.decision.code) == (Verdict.IGNORED, "not_open")


def test_fact_finding_is_waited_for_at_the_new_instant_and_reminded_of_then():
    walk = Walk().through(*WAITING, reschedule, moved(step="fact_finding"))
    wait = walk.entry("interview")
    at = START + timedelta(days=9)
    assert (wait.due, wait.remind) == (millis(at + GRACE), (millis(at - timedelta(hours=48)),))
    walk.take(reminder("interview"))
    assert walk.body(SendNotice).values == {"interview_at": at.isoformat().replace("+00:00", "Z")}


def test_the_deadline_of_the_old_slot_counts_no_more():
    walk = Walk().through(*WAITING)
    late = due("interview")(walk)
    walk.now = START
    walk.through(reschedule, moved(step="fact_finding"))
    walk.take(late)
    assert (walk.decision.verdict, walk.decision.code) == (Verdict.IGNORED, "wait_is_over")


def test_a_reminder_under_way_is_sent_anew_in_place_of_the_other():
    walk = Walk().through(*WAITING, reminder("interview"))
    old = walk.entry("notice-interview_reminder")
    walk.through(moved(None, step="fact_finding"))
    notice = walk.body(SendNotice)
    assert sent(walk) == [PROGRESSED, NOTICE]
    assert (notice.notice, notice.supersedes) == (NoticeKind.INTERVIEW_REMINDER, (old.id,))
    assert notice.values["interview_at"] == (walk.now + timedelta(days=9)).isoformat().replace("+00:00", "Z")
    assert walk.entry("interview").remind == (), "once is enough"


def test_a_slot_too_near_to_be_reminded_of_is_not():
    walk = Walk().through(*WAITING, moved(None, step="fact_finding", days=1))
    assert walk.entry("interview").remind == ()


def test_after_two_moves_a_person_decides():
    walk = Walk().through(*APPROVED, reschedule, moved(), reschedule, moved(version=2, days=20), reschedule)
    assert sent(walk) == [REFERRED]
    assert "referral-reschedule" in walk.waits


def test_moves_for_the_agencys_sake_are_not_counted():
    walk = Walk().through(*APPROVED, moved(None), moved(None, version=2, days=20), reschedule)
    assert sent(walk) == [PROGRESSED, MOVE]


@pytest.mark.parametrize(("left", "what"), [(24, MOVE), (23, None)], ids=["a day before", "later than that"])
def test_up_to_a_day_before_it_may_be_moved(left, what):
    walk = Walk().through(*APPROVED)
    walk.through(passing(hours=7 * 24 - left), reschedule)
    assert sent(walk) == ([PROGRESSED, MOVE] if what else [REFERRED])


def test_who_asks_twice_before_there_is_an_answer_asks_a_person():
    walk = Walk().through(*APPROVED, reschedule, reschedule)
    assert sent(walk) == [REFERRED]
    assert {"move", "referral-reschedule"} <= set(walk.waits)


def test_after_the_interview_a_person_decides():
    walk = Walk().through(*APPROVED, passing(days=8), reschedule)
    assert sent(walk) == [REFERRED]


def test_of_two_interviews_the_next_that_was_not_held_is_moved():
    walk = Walk().through(*WAITING, held, decided("adjudicate", "continue"), computed, booked("orientation", 20))
    first, second = walk.claim.effects[-2:]
    assert (first.step, second.step) == ("fact_finding", "orientation")
    walk.through(reschedule)
    assert walk.body(MoveInterview).moves == second.id


def test_a_move_that_is_heard_before_the_booking_is_the_booking():
    walk = Walk().through(submitted(), verified, issue_found)
    walk.take(moved(None, step="fact_finding"))
    assert "fact_finding" not in walk.waits
    assert walk.entry("interview").due == millis(walk.now + timedelta(days=9) + GRACE)


def test_the_booking_asked_again_may_be_answered_by_where_it_is_now():
    walk = Walk().through(submitted(), verified, issue_found, moved("fact_finding", step="fact_finding"))
    assert "fact_finding" not in walk.waits
    assert "interview" in walk.waits


def test_an_older_move_changes_nothing():
    walk = Walk().through(
        *WAITING, moved(None, step="fact_finding", version=2), moved(None, step="fact_finding", days=3)
    )
    assert walk.decision.verdict is Verdict.IGNORED
    assert result_of(walk.claim, "fact_finding")["sequence"] == 2


def test_what_is_being_given_back_is_not_moved_any_more():
    walk = Walk().through(*WAITING, reschedule, withdrawal, moved(None, step="fact_finding"))
    assert walk.decision.verdict is Verdict.IGNORED
    walk.through(cancelled("fact_finding"))
    assert walk.claim.phase == "withdrawn"


def test_a_late_move_is_asked_again_and_goes_to_a_person_in_the_end():
    walk = Walk().through(*APPROVED, reschedule, due("move"))
    assert sent(walk) == [PROGRESSED, MOVE]
    walk.through(due("move"), due("move"), due("move"))
    assert "referral-reschedule" in walk.waits
    walk.through(decided("reschedule", "continue"))
    assert {"move", "referral-reschedule"}.isdisjoint(walk.waits)


def test_what_cannot_be_moved_goes_to_a_person_once():
    stranded = received(
        scheduler.InterviewStranded(
            claim_id="C-1",
            interview="C-1/orientation/4",
            interview_at=START + timedelta(days=7),
            caseworker_ref="cw-1",
            reason="no_free_slot",
        ),
        ce_id="C-1/orientation/4/stranded/1",
    )
    walk = Walk().through(*APPROVED, notice_sent("approved")).through(lambda _walk: stranded)
    assert sent(walk) == [REFERRED]
    walk.take(lambda _walk: stranded)
    assert walk.decision.verdict is Verdict.IGNORED


def test_fact_finding_asks_for_who_knows_its_issues_and_not_the_employer():
    walk = Walk().through(submitted(), verified, issue_found)
    asked = walk.body(ScheduleInterview)
    assert (asked.issues, asked.employer) == (("quit",), "E-1")


def test_an_orientation_asks_for_anybody():
    walk = Walk().through(submitted(), verified, eligible, *APPROVED[3:4])
    assert sent(walk) == [PROGRESSED, SCHEDULE]
    assert b"issues" not in walk.decision.messages[-1].body
    assert b"employer" not in walk.decision.messages[-1].body


def test_a_failing_move_leaves_the_wait_as_it_is():
    walk = Walk().through(*WAITING)
    before = walk.entry("interview")
    walk.through(reschedule, failed("move", "permanent", "no_free_slot"))
    assert walk.entry("interview") == before
