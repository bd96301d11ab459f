"""What the routes take: a claim's id, an idempotency key, the desk that was built for the application."""

from typing import Annotated

from fastapi import Depends, Header, Path, Request

from claims_orchestrator.console.desk import Desk
from claims_orchestrator.console.giver import Giver
from claims_shared.messages.fields import CLAIM_ID_PATTERN

ClaimId = Annotated[str, Path(pattern=CLAIM_ID_PATTERN)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._:-]{1,100}$",
        description="A repeat under the same key is taken once. Without one, equal requests are one.",
    ),
]


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


def _giver(request: Request) -> Giver:
    found: Giver = request.app.state.giver
    return found


TheDesk = Annotated[Desk, Depends(_desk)]
TheGiver = Annotated[Giver, Depends(_giver)]
