"""The soak: `python -m tests.simulation --seeds 0:1000`. Exits 1 on a violation, or where a class of faults was not felt.

A long one may be made in slices, each with `--report FILE`: docs/proof.md sums them.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.proof.about import about, keep
from tests.simulation.run import CLAIMS
from tests.simulation.soak import Soak, on_cores, told
from tests.simulation.weather import CLASSES

SAY_SECONDS = 10.0


def seeds(text: str) -> range:
    """Read `A:B`."""
    first, _, end = text.partition(":")
    return range(int(first), int(end)) if end else range(int(first))


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=seeds, default=range(200), metavar="A:B", help="the seeds from A up to B")
    parser.add_argument("--claims", type=int, default=CLAIMS, help="claims in a run")
    parser.add_argument("--processes", type=int, default=2, help="how many cores to use")
    parser.add_argument("--only", action="append", choices=CLASSES, help="these faults instead of the seed's own")
    parser.add_argument("--twice", action="store_true", help="run each seed two times: both must write the same")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what is kept of the runs there, as JSON")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> int:
    done, began, said = Soak(), time.monotonic(), time.monotonic()
    only = frozenset(asked.only) if asked.only else None
    for part in on_cores(asked.seeds, asked.claims, asked.processes, only, twice=asked.twice):
        done.join(part)
        sys.stderr.writelines(f"{told(each)}\n" for each in part.wrong)
        if time.monotonic() - said > SAY_SECONDS:
            said = time.monotonic()
            _say(done, said - began, len(asked.seeds))
    sys.stdout.write(f"{done}\n{time.monotonic() - began:.0f} s on {asked.processes} cores\n")
    run = {"seeds": f"{asked.seeds.start}:{asked.seeds.stop}", "claims_a_run": asked.claims, "twice": asked.twice}
    keep(asked.report, about(began) | run | done.record())
    return 1 if done.failed else 0


def _say(done: Soak, seconds: float, of: int) -> None:
    speed = done.runs / seconds
    sys.stderr.write(
        f"{done.runs}/{of} seeds, {speed:.1f} seeds/s, {done.claims / seconds:.0f} claims/s, wrong: {len(done.wrong)}\n"
    )


if __name__ == "__main__":
    sys.exit(main(options()))
