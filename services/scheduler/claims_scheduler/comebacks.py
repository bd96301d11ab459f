"""What it means to an effect that one of its mails came back: noted once, told once, and nothing else forgotten. Pure."""

from datetime import datetime

import msgspec

from claims_scheduler.effects import Bounce, Effect, due_again
from claims_scheduler.waits import SOURCE
from claims_shared.messages.fields import utc
from claims_shared.messages.scheduler import NoticeBounced
from claims_shared.wire import Output, output


def bounced(effect: Effect, sequence: int, status: str, now: int) -> Effect | None:
    """Note that this one of its mails came back, to be told at once; None: that is known."""
    if any(each.sequence == sequence for each in effect.bounces):
        return None
    noted = (*effect.bounces, Bounce(sequence, status, now))
    return msgspec.structs.replace(effect, bounces=noted, due_at=now if effect.due_at is None else effect.due_at)


def bounces_told(effect: Effect, now: int) -> Effect:
    """Note that they are told; what else it has to do stays due."""
    noted = tuple(msgspec.structs.replace(each, told=True) for each in effect.bounces)
    return due_again(msgspec.structs.replace(effect, bounces=noted), now)


def came_back(effect: Effect, now: datetime) -> tuple[Output, ...]:
    """Say which of its mails came back and were not told of; each is one event, however often it is said."""
    return tuple(_came_back(effect, each, now) for each in effect.bounces if not each.told)


def _came_back(effect: Effect, bounce: Bounce, now: datetime) -> Output:
    name = f"{effect.id}/bounced/{bounce.sequence}"
    event = NoticeBounced(
        claim_id=effect.claim_id,
        effect_id=effect.id,
        mail=bounce.sequence,
        status=bounce.status,
        bounced_at=utc(bounce.at),
    )
    made = output(event, id=name, source=SOURCE, at=now, causation=effect.command)
    return msgspec.structs.replace(made, traceparent=effect.traceparent)
