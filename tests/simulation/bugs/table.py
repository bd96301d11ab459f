"""All known bugs, and the table of how they were caught."""

from typing import Final

from tests.simulation.bugs import in_engine, in_orchestrator, in_services
from tests.simulation.bugs.hunt import Caught
from tests.simulation.bugs.planting import BUGS

PLANTED_BY: Final = (in_engine, in_orchestrator, in_services)
HEAD: Final = "| bug | seeds | caught by |\n| --- | ---: | --- |\n"


def known(words: str = "") -> list[str]:
    return [sentence for sentence in BUGS if words in sentence]


def line(caught: Caught) -> str:
    return f"| {caught.bug} | {caught.seeds or 'not caught'} | {', '.join(caught.by[:3])} |"
