"""What is mutated, and the tests that must notice: quick ones that concern it, no broker and no server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

ORCHESTRATOR, SCHEDULER = "services/orchestrator/claims_orchestrator", "services/scheduler/claims_scheduler"
SHARED: Final = "shared/claims_shared"


@dataclass(frozen=True, slots=True)
class Target:
    """Modules, and the tests (paths) that are run for every mutant of theirs."""

    name: str
    modules: Sequence[str]
    tests: Sequence[str]


TARGETS: Final = (
    Target(
        "process",
        (f"{ORCHESTRATOR}/process.py",),
        (
            "services/orchestrator/tests/test_process_appeals.py",
            "services/orchestrator/tests/test_process_steps.py",
            "services/orchestrator/tests/test_process_people.py",
            "services/orchestrator/tests/test_process_details.py",
            "services/orchestrator/tests/test_process_waiting.py",
            "services/orchestrator/tests/test_overdue_waits.py",
            "shared/tests/test_catalog_pages.py",
        ),
    ),
    Target(
        "engine",
        (f"{SHARED}/engine.py", f"{SHARED}/documents.py"),
        (
            "shared/tests/test_engine.py",
            "shared/tests/test_documents.py",
            "shared/tests/test_quarantine.py",
            "services/orchestrator/tests/test_claims_in_the_engine.py",
        ),
    ),
    Target(
        "waits",
        (f"{SCHEDULER}/waits.py", f"{SCHEDULER}/watched.py"),
        (
            "services/scheduler/tests/test_scheduler_memory.py",
            "services/scheduler/tests/test_scheduler_waits.py",
            "services/scheduler/tests/test_scheduler_watch.py",
            "services/scheduler/tests/test_scheduler_views.py",
        ),
    ),
    Target(
        "money",
        (
            *(f"{SHARED}/law/{name}.py" for name in ("weekly_amount", "award", "monetary", "rules")),
            "services/benefits/claims_benefits/compute.py",
        ),
        (
            "shared/tests/test_law_examples.py",
            "shared/tests/test_law_packs.py",
            "shared/tests/test_law_properties.py",
            "services/benefits/tests",
        ),
    ),
)
