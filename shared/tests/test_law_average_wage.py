"""New Jersey, Ohio, Massachusetts, North Carolina: thresholds, what is not known of a claim, and what holds for any wages."""

import importlib
import pkgutil
from collections.abc import Mapping
from decimal import Decimal

import pytest
from hand_paid import PACKS, Day, Paid
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared import law
from claims_shared.law import formula
from claims_shared.law.award import AWARDS, maximum_award
from claims_shared.law.formula import AwardFormula, Formula, WeeklyAmount
from claims_shared.law.in_force import Law
from claims_shared.law.monetary import TESTS, failed
from claims_shared.law.rules import NotKnown
from claims_shared.law.wages import ZERO, BaseWages, Household, of_quarters, total
from claims_shared.law.weekly_amount import FORMULAS, NOBODY, weekly_amount

NEW_JERSEY, OHIO = Day.of("NJ", "2026-06-07"), Day.of("OH", "2026-06-07")
MASSACHUSETTS, NORTH_CAROLINA = Day.of("MA", "2026-06-07"), Day.of("NC", "2014-06-01")
CENTS = st.integers(0, 6_000_000).map(lambda cents: Decimal(cents) / 100)
QUARTERS = st.lists(CENTS, min_size=4, max_size=4)
ALONE = Household(spouse_employed=False)
quickly = settings(max_examples=100, deadline=None)


def over(weeks: int | None, wages: str) -> BaseWages:
    """Wages of four quarters, earned in so many weeks."""
    amount = Decimal(wages)
    return BaseWages(amount, amount, 4, in_order=(ZERO, ZERO, ZERO, amount), weeks_worked=weeks)


def weekly(day: Day, wages: BaseWages, household: Household = NOBODY) -> WeeklyAmount:
    return weekly_amount(day.rules("weekly_amount")[0], wages, household)


def amount(day: Day, wages: BaseWages, household: Household = NOBODY) -> Decimal | str:
    """The weekly amount, or why it is not known."""
    try:
        return weekly(day, wages, household).amount
    except NotKnown as missing:
        return missing.unknown.code


def award(day: Day, wages: BaseWages, household: Household = NOBODY) -> Decimal | str:
    try:
        return maximum_award(day.rules("award")[0], wages, weekly(day, wages, household)).amount
    except NotKnown as missing:
        return missing.unknown.code


def codes(day: Day, wages: BaseWages) -> list[str]:
    return [failure.code for failure in failed(day.rules("monetary_tests"), wages, ZERO)]


# --- New Jersey ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wages", "gives"),
    [
        pytest.param("15083.19", 904, id="a cent under what gives 905"),
        pytest.param("15083.20", 904, id="754.16 a week is 904"),
        pytest.param("15083.40", 905, id="1508.34 over ten weeks"),
        pytest.param("30000.00", 905, id="the maximum"),
        pytest.param("3100.00", 186, id="310 a week on average: the least that can be paid"),
        pytest.param("3099.90", "base_weeks_not_known", id="a cent less a week: not every week is a base week"),
        pytest.param("10000.04", 600, id="60 percent of 1,000.004: however the average is rounded"),
        pytest.param(
            "9999.99", "rounding_not_known", id="60 percent of 999.999: 599, or 600 of the average to the cent"
        ),
        pytest.param("0", 0, id="no wages"),
    ],
)
def test_new_jersey_pays_60_percent_of_the_average(wages, gives):
    assert amount(NEW_JERSEY, over(10, wages)) == gives


@pytest.mark.parametrize(
    ("household", "gives"),
    [
        pytest.param(Household(), 600, id="nobody supported"),
        pytest.param(Household(1, spouse_employed=False), 642, id="seven percent for the first"),
        pytest.param(Household(2, spouse_employed=False), 666, id="four more for the second"),
        pytest.param(Household(3, spouse_employed=False), 690, id="four more for the third"),
        pytest.param(Household(4, spouse_employed=False), 690, id="nothing for a fourth"),
        pytest.param(Household(2, spouse=True, spouse_employed=False), 690, id="the spouse is one of them"),
        pytest.param(Household(3, spouse_employed=True), 600, id="nothing where the spouse is employed"),
        pytest.param(
            Household(3, spouse=True, spouse_employed=True), 600, id="nor where the claimant supports one who is"
        ),
        pytest.param(Household(1), "spouse_employment_not_known", id="a child, and nothing known of a spouse"),
        pytest.param(
            Household(spouse=True), "spouse_employment_not_known", id="a spouse of whom nothing more is known"
        ),
    ],
)
def test_new_jersey_adds_for_dependants(household, gives):
    assert amount(NEW_JERSEY, over(20, "20000"), household) == gives


