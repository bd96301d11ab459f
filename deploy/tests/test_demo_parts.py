import json
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import ValidationError

from claims_cli.commands.demo import parts
from claims_cli.demo import expectations as expect
from claims_cli.demo.course import LETTERS, Course
from claims_cli.demo.examples import examples, named
from claims_cli.demo.parts import Post, Publish
from claims_cli.demo.people import ORDINARY_NUMBERS, People
from claims_cli.demo.play import Play
from claims_cli.records.stream import Event
from claims_shared.messages.catalog import LIFECYCLE, REFUSALS
from claims_shared.messages.intake import ClaimSubmitted

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def event(number, kind, *, claim="C-1", change="", opened=(), phase="open", topic=LIFECYCLE.name, **more):
    body = {
        "claim_id": claim,
        "sequence": number,
        "change": change or kind,
        "phase": phase,
        "step": "identity",
        "open": list(opened),
        **more,
    }
    return Event(topic, 0, 0, claim, f"claim.{kind}.v1", {"dlq_code": "not_json"}, body)


def approved(weekly="395.00", number=5):
    return event(
        number, "approved", phase="approved", weekly_benefit_amount=weekly, maximum_benefit_amount="6715.00", weeks=17
    )


def course(*events):
    seen = Course("C-1")
    for each in events:
        seen.take(each)
    return seen


def entry(kind, name="C-1/x/2"):
    return {"id": name, "kind": kind, "retry_at": None, "reason": "no_answer", "due_at": None}


def test_the_demo_has_as_many_claims_as_wanted_and_every_trouble():
    made = parts(200)
    assert len(made) == 200
    assert len({each.claim_id for each in made}) == 200
    assert len({each.trouble for each in made if each.trouble}) == sum(1 for each in made if each.trouble)
    assert len(parts(1)) == sum(1 for each in made if each.trouble)


def test_all_claims_are_valid_but_the_malformed_one():
    wrong = [each.trouble for each in parts(200) for body in each.bodies if not _valid(body)]
    assert wrong == ["malformed event"]


def test_every_person_has_another_number_but_the_one_who_files_twice():
    claims = [
        ClaimSubmitted.model_validate_json(body) for each in parts(300) for body in set(each.bodies) if _valid(body)
    ]
    by_number = Counter(each.claimant.ssn for each in claims)
    shared = {each.claim_id.partition("-person")[0] for each in claims if by_number[each.claimant.ssn] > 1}
    assert sorted(by_number.values())[-3:] == [1, 2, 2]  # the same id with another body is the same person too
    assert shared
    assert all(each.claimant.ssn.startswith("9") for each in claims)


@pytest.mark.parametrize("start", [0, 9_998, 99 * 9_999, ORDINARY_NUMBERS - 1])
def test_ordinary_numbers_stay_clear_of_those_with_a_fixed_answer(start):
    people = People(start)
    numbers = [people.next().ssn for _ in range(20_000)]
    assert len(set(numbers)) == len(numbers)
    assert all(10 <= int(number[4:6]) <= 99 and number[7:] != "0000" for number in numbers)
    assert people.next(group=7).ssn[4:6] == "07"


def test_the_examples_come_from_all_three_states_and_both_ends():
    assert {each.jurisdiction for each in examples()} == {"UT", "WI", "NY"}
    assert {each.ends for each in examples()} == {"approved", "denied"}
    assert sum(1 for each in examples() if each.maximum) >= 5
    assert all(Decimal(amount) > 0 for each in examples() for amount in each.wages.values())


def test_an_approval_counts_once_and_with_the_published_amounts():
    expected = expect.as_published(named("O0379"))
    assert expected.holds(course(approved()))
    assert expected.holds(course(approved(), approved()))  # the same number seen again
    assert not expected.holds(course(approved("396.00")))
    assert not expected.holds(course(approved(), approved(number=6)))
    assert not expected.holds(course(event(1, "accepted")))


def test_a_denial_counts_for_money_only():
    expected = expect.as_published(named("O0390"))
    assert expected.holds(course(event(3, "denied", reasons=[{"code": "insufficient_base_period_wages"}])))
    assert not expected.holds(course(event(3, "denied", reasons=[{"code": "quit"}])))


def test_a_refusal_needs_the_answer_and_the_dead_letter():
    told = event(0, "refused", topic=REFUSALS.name, code="not_json")
    kept = event(0, "", topic=LETTERS)
    assert expect.refused("not_json").holds(course(told, kept))
    assert not expect.refused("not_json").holds(course(told))


def test_a_withdrawal_counts_once_the_undo_is_answered():
    withdrawn = event(3, "withdrawn", phase="withdrawn", opened=[entry("undo")])
    released = event(4, "progressed", change="identity.released", phase="withdrawn")
    assert not expect.withdrawn_and_undone().holds(course(withdrawn))
    assert expect.withdrawn_and_undone().holds(course(withdrawn, released))


def test_people_act_once_on_the_entry_that_is_open():
    made = next(each for each in parts(1) if each.trouble == "quit, heard, a person allows it")
    play = Play([made])
    asked = event(2, "progressed", claim=made.claim_id, opened=[entry("interview", "I")])
    ((_, held),) = play.take(asked, NOW)
    assert held == Post("interviews", held.body)
    assert held.body["answers"] == "I"
    assert not list(play.take(asked, NOW))
    referred = event(3, "referred", claim=made.claim_id, opened=[entry("referral", "R")], reasons=["adjudicate"])
    ((_, decided),) = play.take(referred, NOW)
    assert decided.body["answers"] == "R"
    assert not play.done


def test_papers_name_the_entry_that_asks_for_them():
    made = next(each for each in parts(1) if each.trouble == "partial match, answered in time")
    asked = event(2, "progressed", claim=made.claim_id, opened=[entry("evidence", "E")])
    ((_, sent),) = Play([made]).take(asked, NOW)
    assert isinstance(sent, Publish)
    assert sent.message.answers == "E"


def test_a_claim_stands_where_its_newest_event_says():
    assert course().stands == "sent"
    assert (
        course(event(2, "progressed", opened=[entry("evidence")]), event(1, "accepted")).stands
        == "waits for the citizen"
    )
    assert course(event(1, "accepted", opened=[entry("command") | {"retry_at": "x"}])).stands == "waits for a retry"
    assert course(approved()).found == "approved, 395.00 a week, 6715.00 in all"


def _valid(body: bytes) -> bool:
    try:
        ClaimSubmitted.model_validate_json(body)
    except ValidationError:
        return False
    return json.loads(body) is not None
