"""Free loopback ports for processes that must keep theirs over restarts."""

import fcntl
import os
import random
import socket
import tempfile
from functools import cache
from io import FileIO
from pathlib import Path
from typing import Final

LOOPBACK = "127.0.0.1"
# Below every system's ephemeral range (Linux 32768, others 49152): a client that keeps dialling a stopped process there
# could be given that very port for its own end, connect to itself, and keep the process from ever binding it again.
RANGE = range(15_000, 30_000)
_TAKEN: Final[set[int]] = set()
"""This process's own: a lock keeps out others only."""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Free ports in random order, each given once among this machine's stacks while the process that asked for it lives.

    Between asking and binding lie seconds, in which another stack asks. Somebody else may still take one. Raises OSError.
    """
    shuffled = random.sample(RANGE, len(RANGE))
    chosen = [port for _, port in zip(range(count), filter(_reserved, shuffled), strict=False)]
    if len(chosen) < count:
        raise OSError(f"no {count} free ports on {LOOPBACK} between {RANGE.start} and {RANGE.stop}")
    return chosen


def _reserved(port: int) -> bool:
    """Take a port if it is free: a lock on its byte of a common file, which ends with this process however it ends."""
    if port in _TAKEN or not is_free(port):
        return False
    try:
        fcntl.lockf(_book(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _TAKEN.add(port)
    return True


@cache
def _book() -> FileIO:
    """Open the file once and for good: closing any handle on it would give up every lock."""
    return FileIO(
        os.open(Path(tempfile.gettempdir()) / f"claims-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600), "r+"
    )
