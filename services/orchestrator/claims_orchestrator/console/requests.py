"""What people send to the API, and the answer that says it was taken."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from claims_shared.messages.desk import DecisionKind, Person, ResumeMode, Text, check_amounts
from claims_shared.messages.fields import CaseworkerRef, EffectId, Instant, Money


class Request(BaseModel):
    """A misspelt field is refused: what a person decides must not lose half of it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Decide(Request):
    """A decision on one referral; `answers` is the referral's entry id. The amounts: what modifying a determination gives."""

    answers: EffectId
    decision: DecisionKind
    reason: Text
    decided_by: Person
    weekly_benefit_amount: Money | None = None
    maximum_benefit_amount: Money | None = None

    @model_validator(mode="after")
    def _amounts_where_modified(self) -> Self:
        check_amounts(self.decision, self.weekly_benefit_amount, self.maximum_benefit_amount)
        return self


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


class AssignTask(Request):
    """Give a referral to a caseworker; `instead_of`: who has it now."""

    answers: EffectId
    caseworker_ref: CaseworkerRef
    instead_of: CaseworkerRef | None = None
    assigned_by: Person
    reason: Text


class ClaimTask(Request):
    """Begin with a referral."""

    answers: EffectId
    caseworker_ref: CaseworkerRef
    reason: Annotated[str, Field(max_length=4000)] = ""


class ReleaseTask(Request):
    """Let go of a referral, or have somebody let go of it."""

    answers: EffectId
    caseworker_ref: CaseworkerRef
    released_by: Person
    reason: Text


class Spread(Request):
    """Assign a page of what nobody has, of one queue or of all."""

    queue: str | None = None
    assigned_by: Person
    reason: Text = "it was nobody's"
    dry_run: bool = False
    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class Reassign(Request):
    """Give a page of what a caseworker has to others: to `to`, or to whom it suits best."""

    caseworker_ref: CaseworkerRef
    to: CaseworkerRef | None = None
    assigned_by: Person
    reason: Text
    dry_run: bool = False
    after: str | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 200


class Moved(BaseModel):
    """What is done about one referral. `to`: None leaves it, or puts it back, in its queue; `why_not` says why in one code."""

    task: str
    claim_id: str
    queue: str
    was: str | None
    to: str | None
    why_not: str | None


class Moves(BaseModel):
    """A page of them; `next` continues it and is None at the end."""

    tasks: Sequence[Moved]
    next: str | None
    dry_run: bool


class Accepted(BaseModel):
    """It is on its way. `published` is False where this very request was taken before."""

    claim_id: str
    ce_id: str
    type: str
    published: bool
    note: str
