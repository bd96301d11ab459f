"""What is told to a mail server and what its answers mean. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import unquote, urlsplit

ALTERNATIVES: Final = {"smtp": 25, "smtps": 465}
OK: Final = 2
REFUSED: Final = 5


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes: `smtp://host:port` (STARTTLS where offered), `smtps://host`, with `user:password@` where needed."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail ready to go."""

    sender: str
    recipient: str
    content: bytes


class Fate(StrEnum):
    """What became of a mail. Untried: the server was away, which says nothing about this mail."""

    TAKEN = "taken"
    REFUSED = "refused"
    DEFERRED = "deferred"
    UNTRIED = "untried"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A mail's fate with the reason in one code."""

    fate: Fate
    reason: str = ""


@dataclass(slots=True)
class Offer:
    """A mail, and what became of it so far."""

    envelope: Envelope
    outcome: Outcome = Outcome(Fate.UNTRIED)


def server_of(url: str) -> Server:
    """Read a mail server's URL; ValueError says what is wrong with it."""
    parts = urlsplit(url)
    if parts.scheme not in ALTERNATIVES or not parts.hostname:
        raise ValueError("a mail server is smtp://host:port or smtps://host:port, with user:password@ where it asks")
    port = parts.port or ALTERNATIVES[parts.scheme]
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Server(parts.hostname, port, parts.scheme == "smtps", username, password)


def outcome_of(code: int) -> Outcome:
    """Say what a reply means to the mail: taken, refused for good, or deferred."""
    if code // 100 == OK:
        return Outcome(Fate.TAKEN)
    return Outcome(Fate.REFUSED if code // 100 == REFUSED else Fate.DEFERRED, f"smtp_{code}")
