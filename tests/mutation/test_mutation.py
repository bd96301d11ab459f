"""The list of explained survivors is about code that is there, and a survivor without an explanation is told."""

import pytest
from tests.mutation.__main__ import EVERY, explained, judged
from tests.mutation.session import Mutant
from tests.mutation.targets import TARGETS
from tests.proof.checkout import ROOT


def test_what_is_explained_is_there() -> None:
    mutated = [module for target in TARGETS for module in target.modules]
    for module, operator, line in explained():
        modules = mutated if module == EVERY else [module]
        lines = {each.strip() for name in modules for each in (ROOT / name).read_text("utf-8").splitlines()}
        assert line in lines, f"{module}: {operator} is explained in a line that is not there any more: {line}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_is_mutated_and_its_tests_are_there(target) -> None:
    assert all((ROOT / each).exists() for each in (*target.modules, *target.tests))


def test_survivors_are_told_unless_they_are_explained() -> None:
    def mutant(line: str, outcome: str) -> Mutant:
        return Mutant("m.py", "NumberReplacer", 7, line, outcome)

    found = [
        mutant("a = 1", "killed"),
        mutant("b = 2", "survived"),
        mutant("c = 3", "survived"),
        mutant("d = 4", "survived"),
    ]
    known = {("m.py", "NumberReplacer", "b = 2"): "nobody reads it", (EVERY, "NumberReplacer", "d = 4"): "nor this"}
    assert judged(found, known)["m.py"] == {
        "mutants": 4,
        "killed": 1,
        "explained": 2,
        "unexplained": ["NumberReplacer in line 7: c = 3"],
    }
