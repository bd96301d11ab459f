"""One language and one time zone: finds the words, writes dates, moments and money as the citizen would. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from claims_orchestrator.console.words import DEFAULT, WORDS

UTC: Final = "UTC"


class Speech:
    """Speaks `language` where there are words for it, else English; tells time as in `zone`."""

    def __init__(self, language: str, zone: str) -> None:
        self.language = language if language in WORDS else DEFAULT
        self._words = WORDS[self.language]
        self._zone = _zone(zone)

    def say(self, name: str, **values: str) -> str:
        """Give a sentence with its values filled in."""
        return self._words[name].format(**values)

    def one_of(self, *names: str) -> str:
        """Give the first name that there are words for."""
        return next(name for name in names if name in self._words)

    def date(self, day: date) -> str:
        month = self._words["months"].split()[day.month - 1]
        return self._words["date"].format(month=month, day=day.day, year=day.year)

    def day_of(self, instant: datetime) -> str:
        """Give the citizen's own date at this instant."""
        return self.date(instant.astimezone(self._zone).date())

    def moment(self, instant: datetime) -> str:
        here = instant.astimezone(self._zone)
        half = self._words["halves"].split(",")[here.hour // 12]
        return self._words["moment"].format(
            date=self.date(here.date()),
            hour12=here.hour % 12 or 12,
            minute=f"{here.minute:02}",
            half=half,
            city=self._zone.key.rsplit("/", 1)[-1].replace("_", " "),
        )

    def several(self, things: Sequence[str]) -> str:
        """Join things as in speech: a; b and c."""
        *first, last = things
        return self.say("and", first="; ".join(first), last=last) if first else last


def money(amount: Decimal) -> str:
    """Write dollars as both languages do here."""
    return f"${amount:,.2f}"


def _zone(name: str) -> ZoneInfo:
    """A zone that nobody knows must not cost the citizen the answer."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(UTC)
