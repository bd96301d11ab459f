"""Where a rounding or the weeks of an award are not known: what can be said is said, all else refers."""

from datetime import UTC, date, datetime
from decimal import ROUND_CEILING, Decimal

import pytest
from hand_paid import PACKS, Day
from hypothesis import given, settings
from hypothesis import strategies as st

from claims_shared.law.formula import WeeklyAmount
from claims_shared.law.loader import FOLDER, PackError, load_packs
from claims_shared.law.rules import NotKnown, Unknown, rounded, settled
from claims_shared.law.wages import BaseWages, of_quarters

ALABAMA, ALABAMA_2026 = Day.of("AL", "2024-06-02"), Day.of("AL", "2026-06-07")
FLORIDA, FLORIDA_2026 = Day.of("FL", "2024-06-02"), Day.of("FL", "2026-06-07")
TEXAS = Day.of("TX", "2026-06-07")
CENTS = st.integers(0, 3_000_000).map(lambda cents: Decimal(cents) / 100)
QUARTERS = st.lists(CENTS, min_size=4, max_size=4)
quickly = settings(max_examples=100, deadline=None)


def quarters(*amounts: str) -> BaseWages:
    return of_quarters(map(Decimal, amounts))


def weekly(day: Day, wages: BaseWages) -> Decimal | None:
    """The weekly amount, None where it is not known."""
    try:
        return day.weekly(wages).amount
    except NotKnown:
        return None


@pytest.mark.parametrize(
    ("amount", "rounding", "gives"),
    [
        ("100.49", "to_nearest_dollar_half_not_known", 100),
        ("100.50", "to_nearest_dollar_half_not_known", None),
        ("100.51", "to_nearest_dollar_half_not_known", 101),
        ("100.00", "to_dollar_or_cent_not_known", 100),
        ("100.01", "to_dollar_or_cent_not_known", None),
    ],
)
def test_a_rounding_that_is_not_known_gives_what_it_surely_gives(amount, rounding, gives):
    if gives is None:
        with pytest.raises(NotKnown, match=r"How the law rounds \$100\."):
            rounded(Decimal(amount), rounding)
    else:
        assert rounded(Decimal(amount), rounding) == gives


def test_what_comes_of_it_may_be_known_all_the_same():
    assert settled(Decimal("100.5"), "to_dollar_or_cent_not_known", lambda reading: min(reading, Decimal(100))) == 100


@pytest.mark.parametrize(
    ("high_quarter", "amount"),
    [
        pytest.param("1849.99", "75", id="Texas: below the minimum, however rounded"),
        pytest.param("1875.00", "75", id="Texas: 75 exactly"),
        pytest.param("1875.01", None, id="Texas: 75 and a part of a cent"),
        pytest.param("5000.00", "200", id="Texas: 200 exactly"),
        pytest.param("5010.00", None, id="Texas: 200.40"),
        pytest.param("15124.99", None, id="Texas: a part of a cent below the maximum"),
        pytest.param("15125.00", "605", id="Texas: the maximum exactly"),
        pytest.param("15125.01", "605", id="Texas: above the maximum, however rounded"),
    ],
)
def test_texas_weekly_amounts(high_quarter, amount):
    assert weekly(TEXAS, quarters(high_quarter)) == (amount and Decimal(amount))


@pytest.mark.parametrize(
    ("others", "codes"),
    [
        pytest.param("2399.99", ["insufficient_base_period_wages_for_rate"], id="a cent below 37 times 200"),
        pytest.param("2400.00", [], id="exactly 37 times 200"),
        pytest.param("2400.01", [], id="a cent above"),
        pytest.param(
            "0", ["insufficient_quarters_with_wages", "insufficient_base_period_wages_for_rate"], id="one quarter"
        ),
    ],
)
def test_texas_tests(others, codes):
    assert TEXAS.codes(quarters("5000", others)) == codes


@pytest.mark.parametrize(
    ("base_period_wages", "award"),
    [
        pytest.param("10000.00", "2700", id="0.27 of the wages is whole dollars"),
        pytest.param("10001.00", None, id="0.27 of the wages has cents"),
        pytest.param("19259.26", "5200", id="0.27 of the wages is more than 26 weeks, however rounded"),
    ],
)
def test_texas_awards(base_period_wages, award):
    wages = BaseWages(Decimal(5000), Decimal(base_period_wages), 4)
    if award is None:
        with pytest.raises(NotKnown, match="rounds"):
            TEXAS.award(wages)
    else:
        assert TEXAS.award(wages).amount == Decimal(award)


