"""The short form of the soak: fixed seeds, every invariant; what a seed does is the same each time and on every machine."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from tests.simulation.run import CLAIMS, run
from tests.simulation.soak import quiet, soak
from tests.simulation.weather import CLASSES

ROOT = Path(__file__).parents[2]
TRACE = (
    "from tests.simulation.run import run; from tests.simulation.soak import quiet; quiet(); print(run({seed}).trace)"
)
FOUND = {
    "a zombie's slot that nobody freed before the next booking": {"seed": 1038},
    "a task that waited for the broker, taken for one that looks for work": {"seed": 11_459},
    "a cancellation that was given up at once, as its invite was old": {"seed": 100_332, "claims": 60},
    "a slot that a zombie took again after it was given back": {"seed": 100_997, "claims": 60},
    "an approval that the mail server took only after the denial": {"seed": 100_147, "claims": 60},
    "a person registered by a try that died, whom nobody let go of": {"seed": 150},
    "a message in two partitions, judged by the copy that was read later": {"seed": 101_468, "claims": 60},
    "a conflict of which the other claim was not told, asked and undone in one batch": {"seed": 104_863, "claims": 60},
    "what came before the healing, stamped by a clock that was ahead, judged as if it came after": {
        "seed": 104_463,
        "claims": 60,
    },
    "events told again and waits fired again thousands of times while one topic was not read": {
        "seed": 106_675,
        "claims": 60,
    },
    "a claim that was parked by a zombie, on what had been answered, and nobody heard": {"seed": 107_917, "claims": 60},
    "refused as its claim was not known and our code failed, and taken when it came again": {
        "seed": 102_379,
        "claims": 60,
    },
    "what was given up is acknowledged with a batch that holds nothing of its kind": {"seed": 961},
    "a task's message that was refused, and taken when it came again": {"seed": 1_038},
    "a move that nobody carried out, since the invite came back meanwhile": {"seed": 1_529},
    "an interview without anybody, told of for two reasons under one id": {"seed": 1_051},
    "a member that is thrown out before it has its share waits for ever (the simulator's own)": {
        "seed": 278,
        "claims": 60,
    },
}


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    before = structlog.get_config()
    quiet()
    yield
    structlog.configure(**before)
    gc.collect()


def test_forty_seeds_keep_every_promise_and_every_fault_is_felt() -> None:
    done = soak(range(40), CLAIMS)
    assert not done.wrong, str(done)
    assert not done.unfelt, str(done)


@pytest.mark.parametrize("fault", CLASSES)
def test_each_fault_alone_does_no_harm(fault: str) -> None:
    done = soak(range(1_000, 1_001), CLAIMS, frozenset({fault}))
    assert not done.wrong, str(done)


@pytest.mark.parametrize("found", FOUND.values(), ids=FOUND)
def test_what_a_seed_found_stays_mended(found: dict[str, int]) -> None:
    assert not run(**found).violations


def test_a_seed_writes_the_same_twice() -> None:
    assert not soak(range(300, 308), CLAIMS, twice=True).wrong


@pytest.mark.parametrize("hashing", ["1", "2"])
def test_a_seed_writes_the_same_in_another_process_whatever_order_sets_have_there(hashing: str) -> None:
    command = [sys.executable, "-c", TRACE.format(seed=7)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": hashing}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == run(7).trace


def test_without_faults_nothing_is_felt_and_nothing_is_refused_twice() -> None:
    done = soak(range(400, 405), CLAIMS, frozenset())
    assert not done.wrong, str(done)
    assert not done.felt
