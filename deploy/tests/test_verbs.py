"""The command as a whole: which verb is found in which module."""

import subprocess
import sys

import pytest
import typer

from claims_cli.main import MODULES, application


def verbs(app):
    return set(typer.main.get_group(app).commands)


@pytest.mark.parametrize(("module", "declared"), MODULES.items())
def test_a_verb_loads_the_module_that_has_it(module, declared):
    assert {frozenset(verbs(application(verb))) for verb in declared} == {frozenset(declared)}, module


def test_without_a_known_verb_all_are_there():
    every = {verb for declared in MODULES.values() for verb in declared}
    assert verbs(application()) == verbs(application("--help")) == every


def test_a_short_verb_does_not_pay_for_the_others():
    """Measured: 0.3 s of CPU for `claims ps` instead of 0.75."""
    asked = "import sys; from claims_cli.main import application; application('ps'); print(*sys.modules)"
    loaded = set(
        subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "claims_cli.commands.stack" in loaded
    assert not loaded & {
        "claims_cli.commands.demo",
        "claims_shared.messages.catalog",
        "pydantic",
        "faststream",
        "aiokafka",
    }
