"""README's generated blocks: the process tables, and the portal example taken from the file that a test runs."""

from pathlib import Path
from typing import Final

from claims_cli.catalog import process_tables

PORTAL: Final = Path("tests") / "e2e" / "portal_example.py"
BLOCKS: Final = ("process", "portal")


def begin(name: str) -> str:
    """Give the line before a block."""
    return f"<!-- {name}:begin -->"


def end(name: str) -> str:
    """Give the line after a block."""
    return f"<!-- {name}:end -->"


NEW: Final = "# Claimworks\n\n" + "\n\n".join(f"{begin(name)}\n{end(name)}" for name in BLOCKS) + "\n"


def readme(text: str, root: Path) -> str:
    """Give the README with its blocks as they should be. Raises ValueError where a block's markers are missing."""
    blocks = {"process": process_tables.block(), "portal": _portal((root / PORTAL).read_text())}
    for name, block in blocks.items():
        text = placed(text, name, block)
    return text


def placed(text: str, name: str, block: str) -> str:
    """Put a block between its markers."""
    before, found, rest = text.partition(begin(name))
    _, closed, after = rest.partition(end(name))
    if not (found and closed):
        raise ValueError(f"README.md has no {begin(name)} ... {end(name)}: put both lines where the block belongs")
    return f"{before}{begin(name)}\n\n{block}\n\n{end(name)}{after}"


def _portal(source: str) -> str:
    """Show the example from its imports on, without what only the command line needs."""
    lines = source.partition("\n\n\nif __name__")[0].splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("import "))
    shown = [
        line.split("  # noqa")[0] for line in lines[first:] if line not in ("import sys", "from pathlib import Path")
    ]
    return "\n".join(["```python", *shown, "```"])
