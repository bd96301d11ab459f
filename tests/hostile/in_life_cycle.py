"""Life-cycle events that somebody else than the orchestrator wrote, for whom the broker's access rules leave no room."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from tests.hostile.in_streams import HUGE, WRONG, told
from tests.hostile.shots import TIME, Hostile, Outcome, Shot, Victim, applied, dead_lettered

from claims_shared.messages.catalog import LIFECYCLE


def transition(**changes: Any) -> dict[str, Any]:
    """Give a life-cycle event that says a claim has made progress."""
    return {
        "sequence": 1,
        "at": TIME,
        "change": "forged",
        "phase": "open",
        "step": "identity",
        "portal": "tests.hostile",
        "portal_ref": "R",
        "jurisdiction": "UT",
        "claim_type": "new",
        "program": "UI",
        "lane": "standard",
        "lane_reasons": [],
        "open": [],
    } | changes


def opened(**changes: Any) -> dict[str, Any]:
    return {
        "id": "x/identity/1",
        "kind": "command",
        "step": "identity",
        "owner": "identity",
        "since": TIME,
        "due_at": "2999-01-01T00:00:00Z",
    } | changes


def _deep(victim: Victim) -> Sequence[Shot]:
    shot = victim.message(LIFECYCLE.name, "claim.progressed.v1", dead_lettered("not_json"), transition())
    body = (shot.raw.value or b"")[:-1] + b',"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    return [replace(shot, raw=replace(shot.raw, value=body))]


def lived(name: str, outcome: Outcome, why: str = "", **changes: Any) -> Hostile:
    return told(name, LIFECYCLE, "claim.progressed.v1", outcome, why, **transition(**changes))


AHEAD: Final = (
    lived("a life-cycle event of a claim that is not there", applied(), "the scheduler watches what it is told"),
    lived(
        "a life-cycle number far ahead",
        applied(),
        "of its own claim the scheduler hears no more; others are not touched",
        sequence=2_000_000_000,
    ),
    lived("a life-cycle number of 30 digits", WRONG, sequence=HUGE, open=[opened()]),
    lived("a life-cycle number in words", WRONG, sequence="two"),
    lived("a wait without a zone", WRONG, open=[opened(due_at="2999-01-01T00:00:00")]),
    lived("a wait that UTC cannot hold", WRONG, open=[opened(due_at="0001-01-01T00:00:00+14:00")]),
    lived("a wait under an endless id", WRONG, open=[opened(id="x" * 10_000)]),
    Hostile("a life-cycle event nested 50,000 deep", _deep),
    lived("a life-cycle number of zero", WRONG, sequence=0),
    lived(
        "an attempt of 30 digits in the life cycle",
        applied(),
        "the scheduler does not read it",
        open=[opened(attempt=HUGE)],
    ),
    lived(
        "waits at the end of time",
        applied(),
        open=[opened(due_at="9999-12-31T23:59:59.999999Z", remind_at="0001-01-01T00:00:00Z")],
    ),
)
