"""Puts dead letters into their topics again, or notes that they are discarded; what is done is said on a topic.

A part is sent, then noted: a crash in between redrives its letters once more, which their readers recognise by their ids.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from aiokafka import ConsumerRecord

from claims_cli.errors import ClaimsError
from claims_cli.pacing import Course, Pace, shown, stoppable
from claims_cli.portal import PATIENCE_S, SOURCE, sender
from claims_cli.records import letter_box
from claims_cli.records.letters import Letter, original
from claims_shared.messages.catalog import OPERATIONS
from claims_shared.messages.operations import Handled, LetterDiscarded, LetterRedriven
from claims_shared.producing import Producer
from claims_shared.wire import Copy, Output, output

AHEAD: Final = 1_000
TOPICS: Final = (*letter_box.LETTERS, OPERATIONS.name)


async def redrive(bootstrap: str, letters: Sequence[Letter], by: str, rate: float) -> Course:
    """Send the records again, in the order in which they were put aside; give how far it came."""
    course = Course(len(letters))
    async with sender(bootstrap, TOPICS) as producer:
        with stoppable() as stop, shown("redriving", course) as advance:
            async for part in _bodies(bootstrap, letters, Pace(rate, stop)):
                await _send(producer, [Copy(original(record, letter)) for letter, record in part])
                await _send(producer, [_redriven(letter, by) for letter, _ in part])
                advance(len(part))
            course.stopped = stop.is_set()
    return course


async def discard(bootstrap: str, letters: Sequence[Letter], by: str, reason: str) -> Course:
    """Note that nothing more is done about these; the letters stay where they are."""
    course = Course(len(letters))
    async with sender(bootstrap, TOPICS) as producer:
        with stoppable() as stop, shown("discarding", course) as advance:
            async for part in Pace(math.inf, stop).parts(letters):
                await _send(producer, [_discarded(letter, by, reason) for letter in part])
                advance(len(part))
            course.stopped = stop.is_set()
    return course


async def _bodies(
    bootstrap: str, letters: Sequence[Letter], pace: Pace
) -> AsyncIterator[Sequence[tuple[Letter, ConsumerRecord]]]:
    """Give letters with their bodies in parts; no more than some are held at a time."""
    for first in range(0, len(letters), AHEAD):
        held = [each async for each in letter_box.whole(bootstrap, letters[first : first + AHEAD])]
        async for part in pace.parts(held):
            yield part


async def _send(producer: Producer, sends: Sequence[Output | Copy]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await producer.produce(sends)
    except TimeoutError as late:
        raise ClaimsError(
            f"the broker did not take a part within {PATIENCE_S:.0f} s; the same command goes on with what is left"
        ) from late


def _redriven(letter: Letter, by: str) -> Output:
    now = datetime.now(UTC)
    return _said(LetterRedriven(**_about(letter), redriven_by=by, redriven_at=now), letter, "redriven", now)


def _discarded(letter: Letter, by: str, reason: str) -> Output:
    now = datetime.now(UTC)
    said = LetterDiscarded(**_about(letter), reason=reason, discarded_by=by, discarded_at=now)
    return _said(said, letter, "discarded", now)


def _about(letter: Letter) -> dict[str, Any]:
    service, (topic, partition, offset) = letter.of
    at = {"service": service, "topic": topic, "partition": partition, "offset": offset}
    return at | {"key": letter.key, "code": letter.code}


def _said(message: Handled, letter: Letter, what: str, now: datetime) -> Output:
    name = f"{letter.of.place}/{letter.of.service}/{what}/{now.isoformat()}"
    return output(message, id=name, source=SOURCE, at=now, key=letter.of.service)