def test_at_new_jerseys_maximum_nobody_is_asked_about_a_spouse():
    found = weekly(NEW_JERSEY, over(20, "40000"), Household(3))
    assert (found.amount, found.for_dependants) == (905, 0)


def test_what_is_added_stops_at_the_maximum():
    found = weekly(NEW_JERSEY, over(20, "29000"), Household(3, spouse_employed=False))
    assert (found.amount, found.rate, found.for_dependants) == (905, 870, 35)


def test_who_is_referred_reads_both_amounts():
    with pytest.raises(NotKnown) as found:
        weekly(NEW_JERSEY, over(20, "20000"), Household(1))
    assert found.value.unknown.detail == (
        "$642.00 a week if no spouse is employed, $600.00 otherwise: whether one is employed is not known."
    )


@pytest.mark.parametrize(
    ("weeks", "wages", "fails"),
    [
        pytest.param(20, "6200.00", [], id="20 base weeks"),
        pytest.param(
            19, "15499.99", ["insufficient_weeks_worked", "insufficient_wages_in_place_of_weeks"], id="neither"
        ),
        pytest.param(19, "15500.00", [], id="wages in place of weeks"),
        pytest.param(19, "15500.01", [], id="a cent over"),
        pytest.param(None, "15500.00", [], id="wages suffice, whatever the weeks"),
    ],
)
def test_new_jerseys_tests(weeks, wages, fails):
    assert codes(NEW_JERSEY, over(weeks, wages)) == fails


@pytest.mark.parametrize("day", [NEW_JERSEY, OHIO], ids=["NJ", "OH"])
def test_weeks_that_are_not_reported_refer(day):
    with pytest.raises(NotKnown, match="not reported"):
        codes(day, over(None, "9000"))
    assert amount(day, over(None, "9000")) == "weeks_not_reported"
    assert amount(day, over(0, "9000")) == "weeks_not_reported"


@pytest.mark.parametrize(("weeks", "gives"), [(15, 9000), (25, 15000), (26, 15600), (27, 15600), (52, 15600)])
@pytest.mark.parametrize(("day", "average"), [(NEW_JERSEY, 1000), (OHIO, 1200)], ids=["NJ", "OH"])
def test_a_week_of_benefits_for_each_week_worked_up_to_26(day, average, weeks, gives):
    assert award(day, over(weeks, str(average * weeks))) == gives


@pytest.mark.parametrize("day", [NEW_JERSEY, OHIO], ids=["NJ", "OH"])
def test_weeks_of_two_employers_may_be_the_same_ones(day):
    quarters = day.standard()
    first = [Paid(quarter, Decimal(13000), "Able Farms", 13) for quarter in quarters]
    alone = total(first, quarters)
    both = total([*first, Paid(quarters[0], Decimal(130), "Baker Mills", 4)], quarters)
    assert amount(day, alone) == (600 if day is NEW_JERSEY else 500)
    assert amount(day, both) == "weeks_not_known"
    rich = total([Paid(quarter, Decimal(90000), each, 13) for quarter in quarters for each in ("A", "B")], quarters)
    assert amount(day, rich) == (905 if day is NEW_JERSEY else 624)


