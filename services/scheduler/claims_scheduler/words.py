"""Instants, days, money and names of things in the citizen's language and zone. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from whenever import Date, Instant, ZonedDateTime

LANGUAGES: Final = ("en", "es")

_DAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS: Final = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}
_THINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "ssn": "your Social Security number",
        "first_name": "your first name",
        "last_name": "your last name",
        "name": "your name",
        "date_of_birth": "your date of birth",
    },
    "es": {
        "ssn": "su número de Seguro Social",
        "first_name": "su nombre",
        "last_name": "su apellido",
        "name": "su nombre completo",
        "date_of_birth": "su fecha de nacimiento",
    },
}


def language_of(asked: str) -> str:
    """Give the language that we write in: the citizen's where there are templates, else English."""
    return asked if asked in LANGUAGES else "en"


def moment(text: str, language: str, zone: str) -> str:
    """Write an RFC 3339 instant as a day and a time in the zone, and name the zone; anything else as it came."""
    try:
        at = Instant.parse_iso(text).to_tz(zone)
    except ValueError:
        return text
    return _MOMENTS[language](at)


def _english(at: ZonedDateTime) -> str:
    half = "a.m." if at.hour < 12 else "p.m."  # noqa: PLR2004 - noon
    clock = f"{(at.hour + 11) % 12 + 1}:{at.minute:02d} {half}"
    return f"{_day(at.date(), 'en')} at {clock} {_zone(at)}"


def _spanish(at: ZonedDateTime) -> str:
    return f"{_day(at.date(), 'es')} a las {at.hour}:{at.minute:02d} {_zone(at)}"


_MOMENTS: Final[Mapping[str, Callable[[ZonedDateTime], str]]] = {"en": _english, "es": _spanish}


def _zone(at: ZonedDateTime) -> str:
    """Name the zone as people do, MST or EDT; where the database has only an offset, by its place."""
    abbreviation = at.tz_abbrev()
    return abbreviation if abbreviation.isalpha() else f"({at.tz_id})"


def day(text: str, language: str) -> str:
    """Write an ISO date in words; anything else as it came."""
    try:
        return _day(Date.parse_iso(text), language)
    except ValueError:
        return text


def date_of(text: str, language: str, zone: str) -> str:
    """Write the day on which an RFC 3339 instant falls in the zone; anything else as it came."""
    try:
        return _day(Instant.parse_iso(text).to_tz(zone).date(), language)
    except ValueError:
        return text


def wages(text: str, language: str) -> list[tuple[str, str]]:
    """Write `2025Q2=9750.00 2025Q3=...` as rows of quarter and amount, and their sum."""
    pairs = [each.partition("=") for each in text.split()]
    rows = [(_quarter(quarter, language), money(amount)) for quarter, _, amount in pairs]
    try:
        total = sum(Decimal(amount) for _, _, amount in pairs)
    except InvalidOperation:
        return rows
    return [*rows, (_TOTAL[language], money(str(total)))]


_TOTAL: Final = {"en": "Together", "es": "En total"}
_QUARTERS: Final = {"en": "{} to {} {}", "es": "de {} a {} de {}"}


def _quarter(text: str, language: str) -> str:
    year, _, number = text.partition("Q")
    if number not in {"1", "2", "3", "4"}:
        return text
    first, months = int(number) * 3 - 3, _MONTHS[language]
    return _QUARTERS[language].format(months[first], months[first + 2], year)


def office(state: str, language: str) -> str:
    """Name an agency of which no more is known than its state."""
    return f"Seguro de Desempleo de {state}" if language == "es" else f"{state} Unemployment Insurance"


def _day(date: Date, language: str) -> str:
    weekday = _DAYS[language][date.day_of_week().value - 1]
    month = _MONTHS[language][date.month - 1]
    if language == "es":
        return f"el {weekday} {date.day} de {month} de {date.year}"
    return f"{weekday}, {month} {date.day}, {date.year}"


def money(text: str) -> str:
    """Write dollars with separators; anything else as it came."""
    try:
        return f"${Decimal(text):,.2f}"
    except InvalidOperation:
        return text


def thing(code: str, language: str) -> str:
    """Name what a code stands for; a code without a name in plain letters."""
    return _THINGS[language].get(code, code.replace("_", " "))
