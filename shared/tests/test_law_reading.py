"""The packs as people read them: pages, changes between two days, and every rule in words."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_shared.law import reading, words
from claims_shared.law.loader import load_packs
from claims_shared.law.pack import Entry
from claims_shared.law.rules import Unknown
from claims_shared.law.schema import SECTIONS, TRUSTS

PACKS = load_packs()
DAY = timedelta(days=1)
HELD = [PACKS.pack(code) for code in PACKS.jurisdictions]


def on(day: str) -> date:
    return date.fromisoformat(day)


def page(jurisdiction: str, day: str):
    return reading.page(PACKS, jurisdiction, on(day))


def values(told) -> dict[str, reading.Value]:
    return {value.path: value for section in told.sections for rule in section.rules for value in rule.values}


def changed(jurisdiction: str, before: str, after: str):
    found = reading.changes(PACKS.pack(jurisdiction), on(before), on(after))
    return [
        (each.path, each.kind, each.before and str(each.before.value), each.after and str(each.after.value))
        for each in found
    ]


# --- a page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", HELD, ids=lambda pack: pack.jurisdiction)
def test_a_page_shows_every_parameter_in_the_order_of_the_law(pack):
    told = reading.page(PACKS, pack.jurisdiction, pack.known_until)
    assert list(values(told)) == [path for path, _ in pack.parameters()]
    assert [section.name for section in told.sections] == [name for name in SECTIONS if name in pack.sections]


def test_a_value_says_since_when_it_is_and_who_says_so():
    entry = values(page("NY", "2026-09-01"))["weekly_amount.tiered_high_quarters.maximum"].entry
    assert (entry.value, entry.unit, entry.since, entry.trust) == (
        Decimal(869),
        "dollars",
        on("2025-10-06"),
        "relayed",
    )
    assert "Chapter 56 of the Laws of 2025" in entry.reference


def test_what_is_not_known_stands_on_the_page_with_its_reason():
    told = page("UT", "2022-06-01")
    assert "2021 to 2023" in told.undecided
    lacks = values(told)["weekly_amount.high_quarter_divided.maximum"]
    assert lacks.entry is None
    assert lacks.why_not == "the amounts of the years 2021 to 2023 have not been found in a source"
    assert {gap.reason for gap in told.gaps} >= {lacks.why_not}


@pytest.mark.parametrize(
    ("day", "why"), [("2019-12-31", "knows nothing before 2020-01-01"), ("2026-10-05", "no value after 2026-10-04")]
)
def test_outside_its_time_a_pack_says_nothing_although_its_values_have_no_end(day, why):
    told = page("NY", day)
    assert told.sections == told.gaps == ()
    assert why in told.undecided
    assert reading.summary(PACKS, "NY", on(day)).by_trust == {}


def test_a_summary_counts_the_values_by_trust_the_strongest_first():
    line = reading.summary(PACKS, "UT", on("2022-06-01"))
    held = [value.entry for value in values(page("UT", "2022-06-01")).values()]
    assert line.parameters == len(held)
    assert sum(line.by_trust.values()) == len([entry for entry in held if entry])
    assert list(line.by_trust) == [trust for trust in reading.TRUST if trust in line.by_trust]


def test_without_a_pack_there_is_no_page():
    assert isinstance(reading.page(PACKS, "ZZ", on("2026-01-01")), Unknown)
    assert isinstance(reading.summary(PACKS, "ZZ", on("2026-01-01")), Unknown)


def test_every_class_of_trust_has_its_rank():
    assert set(reading.TRUST) == TRUSTS
    assert len(reading.TRUST) == len(TRUSTS)
    entry = HELD[0].sections["base_periods"]["standard"]["quarters"][0]
    assert reading.weakest(replace(entry, trust=each) for each in ("relayed", "statute", "agency")) == "relayed"
    assert reading.weakest([]) is None


# --- changes -------------------------------------------------------------------------------------


def test_new_yorks_new_maximum():
    found = changed("NY", "2025-10-05", "2025-10-06")
    assert ("weekly_amount.tiered_high_quarters.maximum", "changed", "504", "869") in found
    assert {kind for _, kind, _, _ in found} == {"changed"}
    assert changed("NY", "2026-01-01", "2026-01-02") == []


def test_what_becomes_known_and_unknown_says_so():
    lost = changed("UT", "2020-12-31", "2021-01-01")
    assert ("weekly_amount.high_quarter_divided.maximum", "became_unknown", "580", None) in lost
    known = changed("UT", "2023-12-31", "2024-01-01")
    assert ("weekly_amount.high_quarter_divided.maximum", "became_known", None, "746") in known


def test_the_same_value_from_another_source_is_restated():
    found = changed("WI", "2005-12-31", "2020-01-01")
    assert ("weekly_amount.percent_of_high_quarter.ratio", "restated", "0.04", "0.04") in found


@pytest.mark.parametrize("pack", HELD, ids=lambda pack: pack.jurisdiction)
def test_the_next_change_is_the_first_day_that_is_not_as_before(pack):
    for start in pack.changes()[:-1]:
        following = reading.following(pack, start)
        assert following.changes == reading.changes(pack, following.on - DAY, following.on)
        assert reading.changes(pack, start, following.on - DAY) == ()
    assert reading.following(pack, pack.known_until).on == pack.known_until + DAY
    assert reading.following(pack, pack.known_until + DAY) is None


@given(
    st.sampled_from(HELD), st.dates(on("2019-01-01"), on("2028-01-01")), st.dates(on("2019-01-01"), on("2028-01-01"))
)
def test_changes_read_backwards_are_the_same_changes(pack, one, other):
    there, back = reading.changes(pack, one, other), reading.changes(pack, other, one)
    assert [(each.path, each.before, each.after) for each in there] == [(e.path, e.after, e.before) for e in back]
    assert reading.changes(pack, one, one) == ()


@pytest.mark.parametrize("pack", HELD, ids=lambda pack: pack.jurisdiction)
def test_the_times_in_which_claims_are_decided_end_where_they_are_not(pack):
    spans = reading.decided(PACKS, pack)
    for first, last in spans:
        edges = (first - DAY, first, last, last + DAY)
        assert [isinstance(PACKS.in_force(pack.jurisdiction, day), Unknown) for day in edges] == [
            True,
            False,
            False,
            True,
        ]
    assert reading.newest(PACKS, pack) == (spans[-1][1] if spans else pack.known_until)


# --- words ---------------------------------------------------------------------------------------


def test_every_formula_is_told_by_more_than_its_name():
    """A template says most; a formula that has none yet is told by its function."""
    for section in words.FORMULAS_OF:
        for rule in SECTIONS[section]:
            said = words.sentence(f"{section}.{rule}", {"any": "1"})
            assert said != f"{words.title(rule)}.", "write its sentence into claims_shared/law/words.py"


def test_without_a_template_a_function_tells_its_formula():
    assert words._documented("award.uniform_weeks") == "The same number of weeks for everybody."
    assert words._documented("monetary_tests.high_quarter_wages") is None


def test_a_sentence_asks_for_nothing_that_its_rule_does_not_have():
    for path, template in words.RULES.items():
        section, rule = path.split(".")
        asked = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert asked <= set(SECTIONS[section][rule]), path


@pytest.mark.parametrize("pack", HELD, ids=lambda pack: pack.jurisdiction)
def test_where_all_is_known_no_sentence_says_otherwise(pack):
    told = reading.page(PACKS, pack.jurisdiction, pack.known_until)
    for rule in (rule for section in told.sections for rule in section.rules):
        lacks = words.NOT_KNOWN in rule.sentence or rule.sentence.endswith(": not known.")
        assert not lacks or any(value.entry is None for value in rule.values), rule.path


def test_a_rule_without_a_sentence_is_told_by_its_name():
    assert words.sentence("moon.phase_of_filing", {"phase": "new"}) == "Phase of filing."
    assert words.sentence("award.uniform_weeks", {}) == "Uniform weeks: not known."


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (Decimal(3500), "dollars", "$3,500"),
        (Decimal("1350.50"), "dollars", "$1,350.50"),
        (Decimal(1), "weeks", "1 week"),
        (Decimal(26), "weeks", "26 weeks"),
        (Decimal("1.5"), "ratio", "1.5 (ratio)"),
        ("down_to_dollar", "rounding", "down to dollar"),
        ("America/New_York", "time zone", "America/New_York"),
        ("monday", "weekday", "Monday"),
        ("0-10: 1.00, 11+: 0", "hours tiers", "0-10: 1.00; 11+: 0"),
        ({"a": Decimal(1), "b": Decimal(2)}, "brackets", "a: 1; b: 2"),
        ((1, 2), "brackets", "1; 2"),
        (7, "something new", "7"),
    ],
)
def test_a_value_is_said_with_its_unit_whatever_the_unit(value, unit, said):
    assert words.with_unit(value, unit) == said


def test_a_long_table_is_told_by_its_first_rows_its_last_and_their_number():
    rows = ", ".join(f"{n}: {n * 10}" for n in range(20))
    assert words.shown(rows, "brackets") == "0: 0; 1: 10; 2: 20; 3: 30; 4: 40; 5: 50; ...; 19: 190 (20 rows)"


def test_a_section_that_nobody_has_heard_of_is_shown_all_the_same():
    pack = HELD[0]
    entry = Entry(pack.known_from, None, {"full": Decimal(1)}, "brackets", "Law 1", "statute")
    strange = replace(pack, sections={**pack.sections, "moon": {"phase_of_filing": {"phases": (entry,)}}})
    told = reading._sections(strange, pack.known_until)[-1]
    assert (told.name, told.rules[0].sentence) == ("moon", "Phase of filing.")
    assert told.rules[0].values[0].entry is entry
