"""What is payable for a week with work in it: worked examples, thresholds, what holds for any week, what a pack may say."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.hours_tiers import read_tiers
from claims_shared.law.in_force import Law
from claims_shared.law.loader import FOLDER, PackError, load_packs
from claims_shared.law.partial_week import WEEK_FORMULAS, Week, payable
from claims_shared.law.rules import NotKnown, Rule, Unknown
from claims_shared.law.schema import read

PACKS = load_packs()
CASES = yaml.safe_load((Path(__file__).parent / "cases" / "law_partial_weeks.yaml").read_text())
STATES = {"AL": 2024, "NJ": 2024, "NY": 2026, "OK": 2025, "PA": 2025, "UT": 2026}
CENT = Decimal("0.01")


def rule_of(jurisdiction: str, on: date) -> Rule:
    """The pack's own rule where it has one, otherwise what the cases say until it has."""
    found = PACKS.rules(jurisdiction, "partial_week", on)
    return given_rule(jurisdiction) if isinstance(found, Unknown) else found[0]


def given_rule(jurisdiction: str) -> Rule:
    ((name, given_values),) = CASES["rules"][jurisdiction].items()
    units = WEEK_FORMULAS[name].needs
    values = {parameter: read(value, units[parameter]) for parameter, value in given_values.items()}
    assert values.keys() == units.keys()
    numbers = {parameter: value for parameter, value in values.items() if isinstance(value, Decimal)}
    words = {parameter: value for parameter, value in values.items() if isinstance(value, str)}
    return Rule(name, numbers, words, citation="")


def week_of(given_week: dict[str, str], **more: Decimal) -> Week:
    return Week(**{name: Decimal(value) for name, value in given_week.items()} | more)


def paid(rule: Rule, **given_week: str) -> Any:
    return payable(rule, week_of(given_week))


@pytest.mark.parametrize("example", CASES["examples"], ids=lambda e: f"{e['id']} {e['says']}")
def test_example(example):
    rule = rule_of(example["jurisdiction"], example["day"])
    assert payable(rule, week_of(example["week"])).amount == Decimal(example["payable"])


def test_every_example_names_its_source_and_how_far_to_trust_it():
    assert [example["id"] for example in CASES["examples"] if not example["source"] or not example["trust"]] == []
    assert {example["jurisdiction"] for example in CASES["examples"]} == STATES.keys()


@pytest.mark.parametrize("case", CASES["boundaries"], ids=lambda case: case["says"])
@pytest.mark.parametrize("steps", [-1, 0, 1], ids=["one under", "exact", "one over"])
def test_boundary(case, steps):
    varied = {case["vary"]: Decimal(case["exact"]) + steps * Decimal(case.get("step", CENT))}
    found = payable(rule_of(case["jurisdiction"], case["day"]), week_of(case["week"], **varied))
    assert found.amount == Decimal(case["payable"][steps + 1])
    assert found.steps[-1].endswith(": nothing is payable") is (found.amount == 0)


in_force = pytest.mark.parametrize("rule", [rule_of(j, date(year, 6, 7)) for j, year in STATES.items()], ids=STATES)
weekly = st.integers(1, 1_000).map(Decimal)
earnings = st.integers(0, 150_000).map(lambda cents: Decimal(cents) / 100)
quarter_hours = st.integers(0, 240).map(lambda quarters: Decimal(quarters) / 4)
quickly = settings(max_examples=100, deadline=None)


@in_force
@quickly
@given(amount=weekly, earned=earnings, hours=quarter_hours)
def test_between_nothing_and_the_weekly_amount_and_exact(rule: Rule, amount, earned, hours):
    found = payable(rule, Week(amount, earned, hours)).amount
    assert 0 <= found <= amount
    assert found == found.quantize(CENT if rule.name == "hours_tiers" else Decimal(1))


@in_force
@quickly
@given(amount=weekly, lower=earnings, higher=earnings, hours=quarter_hours)
def test_more_earnings_never_pay_more(rule: Rule, amount, lower, higher, hours):
    lower, higher = sorted((lower, higher))
    assert payable(rule, Week(amount, lower, hours)).amount >= payable(rule, Week(amount, higher, hours)).amount


@in_force
@quickly
@given(amount=weekly, earned=earnings, fewer=quarter_hours, more=quarter_hours)
def test_more_hours_never_pay_more(rule: Rule, amount, earned, fewer, more):
    fewer, more = sorted((fewer, more))
    assert payable(rule, Week(amount, earned, fewer)).amount >= payable(rule, Week(amount, earned, more)).amount


@in_force
@quickly
@given(amount=weekly)
def test_a_week_without_work_pays_the_weekly_amount(rule: Rule, amount):
    assert payable(rule, Week(amount, Decimal(0), Decimal(0))).amount == amount


@quickly
@given(rate=weekly, for_dependants=st.integers(0, 8).map(Decimal), earned=earnings)
def test_pennsylvania_pays_the_part_for_dependants_whole_or_not_at_all(rate, for_dependants, earned):
    rule = rule_of("PA", date(2025, 6, 1))
    alone = payable(rule, Week(rate, earned)).amount
    with_them = payable(rule, Week(rate + for_dependants, earned, for_dependants=for_dependants)).amount
    assert with_them == (alone + for_dependants if alone else 0)


