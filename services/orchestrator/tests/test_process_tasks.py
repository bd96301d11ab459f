"""A referral as somebody's task: who may have it, who may decide it, and what happens when its time is up."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from claim_walk import (
    ADJUDICATED,
    APPROVED,
    IGNORED,
    PROGRESSED,
    REFUSED,
    START,
    Walk,
    appeal,
    assigned,
    booked,
    claimed,
    conflict,
    conflict_unasked,
    decided,
    due,
    evidence_needed,
    failed,
    held,
    issue_found,
    let_go,
    passing,
    reschedule,
    submitted,
    verified,
    withdrawal,
)

from claims_orchestrator import queues
from claims_orchestrator.claim import Entry
from claims_orchestrator.decide import FIRED
from claims_orchestrator.process import STEPS
from claims_orchestrator.referrals import (
    MOST_HANDS,
    QUEUES,
    REFERRAL_OWNERS,
    SUPERVISORS,
    TASK_DUE,
    TASKS,
    Give,
    Held,
    LetGo,
    Refused,
    Take,
)
from claims_orchestrator.sends import published
from claims_shared.messages.fields import utc
from claims_shared.messages.lifecycle import EntryKind
from claims_shared.staff.people import UNITS, Caseworker, Leave, Staff, staff_of

KIM, LIN, BOSS = "ut-kim", "ut-lin", "ut-boss"
FROM = (submitted(), conflict)
IDENTITY_QUEUE = frozenset({"identity unit"})


def worker(ref: str, **more) -> Caseworker:
    known = {"jurisdictions": frozenset({"UT"}), "zone": "America/Denver", "units": IDENTITY_QUEUE, "supervisor": BOSS}
    return Caseworker(ref, ref.title(), **(known | more))


STAFF = staff_of(
    [
        worker(KIM),
        worker(LIN),
        worker(BOSS, units=frozenset({"adjudication"}), supervisor=None),
        worker("ut-appeals", units=frozenset({"appeals"})),
        worker("ny-ada", jurisdictions=frozenset({"NY"}), zone="America/New_York"),
        worker("ut-away", leave=(Leave(date(2026, 11, 23), date(2026, 11, 25)),)),
        worker("ut-e1", conflicts=frozenset({"E-1"})),
        worker("ut-neighbour", conflicts=frozenset({"C-1"})),
    ]
)


def walked(*said, staff: Staff = STAFF) -> Walk:
    return Walk(staff=staff).through(*FROM, *said)


def task(walk: Walk) -> Entry:
    return walk.entry("referral-identity")


# --- who has it ----------------------------------------------------------------------------------


MADE = {
    Held.NOBODY: (),
    Held.ASSIGNED: (assigned("identity", KIM),),
    Held.CLAIMED: (claimed("identity", KIM),),
    Held.ANOTHER: (assigned("identity", LIN),),
}
SAID = {"TaskAssigned": assigned, "TaskClaimed": claimed, "TaskReleased": let_go}


@pytest.mark.parametrize(
    ("message", "how"), list(product(TASKS, Held)), ids=lambda each: getattr(each, "__name__", each)
)
def test_the_table_of_tasks_is_carried_out(message, how):
    walk = walked(*MADE[how])
    before, effect = task(walk), TASKS[message][how]
    more = {"instead_of": before.assignee} if message.__name__ == "TaskAssigned" else {}
    walk.take(SAID[message.__name__]("identity", KIM, **more))
    after = task(walk)
    if isinstance(effect, Refused):
        assert (walk.decision.verdict, walk.decision.code, after) == (REFUSED, effect.code, before)
        return
    expected = {Give: (KIM, None), Take: (KIM, 1), LetGo: (None, None)}[type(effect)]
    assert (after.assignee, after.claimed_at and 1) == expected
    assert walk.sent == [PROGRESSED]
    assert walk.claim.history[-1].change == f"identity.{message.__name__.removeprefix('Task').lower()}"


def test_what_is_told_of_a_referral_says_who_has_it_since_when_and_nothing_where_nobody_has():
    walk = walked(claimed("identity", KIM))
    shown = published(walk.claim, task(walk))
    assert (shown.assignee, shown.claimed_at, shown.overdue_since) == (KIM, START, None)
    walk.take(let_go("identity", KIM))
    assert {"assignee", "claimed_at", "overdue_since"}.isdisjoint(published(walk.claim, task(walk)).model_dump())


def test_the_same_message_again_is_taken_once():
    walk = walked()
    message = assigned("identity", KIM)(walk)
    walk.take(message)
    number = walk.claim.number
    walk.take(message)
    assert (walk.decision.code, walk.claim.number) == ("heard", number)


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (KIM, ""),
        (BOSS, ""),
        ("nobody", "unknown_caseworker"),
        ("ut-appeals", "not_their_queue"),
        ("ny-ada", "not_their_queue"),
        ("ut-away", "on_leave"),
        ("ut-e1", "conflict_of_interest"),
        ("ut-neighbour", "conflict_of_interest"),
    ],
)
@pytest.mark.parametrize("said", [assigned, claimed])
def test_who_must_not_have_a_referral_does_not_get_it(said, who, code):
    walk = walked(said("identity", who))
    assert walk.decision.code == code
    assert task(walk).assignee == (None if code else who)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2026-11-23T06:59:59Z", ""),
        ("2026-11-23T07:00:00Z", "on_leave"),
        ("2026-11-26T06:59:59Z", "on_leave"),
        ("2026-11-26T07:00:00Z", ""),
    ],
)
def test_leave_counts_by_the_caseworker_s_own_days(at, code):
    walk = walked()
    walk.now = datetime.fromisoformat(at)
    assert walk.take(assigned("identity", "ut-away")).code == code


def test_of_an_agency_without_staff_everybody_may_have_it():
    assert task(walked(claimed("identity", "anybody"), staff=Staff())).assignee == "anybody"


def test_who_assigns_names_whom_it_is_taken_from():
    walk = walked(assigned("identity", KIM), assigned("identity", LIN))
    assert (walk.decision.code, task(walk).assignee) == ("held_by_another", KIM)
    walk.take(assigned("identity", LIN, instead_of="ut-e1"))
    assert (walk.decision.code, task(walk).assignee) == ("held_by_another", KIM)
    walk.through(let_go("identity", KIM), assigned("identity", LIN, instead_of=KIM))
    assert (walk.decision.code, task(walk).assignee) == ("not_held", None)


def test_what_was_begun_and_is_given_to_another_must_be_begun_again():
    walk = walked(claimed("identity", KIM), assigned("identity", LIN, instead_of=KIM))
    assert (task(walk).assignee, task(walk).claimed_at) == (LIN, None)


def test_who_left_may_still_be_relieved_and_let_go_though_nobody_knows_them_any_more():
    gone = staff_of([each for each in STAFF if each.ref != KIM])
    walk = walked(claimed("identity", KIM))
    walk.clocks = type(walk.clocks)(staff=gone)
    walk.take(assigned("identity", LIN, instead_of=KIM))
    assert task(walk).assignee == LIN
    walk = walked(claimed("identity", KIM))
    walk.clocks = type(walk.clocks)(staff=gone)
    assert task(walk.through(let_go("identity", KIM))).assignee is None


def test_more_people_than_the_store_finds_it_by_do_not_share_a_claim():
    walk = Walk().through(*APPROVED, withdrawal, appeal, conflict_unasked)
    given = zip(("withdrawal", "appeal", "identity"), ("a", "b", "c"), strict=True)
    for reason, who in given:
        walk.take(assigned(reason, who))
    assert walk.decision.code == "too_many_hands"
    assert walk.entry("referral-identity").assignee is None
    walk.take(assigned("identity", "a"))
    assert walk.entry("referral-identity").assignee == "a"
    assert MOST_HANDS == 2


@pytest.mark.parametrize("said", [assigned, claimed, let_go])
def test_what_is_no_open_referral_is_nobody_s_task(said):
    walk = walked()
    message = said("identity", KIM)(walk)
    walk.take(decided("identity", "continue"))
    walk.take(message)
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "not_open")


def test_what_was_refused_is_not_taken_when_it_comes_again_and_nobody_has_the_task_any_more():
    """Redelivered after a crash it would be: its sender has heard that it was not."""
    walk = walked(claimed("identity", KIM))
    message = assigned("identity", LIN)(walk)
    walk.take(message)
    assert (walk.decision.verdict, walk.decision.code) == (REFUSED, "held_by_another")
    walk.through(let_go("identity", KIM))
    walk.take(message)
    assert (walk.decision.verdict, walk.decision.code, task(walk).assignee) == (IGNORED, "heard", None)


# --- who decides ------------------------------------------------------------------------------------


def test_while_nobody_works_on_it_anybody_decides():
    assert walked(decided("identity", "continue", by="a script")).decision.code == ""
    assert walked(assigned("identity", KIM), decided("identity", "continue", by="a script")).decision.code == ""


@pytest.mark.parametrize(("who", "code"), [(KIM, ""), (BOSS, ""), (LIN, "held_by_another"), ("x", "held_by_another")])
def test_who_works_on_it_decides_or_a_supervisor(who, code):
    assert walked(claimed("identity", KIM), decided("identity", "continue", by=who)).decision.code == code


def test_a_supervisor_is_one_of_the_queue_and_the_agency():
    staff = staff_of([worker(KIM, supervisor=None), worker("ut-appeals", units=frozenset({"appeals"}))])
    walk = walked(claimed("identity", KIM), staff=staff)
    assert walk.take(decided("identity", "continue", by=BOSS)).code == "held_by_another"


# --- when its time is up ----------------------------------------------------------------------------


def test_once_it_is_due_it_is_a_supervisor_s_and_nothing_else_changes():
    walk = walked(claimed("identity", KIM))
    was = task(walk)
    walk.take(due("referral-identity"))
    now = task(walk)
    assert walk.claim.history[-1].change == "identity.escalated"
    assert (now.owner, now.due, now.overdue) == (SUPERVISORS, None, was.due)
    assert (now.assignee, now.claimed_at) == (KIM, was.claimed_at)
    assert walk.waits == ["referral-identity"]
    assert walk.sent == [PROGRESSED]
    assert walk.take(decided("identity", "continue", by=KIM)).code == ""


def test_what_is_overdue_is_taken_by_supervisors_only():
    walk = walked(due("referral-identity"), claimed("identity", KIM))
    assert walk.decision.code == "supervisors_only"
    assert walk.take(claimed("identity", BOSS)).code == ""


def test_who_has_what_is_overdue_may_still_begin():
    walk = walked(assigned("identity", KIM), due("referral-identity"), claimed("identity", KIM))
    assert (walk.decision.code, task(walk).claimed_at is not None) == ("", True)


def test_where_a_queue_has_no_supervisor_anybody_of_it_takes_what_is_overdue():
    staff = staff_of([worker(KIM, supervisor=None)])
    assert walked(due("referral-identity"), claimed("identity", KIM), staff=staff).decision.code == ""


def test_a_referral_beside_the_plan_that_is_due_does_not_hold_it_up():
    walk = Walk().through(submitted(), conflict_unasked, decided("identity", "continue"), reschedule)
    walk.through(due("referral-reschedule"), verified)
    assert "eligibility" in walk.waits


@pytest.mark.parametrize(
    ("given", "reason", "on"),
    [
        ([submitted(), conflict], "identity", "2026-11-27"),
        ([*APPROVED, appeal], "appeal", "2026-11-29"),
        ([submitted(), verified, failed("eligibility", "permanent", "no_pack")], "no_pack", "2026-11-29"),
    ],
)
def test_a_person_s_days_are_the_agency_s(given, reason, on):
    walk = Walk().through(*given)
    ends = utc(walk.entry(f"referral-{reason}").due)
    assert ends == datetime.fromisoformat(f"{on}T23:59:59.999-07:00")


def test_settings_say_how_long_a_person_has():
    walk = Walk(task_due={"identity": timedelta(hours=5)}).through(submitted(), conflict)
    assert utc(task(walk).due) == START + timedelta(hours=5)


def test_an_issue_s_days_count_from_its_detection():
    walk = Walk().through(submitted(), verified, issue_found, passing(days=2), booked("fact_finding"), passing(days=7))
    walk.take(held)
    entry = walk.entry("referral-adjudicate")
    assert utc(entry.due) == datetime.fromisoformat("2026-12-15T23:59:59.999-07:00")
    silent = Walk().through(submitted(), evidence_needed, due("evidence"))
    assert utc(silent.entry("referral-no_answer").due) == utc(entry.due)


def test_where_the_detection_is_forgotten_the_days_count_from_the_referral():
    walk = Walk().through(*ADJUDICATED)
    walk.claim = type(walk.claim)(
        **{name: getattr(walk.claim, name) for name in walk.claim.__struct_fields__} | {"history": ()}
    )
    walk.now += timedelta(days=9)
    message = held(walk)
    from claims_orchestrator.decide import decide  # noqa: PLC0415 - the walk checks the history, of which this claim has none

    claim = decide(walk.claim, message, walk.now, walk.clocks).claim
    entry = next(each for each in claim.open.values() if each.kind is EntryKind.REFERRAL)
    assert utc(entry.due) > walk.now + timedelta(days=20)


# --- the page, and the store's fields ---------------------------------------------------------------


def test_the_queues_are_those_of_the_page_and_the_staff_knows_them():
    owners = {step.owner for step in STEPS.values()} | set(REFERRAL_OWNERS.values())
    assert set(QUEUES) - {SUPERVISORS} == owners == set(UNITS)
    assert set(REFERRAL_OWNERS) <= set(TASK_DUE)
    assert not set(TASKS) & set(FIRED)


def test_a_claim_stands_once_in_each_queue_where_its_most_urgent_referral_stands():
    walk = Walk().through(*APPROVED, withdrawal, appeal, conflict_unasked)
    by_reason = {each.reason: each.due for each in walk.claim.open.values() if each.kind is EntryKind.REFERRAL}
    assert queues.fields_of(walk.claim) == {
        "due_adjudication": by_reason["withdrawal"],
        "due_appeals": by_reason["appeal"],
        "due_identity_unit": by_reason["identity"],
        "due_task": min(by_reason.values()),
        "due_free": min(by_reason.values()),
    }
    walk.through(
        assigned("withdrawal", "a"), assigned("appeal", "b"), assigned("identity", "a"), due("referral-identity")
    )
    assert queues.fields_of(walk.claim) == {
        "due_adjudication": by_reason["withdrawal"],
        "due_appeals": by_reason["appeal"],
        "due_supervisors": by_reason["identity"],
        "due_task": min(by_reason.values()),
        "assignee": "a",
        "another_assignee": "b",
    }


def test_a_claim_that_asks_nobody_has_no_fields_of_tasks():
    assert queues.fields_of(Walk().through(*APPROVED).claim) == {}
