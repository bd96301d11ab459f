"""The repository as long runs need it: which commit it is, and clones in which something may be built, measured or broken."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def commit() -> str:
    """Give the short name of the commit that runs here, with a `+` where the tree differs; without one, nothing."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs", ":!README.md", check=False)
    return git("rev-parse", "--short", "HEAD", check=False) + ("+" if changed else "")


@contextmanager
def clone(of: str = "HEAD") -> Iterator[Path]:
    """Give a checkout of a commit, until it is done with. Raises CalledProcessError where there is no such commit."""
    with tempfile.TemporaryDirectory(prefix="claims-clone-") as folder:
        git("clone", "--quiet", "--no-checkout", str(ROOT), folder)
        git("checkout", "--quiet", "--detach", git("rev-parse", of), cwd=Path(folder))
        yield Path(folder)


def git(*words: str, cwd: Path = ROOT, check: bool = True) -> str:
    """Give what git says."""
    command = (shutil.which("git") or "git", *words)
    return subprocess.run(command, check=check, cwd=cwd, stdout=subprocess.PIPE, text=True).stdout.strip()
