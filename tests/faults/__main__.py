"""The full form: `python -m tests.faults --claims 5000 --kills 30 --store sqlite`. Exits 1 on any violation."""

import argparse
import asyncio
import sys
import uuid

from tests.faults import portal, stop
from tests.faults.stack import Stack, up
from tests.faults.storm import Report, Weather, storm

RATES = {"sqlite": 150.0, "mongo": 25.0}
"""Claims a second that are submitted: what each store carries with room to spare, so that kills meet work."""
PATIENCE_S = 600.0


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--claims", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--store", choices=sorted(RATES), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, help="claims a second; without: what suits the store")
    parser.add_argument("--stop", type=float, metavar="SECONDS", help="instead of kills: stop each service for so long")
    parser.add_argument("--keep", action="store_true", help="keep the stack's directory")
    return parser.parse_args()


async def main(asked: argparse.Namespace) -> int:
    rate = asked.rate or RATES[asked.store]
    async with up(asked.store, replicas=asked.replicas, settings=[portal.SETTING], keep=lambda: asked.keep) as stack:
        say(f"stack on {stack.data}")
        report = await _run(stack, asked, rate)
    sys.stdout.write(f"{report}\n")
    return 1 if report.wrong() else 0


async def _run(stack: Stack, asked: argparse.Namespace, rate: float) -> Report:
    run = f"F{uuid.uuid4().hex[:8]}"
    if asked.stop:
        return await stop.in_turn(stack, asked.claims, seconds=asked.stop, rate=rate, run=run, say=say)
    weather = Weather(asked.claims, asked.kills, rate, PATIENCE_S, asked.seed)
    return await storm(stack, weather, run=run, say=say)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(options())))
