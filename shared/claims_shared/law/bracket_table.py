"""A statutory table that gives a weekly amount for a bracket of wages, and how its CSV file is read. Pure: text in, table out."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

NEEDED, MAY_HAVE = ("from", "to", "amount"), ("qualifying_wages",)
CENT = Decimal("0.01")
FEWEST = 2
"""Lines: up to where nothing is payable, and one that pays."""
_DOLLARS = re.compile(r"\d+(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bracket:
    """Wages from `low` to `high`, both included (`high` None: and more), and the weekly amount that they give, in dollars.

    An amount of 0: nothing is payable. `qualifying_wages`: what the whole base period must hold for this amount, where the
    table says so.
    """

    low: Decimal
    high: Decimal | None
    amount: Decimal
    qualifying_wages: Decimal | None = None

    def holds(self, wages: Decimal) -> bool:
        """Say whether these wages lie in the bracket."""
        return self.low <= wages and (self.high is None or wages <= self.high)


@dataclass(frozen=True, slots=True)
class BracketTable:
    """The brackets that were read, lowest first. There may be holes between them and above: of these nothing is known."""

    name: str
    brackets: tuple[Bracket, ...]

    def __str__(self) -> str:
        """Show the table where a value is shown."""
        return f"{self.name} ({len(self.brackets) - 1} brackets)"

    def holding(self, wages: Decimal) -> Bracket | None:
        """Give the bracket of these wages; None where it was not read."""
        return next((bracket for bracket in self.brackets if bracket.holds(wages)), None)

    @property
    def first_payable(self) -> Bracket:
        """The lowest bracket in which anything is payable."""
        return self.brackets[1]


def read_brackets(name: str, text: str) -> BracketTable:
    """Read a table from its CSV file; ValueError names file and line and says in words what is wrong.

    The columns are `from`, `to`, `amount` and, where the law has it, `qualifying_wages`; `to` is empty only in the last line of
    a table that ends with "or more". The first line, of amount 0, says below which wages nothing is payable. Brackets come in
    order and may leave holes above the second; neither column ever gives less for more.
    """
    header, *lines = [line.split(",") for line in text.splitlines()] or [[]]
    _columns(f"{name} line 1", header)
    if len(lines) < FEWEST:
        raise ValueError(f"{name} line {len(lines) + 2}: the table ends before anything is payable")
    brackets = tuple(_bracket(f"{name} line {n}", header, cells) for n, cells in enumerate(lines, start=2))
    _begins(name, *brackets[:2])
    for n, (lower, higher) in enumerate(pairwise(brackets), start=3):
        _follows(f"{name} line {n}", lower, higher)
    _never_less(name, ((n, bracket.qualifying_wages) for n, bracket in enumerate(brackets, start=2)))
    return BracketTable(name, brackets)


def _columns(where: str, header: list[str]) -> None:
    if unknown := [column for column in header if column not in NEEDED + MAY_HAVE]:
        raise ValueError(f"{where}: unknown column {', '.join(map(repr, unknown))}")
    if missing := [column for column in NEEDED if column not in header]:
        raise ValueError(f"{where}: the column {', '.join(missing)} is missing")
    if len(set(header)) < len(header):
        raise ValueError(f"{where}: a column is written twice")


def _bracket(where: str, header: list[str], cells: list[str]) -> Bracket:
    if len(cells) != len(header):
        raise ValueError(f"{where}: {len(cells)} cells, and the table has {len(header)} columns")
    row = dict(zip(header, cells, strict=True))
    low, amount = _needed(where, row, "from"), _needed(where, row, "amount")
    high, qualifying = _dollars(where, row, "to"), _dollars(where, row, "qualifying_wages")
    if high is not None and high < low:
        raise ValueError(f"{where}: to {high} is below from {low}")
    return Bracket(low, high, amount, qualifying)


def _needed(where: str, row: Mapping[str, str], column: str) -> Decimal:
    amount = _dollars(where, row, column)
    if amount is None:
        raise ValueError(f"{where}: {column} is empty")
    return amount


def _dollars(where: str, row: Mapping[str, str], column: str) -> Decimal | None:
    """Digits and at most two decimals only: no sign, no comma, no exponent, no space."""
    text = row.get(column, "")
    if text and not _DOLLARS.fullmatch(text):
        raise ValueError(f"{where}: {column} {text!r} is no amount as 1712.99")
    return Decimal(text) if text else None


def _begins(name: str, nothing: Bracket, first: Bracket) -> None:
    if nothing.low or nothing.amount or nothing.high is None:
        raise ValueError(f"{name} line 2: it must say up to which wages nothing is payable, from 0 and with amount 0")
    if first.low != nothing.high + CENT or not first.amount:
        raise ValueError(f"{name} line 3: the lowest payable bracket must begin a cent above {nothing.high}")


def _follows(where: str, lower: Bracket, higher: Bracket) -> None:
    if lower.high is None or higher.low <= lower.high:
        raise ValueError(
            f"{where}: from {higher.low} overlaps the bracket before it; order by wages and end each first"
        )
    if higher.amount < lower.amount:
        raise ValueError(f"{where}: more wages never give less, and {higher.amount} is less than {lower.amount}")


def _never_less(name: str, column: Iterable[tuple[int, Decimal | None]]) -> None:
    held = [(line, amount) for line, amount in column if amount is not None]
    for (_, lower), (line, higher) in pairwise(held):
        if higher < lower:
            raise ValueError(f"{name} line {line}: qualifying wages of {higher} are less than {lower} before")
