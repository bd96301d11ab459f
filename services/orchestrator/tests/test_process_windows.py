"""What people's waits are given: the data's windows and reminders, a state's own, or the agency's settings in their stead."""

from datetime import UTC, datetime, timedelta

import pytest
from claim_walk import ADJUDICATED, START, Walk, evidence_needed, reminder, submitted

from claims_orchestrator.settings import OrchestratorSettings
from claims_shared.law.clocks_loader import FOLDER, load_clocks
from claims_shared.law.loader import load_packs
from claims_shared.messages import scheduler
from claims_shared.messages.fields import utc
from claims_shared.staff.people import Staff

OWN = """
jurisdiction: UT
name: Utah
waits:
  evidence:
    window:
      - {from: 2020-01-01, value: "10 business days", unit: window, reference: "made up for this test", trust: policy}
    reminders:
      - {from: 2020-01-01, value: "T+3d, T-48h, T+90d", unit: reminders, reference: "made up for this test", trust: policy}
  interview:
    grace:
      - {from: 2020-01-01, value: "4h", unit: duration, reference: "made up for this test", trust: policy}
    reminders:
      - {from: 2020-01-01, value: "T-48h, T-2h", unit: reminders, reference: "made up for this test", trust: policy}
"""


@pytest.fixture(scope="module")
def law(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clocks")
    (folder / "US.yaml").write_text((FOLDER / "US.yaml").read_text())
    (folder / "UT.yaml").write_text(OWN)
    return load_clocks(folder, load_packs())


def test_a_state_s_window_of_business_days_passes_over_thanksgiving(law):
    """From Tuesday 24 November 2026: Thursday the 26th is none of the ten."""
    walk = Walk(law=law).through(submitted(), evidence_needed)
    assert utc(walk.entry("evidence").due) == datetime(2026, 12, 10, 6, 59, 59, 999_000, tzinfo=UTC)


def test_there_may_be_several_reminders_and_what_lies_outside_the_window_is_none(law):
    walk = Walk(law=law).through(submitted(), evidence_needed)
    due = utc(walk.entry("evidence").due)
    assert list(map(utc, walk.entry("evidence").remind)) == [START + timedelta(days=3), due - timedelta(hours=48)]
    walk.through(reminder("evidence"))
    assert walk.body(scheduler.SendNotice).notice == "evidence_reminder"
    assert list(map(utc, walk.entry("evidence").remind)) == [due - timedelta(hours=48)]
    walk.through(reminder("evidence"))
    assert walk.entry("evidence").remind == ()


def test_an_interview_s_reminders_are_before_the_appointment_not_before_the_wait_ends(law):
    walk = Walk(law=law).through(*ADJUDICATED)
    entry = walk.entry("interview")
    booking = walk.story[-1].open
    first, second = map(utc, entry.remind)
    assert second - first == timedelta(hours=46)
    assert utc(entry.due) - second == timedelta(minutes=30) + timedelta(hours=2 + 4)
    assert [each.remind_at for each in booking if each.kind == "interview"] == [first]


def test_the_agency_s_settings_stand_before_the_data(law, monkeypatch):
    monkeypatch.setenv("CLAIMS_EVIDENCE_DUE", "P5D")
    monkeypatch.setenv("CLAIMS_EVIDENCE_REMIND", "P1D")
    clocks = OrchestratorSettings().clocks(Staff())
    walk = Walk(evidence_due=clocks.evidence_due, evidence_remind=clocks.evidence_remind, law=law)
    walk.through(submitted(), evidence_needed)
    assert utc(walk.entry("evidence").due) == datetime(2026, 11, 30, 6, 59, 59, 999_000, tzinfo=UTC)
    assert list(map(utc, walk.entry("evidence").remind)) == [START + timedelta(days=1)]


def test_without_settings_the_data_s_stand():
    clocks = OrchestratorSettings().clocks(Staff())
    assert (clocks.evidence_due, clocks.evidence_remind) == (None, None)
    walk = Walk().through(submitted(), evidence_needed)
    assert utc(walk.entry("evidence").due) == datetime(2026, 12, 5, 6, 59, 59, 999_000, tzinfo=UTC)
    assert list(map(utc, walk.entry("evidence").remind)) == [START + timedelta(days=3)]
