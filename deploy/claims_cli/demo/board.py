"""The demo while it runs: claims by state and throughput, as a live table or, without a terminal, as plain lines."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from claims_cli.demo.director import Show
from claims_cli.demo.play import Play

ROWS: Final = (
    "sent",
    "at identity",
    "at eligibility",
    "at benefit",
    "at orientation",
    "at fact_finding",
    "waits for a retry",
    "waits for the citizen",
    "waits for a person",
    "approved",
    "denied",
    "withdrawn",
    "refused",
)
WIDTH: Final = 40
LINE_EVERY_S: Final = 2.0
REFRESH_EVERY_S: Final = 0.2


@contextmanager
def board(console: Console) -> Iterator[Show]:
    """Give what shows the play; it leaves the last picture standing."""
    if not console.is_terminal:
        yield _Paced(LINE_EVERY_S, lambda play, seconds: console.print(line(play, seconds), highlight=False))
        return
    with Live(console=console, auto_refresh=False) as live:
        yield _Paced(REFRESH_EVERY_S, lambda play, seconds: live.update(table(play, seconds), refresh=True))


class _Paced:
    """Shows not more often than every so many seconds, and always when everything is done."""

    def __init__(self, every_s: float, show: Show) -> None:
        self._every_s = every_s
        self._show = show
        self._next = 0.0

    def __call__(self, play: Play, seconds: float) -> None:
        if seconds >= self._next or play.done:
            self._next = seconds + self._every_s
            self._show(play, seconds)


def table(play: Play, seconds: float) -> Table:
    states = play.states()
    most = max(states.values(), default=1)
    shown = Table(title=_title(play, seconds), title_justify="left", box=None, show_header=False)
    for state in (*ROWS, *sorted(states.keys() - set(ROWS))):
        number = states[state]
        shown.add_row(state, str(number) if number else "", "█" * round(number / most * WIDTH))
    return shown


def line(play: Play, seconds: float) -> str:
    states = play.states()
    counted = ", ".join(f"{states[state]} {state}" for state in ROWS if states[state])
    return f"{_title(play, seconds)}: {counted}"


def _title(play: Play, seconds: float) -> str:
    return f"{seconds:5.1f} s  {len(play.parts)} claims  {play.rate:.0f} ended a second"
