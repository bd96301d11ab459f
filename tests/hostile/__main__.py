"""Many hostile records through the real stack: `python -m tests.hostile --records 100000 --seed 1` prints a JSON report.

Exits 1 where a record came to another end than its class's, or a sum does not hold. `--page` writes the generated page instead.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Final

from tests.faults.stack import up
from tests.hostile.mixed import everything_once, many
from tests.hostile.ranges import SETTINGS, on
from tests.hostile.report import page, report
from tests.proof.about import about, keep

PAGE: Final = Path(__file__).parents[2] / "docs" / "hostile-records.md"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", choices=("sqlite", "mongo"), default="sqlite")
    parser.add_argument(
        "--patience", type=float, default=900.0, help="seconds from the last record to the end of it all"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report there too")
    parser.add_argument("--keep", action="store_true", help="keep the stack's directory")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.name} and end")
    return parser.parse_args()


async def main(asked: argparse.Namespace) -> int:
    """Send every class once and the rest at random, wait, compare, tell."""
    async with up(asked.store, settings=SETTINGS, keep=lambda: asked.keep) as stack, on(stack) as shooting:
        began = time.monotonic()
        await everything_once(shooting)
        say(f"every class was sent once: {len(shooting.trial.sent)} records")
        await many(shooting, asked.records - len(shooting.trial.sent), asked.seed, say)
        trial = await shooting.rest(asked.patience, still=0.05)
        told = report(trial, asked.seed, time.monotonic() - began)
    keep(asked.report, about(began) | {"store": asked.store} | told)
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    return 1 if told["wrong"]["number"] else 0


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    wanted = options()
    if wanted.page:
        PAGE.write_text(page())
        sys.exit()
    sys.exit(asyncio.run(main(wanted)))
