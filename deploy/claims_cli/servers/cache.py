"""Where fetched things are kept between runs, outside the project and its environment, and how callers share them."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


def cache_dir() -> Path:
    """`CLAIMS_CACHE`, else `claimworks` in the user's cache directory."""
    if chosen := os.environ.get("CLAIMS_CACHE"):
        return Path(chosen).expanduser().resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "claimworks"


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Hold the lock file `path`; whoever comes second waits here. The system frees it where its holder crashes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
