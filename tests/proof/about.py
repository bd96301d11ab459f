"""What every record of a long run says of itself: which code, which machine, when, how long."""

import json
import os
import platform
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.proof.checkout import commit


def about(began: float) -> dict[str, Any]:
    """Give the commit, the machine, the end, and the seconds since `began`."""
    return {
        "commit": commit(),
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began),
        "machine": f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}",
    }


def keep(path: Path | None, record: Mapping[str, Any]) -> None:
    """Write a record where one is asked for."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
