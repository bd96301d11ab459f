"""One session of cosmic-ray over one target: in a clone, so that a run that is broken off leaves nothing changed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.mutation.targets import Target
from tests.proof.checkout import ROOT, clone

TOOL: Final = ROOT / ".uv/mutation/bin"
PACKAGES: Final = ("shared", "deploy", *(f"services/{each.name}" for each in (ROOT / "services").iterdir()))
SECONDS: Final = 60.0
"""For so long a mutant may run: one that never ends is noticed too."""
LOOK_SECONDS: Final = 15.0
LEFT_OUT: Final = (
    # Types that are written `one | other` are read by nobody at run time, or break the import.
    r"core/ReplaceBinaryOperator_BitOr_.*",
    # Of the operators that a number may be given instead, those that change it most often suffice.
    r"core/ReplaceBinaryOperator_.*_(BitAnd|BitOr|BitXor|LShift|RShift|Pow|Mod|FloorDiv)",
    # `==` for `is` and the like: the same for the constants that are compared so.
    r"core/ReplaceComparisonOperator_(Is_Eq|IsNot_NotEq|Eq_Is|NotEq_IsNot)",
)
CONFIG: Final = """[cosmic-ray]
module-path = {modules}
timeout = {seconds}
excluded-modules = []
test-command = {command}

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = {left_out}
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. `line`: the text that it is in; `outcome`: killed, survived or incompetent (it does not even load)."""

    module: str
    operator: str
    number: int
    line: str
    outcome: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.module, self.operator, self.line


def mutants(target: Target, say: Callable[[str], None]) -> list[Mutant]:
    """Run the tests against every mutant. Raises CalledProcessError where the tests fail without one."""
    with clone() as place:
        command = (sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", *target.tests)
        ours = {"PYTHONPATH": os.pathsep.join(str(place / each) for each in PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"}
        environment = os.environ | ours
        subprocess.run(command, cwd=place, env=environment, check=True, stdout=subprocess.DEVNULL)
        config, session = place / "mutation.toml", place / "mutation.sqlite"
        config.write_text(
            CONFIG.format(
                modules=json.dumps(list(target.modules)),
                seconds=SECONDS,
                command=json.dumps(" ".join(command)),
                left_out=json.dumps(list(LEFT_OUT)),
            ),
            "utf-8",
        )
        lines = {module: (place / module).read_text("utf-8").splitlines() for module in target.modules}
        _tool("cosmic-ray", "init", config, session, cwd=place)
        _tool("cr-filter-operators", session, config, cwd=place)
        running = subprocess.Popen((TOOL / "cosmic-ray", "exec", config, session), cwd=place, env=environment)
        while True:
            try:
                if running.wait(LOOK_SECONDS):
                    raise subprocess.CalledProcessError(running.returncode, "cosmic-ray exec")
                break
            except subprocess.TimeoutExpired:
                done = _dumped(session, place)
                say(f"{target.name}: {sum(result is not None for _, result in done)} of {len(done)} mutants")
        return [_mutant(item, result, lines) for item, result in _dumped(session, place) if _was_run(result)]


def _was_run(result: dict[str, Any]) -> bool:
    return bool(result["worker_outcome"] != "skipped")


def _mutant(item: dict[str, Any], result: dict[str, Any], lines: dict[str, list[str]]) -> Mutant:
    (mutation,) = item["mutations"]
    module, number = mutation["module_path"], mutation["start_pos"][0]
    operator = mutation["operator_name"].removeprefix("core/")
    outcome = str(result["test_outcome"] or result["worker_outcome"])
    return Mutant(module, operator, number, lines[module][number - 1].strip(), outcome)


def _dumped(session: Path, place: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [tuple(json.loads(line)) for line in _tool("cosmic-ray", "dump", session, cwd=place).splitlines()]


def _tool(name: str, *words: str | Path, cwd: Path) -> str:
    done = subprocess.run((TOOL / name, *words), cwd=cwd, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