# --- Ohio ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("children", "average", "gives"),
    [
        pytest.param(0, "1247.99", 623, id="none: a dollar under the maximum"),
        pytest.param(0, "1248.00", 624, id="none: the maximum exactly"),
        pytest.param(0, "2000.00", 624, id="none: the maximum"),
        pytest.param(1, "1248.00", 624, id="one: not above any maximum"),
        pytest.param(1, "1249.99", 624, id="one: not a dollar above"),
        pytest.param(1, "1250.00", "maximum_not_known", id="one: above the maximum of who has none"),
        pytest.param(2, "2000.00", "maximum_not_known", id="two: the maximum is not known"),
        pytest.param(3, "1683.99", 841, id="three: a dollar under the maximum"),
        pytest.param(3, "1684.00", 842, id="three: the maximum exactly"),
        pytest.param(4, "2000.00", 842, id="four: the maximum"),
    ],
)
def test_ohio_pays_half_the_average_up_to_a_maximum_by_class(children, average, gives):
    assert amount(OHIO, over(20, str(Decimal(average) * 20)), Household(children)) == gives


def test_in_ohio_a_spouse_is_a_dependant():
    assert amount(OHIO, over(20, "40000"), Household(2, spouse=True)) == 842


@pytest.mark.parametrize(
    ("weeks", "wages", "fails"),
    [
        (20, "7039.99", ["insufficient_average_weekly_wage"]),
        (20, "7040.00", []),
        (20, "7040.01", []),
        (19, "7040.00", ["insufficient_weeks_worked"]),
        (21, "7392.00", []),
        (0, "0", ["insufficient_weeks_worked", "insufficient_average_weekly_wage"]),
    ],
)
def test_ohios_tests(weeks, wages, fails):
    assert codes(OHIO, over(weeks, wages)) == fails


def test_ohios_year_ends_on_a_saturday():
    assert isinstance(PACKS.in_force("OH", Day.of("OH", "2026-12-26").on), Law)
    assert PACKS.in_force("OH", Day.of("OH", "2026-12-27").on).code == "not_known_after"
    assert PACKS.in_force("OH", Day.of("OH", "2023-06-04").on).code == "gap"


# --- Massachusetts -------------------------------------------------------------------------------


def quarters(*amounts: str) -> BaseWages:
    return of_quarters(map(Decimal, amounts))


@pytest.mark.parametrize(
    ("wages", "gives"),
    [
        pytest.param(("13000", "13000", "10000", "10000"), 500, id="two highest quarters / 26 = 1,000"),
        pytest.param(
            ("13000", "13000.01", "10000", "10000"), 500, id="1,000 and a part of a cent is 1,001: half is 500"
        ),
        pytest.param(("13000", "13026.01", "10000", "10000"), 501, id="above 1,001 is 1,002"),
        pytest.param(("13000", "10000"), 500, id="two quarters: the highest / 13"),
        pytest.param(("13000",), 500, id="one quarter: the highest / 13"),
        pytest.param(("28717", "28717", "1"), 1104, id="2,209 a week is a dollar under the maximum"),
        pytest.param(("28717", "28717.01", "1"), 1105, id="a cent more is 2,210 a week: the maximum"),
        pytest.param(("90000", "90000", "90000"), 1105, id="the maximum"),
        pytest.param(("858", "858", "858"), "schedule_not_known", id="66 a week: a schedule rules"),
        pytest.param(("858", "858.01", "858"), 33, id="67 a week"),
    ],
)
def test_massachusetts_pays_half_the_average(wages, gives):
    assert amount(MASSACHUSETTS, quarters(*wages)) == gives


def test_massachusetts_adds_25_a_child_also_above_the_maximum_and_nothing_for_a_spouse():
    found = weekly(MASSACHUSETTS, quarters("90000", "90000", "90000"), Household(30, spouse=True))
    assert (found.amount, found.rate, found.for_dependants) == (1855, 1105, 750)


@pytest.mark.parametrize(
    ("base_period", "children", "gives"),
    [
        pytest.param("36111.09", 0, 12999, id="a cent under 36 percent of 26 weeks"),
        pytest.param("36111.12", 0, 13000, id="36 percent is 26 weeks"),
        pytest.param("36113.89", 0, "weeks_not_known", id="36 percent is a dollar more: 26 or 30 weeks"),
        pytest.param("60000.00", 0, "weeks_not_known", id="26 or 30 weeks"),
        pytest.param("36111.12", 2, 14300, id="two children: 26 times 50 on top"),
        pytest.param("36111.09", 2, "award_with_dependants_not_known", id="two children and a last part of a week"),
    ],
)
def test_massachusetts_awards(base_period, children, gives):
    wages = BaseWages(Decimal(13000), Decimal(base_period), 4, Decimal(13000))
    assert award(MASSACHUSETTS, wages, Household(children)) == gives


