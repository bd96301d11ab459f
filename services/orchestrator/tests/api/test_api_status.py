from string import Formatter

import pytest

from claims_orchestrator.console.status import status
from claims_orchestrator.console.words import ENGLISH, SPANISH
from claims_orchestrator.process import MOVE, STEPS

STORIES = (
    "awaited",
    "identity",
    "evidence",
    "conflict",
    "interview",
    "approved",
    "denied",
    "denied_no_window",
    "denied_by_a_person",
    "withdrawn",
    "parked",
)
JARGON = ("adjudicat", "referral", "determination", "monetary", "None", "{")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", STORIES)
def test_every_claim_can_be_told_without_jargon(claims, name, language):
    told = status(claims(name), language)
    said = " ".join((told.stands, *told.happened, *told.reasons, told.next, *told.you_must))
    assert told.language == language
    assert not [word for word in JARGON if word in said]


@pytest.mark.parametrize("name", STORIES)
def test_spanish_is_no_english(claims, name):
    english, spanish = (status(claims(name), language) for language in ("en", "es"))
    assert english.stands != spanish.stands
    assert english.next != spanish.next
    assert english.you_must != spanish.you_must


def test_waiting_for_papers_names_the_papers_and_the_moment_in_the_citizens_zone(claims):
    told = status(claims("evidence"))
    assert told.stands == "We need something from you."
    assert "until March 12, 2026 at 11:59 p.m. (Denver time)" in told.next
    (must,) = told.you_must
    assert "a paper that shows when you were born and a photo ID or another paper that shows your last name." in must


def test_an_approval_says_amounts_and_the_meeting(claims):
    told = status(claims("approved"))
    assert told.happened[-1] == "On March 2, 2026 we approved your claim: $395.00 a week, up to $6,715.00 in all."
    assert told.you_must == ("Come to your first meeting on March 9, 2026 at 3:00 p.m. (Denver time).",)


def test_an_approval_in_the_language_of_the_claim(claims):
    told = status(claims("approved", language="es"))
    assert told.next == "Su primera reunión es el 9 de marzo de 2026 a las 3:00 p. m. (hora de Denver)."


def test_a_denial_says_the_reason_and_until_when_to_appeal(claims):
    told = status(claims("denied"))
    assert "$3,399.00" in told.reasons[0]
    assert str(told.by) == "2026-03-17"
    assert "March 17, 2026" in told.you_must[0]


def test_what_was_decided_on_an_appeal_is_told(claims):
    assert "You appealed a decision." in status(claims("appealed")).reasons
    told = status(claims("affirmed"))
    assert told.happened[-1] == "You appealed. On March 2, 2026 we decided that our decision stands."
    assert "You appealed a decision." not in told.reasons


@pytest.mark.parametrize("decision", ["affirm", "reverse", "modify", "dismiss"])
def test_every_decision_on_an_appeal_has_words(decision):
    assert f"did.appeal.{decision}" in ENGLISH


def test_a_denial_in_spanish_says_the_laws_numbers(claims):
    assert status(claims("denied"), "es").reasons == (
        "En su mejor trimestre le pagaron $3399.00; la ley pide $3400.00.",
    )


def test_where_the_appeal_window_is_not_known_the_letter_is_named(claims):
    told = status(claims("denied_no_window"))
    assert told.by is None
    assert "letter" in told.you_must[0]


def test_what_a_person_denied_is_told_in_words_and_not_by_its_code(claims):
    told = status(claims("denied_by_a_person"))
    assert told.reasons == ("We have a question about who filed this claim.",)


def test_an_unknown_language_and_zone_fall_back(claims):
    told = status(claims("approved", language="fr", time_zone="Nowhere/Atall"))
    assert told.language == "en"
    assert "(UTC time)" in told.next


def test_both_languages_have_the_same_sentences_with_the_same_blanks():
    translated = {name for name in SPANISH if name.startswith("reason.")}  # in English the law's own sentences stand
    assert ENGLISH.keys() == SPANISH.keys() - translated
    for name in ENGLISH:
        assert _blanks(ENGLISH[name]) == _blanks(SPANISH[name]), name


def test_every_step_of_the_process_has_words():
    for step in STEPS:
        assert f"next.{step}" in ENGLISH
        assert f"did.{step}" in ENGLISH or step == MOVE  # which is no part of a plan, and is never done


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}
