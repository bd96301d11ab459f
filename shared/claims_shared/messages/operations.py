"""What operators did about records that could not be used, said by their tools; the records themselves never travel here."""

from typing import Annotated

from pydantic import Field

from claims_shared.messages.desk import Person, Text
from claims_shared.messages.fields import ClaimId, Code, Instant, Message


class Handled(Message):
    """Which record: where it lay when the service could not use it. The same record of the same service is one letter."""

    service: Code
    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    key: str | None = None
    claim_id: ClaimId | None = None


class LetterRedriven(Handled):
    """A dead letter was put into its topic again, under its own id."""

    code: Code
    redriven_by: Person
    redriven_at: Instant


class LetterDiscarded(Handled):
    """A person looked at a dead letter and decided that nothing more is done about it."""

    code: Code
    reason: Text
    discarded_by: Person
    discarded_at: Instant


class RecordSkipped(Handled):
    """A person lets a service pass over a record on which its partition stands still; the service puts it aside."""

    reason: Text
    skipped_by: Person
    skipped_at: Instant