def test_massachusetts_asks_for_30_times_the_rate_without_what_is_for_children():
    rules = {rule.name: rule for rule in MASSACHUSETTS.rules("monetary_tests")}
    assert rules.keys() == {"base_period_wages_for_rate"}
    for cents, fails in ((-1, True), (0, False), (1, False)):
        wages = BaseWages(Decimal(13000), Decimal(15000) + Decimal(cents) / 100, 4, Decimal(13000))
        rate = weekly(MASSACHUSETTS, wages, Household(3)).rate
        assert bool(failed(rules.values(), wages, rate)) is fails


def test_massachusetts_maximum_ends_before_october_2026():
    assert "2026-10-03" in PACKS.in_force("MA", Day.of("MA", "2026-10-04").on).detail
    assert "minimum wage" in PACKS.in_force("MA", MASSACHUSETTS.on).detail


# --- North Carolina ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "gives"),
    [
        ("779.99", 0),
        ("780.00", 15),
        ("780.01", 15),
        ("18199.99", 349),
        ("18200.00", 350),
        ("18252.00", 350),
    ],
)
@pytest.mark.parametrize("day", [NORTH_CAROLINA, Day.of("NC", "2026-06-07")], ids=["2014", "2026"])
def test_north_carolina_divides_the_last_two_quarters_by_52(day, last, gives):
    found = weekly(day, quarters("9000", "9000", "0.00", last))
    assert found.amount == gives
    assert (found.not_payable is None) is (gives > 0)


@pytest.mark.parametrize(
    ("first", "allowed", "weeks"),
    [
        pytest.param("0", 17, 17, id="all wages in the last two quarters: 2 x 8 2/3 is 17 1/3"),
        pytest.param("0", 20, 17, id="17 also where the rate allows 20"),
        pytest.param("700", 20, 18, id="2.07 x 8 2/3 is 17.94"),
        pytest.param("192.31", 20, 18, id="a cent above 17.5"),
        pytest.param("192.30", 20, 17, id="just below 17.5"),
        pytest.param("10000", 20, 20, id="3 x 8 2/3 is 26: the rate allows 20"),
        pytest.param("10000", 12, 12, id="the rate allows 12"),
    ],
)
def test_north_carolinas_award_where_the_weeks_of_the_rate_are_known(first, allowed, weeks):
    (rule,) = NORTH_CAROLINA.rules("award")
    known = type(rule)(rule.name, {**rule.numbers, "least_weeks": allowed, "most_weeks": allowed}, rule.words, "")
    wages = quarters(first, "0", "10000", "10000")
    found = maximum_award(known, wages, weekly(NORTH_CAROLINA, wages))
    assert (found.amount, found.weeks) == (weeks * 350, weeks)


def test_north_carolinas_rate_is_not_known_and_the_referral_tells_the_bounds():
    wages = quarters("0", "0", "10000", "10000")
    with pytest.raises(NotKnown) as found:
        maximum_award(NORTH_CAROLINA.rules("award")[0], wages, weekly(NORTH_CAROLINA, wages))
    assert "from 12 to 17 weeks, $4,200.00 to $5,950.00" in found.value.unknown.detail


@pytest.mark.parametrize("on", ["2014-06-01", "2020-06-07", "2026-06-07"])
def test_no_claim_of_north_carolina_is_decided(on):
    assert PACKS.in_force("NC", Day.of("NC", on).on).code == "gap"


def test_since_july_2015_the_award_of_96_14_4_is_not_known_to_be_law():
    assert Day.of("NC", "2015-06-30").rules("award")
    assert "seems repealed" in PACKS.rules("NC", "award", Day.of("NC", "2015-07-01").on).detail


# --- all -----------------------------------------------------------------------------------------


@quickly
@given(wages=CENTS, more=CENTS, weeks=st.integers(1, 53), day=st.sampled_from([NEW_JERSEY, OHIO]))
def test_more_wages_in_the_same_weeks_never_give_less(wages, more, weeks, day):
    found = [amount(day, over(weeks, str(each))) for each in (wages, wages + more)]
    known = [each for each in found if not isinstance(each, str)]
    assert known == sorted(known)
    assert all(0 <= each <= day.rules("weekly_amount")[0].numbers["maximum"] for each in known)


