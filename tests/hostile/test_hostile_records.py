"""Every hostile class on the real broker: its outcome is the table's, and nobody else is harmed."""

import pytest
from tests.hostile.evidence import mails_to
from tests.hostile.mixed import INNOCENT, INNOCENTS
from tests.hostile.table import TABLE
from tests.hostile.trial import wrong_with


@pytest.mark.parametrize("name", TABLE)
async def test_what_becomes_of(name, attacked):
    stack, trial = attacked
    sent = trial.of(name)
    assert sent
    assert [complaint for each in sent for complaint in wrong_with(each, trial.told)] == []
    if (proof := TABLE[name].proof) is not None:
        address = f"{sent[0].shot.claim}@example.org"
        assert proof(mails_to(stack.sink, address), address) == []


async def test_claims_beside_them_are_approved(attacked):
    _, trial = attacked
    innocents = trial.of(INNOCENT)
    assert len(innocents) == INNOCENTS
    assert [complaint for each in innocents for complaint in wrong_with(each, trial.told)] == []


async def test_what_is_consumed_is_accounted_for_with_a_reason_and_nothing_is_stuck(attacked):
    _, trial = attacked
    assert trial.sums() == []


async def test_no_service_ended_meanwhile(attacked):
    stack, _ = attacked
    assert [each.name for each in stack.processes() if each.restarts] == []
