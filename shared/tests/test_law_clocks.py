"""The law's clocks: when they start, warn, are late and fail, in the agency's days; and everything their loader refuses."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from claims_shared.calendars.deadlines import Counted, Days, zone_of
from claims_shared.law.clock_values import Reminder, read
from claims_shared.law.clocks_loader import FOLDER, clock_law, load_clocks
from claims_shared.law.loader import PackError, load_packs
from claims_shared.law.statutory import DETERMINATION, FIRST_PAYMENT

LAW, PACKS = clock_law(), load_packs()
FEDERAL = (FOLDER / "US.yaml").read_text()
DENVER = ZoneInfo("America/Denver")


def local(at: int | None, zone: str = "America/Denver") -> str | None:
    """Give an instant as the agency's clock shows it."""
    if at is None:
        return None
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}"


def law_of(folder: Path, **files: str):
    for name, text in ({"US": FEDERAL} | files).items():
        (folder / f"{name}.yaml").write_text(text)
    return load_clocks(folder, PACKS)


def first_payment(state="UT", kind="new", filed="2026-03-02T16:00Z"):
    return LAW.first_payment(state, kind, datetime.fromisoformat(filed))


def test_where_the_calendar_ends_there_is_no_clock():
    assert first_payment(filed="9998-06-01T16:00Z") is not None
    assert first_payment(filed="9999-06-01T16:00Z") is None


def test_in_a_state_with_a_waiting_week_it_is_14_days_from_the_end_of_the_second_week():
    """Filed on Monday 2 March: the week of 1 March is waited, that of 8 March is paid; summer time begins in between."""
    clock = first_payment()
    assert (clock.name, clock.citation, clock.ends) == (FIRST_PAYMENT, "20 CFR 640.5", "authorisation")
    assert local(clock.started_at) == "2026-03-14 23:59:59"
    assert local(clock.forecast_at) == "2026-03-25 00:00:00"
    assert local(clock.late_at) == "2026-03-28 23:59:59"
    assert local(clock.failed_at) == "2026-04-18 23:59:59"


def test_in_a_state_without_one_it_is_21_days_from_the_end_of_the_first_week(tmp_path):
    """No pack of ours is of such a state: one is made of Utah's."""
    packs = tmp_path / "packs"
    packs.mkdir()
    without = (
        (FOLDER.parent / "packs" / "UT.yaml").read_text().replace('value: "1", unit: weeks', 'value: "0", unit: weeks')
    )
    (packs / "UT.yaml").write_text(without)
    law = load_clocks(FOLDER, load_packs(packs))
    clock = law.first_payment("UT", "new", datetime(2026, 3, 2, 16, tzinfo=UTC))
    assert local(clock.started_at) == "2026-03-07 23:59:59"
    assert local(clock.late_at) == "2026-03-28 23:59:59"
    assert local(clock.failed_at) == "2026-04-11 23:59:59"


def test_the_week_is_the_state_s_own_new_york_s_begins_on_monday():
    clock = first_payment("NY")
    assert local(clock.started_at, "America/New_York") == "2026-03-15 23:59:59"
    assert local(clock.late_at, "America/New_York") == "2026-03-29 23:59:59"


def test_the_agency_s_day_counts_not_the_one_of_utc():
    """Late on Saturday in Denver it is Sunday in UTC, and would be another week."""
    assert first_payment(filed="2026-03-08T05:30Z").late_at == first_payment().late_at
    assert local(first_payment(filed="2026-03-08T07:30Z").late_at) == "2026-04-04 23:59:59"


def test_where_it_is_not_known_whether_a_week_is_waited_what_both_rules_agree_on_is_known():
    clock = first_payment("NY", filed="2026-11-24T16:00Z")
    assert local(clock.late_at, "America/New_York") == "2026-12-20 23:59:59"
    assert clock.failed_at is None


