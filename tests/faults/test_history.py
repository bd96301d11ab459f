"""The judge is judged: each broken promise is found in a history that is otherwise right."""

import json
from dataclasses import replace

import pytest
from tests.faults import history, mail
from tests.faults.tape import LIFECYCLE, Seen

COMMANDS, EVENTS = "claims.benefits.commands.v1", "claims.benefits.events.v1"


def seen(topic, kind, name, offset=0, **body):
    headers = {"ce_id": name, "ce_type": kind}
    if "sequence" in body:
        headers["ce_sequence"] = str(body["sequence"])
    return Seen(topic, 0, offset, "ada", headers, json.dumps(body).encode())


def right():
    """Give how it goes: asked, answered, approved."""
    return [
        seen(LIFECYCLE, "claim.accepted.v1", "ada/1", sequence=1),
        seen(COMMANDS, "benefits.compute.v1", "ada/b/1/1", effect_id="ada/b/1", attempt=1),
        seen(EVENTS, "benefits.benefit-computed.v1", "ada/b/1/1/answer", answers="ada/b/1", attempt=1, weeks=26),
        seen(LIFECYCLE, history.APPROVED, "ada/2", sequence=2, determination_number=1, weekly_benefit_amount="395.00"),
    ]


def judged(records):
    return {each.rule for each in history.check(records, ["ada"], weekly="395.00").violations}


def again(record, **changes):
    return replace(record, offset=record.offset + 100, body=json.dumps(record.data | changes).encode())


def other(record, name, **changes):
    return replace(again(record, **changes), headers=dict(record.headers) | {"ce_id": name})


def test_a_history_as_it_should_be_is_right():
    assert judged(right()) == set()


def test_records_that_come_again_are_folded_and_counted():
    findings = history.check([*right(), *right()[:3]], ["ada"], weekly="395.00")
    assert findings.violations == []
    assert findings.repeats == {LIFECYCLE: 1, COMMANDS: 1, EVENTS: 1}


ACCEPTED, ASKED, ANSWERED, APPROVED = right()
LATER = other(ANSWERED, "ada/b/1/2/answer", attempt=2)


@pytest.mark.parametrize(
    ("records", "rule"),
    [
        ([ASKED, ANSWERED, APPROVED], "numbers"),
        ([*right(), other(ACCEPTED, "ada/1b")], "numbers"),
        ([APPROVED, ASKED, ANSWERED, ACCEPTED], "numbers"),
        ([replace(ACCEPTED, headers=dict(ACCEPTED.headers) | {"ce_sequence": "7"}), *right()[1:]], "numbers"),
        ([replace(ACCEPTED, partition=3), *right()[1:]], "numbers"),
        ([*right(), again(ACCEPTED, change="other")], "equal ids, different bodies"),
        ([ACCEPTED, ASKED, ANSWERED], "approved once"),
        ([*right(), other(APPROVED, "ada/3", sequence=3)], "determinations"),
        ([*right()[:3], again(APPROVED, weekly_benefit_amount="394.00")], "amount"),
        ([ACCEPTED, ASKED, APPROVED], "answers"),
        ([ACCEPTED, ANSWERED, APPROVED], "answers"),
        ([*right(), other(LATER, "ada/b/1/2/answer", attempt=2, weeks=25)], "answers"),
        ([*right(), replace(ASKED, topic=f"{COMMANDS}.dlq.claims.benefits")], "nothing of ours is refused"),
        ([*right(), seen(history.REFUSALS, "submission.refused.v1", "r")], "nothing of ours is refused"),
    ],
    ids=[
        "a number is missing",
        "a number stands for two events",
        "numbers in the wrong order",
        "a header with another number",
        "a life in two partitions",
        "one id, two bodies",
        "never approved",
        "a determination made twice",
        "a wrong amount",
        "asked and not answered",
        "answered and not asked",
        "one effect, two results",
        "a dead letter",
        "a refusal",
    ],
)
def test_a_broken_promise_is_found(records, rule):
    assert rule in judged(records)


def test_a_second_try_may_be_answered_alike():
    assert judged([*right(), LATER]) == set()


def test_an_outcome_after_a_withdrawal_is_found():
    withdrawn = seen(LIFECYCLE, history.WITHDRAWN, "ada/2w", sequence=2)
    approved = other(APPROVED, "ada/3", sequence=3)
    assert "determinations" in judged([ACCEPTED, ASKED, ANSWERED, withdrawn, approved])


def test_a_slot_that_two_citizens_have_is_found():
    slot = {"caseworker_ref": "cw-1", "interview_at": "2026-12-01T16:00:00Z"}
    booked = [
        replace(seen("claims.scheduler.events.v1", history.BOOKED, f"{who}/o/1", answers=f"{who}/o", **slot), claim=who)
        for who in ("ada", "bob")
    ]
    found = history.check(booked, ["ada", "bob"], weekly="395.00").violations
    assert "one slot, one citizen" in {each.rule for each in found}


def test_what_is_still_to_come_is_named():
    assert history.unfinished(right(), ["ada"]) == []
    assert history.unfinished([ACCEPTED, ASKED], ["ada"]) == ["ada", "ada/b/1"]


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
