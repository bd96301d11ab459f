"""Bodies that were read before, by their bytes: the same bytes are the same message, so nothing is read twice. Bounded."""

from typing import Final, TypeVar

from claims_shared.messages.fields import Message

M = TypeVar("M", bound=Message)

MOST: Final = 8_192
_known: dict[bytes, Message] = {}


def remember(body: bytes, message: Message) -> None:
    """Keep what these bytes say; the oldest go first."""
    _known[body] = message
    if len(_known) > MOST:
        del _known[next(iter(_known))]


def read(model: type[M], body: bytes) -> M:
    """Read a body, unless it was read before. Raises ValidationError where it is not such a message."""
    known = _known.get(body)
    if isinstance(known, model):
        return known
    message = model.model_validate_json(body)
    remember(body, message)
    return message
