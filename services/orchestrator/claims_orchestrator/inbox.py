"""Messages that wait inside the claim's document: for the claim itself, or for an engineer. Bounded, in order. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from claims_orchestrator.claim import Claim, Waiting
from claims_shared.decoding import decode
from claims_shared.messages.fields import ClaimId, Message
from claims_shared.wire import Received, Record

MAX_MESSAGES: Final = 100
MAX_BYTES: Final = 256 * 1024

replaced = msgspec.structs.replace


class AwaitedExpired(Message):
    """Said by the orchestrator to itself: the claim that these messages wait for did not come in time."""

    claim_id: ClaimId


def keep(claim: Claim, message: Received) -> Claim | None:
    """Add a message at the end; None where the bounds are reached."""
    record = message.record
    size = sum(len(each.value) for each in claim.inbox) + len(record.value or b"")
    if len(claim.inbox) >= MAX_MESSAGES or size > MAX_BYTES:
        return None
    waiting = Waiting(
        record.topic, record.partition, record.offset, record.key or b"", record.value or b"", tuple(record.headers)
    )
    return replaced(claim, inbox=(*claim.inbox, waiting))


def emptied(claim: Claim) -> Claim:
    """Take everything out."""
    return replaced(claim, inbox=())


def unheard(claim: Claim, waiting: Sequence[Waiting]) -> Claim:
    """Forget having heard what waited: it is about to be read as if it came now."""
    names = {f"{each.source} {each.id}" for each in received(waiting) if isinstance(each, Received)}
    return replaced(claim, heard=tuple(name for name in claim.heard if name not in names))


def record_of(waiting: Waiting) -> Record:
    """Give the record as it arrived."""
    return Record(waiting.topic, waiting.partition, waiting.offset, waiting.key, waiting.value, waiting.headers)


def received(waiting: Sequence[Waiting]) -> Iterator[Received | Record]:
    """Read what waited; a record that today's models cannot read comes back as it is."""
    for each in waiting:
        record = record_of(each)
        decoded = decode(record)
        yield decoded if isinstance(decoded, Received) else record
