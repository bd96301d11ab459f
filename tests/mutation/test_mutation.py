"""The list of explained survivors is about code that is there, and a survivor without an explanation is told."""

import pytest
from tests.mutation.__main__ import explained, judged
from tests.mutation.session import Mutant
from tests.mutation.targets import TARGETS
from tests.proof.checkout import ROOT


def test_what_is_explained_is_there() -> None:
    for module, operator, line in explained():
        lines = [each.strip() for each in (ROOT / module).read_text("utf-8").splitlines()]
        assert line in lines, f"{module}: {operator} is explained in a line that is not there any more: {line}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_what_is_mutated_and_its_tests_are_there(target) -> None:
    assert all((ROOT / each).exists() for each in (*target.modules, *target.tests))


def test_survivors_are_told_unless_they_are_explained() -> None:
    def mutant(line: str, outcome: str) -> Mutant:
        return Mutant("m.py", "NumberReplacer", 7, line, outcome)

    found = [mutant("a = 1", "killed"), mutant("b = 2", "survived"), mutant("c = 3", "survived")]
    known = {("m.py", "NumberReplacer", "b = 2"): "nobody reads it"}
    assert judged(found, known)["m.py"] == {
        "mutants": 3,
        "killed": 1,
        "explained": 1,
        "unexplained": ["NumberReplacer in line 7: c = 3"],
    }
