"""The law on the terminal: the packs in a list, one jurisdiction's page, and what changed between two days."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from claims_shared.law.pack import Entry, Gap, Pack
from claims_shared.law.reading import Change, Page, Section, Summary, Value, speaks
from claims_shared.law.words import NOT_KNOWN, shown, title, with_unit, words

ROOMY: Final = 150
"""Columns from which references stand beside their values, not below them."""
INDENT: Final = 4
TRUSTED: Final = {"statute": "green", "agency": "green", "second_hand": "yellow", "citation_only": "yellow"}
LONGEST: Final = 42
"""Of a cell; what is longer goes on in the next line."""
Line = tuple[Sequence[Text], str]
"""Cells, and the reference that stands behind them."""


class Lines:
    """Values in columns, each with its reference: beside it where there is room, else below, once for all that share it."""

    def __init__(self, lines: Sequence[Line], widths: Sequence[int]) -> None:
        """Take the lines and how wide each of their cells may be."""
        self.lines = lines
        self.widths = widths

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """Choose by the width."""
        if options.max_width >= ROOMY:
            rows = [(*cells, Text(reference, "dim")) for cells, reference in self.lines]
            yield indented(self._table(rows), INDENT)
            return
        for reference, lines in groupby(self.lines, key=lambda line: line[1]):
            yield indented(self._table(cells for cells, _ in lines), INDENT)
            if reference:
                yield indented(Text(reference, "dim"), 2 * INDENT)

    def _table(self, rows: Iterable[Sequence[Text]]) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
        for width in self.widths:
            table.add_column(width=width)
        for row in rows:
            table.add_row(*row)
        return table


def widths_of(lines: Iterable[Line]) -> list[int]:
    """Give the width of each column, so that the values of several rules stand below each other."""
    columns = zip(*(cells for cells, _ in lines), strict=True)
    return [min(max(cell.cell_len for cell in column), LONGEST) for column in columns]


def indented(what: RenderableType, by: int) -> Padding:
    return Padding(what, (0, 0, 0, by), expand=False)


def summaries(lines: Iterable[Summary]) -> Table:
    """Give the packs, a row each."""
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in ("pack", "known", "claims are", "parameters", "values by trust", "not known"):
        table.add_column(head, justify="right" if head == "parameters" else "left")
    for each in lines:
        pack = each.pack
        claims = Text("decided", "green") if each.undecided is None else Text("referred", "yellow")
        known = f"{pack.known_from} to {pack.known_until}"
        counts = ", ".join(f"{number} {words(trust)}" for trust, number in each.by_trust.items())
        table.add_row(f"{pack.jurisdiction} {pack.name}", known, claims, str(each.parameters), counts, _lacks(each))
    return table


def page(told: Page) -> Group:
    """Give the page of a jurisdiction on a day."""
    parts: list[RenderableType] = [_head(told)]
    for section in told.sections:
        parts += [Text(f"\n{title(section.name)}", "bold"), *_section(section)]
    if told.gaps:
        parts += [Text("\nNot known on this day", "bold"), *map(_gap, told.gaps)]
    return Group(*parts, Text("\nWhat comes next", "bold"), _next(told))


def diff(pack: Pack, before: date, after: date, found: Sequence[Change]) -> Group:
    """Give what is not the same on two days."""
    head = f"The law of {pack.name} ({pack.jurisdiction}) on {after}, where it is not as on {before}"
    return Group(Text(head, "bold"), changes(pack, after, found))


def changes(pack: Pack, on: date, found: Sequence[Change]) -> Group:
    """Give what is otherwise on this day, by rule; what is not known any more by its reason."""
    if not speaks(pack, on):
        return Group(indented(Text(f"{on}: nothing is known. {found[0].why_not}", "yellow"), 2))
    known = {rule: [_change(each) for each in of_rule] for rule, of_rule in _by_rule(found) if of_rule}
    widths = widths_of(line for lines in known.values() for line in lines)
    parts: list[RenderableType] = []
    for rule, lines in known.items():
        parts += [Text(f"  {place(rule)}"), Lines(lines, widths)]
    for reason in dict.fromkeys(each.why_not for each in found if each.after is None):
        parts.append(Text(f"  No longer known: {reason}.", "yellow"))
        parts += [
            indented(Text(f"{place(each.path)}, was {_was(each)}"), INDENT) for each in found if each.why_not == reason
        ]
    return Group(*parts)


def _by_rule(found: Iterable[Change]) -> Iterator[tuple[str, list[Change]]]:
    for rule, of_rule in groupby(found, key=lambda each: each.path.rpartition(".")[0]):
        yield rule, [each for each in of_rule if each.after is not None]


def place(path: str) -> str:
    """Give a path of a pack in words."""
    return "everything" if path == "*" else title(path.replace(".", ": "))


def _head(told: Page) -> Group:
    pack = told.pack
    claims = (
        Text("Claims of this day are decided.", "green")
        if told.undecided is None
        else Text(f"Claims of this day are referred to a person: {told.undecided}", "yellow")
    )
    return Group(
        Text(f"The law of {pack.name} ({pack.jurisdiction}) on {told.on}", "bold"),
        claims,
        Text(f"programs {', '.join(sorted(pack.programs))}; claims {', '.join(sorted(pack.claim_types))}"),
        Text(f"the pack speaks about {pack.known_from} to {pack.known_until}"),
        Text(f"pack {pack.hash}"),
    )


def _section(section: Section) -> Iterator[RenderableType]:
    told = [(rule.sentence, [_value(value) for value in rule.values]) for rule in section.rules]
    widths = widths_of(line for _, lines in told for line in lines)
    for sentence, lines in told:
        yield indented(Text(sentence), 2)
        if any(reference for _, reference in lines):
            yield Lines(lines, widths)


def _value(value: Value) -> Line:
    name = Text(words(value.name))
    if value.entry is None:
        return (name, Text("not known", "yellow"), Text(), Text()), ""
    return (
        name,
        Text(_said(value.name, value.entry)),
        Text(_since(value.entry)),
        _trust(value.entry),
    ), value.entry.reference


def _change(change: Change) -> Line:
    """Show a parameter that is known on the later day."""
    entry, name = change.after, change.path.rpartition(".")[2]
    assert entry is not None
    was = Text(_said(name, change.before)) if change.before else Text("not known", "yellow")
    now = Text("the same, from another source" if change.kind == "restated" else _said(name, entry), "bold")
    return (Text(words(name)), Text.assemble(was, " -> ", now), Text(_since(entry)), _trust(entry)), entry.reference


def _was(change: Change) -> str:
    return shown(change.before.value, change.before.unit) if change.before else NOT_KNOWN


def _next(told: Page) -> RenderableType:
    if told.next is None:
        return Text("  Nothing later is known.")
    when = Text(f"  From {told.next.on} on:") if speaks(told.pack, told.next.on) else Text()
    return Group(*[when] * bool(when), changes(told.pack, told.next.on, told.next.changes))


def _gap(gap: Gap) -> RenderableType:
    named = "; ".join(map(place, gap.what))
    return indented(Text(f"{named}, from {gap.since} to {gap.to}: {gap.reason}."), 2)


def _lacks(each: Summary) -> str:
    if not each.by_trust:
        return "everything"
    return "; ".join(place(what) for gap in each.gaps for what in gap.what)


def _said(name: str, entry: Entry) -> str:
    """Give a value with its unit, which the parameter's name may say already."""
    return shown(entry.value, entry.unit) if entry.unit == words(name) else with_unit(entry.value, entry.unit)


def _since(entry: Entry) -> str:
    return f"since {entry.since}"


def _trust(entry: Entry) -> Text:
    return Text(words(entry.trust), TRUSTED.get(entry.trust, ""))
