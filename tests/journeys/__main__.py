"""`python -m tests.journeys [FILE ...]`: tells journeys day by day: what happened, what was mailed, what the claim waits for."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.journeys.reading import WrongJourneyError, journeys, read
from tests.journeys.travelling import Came, travel
from tests.simulation.soak import quiet


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="all of them where none is named")
    return parser.parse_args()


def lines(came: Came) -> Iterator[str]:
    yield f"  {came.at:%a %Y-%m-%d %H:%M}  ({came.day.time})  {came.phase}"
    who = [f"{name} {what}" for name in ("claimant", "caseworker") if (what := getattr(came.day, name))]
    who = [f"{each} ({came.day.who})" if each.startswith("caseworker") else each for each in who]
    yield from (f"      {each}" for each in who)
    yield from (f"      - {each}" for each in came.happens)
    yield from (f"      mail: {each}" for each in came.mails)
    yield from (f"      waits: {kind} {until}" for kind, until in came.waits_for.items())
    yield from ([f"      refused: {came.refused}"] if came.refused else ())
    yield from (f"      ALERT: {each}" for each in came.alerts)
    yield from (f"      OTHERWISE: {each}" for each in came.otherwise())


def main(files: list[Path]) -> int:
    quiet()
    wrong = 0
    for path in files or journeys():
        began = time.perf_counter()
        try:
            journey = read(path)
            sys.stdout.write(f"\n{journey.journey}  [{path.name}]\n")
            for came in travel(journey):
                sys.stdout.writelines(f"{line}\n" for line in lines(came))
                wrong += bool(list(came.otherwise()))
        except WrongJourneyError as error:
            sys.stdout.write(f"  WRONG: {path.name}: {error}\n")
            wrong += 1
        sys.stdout.write(f"  {time.perf_counter() - began:.2f} s\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(options().files))