@pytest.mark.parametrize(
    ("high_quarter", "amount"), [("7149.99", 274), ("7150.00", 275), ("7150.01", 275), ("858.00", 33), ("857.99", 32)]
)
def test_florida_weekly_amounts(high_quarter, amount):
    assert FLORIDA.weekly(quarters(high_quarter)).amount == amount


@pytest.mark.parametrize(
    ("wages", "codes"),
    [
        (("2000.00", "1399.99"), ["insufficient_base_period_wages"]),
        (("2000.00", "1400.00"), []),
        (("4000.00", "1999.99"), ["insufficient_base_period_wages_for_high_quarter"]),
        (("4000.00", "2000.00"), []),
        (("4000.00",), ["insufficient_quarters_with_wages", "insufficient_base_period_wages_for_high_quarter"]),
    ],
)
def test_florida_tests(wages, codes):
    assert FLORIDA.codes(quarters(*wages)) == codes


@pytest.mark.parametrize(
    ("day", "base_period_wages", "award"),
    [
        pytest.param(FLORIDA, "4800.00", 1200, id="Florida: a quarter of the wages is 12 weeks"),
        pytest.param(FLORIDA, "4799.99", 1199, id="Florida: a cent less is a dollar less"),
        pytest.param(FLORIDA, "4804.00", None, id="Florida: a quarter of the wages is more: it depends on the rate"),
        pytest.param(FLORIDA_2026, "4804.00", 1200, id="Florida: 12 weeks in 2026"),
        pytest.param(Day.of("FL", "2026-10-04"), "4804.00", None, id="Florida: another rate from October 2026 on"),
        pytest.param(ALABAMA, "5600.00", 1400, id="Alabama: a quarter of the wages is 14 weeks"),
        pytest.param(ALABAMA, "5604.00", None, id="Alabama: a quarter of the wages is more: it depends on the rate"),
        pytest.param(ALABAMA_2026, "5604.00", 1400, id="Alabama: 14 weeks in 2026"),
        pytest.param(ALABAMA, "5001.96", 1250, id="Alabama: 1,250.49 is 1,250"),
        pytest.param(ALABAMA, "5002.00", None, id="Alabama: which way 1,250.50 goes is not said"),
        pytest.param(ALABAMA, "5002.04", 1251, id="Alabama: 1,250.51 is 1,251"),
    ],
)
def test_awards_by_unemployment(day, base_period_wages, award):
    wages = BaseWages(Decimal(2600), Decimal(base_period_wages), 4, Decimal(2600))
    if award is None:
        with pytest.raises(NotKnown, match="not known"):
            day.award(wages)
    else:
        assert day.award(wages).amount == award


@pytest.mark.parametrize(
    ("second", "amount", "codes"),
    [
        pytest.param("1156.99", 0, ["insufficient_wages_in_two_highest_quarters"], id="a cent below 52 times 44.50"),
        pytest.param("1157.00", 0, ["insufficient_wages_in_two_highest_quarters"], id="52 times 44.50 exactly"),
        pytest.param("1157.01", 45, [], id="a cent above 52 times 44.50"),
    ],
)
def test_alabama_pays_above_44_50(second, amount, codes):
    wages = quarters("1157.00", second, "1000")
    found = ALABAMA.weekly(wages)
    assert (found.amount, ALABAMA.codes(wages)) == (amount, codes)
    assert (found.not_payable is None) is (amount > 0)


@pytest.mark.parametrize(
    ("second", "amount"), [("7099.99", 275), ("7100.00", 275), ("7101.00", 275), ("7074.00", 274), ("7074.01", 275)]
)
def test_alabama_pays_at_most_275(second, amount):
    """275.00 takes 14,300.00 in both quarters; 274.50 is 274, more is 275."""
    assert ALABAMA.weekly(quarters("7200.00", second)).amount == amount


@pytest.mark.parametrize("jurisdiction", ["AL", "FL", "TX"])
def test_an_alternate_base_period_that_is_not_known_refers(jurisdiction):
    day = Day.of(jurisdiction, "2026-06-07")
    law = PACKS.in_force(jurisdiction, day.on)
    assert not isinstance(law, Unknown)
    assert law.quarters("standard", day.on) == ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
    with pytest.raises(NotKnown, match="alternate base period"):
        law.quarters("alternate", day.on)