def test_where_the_rules_do_not_agree_there_is_no_clock(tmp_path):
    other = FEDERAL.replace(
        'value: "21 days", unit: window, reference: "20 CFR', 'value: "20 days", unit: window, reference: "20 CFR'
    )
    law = law_of(tmp_path, US=other)
    assert law.first_payment("NY", "new", datetime(2026, 11, 24, 16, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("state", "kind"),
    [("VI", "new"), ("UT", "additional"), ("UT", "workshare"), ("UT", "disaster")],
    ids=["a week that is not known", "no first payment of a benefit year", "not measured", "not measured either"],
)
def test_no_clock_where_the_law_gives_none(state, kind):
    assert first_payment(state, kind) is None


def test_an_issue_has_21_days_from_the_day_it_was_known_and_never_fails():
    detected = datetime(2026, 10, 20, 23, 30, tzinfo=DENVER)
    clock = LAW.determination("UT", round(detected.timestamp() * 1000))
    assert (clock.name, clock.ends, clock.failed_at) == (DETERMINATION, "determination", None)
    assert clock.started_at == round(detected.timestamp() * 1000)
    assert local(clock.late_at) == "2026-11-10 23:59:59"  # summer time ended on 1 November
    assert local(clock.forecast_at) == "2026-11-07 00:00:00"


@pytest.mark.parametrize(("state", "begins"), [("UT", 6), ("WI", 6), ("NY", 0)])
def test_on_every_day_of_ten_years_they_end_as_the_standard_library_counts(state, begins):
    """Clock changes, leap days, year ends: to the last moment of the day, and forecast more than three days ahead."""
    zone = ZoneInfo(zone_of(state))
    day = datetime(2020, 1, 5, 12, tzinfo=zone)
    while day.year < 2030:
        week = day.date() - timedelta(days=(day.weekday() - begins) % 7)
        clocks = {
            LAW.first_payment(state, "new", day.astimezone(UTC)): week + timedelta(days=27),
            LAW.determination(state, round(day.timestamp() * 1000)): day.date() + timedelta(days=21),
        }
        for clock, last in clocks.items():
            end = datetime(last.year, last.month, last.day, 23, 59, 59, 999_000, zone)
            assert clock.late_at == round(end.timestamp() * 1000), day
            assert clock.late_at - clock.forecast_at > timedelta(days=3) // timedelta(milliseconds=1), day
        day += timedelta(days=1)


def test_a_state_s_own_value_stands_before_the_federal_one_from_its_day_on(tmp_path):
    own = """
jurisdiction: AZ
name: Arizona
waits:
  evidence:
    window:
      - {from: 2026-06-01, to: 2026-12-31, value: "10 business days", unit: window, reference: "A.R.S. 23-772", trust: statute}
      - {from: 2027-01-01, value: "15 days, rolled on", unit: window, reference: "made up", trust: policy}
clocks:
  nonmonetary_determination:
    stands_still:
      - {from: 2026-01-01, value: "evidence", unit: waits, reference: "made up", trust: policy}
"""
    law = law_of(tmp_path, AZ=own)
    days = [law.window("AZ", "evidence", date(*on)).days for on in ((2026, 5, 31), (2026, 6, 1), (2027, 1, 1))]
    assert days == [Days(10), Days(10, Counted.BUSINESS), Days(15, rolls=True)]
    assert law.determination("AZ", 1_790_000_000_000).stands_still == ("evidence",)
    assert law.window("AZ", "evidence", date(2026, 6, 1)).reminders == (Reminder(timedelta(days=3), before=False),)


def test_reminders_are_a_list():
    found = read("T+3d, T+7d, T-48h", "reminders")
    assert [(each.span.days, each.before) for each in found] == [(3, False), (7, False), (2, True)]


def test_every_value_names_its_reference():
    federal = LAW.references("TX", date(2026, 3, 2))
    assert federal["clocks.first_payment.waiting_week"].reference == "20 CFR 640.5"
    assert {entry.trust for entry in federal.values()} == {"statute", "agency", "policy"}
    assert LAW.references("NJ", date(2026, 3, 2))["waits.evidence.window"].trust == "agency"


WRONG = [
    ("a key that nobody knows", "waiting_week:", "waiting_weak:", "clocks.first_payment: unknown waiting_weak"),
    ("a section that nobody knows", "\nwaits:", "\nweights:", "the file: unknown weights"),
    ("no reference", 'reference: "20 CFR 640.5", ', "", "clocks.first_payment.waiting_week[0].reference: is missing"),
    ("no trust", ", trust: statute}", "}", "clocks.first_payment.claim_types[0].trust: is missing"),
    ("a trust that nobody knows", "trust: statute", "trust: hearsay", "'hearsay' is none of"),
    ("another unit", 'value: "14 days", unit: window', 'value: "14 days", unit: days', "this parameter is in 'window'"),
    ("no days", 'value: "14 days"', 'value: "a fortnight"', "is no window; write 10 days"),
    ("an unquoted number", 'value: "3", unit: days ahead', "value: 3, unit: days ahead", "not a quoted string"),
    ("a forecast that comes too late", 'value: "3", unit', 'value: "2", unit', "whole number of days of at least 3"),
    ("a wait that nobody knows", 'value: "never", unit', 'value: "holidays", unit', "'holidays' is none of evidence"),
    ("a claim type that nobody knows", "new, transitional", "new, old", "'old' is none of new"),
    ("an end that nobody knows", 'value: "authorisation"', 'value: "payment"', "'payment' is none of authorisation"),
    ("a reminder that is none", "T-48h", "-48h", "write T+3d (after it began) or T-48h"),
    ("a duration that is none", 'value: "2h"', 'value: "two hours"', "is no duration; write 2h or 3d"),
    (
        "an end without a next",
        '{from: 2006-06-21, value: "2h"',
        '{from: 2006-06-21, to: 2026-01-01, value: "2h"',
        "nothing is known after 2026-01-01",
    ),
    (
        "something is missing",
        re.search(r"    ends:\n.*\n(?=  #)", FEDERAL)[0],
        "",
        "clocks.first_payment.ends: is missing",
    ),
    (
        "a list that is empty",
        re.search(r"    failed_after:\n.*\n", FEDERAL)[0],
        "    failed_after: []\n",
        "has no value",
    ),
    ("another state's name", "jurisdiction: US", "jurisdiction: UT", "the file's name says US"),
    ("a key twice", "name: Federal", "name: Other\nname: Federal", "is written twice"),
]


@pytest.mark.parametrize(("text", "instead", "says"), [each[1:] for each in WRONG], ids=[each[0] for each in WRONG])
def test_the_loader_refuses(tmp_path, text, instead, says):
    assert text in FEDERAL
    with pytest.raises(PackError, match=re.escape(says)) as refused:
        law_of(tmp_path, US=FEDERAL.replace(text, instead, 1))
    assert str(refused.value).startswith("US.yaml: ")


DATED = '- {{from: {}, value: "10 days", unit: window, reference: "r", trust: policy}}'


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        ("2026-01-01, to: 2026-06-30", "2026-06-30", "overlaps the value before it"),
        ("2026-01-01, to: 2026-06-30", "2026-07-02", "leaves days without a value after 2026-06-30"),
    ],
    ids=["two at once", "a hole"],
)
def test_the_loader_refuses_days_with_two_values_or_none(tmp_path, first, second, says):
    dated = "\n      ".join(map(DATED.format, (first, second)))
    own = f"jurisdiction: AZ\nname: Arizona\nwaits:\n  evidence:\n    window:\n      {dated}\n"
    with pytest.raises(PackError, match=f"waits.evidence.window.1..from: .*{says}"):
        law_of(tmp_path, AZ=own)


def test_the_loader_refuses_a_folder_without_the_federal_file_and_a_state_without_an_agency(tmp_path):
    (tmp_path / "NJ.yaml").write_text("jurisdiction: NJ\nname: New Jersey\n")
    with pytest.raises(PackError, match=re.escape("US.yaml: the file: is missing")):
        load_clocks(tmp_path, PACKS)
    with pytest.raises(PackError, match="XX has no agency"):
        law_of(tmp_path, XX="jurisdiction: XX\nname: Nowhere\n")


def test_the_hash_is_of_everything(tmp_path):
    one = law_of(tmp_path).hash
    assert one != law_of(tmp_path, NJ="jurisdiction: NJ\nname: New Jersey\n").hash
