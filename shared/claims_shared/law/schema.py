"""What a pack may contain: sections, their rules, each rule's parameters, and how a value of each unit is read. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from claims_shared.law.award import AWARDS
from claims_shared.law.hours_tiers import read_tiers
from claims_shared.law.monetary import TESTS
from claims_shared.law.partial_week import WEEK_FORMULAS
from claims_shared.law.periods import BASE_PERIODS, QUARTER_CALENDARS, WEEKDAYS
from claims_shared.law.rules import ROUNDINGS, UNSETTLED
from claims_shared.law.tabled_amount import BASES
from claims_shared.law.taxable_wages import BY_YEAR, read_bases
from claims_shared.law.weekly_amount import FORMULAS

Needs = Mapping[str, Mapping[str, str]]

ISSUES = ("quit", "discharge", "labor_dispute", "not_able_and_available", "not_work_authorized", "filed_late")
TRUST = ("statute", "agency", "agency_code", "relayed", "second_hand", "citation_only")
"""The strongest first. statute: its text was read; agency: the agency's page was read; agency_code: the agency's own program and
tests; relayed: another source quotes statute or agency; second_hand: a transcription; citation_only: text not read by us."""
TRUSTS = frozenset(TRUST)

SECTIONS: Mapping[str, Needs] = {
    "calendar": {
        "benefit_week": {"time_zone": "time zone", "starts_on": "weekday"},
        "quarter": {"starts_on": "quarter start"},
    },
    "base_periods": {"standard": {"quarters": "base period"}, "alternate": {"quarters": "base period"}},
    "further_base_periods": {"current_quarter": {"quarters": "base period"}},
    "monetary_tests": {name: test.needs for name, test in TESTS.items()},
    "weekly_amount": {name: formula.needs for name, formula in FORMULAS.items()},
    "award": {name: formula.needs for name, formula in AWARDS.items()},
    "partial_week": {name: formula.needs for name, formula in WEEK_FORMULAS.items()},
    "rights": {"waiting_period": {"weeks": "weeks"}, "appeal": {"days": "days"}},
    "issues": {code: {"shown_by": "party"} for code in ISSUES},
}
"""section -> rule -> parameter -> unit."""

CHOSEN = frozenset({"weekly_amount", "award", "partial_week"})
"""Sections in which a pack holds exactly one of the rules, or none where `not_known` says so of all its days."""
ANY_OF = frozenset({"monetary_tests"})
"""Sections in which a pack holds one or more of the rules; their order is the order of the law."""
OPTIONAL = frozenset({"rights.appeal", "base_periods.alternate"})
"""Rules without which claims can still be decided."""
OPTIONAL_SECTIONS = frozenset({"partial_week", "further_base_periods"})
"""Sections that a pack may leave out: claims can be decided, and who asks for such a rule is told that there is none."""


def read(value: str, unit: str) -> Decimal | str:
    """Read a quoted value of this unit; ValueError says in words what it should have been."""
    return READERS[unit](value)


def _number(whole: bool) -> Callable[[str], Decimal]:
    def number(value: str) -> Decimal:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise ValueError(f"{value!r} is not a number") from None
        if not amount.is_finite() or amount < 0 or (whole and amount != amount.to_integral_value()):
            raise ValueError(f"{value!r} is not a {'whole ' if whole else ''}number of at least 0")
        return amount

    return number


def _dollars(value: str) -> Decimal:
    amount = _number(whole=False)(value)
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError(f"{value!r} has more than two decimals")
    return amount


def _one_of(names: Mapping[str, object] | tuple[str, ...]) -> Callable[[str], str]:
    def name(value: str) -> str:
        if value not in names:
            raise ValueError(f"{value!r} is none of {', '.join(names)}")
        return value

    return name


def _zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"{value!r} is no time zone") from None


def _by_year(value: str) -> str:
    read_bases(value)
    return value


def _tiers(value: str) -> str:
    read_tiers(value)
    return value


TABLES = "brackets"
"""The unit of a value that names a table beside the pack; the loader reads it."""

READERS: Mapping[str, Callable[[str], Decimal | str]] = {
    "dollars": _dollars,
    "ratio": _number(whole=False),
    "weeks": _number(whole=True),
    "rates": _number(whole=True),
    "dependants": _number(whole=True),
    "quarters": _number(whole=True),
    "days": _number(whole=True),
    "hours": _number(whole=True),
    "hours tiers": _tiers,
    BY_YEAR: _by_year,
    "wages basis": _one_of(tuple(BASES)),
    "rounding": _one_of((*ROUNDINGS, *UNSETTLED)),
    "weekday": _one_of(WEEKDAYS),
    "quarter start": _one_of(QUARTER_CALENDARS),
    "base period": _one_of(BASE_PERIODS),
    "time zone": _zone,
    "party": _one_of(("claimant", "employer", "agency")),
}
