"""`python -m tests.bench.against COMMIT`: this commit's benchmark and an earlier one's, in turn on the same machine, as ratios.

Both run from clones of their own, so that what is not committed here is not measured.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.proof.about import about, keep
from tests.proof.checkout import clone

Figures = Mapping[str, float]
MAKE = shutil.which("make") or "make"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.against", description=__doc__)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("--rounds", type=int, default=2, help="how often each is measured")
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the figures there too, as JSON")
    return parser.parse_args()


@contextmanager
def ready(commit: str) -> Iterator[Path]:
    """Give a clone of a commit with all that it needs."""
    with clone(commit) as checkout:
        subprocess.run((MAKE, "setup"), check=True, cwd=checkout, stdout=sys.stderr)
        yield checkout


def measured(checkout: Path, claims: int) -> Figures:
    """Run a checkout's own benchmark. Raises CalledProcessError where it fails."""
    command = (checkout / ".venv/bin/python", "-m", "tests.bench", "--claims", str(claims))
    done = subprocess.run(command, check=True, cwd=checkout, stdout=subprocess.PIPE, text=True)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"figure"')]
    return {line["figure"]: line["value"] for line in lines}


def ratios(before: Sequence[Figures], after: Sequence[Figures]) -> dict[str, dict[str, float]]:
    """Give each figure that both have: the medians, and after by before."""
    names = [name for name in after[0] if all(name in each for each in (*before, *after))]
    pairs = {name: [statistics.median(each[name] for each in runs) for runs in (before, after)] for name in names}
    return {
        name: {"before": old, "after": new, "ratio": round(new / old, 3)} for name, (old, new) in pairs.items() if old
    }


def main(asked: argparse.Namespace) -> None:
    began = time.monotonic()
    runs: tuple[list[Figures], list[Figures]] = ([], [])
    with ready(asked.commit) as old, ready("HEAD") as new:
        for turn in range(asked.rounds):
            for kept, checkout in zip(runs, (old, new), strict=True):
                kept.append(measured(checkout, asked.claims))
                sys.stderr.write(
                    f"round {turn + 1}/{asked.rounds}, {checkout.name}: {kept[-1]['claims_per_second']} claims/s\n"
                )
    figures = ratios(*runs)
    for name, each in figures.items():
        sys.stdout.write(f"{name:36} {each['before']:>10.4g} {each['after']:>10.4g} {each['ratio']:>7.3f}\n")
    keep(asked.report, about(began) | {"before": asked.commit, "rounds": asked.rounds, "figures": figures})


if __name__ == "__main__":
    main(options())
