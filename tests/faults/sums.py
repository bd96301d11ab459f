"""Sums the records of several runs: `python -m tests.faults.sums FILE…`. Exits 1 where any of them found something."""

import json
import sys
from pathlib import Path

from tests.faults.report import summed


def main() -> int:
    total = summed([json.loads(Path(each).read_text("utf-8")) for each in sys.argv[1:]])
    sys.stdout.write(json.dumps(total, indent=1) + "\n")
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
