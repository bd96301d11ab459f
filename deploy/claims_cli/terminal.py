"""What a person at the terminal sees beside a command's result: progress, on stderr."""

import sys

from rich.console import Console

UNCUT = 240


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def counted(number: int, thing: str) -> str:
    """Say how many: `1 claim`, `2 claims`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def wide(console: Console) -> Console:
    """Give the console, or one that cuts nothing off where no terminal sets a width."""
    return console if console.is_terminal else Console(width=UNCUT)
