"""The benchmark of fairness in small, on a whole system: a flood is handed on and done, and every figure is there. No times."""

import json

from tests.bench.fairness import bench, options

FIGURES = [
    *(
        f"{since}_to_approved_p95_{what}"
        for since in ("accepted", "filed")
        for what in ("ms_without", "ms_with_flood", "ratio")
    ),
    "handed_on",
    "handed_on_per_second",
    "done_per_second",
    "handed_on_to_done",
]
BURST = 50
SHORT = ["--rate", "2", "--times", "20", "--seconds", "5", "--rounds", "1", "--warm-up", "1", "--relayed", "250"]


async def test_a_flood_waits_is_done_and_every_figure_is_told(capfd):
    await bench(options(SHORT))
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith('{"figure"')]
    told = {each["figure"]: each["value"] for each in map(json.loads, lines)}
    assert list(told) == FIGURES
    assert all(each > 0 for each in told.values())
    assert told["handed_on"] >= 250 - 2 * BURST
