"""The dead letters of a broker: all of them without their bodies, what was done about each, and the bodies of some."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka import ConsumerRecord

from claims_cli.records import stream
from claims_cli.records.letters import Fate, Letter, Of, Place, distinct, letter_of
from claims_cli.records.stream import Event
from claims_shared.messages.catalog import BY_MODEL, OPERATIONS, TOPICS
from claims_shared.messages.operations import LetterDiscarded, LetterRedriven

LETTERS: Final = tuple(letter for topic in TOPICS for letter in topic.letters)
FATES: Final[Mapping[str, Fate]] = {
    BY_MODEL[LetterRedriven].wire: "redriven",
    BY_MODEL[LetterDiscarded].wire: "discarded",
}


@dataclass(frozen=True, slots=True)
class Box:
    """Every letter once, in the order of its partition; `fates` of those that were dealt with; what is no letter of ours."""

    letters: Sequence[Letter]
    fates: Mapping[Of, Fate]
    foreign: int

    def fate(self, letter: Letter) -> Fate:
        """Say what became of a letter."""
        return self.fates.get(letter.of, "open")


async def read(bootstrap: str) -> Box:
    """Read all of it; raises ClaimsError where the broker cannot be read."""
    fates: dict[Of, Fate] = {}
    found: list[Letter | None] = []
    async with stream.reading(bootstrap, (*LETTERS, OPERATIONS.name), from_start=True) as lying:
        async for record in lying.records_to_the_end():
            if record.topic == OPERATIONS.name:
                fates |= _fate(stream.event(record))
            else:
                found.append(letter_of(record))
    letters = [each for each in found if each is not None]
    return Box(distinct(letters), fates, len(found) - len(letters))


async def whole(bootstrap: str, letters: Iterable[Letter]) -> AsyncIterator[tuple[Letter, ConsumerRecord]]:
    """Give these letters again with their bodies, in the order of each partition."""
    waiting = {each.place: each for each in letters}
    first: dict[tuple[str, int], int] = {}
    for topic, partition, offset in waiting:
        first[topic, partition] = min(offset, first.get((topic, partition), offset))
    if not first:
        return
    async with stream.reading(bootstrap, {topic for topic, _ in first}, from_start=True) as lying:
        lying.begin(first)
        async for record in lying.records_to_the_end():
            letter = waiting.pop(Place(record.topic, record.partition, record.offset), None)
            if letter is not None:
                yield letter, record
            if not waiting:
                return


def _fate(event: Event) -> dict[Of, Fate]:
    """Read what was done about a letter; the newest counts, as all that is said of a service lies in one partition."""
    if event.type not in FATES:
        return {}
    body = event.body
    return {Of(body["service"], Place(body["topic"], body["partition"], body["offset"])): FATES[event.type]}
