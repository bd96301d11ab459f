"""CPU seconds by process of the stack, from the kernel's own accounting."""

from collections import Counter
from collections.abc import Mapping

import psutil

from claims_cli.local.state import Place


def spent(place: Place) -> Counter[str]:
    """Give CPU seconds so far by role: each service (its replicas together), broker, simulators, API."""
    state = place.read()
    found: Counter[str] = Counter()
    for each in state.processes if state else ():
        process = each.process()
        if process is not None:
            times = process.cpu_times()
            found[each.service.replace("-", "_")] += times.user + times.system
    return found


def own() -> float:
    """Give the CPU seconds of this process: the load itself."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)


def per_claim(before: Mapping[str, float], after: Mapping[str, float], claims: int) -> dict[str, float]:
    """Give microseconds of CPU for each claim, by role."""
    return {role: 1e6 * (after[role] - before.get(role, 0.0)) / claims for role in after}
