"""Tables of brackets: how they are read and refused, what an unread bracket does, and the formulas that use them."""

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hand_paid import PACKS, Day, Paid, paid
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.award import maximum_award
from claims_shared.law.bracket_table import read_brackets
from claims_shared.law.in_force import Law
from claims_shared.law.loader import FOLDER, PackError, load_packs
from claims_shared.law.monetary import failed
from claims_shared.law.rules import NotKnown
from claims_shared.law.wages import ZERO, BaseWages, Household, total
from claims_shared.law.weekly_amount import WeeklyAmount, weekly_amount

JUNE = Day("PA", date(2025, 6, 1))
OLD_CALIFORNIA = Day("CA", date(1995, 1, 1))
TABLES = {"PA": JUNE, "CA": OLD_CALIFORNIA}
CENTS = st.integers(0, 2_000_000).map(lambda cents: Decimal(cents) / 100)

SOUND = "from,to,amount\n0.00,9.99,0\n10.00,19.99,1\n30.00,,2\n"
REFUSED = {
    "nothing": (SOUND, "", "line 1: the column from, to, amount is missing"),
    "no bracket": (SOUND, "from,to,amount\n0.00,9.99,0\n", "line 3: the table ends before anything is payable"),
    "an unknown column": ("from,to,amount\n", "from,to,amount,weeks\n", "line 1: unknown column 'weeks'"),
    "a column with a space": ("from,to", "from, to", "line 1: unknown column ' to'"),
    "a column twice": ("from,to,amount\n", "from,to,amount,to\n", "line 1: a column is written twice"),
    "a column missing": ("from,to,amount\n", "from,to\n", "line 1: the column amount is missing"),
    "a cell too many": ("19.99,1\n", "19.99,1,1\n", "line 3: 4 cells"),
    "a blank line": ("19.99,1\n", "19.99,1\n\n", "line 4: 1 cells"),
    "a thousands comma": ("30.00,,2", '"1,030.00",,2', "line 4: 4 cells"),
    "no number": ("30.00,,2", "3O.00,,2", "line 4: from '3O.00' is no amount"),
    "part of a cent": ("30.00,,2", "30.001,,2", "line 4: from '30.001' is no amount"),
    "a sign": ("30.00,,2", "30.00,,-2", "line 4: amount '-2' is no amount"),
    "an exponent": ("30.00,,2", "30.00,,2E1", "line 4: amount '2E1' is no amount"),
    "a space": ("30.00,,2", "30.00,, 2", "line 4: amount ' 2' is no amount"),
    "an infinite amount": ("30.00,,2", "30.00,,Infinity", "line 4: amount 'Infinity' is no amount"),
    "no amount": ("30.00,,2", "30.00,,", "line 4: amount is empty"),
    "no beginning": ("30.00,,2", ",,2", "line 4: from is empty"),
    "an end before the beginning": ("30.00,,2", "30.00,29.99,2", "line 4: to 29.99 is below from 30.00"),
    "an overlap by a cent": ("30.00,,2", "19.99,,2", "line 4: from 19.99 overlaps"),
    "no order": ("30.00,,2", "30.00,40.00,2\n20.00,29.99,2", "line 5: from 20.00 overlaps"),
    "no end before the last": ("19.99,1\n", ",1\n", "line 4: from 30.00 overlaps"),
    "less for more": ("30.00,,2", "30.00,,0.99", "line 4: more wages never give less, and 0.99 is less than 1"),
    "no line on what pays nothing": ("0.00,9.99,0\n", "", "line 2: it must say up to which wages nothing is payable"),
    "a hole below the first that pays": ("10.00,19.99", "10.01,19.99", "line 3: the lowest payable bracket must begin"),
    "nothing payable twice": ("19.99,1\n", "19.99,0\n", "line 3: the lowest payable bracket must begin"),
}


def changed(before: str, after: str) -> str:
    assert before in SOUND
    return after if before == SOUND else SOUND.replace(before, after)


def test_a_table_is_read_with_its_holes():
    table = read_brackets("T.csv", SOUND)
    found = {wages: table.holding(Decimal(wages)) for wages in ("9.99", "10", "19.99", "20", "29.99", "30", "1000000")}
    amounts = {wages: bracket and str(bracket.amount) for wages, bracket in found.items()}
    assert amounts == {"9.99": "0", "10": "1", "19.99": "1", "20": None, "29.99": None, "30": "2", "1000000": "2"}
    assert str(table) == "T.csv (2 brackets)"