@pytest.mark.parametrize("jurisdiction", ["NY", "UT"])
def test_where_hours_count_a_week_without_them_is_referred(jurisdiction):
    with pytest.raises(NotKnown, match="hours") as referred:
        paid(rule_of(jurisdiction, date(2026, 6, 1)), weekly_amount="384", earned="100")
    assert referred.value.unknown.code == "hours_worked_not_known"


STEPS: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "AL": (
        "AL",
        {"weekly_amount": "275", "earned": "150"},
        ["$275.00 - ($150.00 earned - $275.00 / 3) = $217.00 (to nearest dollar half down)"],
    ),
    "AL, all earned": (
        "AL",
        {"weekly_amount": "275", "earned": "275"},
        ["$275.00 earned reach $275.00: nothing is payable"],
    ),
    "NJ": (
        "NJ",
        {"weekly_amount": "300", "earned": "100.75"},
        [
            "$300.00 x 0.20 = $60.00 (down to dollar)",
            "the greater of $60.00 and $5.00 may be earned: $60.00",
            "$100.75 earned count as $100.00 (down to dollar)",
            "$300.00 - ($100.00 earned - $60.00) = $260.00 (down to dollar)",
        ],
    ),
    "NY": (
        "NY",
        {"weekly_amount": "384", "earned": "200", "hours": "12.5"},
        ["12.5 hours worked count as 13", "13 hours (11 to 16): $384.00 x 0.75 = $288.00"],
    ),
    "NY, too many hours": (
        "NY",
        {"weekly_amount": "384", "earned": "200", "hours": "31"},
        ["31 hours (31 or more): $384.00 x 0 = $0.00: nothing is payable"],
    ),
    "NY, too much earned": (
        "NY",
        {"weekly_amount": "384", "earned": "870", "hours": "5"},
        ["$870.00 earned are above $869.00: nothing is payable"],
    ),
    "OK": (
        "OK",
        {"weekly_amount": "400", "earned": "100"},
        ["$100.00 earned are not above $100.00: $400.00 is payable"],
    ),
    "OK, nothing left": (
        "OK",
        {"weekly_amount": "400", "earned": "500"},
        ["$400.00 - ($500.00 earned - $100.00) = $0.00 (down to dollar): nothing is payable"],
    ),
    "PA": (
        "PA",
        {"weekly_amount": "308", "earned": "99.25", "for_dependants": "8"},
        [
            "$300.00 x 0.30 = $90.00 (up to dollar)",
            "the greater of $90.00 and $6.00 may be earned: $90.00",
            "$99.25 earned count as $100.00 (up to dollar)",
            "$300.00 - ($100.00 earned - $90.00) = $290.00",
            "$290.00 + $8.00 for dependants = $298.00",
        ],
    ),
    "UT": (
        "UT",
        {"weekly_amount": "395", "earned": "200", "hours": "20"},
        [
            "$395.00 x 0.30 = $118.50 may be earned",
            "$395.00 - ($200.00 earned - $118.50) = $313.00 (down to dollar)",
        ],
    ),
    "UT, full time": (
        "UT",
        {"weekly_amount": "395", "earned": "0", "hours": "40"},
        ["40 hours worked reach the limit of 40: nothing is payable"],
    ),
}
"""What a claimant reads."""


@pytest.mark.parametrize(("jurisdiction", "week", "steps"), STEPS.values(), ids=STEPS)
def test_every_step_is_shown_and_no_other(jurisdiction, week, steps):
    rule = rule_of(jurisdiction, date(STATES[jurisdiction], 6, 7))
    assert paid(rule, **week).steps == tuple(f"payable for the week: {step}" for step in steps)


@pytest.mark.parametrize("on", [date(2021, 8, 16), date(2025, 10, 5), date(2025, 10, 6), date(2026, 10, 4)])
def test_new_yorks_limit_on_earnings_is_the_maximum_rate_of_the_same_day(on):
    law = PACKS.in_force("NY", on)
    assert isinstance(law, Law)
    assert law.partial_week
    assert law.partial_week.numbers["earnings_maximum"] == law.weekly_amount.numbers["maximum"]


@pytest.mark.parametrize(
    ("jurisdiction", "on", "code", "says"),
    [
        ("VI", "2026-06-07", "no_pack", "VI"),
        ("WI", "2026-06-07", "gap", "Wisconsin has no rules on the partial week"),
        ("NY", "2021-08-15", "gap", "before 2021-08-16"),
        ("NY", "2019-12-30", "gap", "before 2020-01-01"),
        ("NY", "2026-10-05", "not_known_after", "2026-10-04"),
        ("UT", "2023-12-31", "gap", "before 2024"),
    ],
)
def test_who_asks_where_no_rule_is_known_is_told_why(jurisdiction, on, code, says):
    found = PACKS.rules(jurisdiction, "partial_week", date.fromisoformat(on))
    assert isinstance(found, Unknown)
    assert found.code == code
    assert says in found.detail


