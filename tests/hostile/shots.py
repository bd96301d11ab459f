"""What a hostile class is made of: records, each with what must become of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from tests.faults import portal
from tests.hostile.batches import Header, Raw, batch

from claims_shared.messages.catalog import INTAKE
from claims_shared.wire import partition_of

PARTITIONS: Final = 4
TIME: Final = "2025-11-18T15:04:05Z"


class Fate(StrEnum):
    """What can become of a record, in the words of the page."""

    APPLIED = "applied"
    IGNORED = "ignored"
    SKIPPED = "skipped"
    DEAD_LETTERED = "dead-lettered"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    TURNED_AWAY = "turned away"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A fate with its code; `then` is the event that a claim must come to, where the record is its submission."""

    fate: Fate
    code: str = ""
    then: str = ""

    def __str__(self) -> str:
        code = f" `{self.code}`" if self.code else ""
        return f"{self.fate}{code}{f', then `{self.then}`' if self.then else ''}"


def applied(then: str = "") -> Outcome:
    """Taken as what it is."""
    return Outcome(Fate.APPLIED, then=then)


APPROVED: Final = applied("claim.approved.v1")


def ignored(code: str) -> Outcome:
    """Read and found to change nothing."""
    return Outcome(Fate.IGNORED, code)


def refused(code: str) -> Outcome:
    """Dead-lettered, and its sender told."""
    return Outcome(Fate.REFUSED, code)


def dead_lettered(code: str) -> Outcome:
    """Kept aside; nobody outside is told, since nobody outside may write there."""
    return Outcome(Fate.DEAD_LETTERED, code)


def turned_away(error: str) -> Outcome:
    """Not taken by the broker: no reader ever sees it."""
    return Outcome(Fate.TURNED_AWAY, error)


SKIPPED: Final = Outcome(Fate.SKIPPED, "unknown_type")
QUARANTINED: Final = Outcome(Fate.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Shot:
    """One record on its way. `frame` makes its batch; `after` is the claim that must be accepted before it is sent."""

    raw: Raw
    outcome: Outcome
    topic: str = INTAKE.name
    partition: int | None = None
    frame: Callable[[Sequence[Raw]], bytes] | None = None
    after: str | None = None
    aborted: bool = False
    claim: str | None = None
    """The claim that this record submits, where it does."""

    @property
    def place(self) -> int:
        """Give the partition: the one asked for, else its key's."""
        if self.partition is not None:
            return self.partition
        return partition_of((self.raw.key or b"").decode("utf-8", "replace"), PARTITIONS)

    def batch(self) -> bytes:
        return (self.frame or batch)([self.raw])


@dataclass(frozen=True)
class Victim:
    """The person and the claim that one class plays with; nobody else has them."""

    number: int
    run: str

    @property
    def id(self) -> str:
        return f"{self.run}-{self.number:06}"

    def body(self, **changes: Any) -> dict[str, Any]:
        """Give the claim as a portal sends it; `a__b` changes `b` within `a`."""
        made = portal.claim(self.number, self.run)
        for name, value in changes.items():
            outer, _, inner = name.partition("__")
            made |= {outer: made[outer] | {inner: value}} if inner else {outer: value}
        return made

    def text(self, **changes: Any) -> bytes:
        return json.dumps(self.body(**changes)).encode()

    def put(self, raw: bytes, **changes: Any) -> bytes:
        """Give the claim with raw JSON where `portal_ref` stands."""
        return self.text(portal_ref="@@", **changes).replace(b'"@@"', raw)

    def headers(self, kind: str = "claim.submitted.v1", **changes: bytes | str | None) -> list[Header]:
        """Give the headers of a good event, changed; one that is `...` is left out."""
        values: dict[str, Any] = {
            "ce_specversion": "1.0",
            "ce_id": f"{self.id}/hostile",
            "ce_source": "tests.hostile",
            "ce_type": kind,
            "ce_time": TIME,
        } | changes
        return [(name.encode(), _encoded(value)) for name, value in values.items() if value is not ...]

    def claim(self, outcome: Outcome, value: bytes | None = b"@", **changes: Any) -> Shot:
        """Give a submission: the good claim, with this body, or with these changes of it; `shot__` changes the shot."""
        of_shot = {name.removeprefix("shot__"): changes.pop(name) for name in list(changes) if name[:6] == "shot__"}
        body = self.text(**changes) if value == b"@" else value
        made = Shot(Raw(self.id.encode(), body, self.headers()), outcome, claim=self.id)
        return replace(made, **of_shot)

    def message(self, topic: str, kind: str, outcome: Outcome, body: Mapping[str, Any], **of_shot: Any) -> Shot:
        """Give a record of any type on any topic; the claim's id is in the body."""
        raw = Raw(self.id.encode(), json.dumps({"claim_id": self.id, **body}).encode(), self.headers(kind))
        return Shot(raw, outcome, topic, **of_shot)

    def enveloped(self, outcome: Outcome, **headers: Any) -> Shot:
        """Give the good claim under these headers."""
        return Shot(Raw(self.id.encode(), self.text(), self.headers(**headers)), outcome, claim=self.id)

    def keyed(self, key: bytes | None, outcome: Outcome) -> Shot:
        """Give the good claim under another key, which takes its partition with it."""
        raw = Raw(key, self.text(), self.headers())
        return Shot(raw, outcome, partition=partition_of(self.id, PARTITIONS))


def _encoded(value: bytes | str | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


Proof = Callable[[Sequence[bytes], str], list[str]]
"""What must be true of the mails (as bytes) to the victim's address; complaints otherwise."""


@dataclass(frozen=True)
class Hostile:
    """One class: what is sent, in words; the records; why this is their outcome. The last record's outcome is the class's."""

    name: str
    make: Callable[[Victim], Sequence[Shot]]
    why: str = ""
    proof: Proof | None = None
    heavy: bool = field(default=False, kw_only=True)
    """Large, slow to take, or with a claim that stays on its way: seldom sent where many are."""

    @property
    def outcome(self) -> Outcome:
        """Give what becomes of it; the same for everybody."""
        return self.make(Victim(0, "X"))[-1].outcome
