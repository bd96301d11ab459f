"""What identity keeps of one claim: the final answer of every effect, to be given again, and the effects that were undone."""

from typing import Final

import msgspec

from claims_shared.documents import Document
from claims_shared.ports import Shape
from claims_shared.wire import Output

IDENTITY: Final = Shape("identity")


class Effect(msgspec.Struct, frozen=True, array_like=True):
    """One check: the person whose token it holds and what was sent, the answer first.

    Undone, it holds nothing, and `outputs` is only what other claims were told.
    Before it is decided nothing was sent, and whether it holds the token is not known.
    """

    person: str | None = None
    outputs: tuple[Output, ...] = ()
    undone: bool = False

    @property
    def decided(self) -> bool:
        """Whether there is an answer that stays."""
        return self.undone or bool(self.outputs)


class IdentityClaim(Document):
    """The document of one claim, by its id."""

    effects: dict[str, Effect] = msgspec.field(default_factory=dict)


def with_effect(claim: IdentityClaim | None, claim_id: str, effect_id: str, effect: Effect) -> IdentityClaim:
    """Give a copy that knows this effect."""
    known = claim or IdentityClaim(id=claim_id)
    return msgspec.structs.replace(known, effects={**known.effects, effect_id: effect})


def effect_of(claim: IdentityClaim | None, effect_id: str) -> Effect | None:
    """Give what is known of an effect."""
    return claim.effects.get(effect_id) if claim else None
