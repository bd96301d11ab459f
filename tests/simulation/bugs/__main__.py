"""The checks are checked: `python -m tests.simulation.bugs [--bug WORDS] [--limit 2000]`. Exits 1 where a bug is not caught."""

import argparse
import sys

import structlog
from tests.simulation.bugs.hunt import Caught, hunt
from tests.simulation.bugs.table import known, line


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.bugs", description=__doc__)
    parser.add_argument("--bug", default="", help="only those whose sentence has these words")
    parser.add_argument("--limit", type=int, default=2_000, help="seeds until a bug counts as not caught")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--tell", action="store_true", help="print the violations that caught it")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    missed = 0
    sys.stdout.write("| bug | seeds | caught by |\n| --- | ---: | --- |\n")
    for sentence in known(asked.bug):
        caught: Caught = hunt(sentence, range(asked.first, asked.first + asked.limit))
        missed += caught.seeds is None
        sys.stdout.write(f"{line(caught)}\n" + (f"{caught.told}\n" if asked.tell else ""))
        sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(options()))
