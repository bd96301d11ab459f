"""The provider in memory, for the simulator and tests: one answer an SSN, without network, clock or randomness."""

from collections.abc import Mapping, Sequence

from claims_identity.failures import CheckFailure
from claims_identity.verify import Match, Outcome
from claims_shared.messages.identity import VerifyIdentity

MATCHES = Match(Outcome.MATCH)


class MemoryProvider:
    """Gives what `known` says of an SSN, and a match for everybody else. `known` may change at any time.

    Like the real one it remembers outcomes by idempotency key (the effect's id). `asked` lists the keys, by call.
    """

    def __init__(self, known: Mapping[str, Match | CheckFailure] | None = None) -> None:
        self.known = dict(known or {})
        self.asked: list[list[str]] = []
        self._given: dict[str, Match] = {}

    async def match(self, asked: Sequence[VerifyIdentity]) -> Mapping[str, Match | CheckFailure]:
        """Answer a batch."""
        self.asked.append([each.effect_id for each in asked])
        return {each.effect_id: self._answer(each) for each in asked}

    def _answer(self, asked: VerifyIdentity) -> Match | CheckFailure:
        given = self._given.get(asked.effect_id)
        answer = given or self.known.get(asked.ssn, MATCHES)
        if isinstance(answer, Match):
            self._given[asked.effect_id] = answer
        return answer