@pytest.mark.parametrize(("before", "after", "says"), REFUSED.values(), ids=REFUSED)
def test_the_reader_refuses(before, after, says):
    with pytest.raises(ValueError, match=rf"^T\.csv {re.escape(says)}"):
        read_brackets("T.csv", changed(before, after))


def test_qualifying_wages_never_fall_either_and_may_be_unread():
    lines = "from,to,amount,qualifying_wages\n0.00,9.99,0,\n10.00,19.99,1,50\n20.00,29.99,2,\n30.00,,3,{}\n"
    assert read_brackets("T.csv", lines.format(50)).brackets[2].qualifying_wages is None
    with pytest.raises(ValueError, match=r"^T\.csv line 5: qualifying wages of 49 are less than 50"):
        read_brackets("T.csv", lines.format(49))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Pennsylvania's pack with its table, to be changed."""
    (tmp_path / "PA.yaml").write_bytes((FOLDER / "PA.yaml").read_bytes())
    shutil.copytree(FOLDER / "tables", tmp_path / "tables")
    return tmp_path


def test_the_hash_of_a_pack_covers_its_table(copied):
    first = load_packs(copied)
    table = copied / "tables" / "PA-weekly-2025.csv"
    table.write_bytes(table.read_bytes().replace(b",597,", b",598,"))
    second = load_packs(copied)
    assert second.hash != first.hash
    hashes = {law.pack_hash for packs in (first, second) if isinstance(law := packs.in_force("PA", JUNE.on), Law)}
    assert len(hashes) == 2


def test_a_table_of_another_pack_leaves_the_hash_alone(copied):
    before = load_packs(copied).hash
    (copied / "tables" / "CA-weekly-1992.csv").unlink()
    assert load_packs(copied).hash == before


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("PA-weekly-2024.csv", "PA-weekly-2024.csv cannot be read in tables/: No such file"),
        ("../PA.yaml", "is no name of a CSV file in tables/"),
        ("../tables/PA-weekly-2025.csv", "is no name of a CSV file in tables/"),
        ("PA-weekly-2025.txt", "is no name of a CSV file in tables/"),
    ],
)
def test_a_table_that_is_not_there_is_refused(copied, name, says):
    pack = copied / "PA.yaml"
    pack.write_text(pack.read_text().replace('"PA-weekly-2025.csv"', f'"{name}"'))
    with pytest.raises(PackError, match=r"^PA\.yaml: .*table\[0\]\.value: ") as refused:
        load_packs(copied)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (b"1712.99", b"1712.999", "PA-weekly-2025.csv line 3: to '1712.999' is no amount"),
        (b"1712.99", b"1712\xe2\x80\xa499", "PA-weekly-2025.csv: byte "),
    ],
    ids=["a number that is none", "a character that only looks like a point"],
)
def test_a_table_that_is_wrong_is_refused_with_file_and_line(copied, before, after, says):
    table = copied / "tables" / "PA-weekly-2025.csv"
    table.write_bytes(table.read_bytes().replace(before, after))
    with pytest.raises(PackError, match=r"^PA\.yaml: monetary_tests\.qualifying_wages_of_bracket\.table") as refused:
        load_packs(copied)
    assert says in str(refused.value)


def weekly(day: Day, high: str, household: Household | None = None) -> WeeklyAmount:
    wages = BaseWages(Decimal(high), Decimal(high) * 2, 4)
    return weekly_amount(day.rules("weekly_amount")[0], wages, household or Household())


@pytest.mark.parametrize(("day", "high"), [(JUNE, "1713.00"), (JUNE, "15387.99"), (OLD_CALIFORNIA, "3068.00")])
def test_a_bracket_that_was_not_read_is_not_known_and_not_interpolated(day, high):
    with pytest.raises(NotKnown) as found:
        weekly(day, high)
    assert found.value.unknown.code == "bracket_not_read"
    assert (
        f"The bracket of ${Decimal(high):,} is not in the part of the table that was read" in found.value.unknown.detail
    )


