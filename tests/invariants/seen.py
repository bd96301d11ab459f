"""What the judge is given: records, stored documents, mails, as plain values; and what it finds. Knows no production code."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any, Final, NamedTuple, Self

import msgspec

LIFECYCLE: Final = "claims.lifecycle.events.v1"
REFUSALS: Final = "claims.intake.refusals.v1"

_json: Final = msgspec.json.Decoder().decode
_msgpack: Final = msgspec.msgpack.Decoder().decode


@dataclass(slots=True, eq=False)
class Seen:
    """One record as it lies on its topic. `claim`: its key; `timestamp`: when the broker took it, in milliseconds."""

    topic: str
    partition: int
    offset: int
    claim: str
    headers: Mapping[str, str]
    body: bytes
    timestamp: int = 0
    kind: str = field(init=False)
    id: str = field(init=False)
    data: dict[str, Any] = field(init=False, repr=False)
    """The body, read when it is first looked at; empty where it is no JSON object."""

    def __post_init__(self) -> None:
        self.kind = self.headers.get("ce_type", "")
        self.id = self.headers.get("ce_id", "")

    def __getattr__(self, name: str) -> Any:
        """Only what is not there yet is asked of this."""
        if name != "data":
            raise AttributeError(name)
        self.data = _object(self.body)
        return self.data

    @classmethod
    def of(
        cls,
        place: tuple[str, int, int],
        key: bytes | None,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes | None]],
        timestamp: int = 0,
    ) -> Self:
        """Take a record as the broker gives it; of a header that is there twice the last counts. `place`: `Seen.place`."""
        read = {name: (text or b"").decode("utf-8", "replace") for name, text in headers}
        return cls(*place, (key or b"").decode("utf-8", "replace"), read, value or b"", timestamp)

    @property
    def cause(self) -> str:
        return self.headers.get("ce_causationid", "")

    @property
    def is_letter(self) -> bool:
        return ".dlq." in self.topic

    @property
    def stream(self) -> str:
        """A topic and its expedited lane are one stream."""
        return self.topic.replace(".expedited.", ".")

    @property
    def place(self) -> tuple[str, int, int]:
        return (self.topic, self.partition, self.offset)

    @property
    def owner(self) -> str:
        """Whose topic it is: `identity` of `claims.identity.events.v1`."""
        return self.topic.split(".")[1]

    def __str__(self) -> str:
        number = f" no. {self.data.get('sequence')} {self.data.get('change')}" if self.topic == LIFECYCLE else ""
        answers = f" -> {self.data['answers']}" if self.data.get("answers") else ""
        return f"{self.topic}[{self.partition}]@{self.offset} {self.kind} {self.id}{number}{answers}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        read = _json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


@dataclass(slots=True, eq=False)
class Stored:
    """One stored document: what stands beside it, and its body as it was encoded."""

    id: str
    version: int
    partition: int
    body: bytes
    due_at: int | None = None
    data: Any = field(init=False, repr=False)
    """The decoded body, read when it is first looked at: plain mappings and lists."""

    def __getattr__(self, name: str) -> Any:
        """Only what is not there yet is asked of this."""
        if name != "data":
            raise AttributeError(name)
        self.data = _msgpack(self.body)
        return self.data


Documents = Mapping[str, Mapping[str, Stored]]
"""Stored documents by id, by the name of their shape: claims, identity, persons, effects, slots, waits."""


class Invite(NamedTuple):
    """The calendar entry of a mail."""

    uid: str
    sequence: int
    method: str
    starts: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that a mail server took: to whom, when (milliseconds), and all of it."""

    to: str
    message_id: str
    content: bytes
    at: int = 0
    invite: Invite | None = None

    @classmethod
    def read(cls, to: str, content: bytes, at: int = 0) -> Self:
        """Read what the judge needs of a mail."""
        mail = message_from_bytes(content)
        calendars = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        return cls(to, str(mail["Message-ID"]).strip(), content, at, _invite(calendars[0]) if calendars else None)


def _invite(part: Message) -> Invite:
    payload = part.get_payload(decode=True)
    text = payload.decode() if isinstance(payload, bytes) else ""
    unfolded = text.replace("\r\n ", "").replace("\n ", "")
    lines = dict(line.split(":", 1) for line in unfolded.splitlines() if ":" in line)
    return Invite(lines["UID"], int(lines["SEQUENCE"]), lines["METHOD"])


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: whose, which, and what shows it."""

    claim: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.claim}: {self.rule}: {self.what}"


@dataclass(slots=True)
class Findings:
    """What is wrong; how often records came again by topic (which is allowed); what became of what was
    submitted; and where each claim stands."""

    violations: list[Violation] = field(default_factory=list)
    repeats: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    ends: dict[str, str] = field(default_factory=dict)
    stories: dict[str, list[str]] = field(default_factory=dict)

    @property
    def rules(self) -> set[str]:
        return {each.rule for each in self.violations}

    def __str__(self) -> str:
        """Give each violation, and the story of the first claims that have one."""
        told = [f"{claim}\n" + "\n".join(f"    {line}" for line in lines) for claim, lines in self.stories.items()]
        return "\n".join([*map(str, self.violations[:50]), *told[:3]])
