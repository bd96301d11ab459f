"""`make mutation`: process, engine, waits and money are changed in one place at a time, and their tests must notice.

What is committed is mutated, in a clone. Survivors are explained in explained.toml, or the run fails below 90 %.
"""

import argparse
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.mutation.session import Mutant, mutants
from tests.mutation.targets import TARGETS
from tests.proof.about import about, keep

EXPLAINED: Final = Path(__file__).with_name("explained.toml")
EVERY: Final = "every module"
LEAST: Final = 0.9


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", choices=[each.name for each in TARGETS], help="one of the four")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the result there too, as JSON")
    return parser.parse_args()


def explained() -> Mapping[tuple[str, str, str], str]:
    """Give why a survivor may live, by module (EVERY: wherever the line stands), operator and line."""
    table = tomllib.loads(EXPLAINED.read_text("utf-8"))
    return {
        (module, operator, each["line"]): each["why"]
        for module, entries in table.items()
        for each in entries
        for operator in each["operators"]
    }


def judged(found: Sequence[Mutant], known: Mapping[tuple[str, str, str], str]) -> dict[str, dict[str, Any]]:
    """Give, by module, how many were killed, how many live with a reason, and which without."""
    modules: dict[str, dict[str, Any]] = {}
    for each in found:
        module = modules.setdefault(each.module, {"mutants": 0, "killed": 0, "explained": 0, "unexplained": []})
        module["mutants"] += 1
        if each.outcome != "survived":
            module["killed"] += 1
        elif each.key in known or (EVERY, *each.key[1:]) in known:
            module["explained"] += 1
        else:
            module["unexplained"].append(f"{each.operator} in line {each.number}: {each.line}")
    return modules


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(asked: argparse.Namespace) -> int:
    began, found = time.monotonic(), list[Mutant]()
    for target in TARGETS:
        if asked.only in {None, target.name}:
            found += mutants(target, say)
    modules = judged(found, explained())
    total, left = len(found), sum(len(each["unexplained"]) for each in modules.values())
    killed = sum(each["killed"] for each in modules.values())
    for name, each in modules.items():
        counts = f"{each['mutants']:>5} {each['killed']:>6} killed {each['explained']:>4} explained"
        sys.stdout.write(f"{name:60} {counts} {len(each['unexplained']):>4} unexplained\n")
        sys.stdout.writelines(f"    {line}\n" for line in each["unexplained"])
    sys.stdout.write(f"score {killed / total:.1%} of {total}\n")
    keep(asked.report, about(began) | {"modules": modules, "score": killed / total})
    return 1 if left and killed / total < LEAST else 0


if __name__ == "__main__":
    sys.exit(main(options()))
