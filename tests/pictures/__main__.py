"""Pictures of the letters as a person sees them: `make pictures`. With `--mailbox URL` also of a running stack's mailbox."""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.pictures.letters import html_of, letters, moved

FOLDER: Final = Path("docs/pictures")
BROWSER: Final = Path(__file__).with_name("browser.py")
WIDTH: Final = 680
SHOWN: Final = (
    "interview_invite",
    "interview_moved",
    "interview_cancelled",
    "interview_reminder",
    "approved",
    "denied",
    "evidence_wanted",
)
"""What the documentation shows; the others are written with `--all`."""
DARK: Final = "approved-en"


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("--python", default=".uv/pictures/bin/python", help="an interpreter with the browser")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go")
    parser.add_argument("--all", action="store_true", help="every letter, not only those of the documentation")
    parser.add_argument("--mailbox", metavar="URL", help="a mailbox page to show as well")
    return parser.parse_args()


def pages() -> Iterator[tuple[str, str]]:
    """Give the name and the HTML of every letter."""
    yield from ((name, html_of(mail)) for name, mail in letters())
    yield from moved()


def main(asked: argparse.Namespace) -> None:
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        light, dark = [], []
        for name, html in pages():
            if asked.all or name.rpartition("-")[0] in SHOWN:
                page = Path(scratch) / f"{name}.html"
                page.write_text(html, encoding="utf-8")
                light.append(_job(page.as_uri(), asked.folder / f"{name}.png"))
                dark += [_job(page.as_uri(), asked.folder / f"{name}-dark.png")] if name == DARK else []
        if asked.mailbox:
            light.append(_job(asked.mailbox, asked.folder / "mailbox.png") | {"width": 1_100})
        _shoot(asked.python, light, Path(scratch))
        _shoot(asked.python, dark, Path(scratch), "--dark")


def _job(page: str, picture: Path) -> dict[str, Any]:
    return {"page": page, "picture": str(picture), "width": WIDTH}


def _shoot(python: str, jobs: list[dict[str, Any]], scratch: Path, *flags: str) -> None:
    file = scratch / "jobs.json"
    file.write_text(json.dumps(jobs), encoding="utf-8")
    subprocess.run([python, str(BROWSER), str(file), *flags], check=True, timeout=300, capture_output=True)


if __name__ == "__main__":
    main(options())
