"""Options that several verbs share."""

import getpass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Data: TypeAlias = Annotated[
    Path,
    typer.Option("--data", envvar="CLAIMS_DATA", help="The stack's directory: logs, store, broker. Kept over down."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
By: TypeAlias = Annotated[
    str,
    typer.Option(
        "--by", default_factory=getpass.getuser, show_default="the user of this terminal", help="Who decides."
    ),
]
DryRun: TypeAlias = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Rate: TypeAlias = Annotated[float, typer.Option(min=0.1, help="How many a second at most.")]
DATA = Path(".claims")
