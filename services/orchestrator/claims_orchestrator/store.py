"""The orchestrator's decider: how `decide` meets the engine, and what of a claim the store can see."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter

from claims_orchestrator import queues
from claims_orchestrator.alerts import held_too_long
from claims_orchestrator.claim import Claim, in_flight
from claims_orchestrator.decide import Decision, decide, park
from claims_orchestrator.orphans import overdue_at
from claims_orchestrator.process import Clocks
from claims_orchestrator.sends import SOURCE
from claims_orchestrator.statutory import worst
from claims_orchestrator.waiting import holding_entry
from claims_orchestrator.window import Window
from claims_shared.documents import Folding, Verdict
from claims_shared.messages.catalog import DESK, INTAKE
from claims_shared.messages.intake import ClaimSubmitted, SubmissionRefused
from claims_shared.ports import Scalar, Shape
from claims_shared.staff.people import Staff
from claims_shared.wire import DeadLetter, Output, Received, Record, Undecodable, output

ORPHANS: Final = Counter(
    "claims_orphans_found_total", "Claims with a wait long overdue, whose newest event was published again"
)
SHAPE: Final = Shape(
    "claims",
    {
        "phase": "text",
        "step": "text",
        "owner": "text",
        "in_flight": "boolean",
        "too_long": "boolean",
        "clock": "text",
        "updated_at": "integer",
        **queues.FIELDS,
    },
    sparse=frozenset({"clock", *queues.FIELDS}),
)
_SUBMISSIONS: Final = frozenset((*INTAKE.streams, DESK.name))


Watching = Callable[[Claim | None, Claim], None]
"""Takes note of a change that is written: the claim before and after."""


class ClaimDecider:
    """Claims under the engine. `clocks`: the agency's own; `window`: counts what machines are at work on."""

    document = Claim
    keeps_outbox = True

    def __init__(self, clocks: Clocks, window: Window, *watching: Watching) -> None:
        self._clocks = clocks
        self._window = window
        self._watching = watching
        self._overdue_ms = clocks.overdue_after // timedelta(milliseconds=1)

    async def staffed(self, staff: Staff) -> None:
        """Go by this staff from now on."""
        self._clocks = replace(self._clocks, staff=staff)

    def creates(self, message: Received) -> bool:
        """Every claim begins with its submission."""
        return isinstance(message.body, ClaimSubmitted)

    async def prepare(self, messages: Sequence[Received], documents: Mapping[str, Claim]) -> None:
        """Nothing outside is needed to decide."""

    def fold(self, document: Claim | None, message: Received, now: datetime) -> Folding[Claim]:
        """Decide one message."""
        return self._folding(decide(document, message, now, self._clocks), message, now)

    def park(self, document: Claim | None, message: Received, error: str, now: datetime) -> Folding[Claim]:
        """Park the claim on which deciding raised."""
        return self._folding(park(document, message, error, now, self._clocks), message, now)

    def fields(self, document: Claim) -> Mapping[str, Scalar]:
        """Give what lists and dashboards filter by."""
        waiting, clock = holding_entry(document), worst(document)
        return {
            "phase": document.phase.value,
            "step": document.step,
            "owner": waiting.owner if waiting else None,
            "in_flight": in_flight(document),
            "too_long": bool(held_too_long(document)),
            "clock": clock.value if clock else None,
            "updated_at": document.updated_at,
            **queues.fields_of(document),
        }

    def due_at(self, document: Claim) -> int | None:
        """Give the instant at which messages that wait for an unknown claim are given up, or at which a wait is overdue."""
        return document.awaited_until or overdue_at(document, self._overdue_ms)

    def installed(self, before: Claim | None, after: Claim) -> None:
        """Count claims in machines' hands, and tell who watches what becomes of claims."""
        self._window.moved(before is not None and in_flight(before), in_flight(after))
        for moved in self._watching:
            moved(before, after)
        if before is not None and after.looked and before.look_again != after.look_again:
            ORPHANS.inc()

    def _folding(self, decision: Decision, message: Received, now: datetime) -> Folding[Claim]:
        letters: list[DeadLetter | Output] = []
        if decision.verdict is Verdict.REFUSED:
            letters += put_aside(message.record, message.id, decision.code, decision.reasons, now)
        for record, code, reasons in decision.letters:
            letters += put_aside(record, None, code, reasons, now)
        return Folding(decision.claim, decision.messages, decision.verdict, decision.code, letters)


def put_aside(
    record: Record, ce_id: str | None, code: str, reasons: tuple[str, ...], now: datetime
) -> Iterator[DeadLetter | Output]:
    """Keep a record that cannot be taken, and tell its sender why: nothing refused is silent."""
    yield DeadLetter(record, "orchestrator", code, reasons)
    if record.topic in _SUBMISSIONS:
        yield refusal(record, ce_id, code, reasons, now)


def answer_undecodable(undecodable: Undecodable, now: datetime) -> Iterator[Output]:
    """Tell the sender of a record that could not be read; the engine keeps the record."""
    if undecodable.record.topic in _SUBMISSIONS:
        yield refusal(undecodable.record, undecodable.id, undecodable.code, undecodable.reasons, now)


def refusal(record: Record, ce_id: str | None, code: str, reasons: tuple[str, ...], now: datetime) -> Output:
    """Say which submission was not taken and why, without its content."""
    key = record.shown_key
    message = SubmissionRefused(
        ce_id=ce_id or _header(record, "ce_id"),
        key=key,
        reasons=reasons,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        refused_at=now,
        code=code,
    )
    return output(message, id=f"{record.place}/refused", source=SOURCE, at=now, key=key or "")


def _header(record: Record, name: str) -> str | None:
    value = next((value for each, value in record.headers if each == name), None)
    return value.decode(errors="replace")[:200] if value else None
