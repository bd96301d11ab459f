"""The checks are checked: `python -m tests.simulation.bugs [--bug WORDS] [--limit 2000]`. Exits 1 where a bug is not caught."""

import argparse
import multiprocessing
import sys
import time
from functools import partial
from pathlib import Path

from tests.proof.about import about, keep
from tests.simulation.bugs.hunt import hunt
from tests.simulation.bugs.table import HEAD, known, line
from tests.simulation.run import CLAIMS
from tests.simulation.soak import prepare


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.bugs", description=__doc__)
    parser.add_argument("--bug", default="", help="only those whose sentence has these words")
    parser.add_argument("--limit", type=int, default=2_000, help="seeds until a bug counts as not caught")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--claims", type=int, default=CLAIMS, help="claims a run")
    parser.add_argument("--processes", type=int, default=2, help="how many cores to use")
    parser.add_argument("--tell", action="store_true", help="print the violations that caught each")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the table there too, as JSON")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> int:
    """Print the table, a line as soon as its bug is caught or given up."""
    seeds, began, table = range(asked.first, asked.first + asked.limit), time.monotonic(), []
    sys.stdout.write(HEAD)
    with multiprocessing.get_context("fork").Pool(asked.processes, prepare) as pool:
        for caught in pool.imap(partial(hunt, seeds=seeds, claims=asked.claims), known(asked.bug)):
            table.append({"bug": caught.bug, "seeds": caught.seeds, "seed": caught.seed, "by": caught.by[:3]})
            sys.stdout.write(f"{line(caught)}\n" + (f"{caught.told}\n" if asked.tell else ""))
            sys.stdout.flush()
            keep(
                asked.report,
                about(began) | {"first": asked.first, "limit": asked.limit, "claims": asked.claims, "bugs": table},
            )
    return 0 if all(each["seeds"] for each in table) else 1


if __name__ == "__main__":
    sys.exit(main(options()))
