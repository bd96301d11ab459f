"""The `claims` command."""

import sys
from importlib import import_module
from typing import Final

import typer

from claims_cli.errors import ClaimsError

MODULES: Final = {
    "stack": ("up", "down", "ps", "stop", "start", "restart"),
    "demo": ("demo",),
    "submit": ("submit",),
    "claims": ("list", "show", "status", "decide"),
    "tasks": ("tasks",),
    "expedite": ("expedite",),
    "resume": ("resume",),
    "staff": ("staff",),
    "letters": ("dlq",),
    "flow": ("flow",),
    "backlog": ("backlog",),
    "stuck": ("stuck", "skip"),
    "mail": ("mail",),
    "streams": ("tail", "topics"),
    "traces": ("trace",),
    "policy": ("policy",),
}
"""Modules of verbs, in the order of the help, and their verbs; each has `add(app)`."""


def application(verb: str | None = None) -> typer.Typer:
    """Give the command; where a verb is named, with its module alone: half of what a short verb costs is imports of others."""
    app = typer.Typer(
        help="Unemployment-insurance claims from portal to citizen: the local stack and the verbs of those who run it.",
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    app.callback()(_group)
    for module in [each for each, verbs in MODULES.items() if verb in verbs] or MODULES:
        import_module(f"claims_cli.commands.{module}").add(app)
    return app


def _group() -> None:
    """A single verb would otherwise be the whole command."""


def main() -> None:
    """Run a verb; a known failure is one line on stderr and exit code 1."""
    try:
        application(next(iter(sys.argv[1:]), None))()
    except ClaimsError as failure:
        sys.stderr.write(f"claims: {failure}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
