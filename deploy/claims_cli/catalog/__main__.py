"""`python -m claims_cli.catalog` brings the generated files up to date; `--check` only says which are stale."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from claims_cli.catalog.generated import generate, stale, write

ROOT: Final = Path(__file__).parents[3]


def main(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 where a file is stale.")] = False,
    root: Annotated[Path, typer.Option(help="The repository.")] = ROOT,
) -> None:
    """Regenerate the catalogue: docs/, with the page of the law, and the README's process tables."""
    try:
        wanted = generate(root)
    except ValueError as wrong:
        sys.exit(f"catalog: {wrong}")
    if not check:
        for path in write(root, wanted):
            typer.echo(f"written: {path}")
    elif found := stale(root, wanted):
        sys.exit("\n".join(f"stale: {path} (make catalog brings it up to date)" for path in found))


if __name__ == "__main__":
    typer.run(main)