def test_the_bracket_is_shown():
    assert weekly(JUNE, "1700").steps == (
        "weekly benefit amount: high quarter $1,700.00 is in the bracket $1,688.00 to $1,712.99: $68.00",
    )
    assert weekly(JUNE, "20000").steps == (
        "weekly benefit amount: high quarter $20,000.00 is in the bracket $15,388.00 or more: $605.00",
    )


@pytest.mark.parametrize(("day", "high", "least"), [(JUNE, "1687.99", "1,688"), (OLD_CALIFORNIA, "899.99", "900")])
def test_below_the_table_nothing_is_payable(day, high, least):
    found = weekly(day, high, Household(children=2))
    assert (found.amount, found.rate, found.for_dependants) == (0, 0, 0)
    assert found.not_payable
    assert found.not_payable.sentence.endswith(f"a weekly benefit is payable from ${least}.00.")


@pytest.mark.parametrize(
    ("children", "spouse", "allowance"),
    [(0, False, 0), (1, False, 5), (0, True, 5), (1, True, 8), (2, False, 8), (2, True, 8), (9, True, 8)],
)
def test_pennsylvania_pays_for_two_dependants_at_most(children, spouse, allowance):
    found = weekly(JUNE, "15388", Household(children, spouse))
    assert (found.amount, found.rate, found.for_dependants) == (605 + allowance, 605, allowance)
    told = f"weekly benefit amount: $605.00 + ${allowance}.00 for dependants = ${605 + allowance}.00"
    assert (told in found.steps) is (allowance > 0)


def award_of(wages: BaseWages, household: Household | None = None) -> str:
    """What is awarded for how many weeks, or why that is not known."""
    try:
        found = maximum_award(JUNE.rules("award")[0], wages, weekly(JUNE, "1700", household))
    except NotKnown as missing:
        return missing.unknown.code
    return f"{found.amount} for {found.weeks}"


@pytest.mark.parametrize(("weeks", "award"), [(18, "1224 for 18"), (26, "1768 for 26"), (27, "1768 for 26")])
def test_pennsylvania_awards_a_week_for_every_credit_week_up_to_26(weeks, award):
    assert award_of(BaseWages(Decimal(1700), Decimal(3400), 4, weeks_worked=weeks)) == award


def test_the_award_shows_its_credit_weeks():
    wages = BaseWages(Decimal(1700), Decimal(3400), 4, weeks_worked=30)
    assert maximum_award(JUNE.rules("award")[0], wages, weekly(JUNE, "1700")).steps == (
        "maximum award: 30 credit weeks, at most 26: 26",
        "maximum award: 26 x $68.00 = $1,768.00",
    )


def test_whether_the_allowance_counts_against_the_award_is_not_known():
    wages = BaseWages(Decimal(1700), Decimal(3400), 4, weeks_worked=26)
    assert award_of(wages, Household(children=1)) == "award_with_dependants_not_known"


QUARTERS = ("2024Q1", "2024Q2", "2024Q3", "2024Q4")


def reported(*weeks: tuple[int | None, ...]) -> BaseWages:
    """A base year in which each employer reports so many weeks, quarter by quarter; enough is earned in all."""
    employers = (
        Paid(quarter, Decimal(850), f"E-{number}", each)
        for number, by_quarter in enumerate(weeks)
        for quarter, each in zip(QUARTERS, by_quarter, strict=True)
    )
    return total(employers, QUARTERS)


def credit_weeks_test(wages: BaseWages) -> str:
    rules = [rule for rule in JUNE.rules("monetary_tests") if rule.name == "credit_weeks"]
    try:
        return next((finding.code for finding in failed(rules, wages, ZERO)), "passes")
    except NotKnown as missing:
        return missing.unknown.code


@pytest.mark.parametrize(
    ("weeks", "test", "award"),
    [
        ([(5, 4, 4, 4)], "insufficient_credit_weeks", "1156 for 17"),
        ([(5, 5, 4, 4)], "passes", "1224 for 18"),
        ([(5, 5, 4, None)], "credit_weeks_not_reported", "credit_weeks_not_reported"),
        ([(5, 4, 4, 4), (1, 0, 0, 0)], "credit_weeks_not_known", "credit_weeks_not_known"),
        ([(5, 4, 4, 3), (1, 0, 0, 0)], "insufficient_credit_weeks", "credit_weeks_not_known"),
        ([(13, 5, 4, 4), (1, 0, 0, 0)], "passes", "1768 for 26"),
    ],
    ids=["17 weeks", "18 weeks", "not reported", "17 or 18 weeks", "16 or 17 weeks", "26 or 27 weeks"],
)
def test_weeks_of_two_employers_that_may_be_the_same_ones_refer_only_claims_they_matter_to(weeks, test, award):
    wages = reported(*weeks)
    assert (credit_weeks_test(wages), award_of(wages)) == (test, award)


