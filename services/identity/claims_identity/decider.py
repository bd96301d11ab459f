"""Identity's part in the batch cycle: asks the provider, registers persons, then folds commands into the claim's document.

Each effect is decided once. Its final answer is written before it is sent and given again to whoever asks again; of a check that
could not be made it is kept whose it was: an earlier try may have registered it and died, and undoing must find that. Only
`prepare` reaches outside, and doing it again changes nothing:

- a crash after the provider's answer: asked again under the same idempotency key;
- a crash after the registry's write: the claim finds itself registered, behind the same earlier claims: the same verdict;
- a crash after the document's write: the command comes again and is answered from the document.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from claims_identity import answers
from claims_identity.claim import Effect, IdentityClaim, effect_of, with_effect
from claims_identity.crossmatch import Crossing
from claims_identity.failures import CheckFailure
from claims_identity.persons import Persons, Register, Release
from claims_identity.tokens import Tokens
from claims_identity.verify import Match, verify
from claims_shared.documents import Folding, Verdict
from claims_shared.messages.fields import Command
from claims_shared.messages.identity import ReleaseIdentity, VerifyIdentity
from claims_shared.ports import Scalar
from claims_shared.wire import DeadLetter, Received


class Provider(Protocol):
    """Matches people against a record of the outside."""

    async def match(self, asked: Sequence[VerifyIdentity]) -> Mapping[str, Match | CheckFailure]:
        """Give an entry for every effect id, soon, whatever happens outside. The same effect id asks for the same match."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What `prepare` found out about one command to verify."""

    result: Match | CheckFailure
    person: str
    crossings: tuple[Crossing, ...] = ()


@dataclass(frozen=True, slots=True)
class _Check:
    """A command that must be matched and, with a match, registered."""

    message: Received
    asked: VerifyIdentity
    entry: Register


class Identity:
    """The decider of the identity service."""

    document = IdentityClaim
    keeps_outbox = False

    def __init__(self, provider: Provider, persons: Persons, tokens: Tokens) -> None:
        self._provider = provider
        self._persons = persons
        self._tokens = tokens

    def creates(self, message: Received) -> bool:  # noqa: ARG002 - the protocol asks about a message
        """Say no: the document is loaded first, so that a check already made is neither paid nor registered again."""
        return False

    async def prepare(self, messages: Sequence[Received], documents: Mapping[str, IdentityClaim]) -> None:
        """Ask the provider for what is not decided, then register and release, each with one write for all.

        A claim is registered only with an answer of the provider: a check that failed holds nothing.
        """
        errands = list(self._errands(messages, documents))
        checks = [errand for errand in errands if isinstance(errand, _Check)]
        await self._match(checks)
        ready = [errand for errand in errands if isinstance(errand, Release) or _is_matched(errand)]
        entries = [errand.entry if isinstance(errand, _Check) else errand for errand in ready]
        found = await self._persons.record(entries) if entries else []
        for errand, crossings in zip(ready, found, strict=True):
            if isinstance(errand, _Check):
                errand.message.aside = replace(errand.message.aside, crossings=crossings)

    def _errands(
        self, messages: Sequence[Received], documents: Mapping[str, IdentityClaim]
    ) -> Iterator["_Check | Release"]:
        """Walk through the batch as `fold` will: what one message takes or undoes counts for those behind it."""
        taken: dict[str, str] = {}
        undone: set[str] = set()
        for message in messages:
            asked = message.body
            claim = documents.get(message.claim_id)
            if isinstance(asked, VerifyIdentity):
                effect = effect_of(claim, asked.effect_id)
                if asked.effect_id in undone or (effect and effect.undone):
                    # An earlier try may have registered it and died before its document was written.
                    yield Release(self._tokens.person(asked.ssn), asked.effect_id)
                elif effect is None or not effect.decided:
                    entry = Register(self._tokens.person(asked.ssn), self._tokens.registration(asked))
                    taken[asked.effect_id] = entry.person
                    yield _Check(message, asked, entry)
            elif isinstance(asked, ReleaseIdentity):
                effect = effect_of(claim, asked.undoes)
                person = taken.get(asked.undoes) or (effect.person if effect else None)
                undone.add(asked.undoes)
                if person:
                    yield Release(person, asked.undoes)

    async def _match(self, checks: Sequence[_Check]) -> None:
        """Ask once for each effect; what an earlier round of this batch learned stays."""
        asked = {check.asked.effect_id: check.asked for check in checks if check.message.aside is None}
        found = await self._provider.match(list(asked.values())) if asked else {}
        for check in checks:
            if check.message.aside is None:
                check.message.aside = Checked(found[check.asked.effect_id], check.entry.person)

    def fold(self, document: IdentityClaim | None, message: Received, now: datetime) -> Folding[IdentityClaim]:
        """Decide one command."""
        if isinstance(message.body, VerifyIdentity):
            return _verified(document, message, message.body, now)
        if isinstance(message.body, ReleaseIdentity):
            return _released(document, message, message.body, now)
        raise TypeError(f"identity has no answer to {message.type}")

    def park(
        self,
        document: IdentityClaim | None,
        message: Received,
        error: str,
        now: datetime,
    ) -> Folding[IdentityClaim]:
        """Put the command aside and say so to whoever waits: the claim goes to a person, and may be registered already."""
        letter = DeadLetter(message.record, "identity", answers.INTERNAL.reason, (error,))
        asked = message.body
        told = (answers.failed(message, asked, answers.INTERNAL, now),) if isinstance(asked, Command) else ()
        tried = _tried(document, asked, message.aside) if isinstance(asked, VerifyIdentity) else None
        return Folding(tried, told, Verdict.PARKED, answers.INTERNAL.reason, (letter,))

    def fields(self, document: IdentityClaim) -> Mapping[str, Scalar]:  # noqa: ARG002 - nothing is looked up but by id
        """Give nothing."""
        return {}

    def due_at(self, document: IdentityClaim) -> int | None:  # noqa: ARG002 - identity keeps no clocks
        """Give nothing."""
        return None

    def installed(self, before: IdentityClaim | None, after: IdentityClaim) -> None:
        """Count nothing."""


