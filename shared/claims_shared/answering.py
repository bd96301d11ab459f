"""A service without a store: one pure function from a command to its answer, run by the same engine."""

# ruff: noqa: ARG002 - the engine offers a document; a service without a store has none

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from claims_shared.documents import Document, Documents, Folding, Verdict
from claims_shared.messages.catalog import BY_MODEL
from claims_shared.messages.fields import Command, FailureKind, Message
from claims_shared.ports import Scalar
from claims_shared.service import Built, Kit, streams_of
from claims_shared.wire import DeadLetter, Received, output

Answer = Callable[[Any], Message]
Failed = Callable[[Command], Message]


class Answering:
    """Answers each command by `answer`; one on which it raises is answered by `failed` and put aside for an engineer."""

    document = Document
    keeps_outbox = False

    def __init__(self, service: str, answer: Answer, failed: Failed) -> None:
        self._service = service
        self._answer = answer
        self._failed = failed

    def creates(self, message: Received) -> bool:
        """Nothing is kept, so nothing is looked up."""
        return True

    async def prepare(self, messages: Sequence[Received], documents: Mapping[str, Document]) -> None:
        """Nothing outside is needed."""

    def fold(self, document: Document | None, message: Received, now: datetime) -> Folding[Document]:
        """Answer one command; the answer's id is made of the command's."""
        return self._reply(message, self._answer(message.body), now)

    def park(self, document: Document | None, message: Received, error: str, now: datetime) -> Folding[Document]:
        """Say that this command cannot be answered, so that a person is asked; keep the record with the error."""
        reply = self._reply(message, self._failed(message.body), now)  # type: ignore[arg-type] # commands only come here
        letter = DeadLetter(message.record, self._service, "raised", (error,))
        return Folding(None, reply.outputs, Verdict.PARKED, "raised", [letter])

    def fields(self, document: Document) -> Mapping[str, Scalar]:
        """Nothing is stored."""
        return {}

    def due_at(self, document: Document) -> int | None:
        """Nothing is due."""
        return None

    def installed(self, before: Document | None, after: Document) -> None:
        """Nothing is kept."""

    def _reply(self, message: Received, answer: Message, now: datetime) -> Folding[Document]:
        # The fact is in the id: a command that comes again may be answered where our code failed on it before.
        name = f"{message.id}/{BY_MODEL[type(answer)].wire.split('.')[1]}"
        return Folding(None, [output(answer, id=name, source=f"claims.{self._service}", at=now, causation=message.id)])


def internal_error(failure: type[Any]) -> Failed:
    """Make the failure that stands for a defect of ours: asking again cannot help, a person must look."""

    def failed(command: Command) -> Message:
        made: Message = failure(
            claim_id=command.claim_id,
            answers=command.effect_id,
            attempt=command.attempt,
            kind=FailureKind.PERMANENT,
            reason="internal_error",
        )
        return made

    return failed


def answering(kit: Kit, answer: Answer, failure: type[Any]) -> Built:
    """Build a service without a store around one function."""
    return Built(processors=dict.fromkeys(streams_of(kit.service), answering_documents(kit, answer, failure)))


def answering_documents(kit: Kit, answer: Answer, failure: type[Any]) -> Documents[Document]:
    """Give the processor of one function, for a service that does more beside."""
    decider = Answering(kit.service, answer, internal_error(failure))
    return Documents(decider, None, writer=kit.writer, partitions=kit.partitions)