@pytest.mark.parametrize(
    ("jurisdiction", "on", "formula"),
    [
        ("WI", "2026-06-07", None),
        ("NY", "2021-08-15", None),
        ("NY", "2021-08-16", "hours_tiers"),
        ("UT", "2026-06-07", "share_disregarded_below_hours"),
    ],
)
def test_a_law_is_complete_without_a_rule_on_partial_weeks(jurisdiction, on, formula):
    law = PACKS.in_force(jurisdiction, date.fromisoformat(on))
    assert isinstance(law, Law)
    assert (law.partial_week.name if law.partial_week else None) == formula


UTAH = (FOLDER / "UT.yaml").read_text()
SECTION = re.compile(r"\npartial_week:\n.*?(?=\nrights:\n)", re.DOTALL)
GAP = re.compile(r"  - from: 2020-01-01\n    to: 2023-12-31\n    what: \[partial_week\]\n    reason: .*\n")


def made_up(folder: Path, section: str, *, gap: bool = True) -> Path:
    """Utah's pack with another section on partial weeks."""
    text = SECTION.sub(lambda _: section, UTAH)
    assert text != UTAH
    (folder / "UT.yaml").write_text(text if gap else GAP.sub("", text))
    return folder


def section_of(rules: dict[str, dict[str, str]]) -> str:
    """A section as a pack writes it, from what the cases say."""
    lines = ["", "partial_week:"]
    for name, values in rules.items():
        lines.append(f"  {name}:")
        for parameter, value in values.items():
            unit = WEEK_FORMULAS[name].needs[parameter]
            entry = f'from: 2024-01-01, value: "{value}", unit: {unit}, reference: "made up", trust: statute'
            lines += [f"    {parameter}:", f"      - {{{entry}}}"]
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("jurisdiction", CASES["rules"])
def test_the_loader_gives_a_rule_as_its_section_says(tmp_path, jurisdiction):
    packs = load_packs(made_up(tmp_path, section_of(CASES["rules"][jurisdiction])))
    law = packs.in_force("UT", date(2026, 6, 7))
    expected = given_rule(jurisdiction)
    assert isinstance(law, Law)
    assert law.partial_week == Rule(expected.name, expected.numbers, expected.words, "made up")


def test_a_pack_without_the_section_is_complete(tmp_path):
    packs = load_packs(made_up(tmp_path, "", gap=False))
    law, found = packs.in_force("UT", date(2026, 6, 7)), packs.rules("UT", "partial_week", date(2026, 6, 7))
    assert isinstance(law, Law)
    assert law.partial_week is None
    assert found == Unknown("gap", "The pack of Utah has no rules on the partial week.")


OK = CASES["rules"]["OK"]
REFUSED = {
    "two formulas": (section_of(OK | CASES["rules"]["AL"]), "partial_week", "2 formulas"),
    "an empty section": ("\npartial_week:\n", "partial_week", "0 formulas"),
    "an unknown formula": (
        section_of(OK).replace("amount_disregarded", "all_disregarded"),
        "partial_week",
        "all_disregarded",
    ),
    "a parameter left out": (
        section_of({"amount_disregarded": {"disregard": "100"}}),
        "partial_week.amount_disregarded.rounding",
        "no value on 2024-01-01",
    ),
    "tiers that are none": (
        section_of({"hours_tiers": {"tiers": "0-10: all", "earnings_maximum": "504", "hours_rounding": "up_to_hour"}}),
        "partial_week.hours_tiers.tiers[0].value",
        "no tier",
    ),
}


@pytest.mark.parametrize(("section", "key", "says"), REFUSED.values(), ids=REFUSED)
def test_the_loader_refuses(tmp_path, section, key, says):
    with pytest.raises(PackError, match=rf"^UT\.yaml: {re.escape(key)}: .*{re.escape(says)}"):
        load_packs(made_up(tmp_path, section))


@pytest.mark.parametrize(
    "tiers",
    [
        pytest.param("", id="nothing"),
        pytest.param("1-10: 1.00, 11+: 0", id="not from 0"),
        pytest.param("0-10: 1.00, 11-16: 0.75", id="no end"),
        pytest.param("0-10: 1.00, 12+: 0", id="an hour left out"),
        pytest.param("0-10: 1.00, 10+: 0", id="an hour twice"),
        pytest.param("0+: 1.00, 11+: 0", id="an end before the end"),
        pytest.param("0-10: 0.50, 11-16: 0.75, 17+: 0", id="more for more hours"),
        pytest.param("0-10: 1.01, 11+: 0", id="more than the whole"),
        pytest.param("0-10: 0.333, 11+: 0", id="a share that is not exact to the cent"),
        pytest.param("0-10: 1.00; 11+: 0", id="other signs"),
    ],
)
def test_tiers_refused(tiers):
    with pytest.raises(ValueError, match=r"tier|hours|share"):
        read_tiers(tiers)


@pytest.mark.parametrize("hours", range(61))
def test_every_hour_lies_in_one_tier(hours):
    rule = rule_of("NY", date(2026, 6, 1))
    assert [tier.holds(Decimal(hours)) for tier in read_tiers(rule.words["tiers"])].count(True) == 1
