"""The packs: what is in force when, why it is not, and everything the loader refuses."""

import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from claims_shared.law.in_force import Law
from claims_shared.law.loader import FOLDER, PackError, load_packs
from claims_shared.law.rules import Unknown

PACKS = load_packs()


def unknown(jurisdiction: str, on: str) -> Unknown:
    law = PACKS.in_force(jurisdiction, date.fromisoformat(on))
    assert isinstance(law, Unknown)
    return law


@pytest.mark.parametrize(
    ("jurisdiction", "on", "code", "says"),
    [
        pytest.param("VI", "2026-06-07", "no_pack", "VI", id="a jurisdiction without a pack"),
        pytest.param("CA", "1995-01-01", "gap", "only the weekly amounts", id="California of the old table"),
        pytest.param("CA", "2005-01-02", "gap", "has not been read", id="California between the tables"),
        pytest.param("CA", "2026-06-07", "gap", "UIC 1280", id="California's table of today"),
        pytest.param("PA", "2026-01-04", "gap", "table of rates", id="Pennsylvania's next table"),
        pytest.param("NY", "2026-10-05", "not_known_after", "2026-10-04", id="New York's next maximum"),
        pytest.param("UT", "2027-01-03", "not_known_after", "2026-12-31", id="Utah's next year"),
        pytest.param("WI", "2027-01-03", "not_known_after", "2026-12-31", id="Wisconsin's next year"),
        pytest.param("UT", "2022-06-05", "gap", "2021 to 2023", id="Utah's gap"),
        pytest.param("UT", "2020-06-07", "gap", "January 2020", id="Utah 2020 has no award"),
        pytest.param("WI", "2010-01-03", "gap", "2006 to 2019", id="Wisconsin's gap"),
        pytest.param("WI", "2003-01-05", "gap", "first lines", id="Wisconsin of the old table"),
        pytest.param("NY", "2019-12-30", "gap", "before 2020-01-01", id="before New York begins"),
    ],
)
def test_what_is_not_known_says_why(jurisdiction, on, code, says):
    found = unknown(jurisdiction, on)
    assert found.code == code
    assert says in found.detail


@pytest.mark.parametrize(
    ("jurisdiction", "on", "maximum"),
    [
        ("UT", "2024-01-07", "746"),
        ("UT", "2025-01-05", "777"),
        ("UT", "2025-12-28", "777"),
        ("UT", "2026-01-04", "806"),
        ("UT", "2026-12-27", "806"),
        ("WI", "2020-01-05", "370"),
        ("WI", "2026-12-27", "370"),
        ("NY", "2020-01-06", "504"),
        ("NY", "2025-09-29", "504"),
        ("NY", "2025-10-06", "869"),
        ("NY", "2026-09-28", "869"),
    ],
)
def test_the_maximum_in_force(jurisdiction, on, maximum):
    law = PACKS.in_force(jurisdiction, date.fromisoformat(on))
    assert isinstance(law, Law)
    assert str(law.weekly_amount.numbers["maximum"]) == maximum


def test_programs_and_types_without_rules_say_so():
    assert PACKS.covers("UT", "UI", "new") is None
    assert [PACKS.covers("UT", program, "new").code for program in ("UCFE", "UCX")] == ["program_without_pack"] * 2
    assert [PACKS.covers("UT", "UI", kind).code for kind in ("workshare", "disaster")] == ["type_without_pack"] * 2
    assert PACKS.covers("VI", "UCX", "disaster").code == "no_pack"


def test_a_claim_filed_before_the_pack_begins_has_no_effective_date():
    found = PACKS.effective_on("NY", datetime(2019, 6, 1, tzinfo=UTC))
    assert isinstance(found, Unknown)
    assert found.code == "gap"


def test_a_claim_filed_after_the_last_value_still_has_an_effective_date():
    assert PACKS.effective_on("NY", datetime(2026, 11, 24, 12, tzinfo=UTC)) == date(2026, 11, 23)


def test_appeal_windows_that_are_not_verified_are_absent():
    laws = {j: PACKS.in_force(j, date(2026, 9, 27)) for j in PACKS.jurisdictions}
    assert {j: law.appeal_days for j, law in laws.items() if isinstance(law, Law) and law.appeal_days} == {"UT": 15}


