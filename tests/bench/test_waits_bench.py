"""The benchmark of the waits in small: every figure is there, and everything that was due has fired. Times are not judged."""

import json

from tests.bench.waits import main, options

FIGURES = [
    "waits_stored_per_second",
    "restart_seconds",
    "fired_per_second",
    "lateness_p50_ms",
    "lateness_p99_ms",
    "cpu_us_per_wait",
    "memory_mb",
    "peak_memory_mb",
    "outage_drained_seconds",
    "live_lateness_during_drain_p50_ms",
    "live_lateness_during_drain_p99_ms",
]


async def test_a_few_thousand_waits_are_stored_picked_up_fired_and_drained(capsys):
    await main(options(["--pending", "3000", "--due", "600", "--seconds", "1", "--ahead", "2", "--outage", "1200"]))
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["figure"] for each in told] == FIGURES
    assert all(each["value"] >= 0 for each in told)
