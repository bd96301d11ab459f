"""Reads the log files of started processes."""

from pathlib import Path


def last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")


def news(log: Path, told: int) -> tuple[list[str], int]:
    """Give the complete lines after `told` bytes, and how far they go."""
    with log.open("rb") as file:
        file.seek(told)
        complete, newline, _ = file.read().rpartition(b"\n")
    return complete.decode("utf-8", "replace").splitlines(), told + len(complete) + len(newline)


def set_aside(log: Path) -> None:
    """Keep the log of the run before, and only that."""
    if log.exists():
        log.replace(log.with_suffix(".before.log"))
