"""What people send to the API, and the answer that says it was taken."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from claims_shared.messages.desk import DecisionKind, Person, ResumeMode, Text
from claims_shared.messages.fields import EffectId, Instant


class Request(BaseModel):
    """A misspelt field is refused: what a person decides must not lose half of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Decide(Request):
    """A decision on one referral; `answers` is the referral's entry id."""

    answers: EffectId
    decision: DecisionKind
    reason: Text
    decided_by: Person


class Hold(Request):
    """A fact-finding interview took place; `answers` is the interview's entry id."""

    answers: EffectId
    held_by: Person
    held_at: Instant | None = None
    summary: Annotated[str, Field(max_length=4000)] = ""


class Expedite(Request):
    """Put the claim on the expedited lane."""

    reason: Text
    expedited_by: Person


class Resume(Request):
    """Let a parked claim go on; `answers` is the park's entry id."""

    answers: EffectId
    mode: ResumeMode = ResumeMode.REPLAY
    resumed_by: Person


class Accepted(BaseModel):
    """It is on its way. `published` is False where this very request was taken before."""

    claim_id: str
    ce_id: str
    type: str
    published: bool
    note: str