def _is_matched(check: "_Check") -> bool:
    return isinstance(check.message.aside.result, Match)


def _verified(
    claim: IdentityClaim | None, message: Received, asked: VerifyIdentity, now: datetime
) -> Folding[IdentityClaim]:
    effect = effect_of(claim, asked.effect_id)
    if effect is None or not effect.decided:
        return _first(claim, message, asked, now)
    if effect.undone:
        told = (answers.failed(message, asked, answers.UNDONE, now), *effect.outputs)
        return Folding(None, told, Verdict.IGNORED, "undone")
    return Folding(None, answers.again(message, asked, effect.outputs, now), Verdict.IGNORED, "answered_again")


def _first(
    claim: IdentityClaim | None, message: Received, asked: VerifyIdentity, now: datetime
) -> Folding[IdentityClaim]:
    checked: Checked = message.aside
    if isinstance(checked.result, CheckFailure):
        told = (answers.failed(message, asked, checked.result, now),)
        return Folding(_tried(claim, asked, checked), told, reason=checked.result.kind)
    outputs = answers.decided(message, verify(asked, checked.result, checked.crossings, now), now)
    effect = Effect(checked.person, outputs)
    return Folding(with_effect(claim, asked.claim_id, asked.effect_id, effect), outputs)


def _tried(claim: IdentityClaim | None, asked: VerifyIdentity, checked: Checked | None) -> IdentityClaim | None:
    """Give the claim as one that knows whom an undecided effect may hold; None: it knows as much."""
    if checked is None or effect_of(claim, asked.effect_id):
        return None
    return with_effect(claim, asked.claim_id, asked.effect_id, Effect(checked.person))


def _released(
    claim: IdentityClaim | None, message: Received, asked: ReleaseIdentity, now: datetime
) -> Folding[IdentityClaim]:
    """The answer needs no memory of its own: where the tombstone stands, the token is free.

    What other claims were told stays with it: asked and undone in one batch, it may not have been sent before a crash.
    """
    told = (answers.released(message, asked, now),)
    effect = effect_of(claim, asked.undoes)
    if effect and effect.undone:
        return Folding(None, told, Verdict.IGNORED, "answered_again")
    others = effect.outputs[1:] if effect else ()
    return Folding(with_effect(claim, asked.claim_id, asked.undoes, Effect(outputs=others, undone=True)), told)
