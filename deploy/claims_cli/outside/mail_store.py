"""Received mail, append-only in one file: a JSON line each, read back by place; nothing is parsed before somebody looks."""

from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import msgspec
from msgspec import Struct


class Mail(Struct, frozen=True):
    """One mail as the envelope gave it; `raw` is base64 in the file."""

    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def has_calendar(self) -> bool:
        return b"text/calendar" in self.raw


class MailStore:
    """Numbers mails from 1 in the order they came; a line that a crash cut off is dropped."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "mails.jsonl"
        path.touch()
        self._starts, end = _lines(path)
        self._file = path.open("r+b", buffering=0)
        self._truncate(end)

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def size(self) -> int:
        """Give the bytes stored."""
        return self._end

    def append(self, mail: Mail) -> None:
        line = msgspec.json.encode(mail) + b"\n"
        self._file.seek(self._end)
        self._file.write(line)
        self._starts.append(self._end)
        self._end += len(line)

    def get(self, number: int) -> Mail | None:
        if not 1 <= number <= len(self._starts):
            return None
        self._file.seek(self._starts[number - 1])
        end = self._starts[number] if number < len(self._starts) else self._end
        return msgspec.json.decode(self._file.read(end - self._starts[number - 1]), type=Mail)

    def newest(self) -> Iterator[tuple[int, Mail]]:
        """Give mails with their numbers, the newest first."""
        for number in range(len(self._starts), 0, -1):
            if mail := self.get(number):
                yield number, mail

    def clear(self) -> None:
        self._starts.clear()
        self._truncate(0)

    def close(self) -> None:
        self._file.close()

    def _truncate(self, end: int) -> None:
        self._end = end
        self._file.truncate(end)


def _lines(path: Path) -> tuple[list[int], int]:
    """Give where each complete line starts and where the last one ends."""
    starts, end = [], 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            starts.append(end)
            end += len(line)
    return starts, end
