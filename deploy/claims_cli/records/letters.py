"""Dead letters as operators see them: which record, why, when, and what was done about it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple, TypeAlias

from aiokafka import ConsumerRecord

from claims_cli.errors import ClaimsError
from claims_shared.wire import Headers, Record

Fate: TypeAlias = Literal["open", "redriven", "discarded"]
FIRST: Final = "dlq_code"
"""The first of the headers that were added to the record's own."""
REDRIVEN: Final = "dlq_redriven"
"""Added to a record that is put into its topic again, once each time: the place of the letter."""
RAW: Final = "dlq_raw"
"""Said of what no client can read: its value is the bytes as they lie in the log, or nothing."""
_AGO: Final = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Place(NamedTuple):
    """Where a record lies."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Of(NamedTuple):
    """What a letter is about: a record, and the service that could not use it. Copies of a letter have this in common."""

    service: str
    place: Place


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter without its body. `place`: of the letter itself. `redriven`: how often the record was put back before."""

    place: Place
    of: Of
    code: str
    reasons: str
    key: str | None
    type: str
    id: str
    at: datetime
    attempts: int
    redriven: int
    raw: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters: all that are asked for must hold. `places`: of letters, or of the records that they are about."""

    places: frozenset[str] = frozenset()
    topic: str | None = None
    service: str | None = None
    code: str | None = None
    claim: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is asked for."""
        return self == Wanted()

    def takes(self, letter: Letter) -> bool:
        """Whether it is one of them."""
        named = not self.places or not {str(letter.place), str(letter.of.place)}.isdisjoint(self.places)
        alike = (
            self.topic in (None, letter.of.place.topic, letter.place.topic)
            and self.service in (None, letter.of.service)
            and self.code in (None, letter.code)
            and self.claim in (None, letter.key)
        )
        return named and alike and (self.since or letter.at) <= letter.at <= (self.until or letter.at)


@dataclass(frozen=True, slots=True)
class Group:
    """Letters of one cause."""

    topic: str
    service: str
    code: str
    letters: Sequence[Letter]

    @property
    def oldest(self) -> Letter:
        return min(self.letters, key=lambda each: each.at)

    @property
    def newest(self) -> Letter:
        return max(self.letters, key=lambda each: each.at)


def letter_of(record: ConsumerRecord) -> Letter | None:
    """Read a letter; None where somebody else's record lies in its topic."""
    own, added = apart(record.headers)
    why = {name: (value or b"").decode(errors="replace") for name, value in added}
    try:
        of = Of(why["dlq_service"], Place(why["dlq_topic"], int(why["dlq_partition"]), int(why["dlq_offset"])))
        attempts = int(why["dlq_attempts"])
    except (KeyError, ValueError):
        return None
    said = {name: (value or b"").decode(errors="replace") for name, value in own}
    return Letter(
        Place(record.topic, record.partition, record.offset),
        of,
        why[FIRST],
        why.get("dlq_reasons", ""),
        record.key.decode(errors="replace") if record.key is not None else None,
        said.get("ce_type", ""),
        said.get("ce_id", ""),
        datetime.fromtimestamp(record.timestamp / 1000, UTC),
        attempts,
        sum(name == REDRIVEN for name, _ in own),
        RAW in why,
    )


def original(record: ConsumerRecord, letter: Letter) -> Record:
    """Give the record as it was, marked with the letter's place: same bytes, key, headers and id, same partition."""
    own, _ = apart(record.headers)
    topic, partition, offset = letter.of.place
    headers = [*own, (REDRIVEN, str(letter.place).encode())]
    return Record(topic, partition, offset, record.key, record.value, headers)


def apart(headers: Headers) -> tuple[Headers, Headers]:
    """Divide a letter's headers into the record's own and those that were added; a sender may have used the same names."""
    last = max((number for number, (name, _) in enumerate(headers) if name == FIRST), default=len(headers))
    return headers[:last], headers[last:]


def distinct(letters: Iterable[Letter]) -> list[Letter]:
    """Give the first copy of each: a crash may have written a letter twice."""
    first: dict[Of, Letter] = {}
    for letter in letters:
        first.setdefault(letter.of, letter)
    return list(first.values())


def chosen(letters: Iterable[Letter], wanted: Wanted, fates: Mapping[Of, Fate], *, handled: bool) -> list[Letter]:
    """Give the letters that are wanted, those that were dealt with only where `handled`."""
    return [each for each in letters if wanted.takes(each) and (handled or each.of not in fates)]


def grouped(letters: Iterable[Letter]) -> list[Group]:
    """Put letters of one cause together, the largest group first."""
    found: dict[tuple[str, str, str], list[Letter]] = {}
    for each in letters:
        found.setdefault((each.of.place.topic, each.of.service, each.code), []).append(each)
    return sorted((Group(*cause, alike) for cause, alike in found.items()), key=lambda each: -len(each.letters))


def instant(written: str, now: datetime) -> datetime:
    """Read an instant: ISO 8601 with its offset, or so long ago (90s, 30m, 2h, 3d)."""
    if ago := _AGO.fullmatch(written):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ClaimsError(f"{written!r} is no instant: write 2026-11-24T12:00:00Z, or how long ago, such as 2h or 3d")
    return found
