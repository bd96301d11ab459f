"""The table of the provider's errors says what the code does."""

from datetime import UTC, datetime

import pytest

from claims_identity.failures import BY_CODE, BY_STATUS, of_code, of_status
from claims_identity.retries import PROVIDER
from claims_shared.messages.fields import FailureKind

LINES = {each.error: each for each in PROVIDER.retries}
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_every_kind_of_failure_has_its_line():
    assert set(LINES) == set(FailureKind)


@pytest.mark.parametrize("status", BY_STATUS)
def test_a_status_is_named_in_the_line_of_its_kind_and_in_no_other(status):
    named = [kind for kind, line in LINES.items() if str(status) in line.known_by]
    assert named == [of_status(status, None, NOW).kind]


@pytest.mark.parametrize(("status", "hundred"), [(302, "3xx"), (422, "4xx"), (500, "5xx")])
def test_other_statuses_are_named_by_their_hundred(status, hundred):
    assert [kind for kind, line in LINES.items() if hundred in line.known_by] == [of_status(status, None, NOW).kind]


@pytest.mark.parametrize("code", BY_CODE)
def test_an_error_code_is_named_in_the_line_of_its_kind(code):
    assert f"error code {code}" in LINES[of_code(code, None).kind].known_by
