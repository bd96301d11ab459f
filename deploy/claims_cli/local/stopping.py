"""Stops the processes of a stack by what was written down about them, where their supervisor is gone."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Final

import psutil

from claims_cli.local.processes import STOP_S, Tier
from claims_cli.local.state import State

STOP_ORDER: Final[Sequence[Sequence[Tier]]] = (("api",), ("service",), ("simulator",), ("store", "broker"))
"""Who drains needs what comes later."""
POLL_S: Final = 0.1


async def stop_recorded(state: State | None, note: Callable[[str], None]) -> int:
    """Stop what still lives of `state`, in order, and give the number; never a process that only got the pid."""
    stopped = 0
    for tiers in STOP_ORDER:
        living = [each for each in state.processes if each.tier in tiers] if state else []
        found = {each.name: process for each in living if (process := each.process())}
        for name, process in found.items():
            note(f"stopping {name} (pid {process.pid}), left over from a supervisor that is gone")
        await asyncio.gather(*map(stop_process, found.values()))
        stopped += len(found)
    return stopped


async def stop_process(process: psutil.Process, patience_s: float = STOP_S) -> None:
    """Ask one to end, and kill it where it does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
    if not await gone(process, patience_s):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
        await gone(process, patience_s)


async def gone(process: psutil.Process, within_s: float) -> bool:
    patience = time.monotonic() + within_s
    while _lives(process):
        if time.monotonic() > patience:
            return False
        await asyncio.sleep(POLL_S)
    return True


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
