"""The processes of a stack as a table for people."""

from collections.abc import Iterable
from datetime import timedelta

from rich.table import Table
from rich.text import Text

from claims_cli.local.stack import Seen

COLOURS = {"ready": "green", "starting": "yellow", "held": "yellow", "stopped": "dim"}


def table(seen: Iterable[Seen]) -> Table:
    shown = Table("process", "health", "pid", "up", "restarts", "address", box=None, pad_edge=False)
    for each in seen:
        health = Text(each.health, COLOURS.get(each.health, "red"))
        uptime = str(timedelta(seconds=int(each.uptime_s)))
        shown.add_row(each.name, health, str(each.pid or "-"), uptime, str(each.restarts or ""), each.address)
    return shown