@quickly
@given(wages=QUARTERS, more=CENTS, day=st.sampled_from([MASSACHUSETTS, NORTH_CAROLINA]))
def test_more_wages_in_the_last_quarter_never_give_less(wages, more, day):
    """Massachusetts with wages in all quarters: by law the average of one highest quarter is more than that of two."""
    first, second, third, last = (each + 1 for each in wages)
    found = [amount(day, of_quarters([first, second, third, each])) for each in (last, last + more)]
    known = [each for each in found if not isinstance(each, str)]
    assert known == sorted(known)
    assert all(0 <= each <= day.rules("weekly_amount")[0].numbers["maximum"] for each in known)


@quickly
@given(wages=CENTS, weeks=st.integers(1, 53), children=st.integers(0, 6))
def test_dependants_never_make_it_less_and_never_break_the_maximum(wages, weeks, children):
    base = over(weeks, str(wages))
    found = [amount(NEW_JERSEY, base, Household(each, spouse_employed=False)) for each in range(children + 1)]
    known = [each for each in found if not isinstance(each, str)]
    assert known == sorted(known)
    assert all(each <= 905 for each in known)


@quickly
@given(wages=QUARTERS, children=st.integers(0, 9))
def test_a_massachusetts_award_is_never_more_than_26_weeks_as_far_as_it_is_known(wages, children):
    base = of_quarters(wages)
    found = award(MASSACHUSETTS, base, Household(children))
    assert isinstance(found, str) or found <= 26 * weekly(MASSACHUSETTS, base, Household(children)).amount


def test_who_meets_ohios_tests_is_payable():
    assert amount(OHIO, over(20, "7040"), ALONE) == 176


def test_no_name_of_a_rule_is_taken_twice():
    """The tables are put together from the modules': a later one of the same name would silently take the place."""
    tables = {Formula: FORMULAS, AwardFormula: AWARDS, formula.Test: TESTS}
    modules = [importlib.import_module(f"claims_shared.law.{each.name}") for each in pkgutil.iter_modules(law.__path__)]
    held = [value for module in modules for value in vars(module).values() if isinstance(value, Mapping)]
    for name, rule in (item for mapping in held for item in mapping.items()):
        if type(rule) in tables:
            assert tables[type(rule)][name] is rule, name


def test_the_arithmetic_is_shown():
    base = over(20, "20000")
    family = Household(2, spouse_employed=False)
    assert [*weekly(NEW_JERSEY, base, family).steps, *weekly(OHIO, over(20, "30000")).steps] == [
        "weekly benefit amount: wages $20,000.00 / 20 weeks = $1,000.00 a week",
        "weekly benefit amount: $1,000.00 x 0.60 = $600.00 (down to dollar)",
        "weekly benefit amount: $600.00 x 1.11 for 2 of at most 3 dependants, at most $905.00: $666.00 (down to dollar)",
        "weekly benefit amount: wages $30,000.00 / 20 weeks = $1,500.00 a week",
        "weekly benefit amount: $1,500.00 x 0.50 = $750.00 (down to dollar), at most $624.00",
    ]
    massachusetts = quarters("13000", "13000", "1000", "777.78")
    found = weekly(MASSACHUSETTS, massachusetts, Household(1))
    assert [*found.steps, *maximum_award(MASSACHUSETTS.rules("award")[0], massachusetts, found).steps] == [
        "weekly benefit amount: two highest quarters $26,000.00 / 26 = $1,000.00 (up to dollar)",
        "weekly benefit amount: $1,000.00 x 0.50 = $500.00 (down to dollar)",
        "weekly benefit amount: for children 1 x $25.00 = $25.00",
        "maximum award: 26 to 30 x $500.00",
        "maximum award: base period wages $27,777.78 x 0.36 = $10,000.00 (down to dollar)",
        "maximum award: the lower of both: $10,000.00",
        "maximum award: for children 20 x $25.00 = $500.00",
    ]