def test_too_few_credit_weeks_are_told_with_what_a_credit_week_is():
    wages = BaseWages(Decimal(1700), Decimal(3400), 4, weeks_worked=17)
    (finding,) = JUNE.failures(wages)
    assert finding.sentence == (
        "The number of weeks in which you earned at least $116.00 is 17; the law asks for at least 18."
    )


@pytest.mark.parametrize(
    ("high", "base", "sentence"),
    [
        ("1300.00", "1300.00", None),
        ("1299.99", "1624.99", None),
        (
            "1299.99",
            "1624.98",
            (
                "Your wages in the base period are $1,624.98; the law asks for at least $1,624.99 "
                "(1.25 times your highest quarter of $1,299.99, which is less than $1,300.00)."
            ),
        ),
        ("899.99", "9000.00", "Your wages in your highest quarter are $899.99; the law asks for at least $900.00."),
    ],
)
def test_california_asks_for_1300_in_a_quarter_or_for_more_in_the_base_period(high, base, sentence):
    wages = BaseWages(Decimal(high), Decimal(base), 4)
    findings = failed(OLD_CALIFORNIA.rules("monetary_tests"), wages, ZERO)
    assert [finding.sentence for finding in findings] == ([sentence] if sentence else [])


@pytest.mark.parametrize(
    ("base", "award"),
    [("2080.00", "1040"), ("2079.99", "1040"), ("2078.00", "1039"), ("2078.01", "1040"), ("9000", "1040")],
)
def test_california_awards_26_weeks_or_half_the_base_period_up_to_the_next_dollar(base, award):
    """26 x 40 = 1,040 = half of 2,080 (UIC 1281(b), (c))."""
    wages = BaseWages(Decimal(900), Decimal(base), 4)
    assert str(maximum_award(OLD_CALIFORNIA.rules("award")[0], wages, weekly(OLD_CALIFORNIA, "900")).amount) == award


def test_pennsylvania_decides_claims_of_2025_and_knows_no_alternate_base_period():
    law = PACKS.in_force("PA", JUNE.on)
    assert isinstance(law, Law)
    assert law.quarters("standard", JUNE.on) == QUARTERS
    with pytest.raises(NotKnown, match="alternate base period has not been verified"):
        law.quarters("alternate", JUNE.on)


def test_wages_of_pennsylvania_are_those_of_the_base_year():
    wages = total(paid("2024Q1 1700", "2024Q2 1300", "2025Q1 9000"), QUARTERS)
    assert weekly_amount(JUNE.rules("weekly_amount")[0], wages).amount == 68


@pytest.mark.parametrize("jurisdiction", TABLES)
@settings(max_examples=100, deadline=None)
@given(lower=CENTS, higher=CENTS)
def test_more_wages_never_give_less_where_both_brackets_were_read(jurisdiction, lower, higher):
    table = TABLES[jurisdiction].rules("weekly_amount")[0].tables["table"]
    first, second = (table.holding(wages) for wages in sorted((lower, higher)))
    assert first is None or second is None or first.amount <= second.amount


READ = JUNE.rules("weekly_amount")[0].tables["table"].brackets


@settings(max_examples=200, deadline=None)
@given(
    high=st.sampled_from([bracket.low for bracket in READ]),
    cents=st.integers(0, 2499),
    outside=CENTS,
    weeks=st.integers(0, 52),
)
def test_whoever_meets_pennsylvanias_tests_is_payable_and_has_18_to_26_weeks(high, cents, outside, weeks):
    high += Decimal(cents) / 100
    base = BaseWages(high, high + outside, 4, weeks_worked=weeks)
    try:
        failures = JUNE.failures(base)
    except NotKnown:
        return
    if failures:
        return
    found = weekly(JUNE, str(high))
    award = maximum_award(JUNE.rules("award")[0], base, found)
    assert 68 <= found.amount <= 605
    assert 18 <= award.weeks <= 26
    assert award.amount == award.weeks * found.amount
