"""The few pieces of Markdown that the generated pages need."""

import re
from collections.abc import Iterable, Sequence


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Give a table; bars and line breaks inside cells are made harmless."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def code(text: str) -> str:
    """Give text as code."""
    return f"`{text}`"


def codes(texts: Iterable[str]) -> str:
    """Give texts as code, in a row."""
    return ", ".join(map(code, texts))


def link(title: str) -> str:
    """Give a link to the heading of this title on the same page."""
    return f"[{title}](#{anchor(title)})"


def anchor(title: str) -> str:
    """Give a heading's anchor as GitHub and most others make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
