"""What a person at the terminal sees beside a command's result: progress, on stderr."""

import sys


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
