"""The page of proofs is what its records say."""

from tests.faults.report import Report
from tests.proof.about import about
from tests.proof.kept import PAGE, kept
from tests.proof.page import Records, page
from tests.simulation.soak import Soak


def test_the_page_is_made_of_the_records() -> None:
    assert PAGE.read_text("utf-8") == page(kept()), "python -m tests.proof brings it up to date"


def test_what_the_runs_write_is_what_the_page_reads() -> None:
    span = {"seeds": "5:9", "claims_a_run": 15, "twice": False}
    runs = [about(0) | span | Soak(runs=4, claims=60, records=900, seconds=2.0).record() for _ in range(2)]
    runs[1]["seeds"] = "9:12"
    faults = Report(10, about=about(0) | {"store": "sqlite", "seed": 1, "replicas": 2}).record()
    written = page(Records(simulation=runs, twice=runs, faults=[faults]))
    assert "seeds 5:12" in written
    assert "| claims | 120 |" in written
    assert "30 claims simulated per second and core" in written


def test_a_bug_that_was_not_caught_says_so() -> None:
    table = [{"bug": "nobody saw it", "seeds": None, "seed": 0, "by": []}]
    assert "| nobody saw it | not caught | 15 |" in page(Records(bugs=[about(0) | {"claims": 15, "bugs": table}]))
