"""`claims up` without --detach: the supervisor in this process, with a line per process until Ctrl-C."""

import asyncio
from collections.abc import Callable

from rich.console import Console
from rich.live import Live

from claims_cli.local import stack
from claims_cli.local.options import Options
from claims_cli.local.state import Place, State
from claims_cli.local.supervisor import supervise
from claims_cli.local.table import table
from claims_cli.terminal import say

REFRESH_S = 1.0


def run(place: Place, options: Options, announce: Callable[[State], None]) -> None:
    """Keep a stack until Ctrl-C; where one runs already, only say so."""
    if place.claim() is None:
        say(f"a stack runs on {place.data} already")
        announce(stack.running(place))
        return
    asyncio.run(_supervise(place, options, announce))


async def _supervise(place: Place, options: Options, announce: Callable[[State], None]) -> None:
    console = Console(stderr=True)
    note = console.print if console.is_terminal else say
    stale = place.read()
    supervising = asyncio.create_task(supervise(place, options, note))
    showing = asyncio.create_task(_show(place, stale, announce, console))
    try:
        await supervising
    finally:
        showing.cancel()


async def _show(place: Place, stale: State | None, announce: Callable[[State], None], console: Console) -> None:
    while not (state := _fresh(place, stale)):  # noqa: ASYNC110 - the supervisor writes a file
        await asyncio.sleep(REFRESH_S / 10)
    announce(state)
    if not console.is_terminal:
        return
    with Live(console=console, auto_refresh=False) as live:
        while state := place.read():
            live.update(table(await stack.look(state)), refresh=True)
            await asyncio.sleep(REFRESH_S)


def _fresh(place: Place, stale: State | None) -> State | None:
    state = place.read()
    return state if state and state != stale and state.phase == "ready" else None