@quickly
@given(lower=QUARTERS, more=CENTS, day=st.sampled_from([ALABAMA, FLORIDA, TEXAS]))
def test_more_wages_never_give_less_a_week(lower, more, day):
    first, second, third, last = lower
    amounts = [weekly(day, of_quarters([first, second, third, each])) for each in (last, last + more)]
    known = [amount for amount in amounts if amount is not None]
    assert known == sorted(known)
    assert all(amount <= day.rules("weekly_amount")[0].numbers["maximum"] for amount in known)


@quickly
@given(wages=QUARTERS)
def test_in_alabama_who_meets_the_tests_is_payable(wages):
    base = of_quarters(wages)
    assert ALABAMA.codes(base) or ALABAMA.weekly(base).amount > 0


@quickly
@given(wages=QUARTERS, days=st.sampled_from([(ALABAMA, ALABAMA_2026), (FLORIDA, FLORIDA_2026)]))
def test_an_award_that_needs_no_rate_is_the_same_with_the_lowest(wages, days):
    base = of_quarters(wages)
    try:
        awards = [day.award(base) for day in days if day.weekly(base).amount > 0]
    except NotKnown:
        return
    assert len({(award.amount, award.weeks) for award in awards}) <= 1


TABLED = ("AR", "AZ", "DE", "HI", "ID", "IN", "KS", "MO", "MS", "NV", "SC", "SD", "VT", "WY")


@pytest.mark.parametrize("jurisdiction", TABLED)
def test_of_states_known_from_federal_tables_no_claim_is_decided_and_it_is_said_why(jurisdiction):
    law = PACKS.in_force(jurisdiction, date(2026, 6, 7))
    assert isinstance(law, Unknown)
    assert "only federal tables" in law.detail
    assert isinstance(PACKS.effective_on(jurisdiction, datetime(2026, 6, 9, 12, tzinfo=UTC)), Unknown)


@pytest.mark.parametrize("jurisdiction", TABLED)
@pytest.mark.parametrize("on", ["2020-06-07", "2026-06-07"])
def test_a_tabled_weekly_amount_is_known_from_its_maximum_on_and_not_below_its_least(jurisdiction, on):
    day = Day.of(jurisdiction, on)
    numbers = day.rules("weekly_amount")[0].numbers
    high = (numbers["maximum"] * numbers["divisor"] / numbers["ratio"]).quantize(Decimal("0.01"), ROUND_CEILING)
    wages = BaseWages(high, high, 4, high)
    assert day.weekly(wages).amount == numbers["maximum"]
    with pytest.raises(NotKnown, match="is not known"):
        day.weekly(BaseWages(Decimal(1), Decimal(2), 2, Decimal(1)))


@pytest.mark.parametrize(("jurisdiction", "before", "after"), [("SD", 553, 575), ("WY", 651, 671)])
def test_a_maximum_that_changes_within_a_year(jurisdiction, before, after):
    for on, maximum in (("2026-07-04", before), ("2026-07-05", after)):
        assert Day.of(jurisdiction, on).rules("weekly_amount")[0].numbers["maximum"] == maximum


def test_kansas_says_why_its_amounts_end():
    told = PACKS.rules("KS", "weekly_amount", date(2026, 7, 1))
    assert isinstance(told, Unknown)
    assert "July 2026" in told.detail


def test_a_section_may_be_left_out_only_where_none_of_its_days_is_known(tmp_path):
    text = (FOLDER / "AZ.yaml").read_text()
    (tmp_path / "AZ.yaml").write_text(text.replace("issues, award]", "issues]"))
    with pytest.raises(PackError, match="award: holds 0 formulas"):
        load_packs(tmp_path)


def test_the_arithmetic_is_shown():
    wages = quarters("5000", "5000", "2600")
    shown: list[WeeklyAmount] = [day.weekly(wages) for day in (ALABAMA, FLORIDA, TEXAS)]
    assert [step for each in shown for step in each.steps] == [
        "weekly benefit amount: two highest quarters $10,000.00 / 52 = $192.00 (to nearest dollar half down)",
        "weekly benefit amount: high quarter $5,000.00 / 26 = $192.00 (down to dollar)",
        "weekly benefit amount: high quarter $5,000.00 / 25 = $200.00",
    ]
    assert FLORIDA_2026.award(wages).steps == (
        "maximum award: 12 x $192.00",
        "maximum award: base period wages $12,600.00 x 0.25 = $3,150.00 (down to dollar)",
        "maximum award: the lower of both: $2,304.00",
    )