def test_hashes_name_the_content(tmp_path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    assert load_packs(tmp_path).hash == PACKS.hash
    utah = tmp_path / "UT.yaml"
    utah.write_text(utah.read_text().replace("benefit schedule 2026", "schedule of 2026"))
    changed = load_packs(tmp_path)
    on = date(2026, 9, 27)
    assert changed.hash != PACKS.hash
    assert changed.in_force("UT", on).pack_hash != PACKS.in_force("UT", on).pack_hash
    assert changed.in_force("WI", on).pack_hash == PACKS.in_force("WI", on).pack_hash


REFUSED = {
    "an unquoted number": ('value: "806"', "value: 806", "weekly_amount.high_quarter_divided.maximum[3].value", "806"),
    "a float": ('value: "0.27"', "value: 0.27", "award.share_in_whole_weeks.share[0].value", "0.27"),
    "a number that is none": (
        'value: "806"',
        'value: "8o6"',
        "weekly_amount.high_quarter_divided.maximum[3].value",
        "8o6",
    ),
    "part of a cent": (
        'value: "806"',
        'value: "806.001"',
        "weekly_amount.high_quarter_divided.maximum[3].value",
        "decimals",
    ),
    "a negative amount": (
        'value: "806"',
        'value: "-806"',
        "weekly_amount.high_quarter_divided.maximum[3].value",
        "-806",
    ),
    "half a quarter": (
        'value: "2", unit: quarters',
        'value: "2.5", unit: quarters',
        "quarters_with_wages.minimum[0]",
        "whole",
    ),
    "no reference": (
        ', reference: "Utah Code 35A-4-201(1)(a)"',
        "",
        "base_periods.standard.quarters[0].reference",
        "missing",
    ),
    "an empty reference": (
        '"Utah Code 35A-4-201(1)(a)"',
        '" "',
        "base_periods.standard.quarters[0].reference",
        "quoted",
    ),
    "an unknown trust": ("trust: second_hand", "trust: hearsay", "minimum[0].trust", "hearsay"),
    "another unit": ('value: "806", unit: dollars', 'value: "806", unit: weeks', "maximum[3].unit", "dollars"),
    "an unknown section": ("\naward:", "\nawards:", "the file", "awards"),
    "an unknown rule": ("  alternate:\n", "  alternative:\n", "base_periods", "alternative"),
    "an unknown parameter": ("    divisor:\n", "    divider:\n", "weekly_amount.high_quarter_divided", "divider"),
    "an unknown key": ("{from: 2026-01-01,", "{form: 2026-01-01,", "minimum[3]", "form"),
    "an unknown rounding": ('value: "down_to_dollar"', 'value: "sideways"', "rounding[0].value", "sideways"),
    "an unknown zone": ("America/Denver", "America/Salt_Lake", "calendar.benefit_week.time_zone[0].value", "zone"),
    "an overlap": ("{from: 2025-01-01, ", "{from: 2024-01-01, ", "base_period_wages.minimum[2].from", "overlaps"),
    "an overlap with an end": (
        'to: 2020-12-31, value: "3900"',
        'to: 2024-12-31, value: "3900"',
        "monetary_tests.base_period_wages.minimum[1].from",
        "overlaps",
    ),
    "an end before the beginning": (
        'to: 2020-12-31, value: "3900"',
        'to: 2019-12-31, value: "3900"',
        "[0].to",
        "before",
    ),
    "a gap nobody declared": ('to: 2026-12-31, value: "806"', 'to: 2026-06-30, value: "806"', "maximum", "2026-07-01"),
    "a value in a declared gap": (
        'to: 2020-12-31, value: "580"',
        'to: 2021-12-31, value: "580"',
        "maximum",
        "2021-01-01",
    ),
    "no date": ("known_from: 2020-01-01", "known_from: soon", "known_from", "soon"),
    "another jurisdiction": ("jurisdiction: UT", "jurisdiction: UH", "jurisdiction", "UT"),
    "no formula": (
        "weekly_amount:\n  high_quarter_divided:",
        "weekly_amount:\n  some_other_way:",
        "weekly_amount",
        "some_other",
    ),
    "a key written twice": ("name: Utah\n", "name: Utah\nname: Deseret\n", "yaml", "written twice"),
    "no YAML": ("name: Utah\n", "name: [Utah\n", "yaml", "expected"),
}


@pytest.mark.parametrize(("before", "after", "key", "says"), REFUSED.values(), ids=REFUSED)
def test_the_loader_refuses(tmp_path: Path, before, after, key, says):
    text = (FOLDER / "UT.yaml").read_text()
    assert before in text
    (tmp_path / "UT.yaml").write_text(text.replace(before, after))
    with pytest.raises(PackError, match=rf"^UT\.yaml: .*{re.escape(key)}.*") as refused:
        load_packs(tmp_path)
    assert says in str(refused.value)


def test_every_value_of_every_pack_is_cited_and_quoted():
    """Read without the loader: no value passes as a bare number, none without a reference."""
    for file in FOLDER.glob("*.yaml"):
        for line in file.read_text().splitlines():
            if "value:" in line:
                assert re.search(r'value: "[^"]+", unit: [a-z ]+, reference: "[^"]+", trust: [a-z_]+\}$', line), line
