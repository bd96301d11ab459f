"""The table of the mail server's errors says what the code does."""

import pytest

from claims_scheduler.retries import MAIL
from claims_scheduler.smtp import Fate, outcome_of

LINES = {each.error: each for each in MAIL.retries}


def test_every_fate_but_the_good_one_has_its_line():
    assert set(LINES) == set(Fate) - {Fate.TAKEN}


@pytest.mark.parametrize(("code", "family"), [(550, "5xx"), (552, "5xx"), (450, "4xx"), (452, "4xx")])
def test_a_reply_is_named_in_the_line_of_its_fate(code, family):
    assert [fate for fate, line in LINES.items() if family in line.known_by] == [outcome_of(code).fate]


def test_a_mail_is_tried_for_days_and_a_server_for_ever():
    deferred, untried = LINES[Fate.DEFERRED], LINES[Fate.UNTRIED]
    assert (deferred.often, deferred.until[:6]) == ("after 30 s, doubling to 1 h", "4 days")
    assert (untried.often, untried.until) == ("after 0.5 s, doubling to 30 s", "for ever")
