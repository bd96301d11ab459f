"""`claims trace`: one claim's way through the services as a tree, from the span files that the services wrote."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct, to_builtins
from rich.console import Console
from rich.tree import Tree

from claims_cli.commands.options import DATA, AsJson, Data
from claims_cli.errors import ClaimsError

CLAIM = "claims.claim_id"


class Span(Struct, frozen=True):
    """One service's work on one message of the claim."""

    id: str
    parent: str | None
    name: str
    service: str
    started: datetime
    ended: datetime

    @property
    def milliseconds(self) -> float:
        return (self.ended - self.started).total_seconds() * 1000


def add(app: typer.Typer) -> None:
    app.command(rich_help_panel="Claims")(trace)


def trace(
    claim: Annotated[str, typer.Argument(help="The claim's id.")], data: Data = DATA, as_json: AsJson = False
) -> None:
    """Show which message caused which, where, when and for how long.

    Spans are written where the stack was started with: claims up --env CLAIMS_TRACE_DIR=<data>/traces. With
    OTEL_EXPORTER_OTLP_ENDPOINT they go to a collector instead.
    """
    spans = sorted(_spans(data / "traces", claim), key=lambda span: span.started)
    if not spans:
        raise ClaimsError(
            f"no span of {claim} under {data / 'traces'}: start with claims up --env CLAIMS_TRACE_DIR={data / 'traces'}"
        )
    if as_json:
        typer.echo(json.dumps(to_builtins(spans)))
    else:
        Console().print(_tree(claim, spans))


def _spans(folder: Path, claim: str) -> Iterator[Span]:
    """Give the claim's spans of all services; a line that a killed process left half is passed over."""
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if claim in line:
                try:
                    found = json.loads(line)
                except json.JSONDecodeError:
                    continue
                if found["attributes"].get(CLAIM) == claim:
                    yield _span(found)


def _span(found: Mapping[str, Any]) -> Span:
    return Span(
        id=found["context"]["span_id"],
        parent=found["parent_id"],
        name=found["name"].removeprefix("process "),
        service=found["resource"]["attributes"]["service.name"].removeprefix("claims."),
        started=datetime.fromisoformat(found["start_time"]),
        ended=datetime.fromisoformat(found["end_time"]),
    )


def _tree(claim: str, spans: Sequence[Span]) -> Tree:
    """Hang each span under the one whose message caused it; the portal's own spans are elsewhere, so theirs are roots."""
    first, last = spans[0].started, max(span.ended for span in spans)
    children: dict[str | None, list[Span]] = defaultdict(list)
    known = {span.id for span in spans}
    for span in spans:
        children[span.parent if span.parent in known else None].append(span)
    root = Tree(f"[bold]{claim}[/]  {(last - first).total_seconds() * 1000:.0f} ms, {len(spans)} spans")
    waiting = [(root, span) for span in children[None]]
    while waiting:
        above, span = waiting.pop(0)
        at = (span.started - first).total_seconds() * 1000
        node = above.add(
            f"[dim]{at:8.1f} ms[/]  [cyan]{span.service:<12}[/] {span.name}  [dim]{span.milliseconds:.2f} ms[/]"
        )
        waiting += [(node, child) for child in children[span.id]]
    return root
