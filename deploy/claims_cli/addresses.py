"""Free loopback ports for processes that must keep theirs over restarts."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below every system's ephemeral range (Linux 32768, others 49152): a client that keeps dialling a stopped process there
# could be given that very port for its own end, connect to itself, and keep the process from ever binding it again.
RANGE = range(15_000, 30_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Different free ports in random order; somebody may still take one before it is bound, so callers retry."""
    shuffled = random.sample(RANGE, len(RANGE))
    chosen = [port for port, _ in zip(filter(is_free, shuffled), range(count), strict=False)]
    if len(chosen) < count:
        raise OSError(f"no {count} free ports on {LOOPBACK} between {RANGE.start} and {RANGE.stop}")
    return chosen
