"""The outputs of identity: ids composed from the command's, so that whoever reads one twice knows it. Pure."""

from datetime import datetime
from typing import Final

from claims_identity.failures import CheckFailure
from claims_identity.verify import Verdict
from claims_shared.messages.catalog import BY_MODEL, BY_WIRE
from claims_shared.messages.fields import Command, FailureKind, Message
from claims_shared.messages.identity import IdentityCheckFailed, IdentityConflictFound, IdentityReleased
from claims_shared.wire import Output, Received, output

SOURCE: Final = "claims.identity"
UNDONE: Final = CheckFailure(FailureKind.PERMANENT, "undone")
INTERNAL: Final = CheckFailure(FailureKind.PERMANENT, "internal_error")


def decided(message: Received, verdict: Verdict, now: datetime) -> tuple[Output, ...]:
    """Give the answer, then what the other claims are told."""
    return (_answer(message, verdict.answer, now), *(_telling(message, each, now) for each in verdict.told))


def again(message: Received, asked: Command, outputs: tuple[Output, ...], now: datetime) -> tuple[Output, ...]:
    """Give a final answer again, to this attempt. What the others were told goes out unchanged: they know it by its id."""
    first, *told = outputs
    answer = BY_WIRE[first.type].model.model_validate_json(first.body)
    return (_answer(message, answer.model_copy(update={"attempt": asked.attempt}), now), *told)


def failed(message: Received, asked: Command, failure: CheckFailure, now: datetime) -> Output:
    """Say that the check could not be made; not final."""
    answer = IdentityCheckFailed(
        claim_id=asked.claim_id,
        answers=asked.effect_id,
        attempt=asked.attempt,
        kind=failure.kind,
        reason=failure.reason,
        retry_after_seconds=failure.retry_after_seconds,
    )
    return _answer(message, answer, now)


def released(message: Received, asked: Command, now: datetime) -> Output:
    """Say that the token is free."""
    answer = IdentityReleased(claim_id=asked.claim_id, answers=asked.effect_id, attempt=asked.attempt)
    return _answer(message, answer, now)


def _answer(message: Received, answer: Message, now: datetime) -> Output:
    """The fact is in the id: a command that comes again may be verified where its check failed before."""
    fact = BY_MODEL[type(answer)].wire.split(".")[1]
    return output(answer, id=f"{message.id}/{fact}", source=SOURCE, at=now, causation=message.id)


def _telling(message: Received, told: IdentityConflictFound, now: datetime) -> Output:
    return output(told, id=f"{message.id}/conflict/{told.claim_id}", source=SOURCE, at=now, causation=message.id)
