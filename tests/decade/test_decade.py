"""Ten years of deadlines: none missed, none early, none on a wrong date; and a wrong one would be told."""

from datetime import date, timedelta

from tests.decade.years import ZONES, Decade, Zone, changes, counted, decade

from claims_shared.calendars.deadlines import Counted, Days


async def test_ten_years_in_four_zones_with_every_clock_change_leap_day_and_year_end():
    zones = await decade()
    assert set(zones) == set(ZONES)
    for zone in zones.values():
        assert (zone.waits, zone.changes, zone.leap_days, zone.year_ends) == (3 * 3653, 20, 3, 10)
        assert (zone.missed, zone.early, zone.wrong) == (0, 0, 0), zone


async def test_what_fires_never_or_late_or_on_another_date_is_told():
    lived = Decade()
    lived.zones["America/Denver"] = zone = Zone("America/Denver")
    lived._open(zone, date(2026, 3, 2), Days(10))
    lived._open(zone, date(2026, 3, 3), Days(10))
    lived.ends["2026-03-03"] = lived.ends.pop(next(name for name in lived.ends if "2026-03-03" in name))
    lived.ends = {
        name: (where, day + timedelta(days="2026-03-02" in name)) for name, (where, day) in lived.ends.items()
    }
    lived.memory.drop(next(each for claim, each in lived.memory.claims.items() if "2026-03-03" in claim))
    await lived.pass_by()
    assert (zone.missed, zone.early, zone.wrong, zone.right) == (1, 0, 1, False)


def test_the_second_way_of_counting():
    assert list(changes("America/Denver"))[:2] == [date(2020, 3, 8), date(2020, 11, 1)]
    assert counted(date(2026, 11, 24), Days(3, Counted.BUSINESS)) == date(2026, 11, 30)
    assert counted(date(2026, 6, 24), Days(10, rolls=True)) == date(2026, 7, 6)
