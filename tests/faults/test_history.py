"""What the fault runs ask of a history beyond the invariants, which have tests of their own; and of the letters."""

import pytest
from tests.faults import history, mail
from tests.invariants.made import INTAKE, Made, ada
from tests.invariants.seen import REFUSALS


@pytest.fixture
def made():
    """Give how it goes: asked, answered, approved."""
    told = Made()
    ada(told)
    return told


def judged(made):
    return history.check(made.records, ["ada"], weekly="395.00").rules


def test_a_history_as_it_should_be_is_right(made):
    assert judged(made) == set()


def test_records_that_come_again_are_folded_and_counted(made):
    for name in ("ada/1", "ada/benefit/3/1", "ada/benefit/3/1/answer"):
        made.repeat(name)
    findings = history.check(made.records, ["ada"], weekly="395.00")
    assert not findings.violations
    assert findings.repeats.total() == 3


def test_another_amount_is_found(made):
    made.change("ada/benefit/3/1/answer", weekly_benefit_amount="394.00")
    made.change("ada/5", weekly_benefit_amount="394.00")
    assert judged(made) == {"expected end"}


def test_a_claim_that_is_not_approved_is_found(made):
    made.drop("ada/5", "ada/6")
    assert "expected end" in judged(made)


def test_a_claim_that_never_came_is_found(made):
    assert history.check(made.records, ["ada", "bob"], weekly="395.00").rules == {"expected end"}


def test_a_dead_letter_is_found(made):
    made.put(f"{INTAKE}.dlq.claims.orchestrator", "claim.submitted.v1", "s", "ada")
    assert "nothing of ours is refused" in judged(made)


def test_a_refusal_is_found(made):
    made.put(REFUSALS, "submission.refused.v1", "r", "ada", topic=INTAKE, partition=0, offset=7)
    assert "nothing of ours is refused" in judged(made)


def test_what_is_still_to_come_is_named(made):
    assert history.unfinished(made.records, ["ada"]) == []
    assert history.unfinished(made.records[:3], ["ada"]) == ["ada", "ada/identity/1"]


def letter(name, *, invite):
    return {"message_id": name, "has_calendar": invite, "subject": "a letter"}


INVITE, NOTICE = letter("<i>", invite=True), letter("<n>", invite=False)


@pytest.mark.parametrize(
    ("mails", "wrong"),
    [
        ([INVITE, NOTICE, NOTICE], 0),
        ([INVITE], 2),
        ([INVITE, NOTICE, letter("<n2>", invite=False)], 1),
    ],
    ids=["handed over again", "never sent", "sent as two"],
)
def test_letters_are_told_apart_by_their_message_id(mails, wrong):
    assert len(list(mail.check(mail.Letters({"ada": mails}, 0), ["ada"], {"<n>": "ada"}))) == wrong
