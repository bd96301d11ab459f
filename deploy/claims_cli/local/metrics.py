"""Asks the services of a stack for their metrics; who does not answer is left out."""

import asyncio
from pathlib import Path

from claims_cli.local.probes import ask
from claims_cli.local.stack import running
from claims_cli.local.state import Place, Recorded


async def metrics_of(data: Path) -> list[tuple[str, str]]:
    """Give the name and the metrics of each process."""
    asked = [each for each in running(Place(data)).processes if each.tier == "service"]
    answers = await asyncio.gather(*map(_asked, asked))
    return [(each.name, answer) for each, answer in zip(asked, answers, strict=True) if answer]


async def _asked(process: Recorded) -> str:
    try:
        return (await ask(f"{process.address}/metrics", whole=True))[1]
    except OSError:
        return ""
