"""The `claims` command."""

import sys

import typer

from claims_cli.commands import claims, demo, letters, resume, stack, streams, stuck, submit, traces
from claims_cli.errors import ClaimsError

GROUPS = (stack, demo, submit, claims, resume, letters, stuck, streams, traces)
"""Modules of verbs, in the order of the help; each has `add(app)`."""

app = typer.Typer(
    help="Unemployment-insurance claims from portal to citizen: the local stack and the verbs of those who run it.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
)
for group in GROUPS:
    group.add(app)


def main() -> None:
    """Run a verb; a known failure is one line on stderr and exit code 1."""
    try:
        app()
    except ClaimsError as failure:
        sys.stderr.write(f"claims: {failure}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
