"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Data: TypeAlias = Annotated[
    Path,
    typer.Option("--data", envvar="CLAIMS_DATA", help="The stack's directory: logs, store, broker. Kept over down."),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
DATA = Path(".claims")
