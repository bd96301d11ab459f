"""`python -m tests.decade`: ten years of deadlines in four zones, in seconds; how many were missed, early or on a wrong date."""

import asyncio
import sys
import time

from tests.decade.years import FIRST, LAST, WINDOWS, Zone, decade

HEADS = ("zone", "deadlines", "clock changes", "leap days", "year ends", "missed", "early", "wrong date")


def row(zone: Zone) -> tuple[str, ...]:
    counts = (zone.waits, zone.changes, zone.leap_days, zone.year_ends, zone.missed, zone.early, zone.wrong)
    return (zone.name, *map(str, counts))


def main() -> int:
    began = time.perf_counter()
    zones = asyncio.run(decade())
    windows = ", ".join(f"{each.number} {each.counted} days{', rolled' * each.rolls}" for each in WINDOWS)
    sys.stdout.write(f"every day from {FIRST} to {LAST} opens windows of {windows}\n")
    for cells in (HEADS, *map(row, zones.values())):
        sys.stdout.write(f"{cells[0]:22}" + "".join(f"{cell:>14}" for cell in cells[1:]) + "\n")
    sys.stdout.write(f"{time.perf_counter() - began:.1f} s\n")
    return 0 if all(zone.right for zone in zones.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
