"""`claims policy`: the law's pages as a lawyer and an operator see them."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from claims_cli import policy_page
from claims_cli.catalog import law
from claims_cli.errors import ClaimsError
from claims_cli.main import application
from claims_shared.law import reading
from claims_shared.law.loader import load_packs
from claims_shared.law.schema import TRUSTS

SNAPSHOT = Path(__file__).parent / "snapshots" / "policy-NY-2026-09-01.txt"
PACKS = load_packs()


def run(*arguments):
    ended = CliRunner().invoke(application("policy"), ["policy", *arguments])
    if ended.exception and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended


def told(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def on_a_terminal(page, width):
    console = Console(width=width, file=StringIO(), force_terminal=False)
    console.print(page)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def but_the_hash(text):
    return [line.rstrip() for line in text.splitlines() if not line.startswith("pack ")]


def test_the_page_of_new_york_is_as_it_was_last_read():
    found = run("show", "NY", "--on", "2026-09-01").stdout
    assert but_the_hash(found) == but_the_hash(SNAPSHOT.read_text()), (
        f"read what changed, then: claims policy show NY --on 2026-09-01 | sed 's/ *$//' > {SNAPSHOT.name} in {SNAPSHOT.parent}"
    )
    assert f"pack {PACKS.pack('NY').hash}" in found


@pytest.mark.parametrize("code", PACKS.jurisdictions)
@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_page_says_less_where_the_terminal_is_narrow(code, width):
    found = reading.page(PACKS, code, PACKS.pack(code).known_until)
    lines = on_a_terminal(policy_page.page(found), width)
    assert max(map(len, lines)) <= width
    text = "".join("".join(lines).split())
    entries = [value.entry for section in found.sections for rule in section.rules for value in rule.values]
    if width < policy_page.ROOMY:
        assert all("".join(entry.reference.split()) in text for entry in entries if entry)


def test_a_reference_that_several_values_share_stands_below_them_once():
    found = reading.page(PACKS, "NY", date(2026, 9, 1))
    narrow = on_a_terminal(policy_page.page(found), 100)
    wide = on_a_terminal(policy_page.page(found), 160)
    shared = "N.Y. Labor Law 590(5); NYSDOL P832"
    assert sum(line.strip() == shared for line in narrow) == 2
    assert sum(line.endswith(shared) for line in wide) == 7


def test_the_page_for_scripts_has_text_for_every_number():
    page = told("show", "ny", "--on", "2026-09-01")
    assert page["decided"] is True
    assert page["pack_hash"] == PACKS.pack("NY").hash
    rules = {rule["rule"]: rule for section in page["sections"] for rule in section["rules"]}
    maximum = {each["parameter"]: each for each in rules["weekly_amount.tiered_high_quarters"]["values"]}["maximum"]
    assert maximum | {"reference": ""} == {
        "parameter": "maximum",
        "value": "869",
        "unit": "dollars",
        "since": "2025-10-06",
        "until": None,
        "reference": "",
        "trust": "relayed",
    }
    assert rules["rights.appeal"]["values"] == [
        {"parameter": "days", "value": None, "why_not": "the appeal window has not been verified"}
    ]
    assert page["next"]["on"] == "2026-10-05"
    assert {each["kind"] for each in page["next"]["changes"]} == {"became_unknown"}


def test_after_all_that_is_known_the_page_says_why():
    text = " ".join(run("show", "NY", "--on", "2026-10-05").stdout.split())
    assert "referred to a person: New York's maximum changes on 2026-10-05" in text
    assert "Nothing later is known." in text
    assert told("show", "NY", "--on", "2026-10-05")["sections"] == []


def test_the_list_says_what_is_known_on_a_day():
    rows = {each["jurisdiction"]: each for each in told("list", "--on", "2022-06-01")}
    assert set(rows) == set(PACKS.jurisdictions)
    utah = rows["UT"]
    assert (utah["decided"], utah["known_from"], utah["known_until"]) == (False, "2020-01-01", "2026-12-31")
    assert utah["known"] == sum(utah["by_trust"].values()) < utah["parameters"]
    assert "award" in {what for gap in utah["not_known"] for what in gap["what"]}
    shown = run("list", "--on", "2022-06-01").stdout
    assert [line[:2] for line in shown.splitlines() if line[:1].strip()] == ["pa", *PACKS.jurisdictions]
    assert run("list").exit_code == 0


def test_the_difference_between_two_days():
    changes = told("diff", "NY", "2025-10-05", "2025-10-06")["changes"]
    maximum = next(each for each in changes if each["parameter"] == "weekly_amount.tiered_high_quarters.maximum")
    assert (maximum["kind"], maximum["before"]["value"], maximum["after"]["value"]) == ("changed", "504", "869")
    shown = run("diff", "NY", "2025-10-05", "2025-10-06").stdout
    assert "$504 -> $869" in shown
    assert "Chapter 56 of the Laws of 2025" in shown


def test_what_is_lost_is_told_with_what_it_was_and_why():
    shown = run("diff", "UT", "2020-12-31", "2021-01-01").stdout
    assert "No longer known: the amounts of the years 2021 to 2023" in shown
    assert "maximum, was $580" in shown
    assert "2026-10-05: nothing is known." in run("diff", "NY", "2026-10-04", "2026-10-05").stdout


def test_no_difference_is_said_and_no_failure():
    ended = run("diff", "NY", "2026-02-01", "2026-02-02")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert ended.stderr == "the pack of New York says the same on 2026-02-01 and on 2026-02-02\n"
    assert told("diff", "NY", "2026-02-01", "2026-02-02")["changes"] == []


@pytest.mark.parametrize("asked", [("show", "ZZ"), ("diff", "ZZ", "2026-01-01", "2026-01-02")], ids=["show", "diff"])
def test_a_jurisdiction_without_a_pack_is_refused_with_those_that_have_one(asked):
    with pytest.raises(ClaimsError, match=r"there is no policy pack for ZZ; there are packs for .*NY"):
        run(*asked)


def test_a_day_that_is_none_is_refused():
    assert run("show", "NY", "--on", "soon").exit_code == 2


def test_the_generated_page_has_a_row_for_each_jurisdiction_and_tells_every_trust():
    page = law.page(PACKS)
    assert all(f"| {PACKS.pack(code).name} ({code}) |" in page for code in PACKS.jurisdictions)
    assert all(gap.reason in page for code in PACKS.jurisdictions for gap in PACKS.pack(code).gaps)
    assert set(law.MEANINGS) == TRUSTS
    assert "| Utah (UT) | 2024-01-01 to 2026-12-31 | 2026-12-31 | statute |" in page
