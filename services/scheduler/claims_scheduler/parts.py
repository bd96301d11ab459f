"""A letter's parts, said once by its template and written twice: as plain text and as HTML, escaped here. Pure.

Functions and not the template language's own macros: those take four times as long, and a letter has thirty parts.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from html import escape as escape_all
from typing import Any, Final

escape = partial(escape_all, quote=False)
Rows = Iterable[tuple[str, str]]


class Parts:
    """What a template has said so far. Each function says one part and gives nothing to print."""

    def __init__(self) -> None:
        self._said: list[tuple[str, Any]] = []

    def functions(self) -> dict[str, Callable[[Any], str]]:
        """Give what templates call: paragraph, heading, what to do, list, table of facts, lines of one paragraph."""
        return {name: self._taking(name) for name in _TEXT}

    def text(self) -> str:
        """Write them as plain text."""
        return "\n\n".join(_TEXT[name](said) for name, said in self._said)

    def html(self) -> str:
        """Write them as HTML."""
        return "\n".join(_HTML[name](said) for name, said in self._said)

    def _taking(self, name: str) -> Callable[[Any], str]:
        def take(said: Any) -> str:
            kept = said if isinstance(said, str) else [each for each in said if each and each[-1]]
            if kept:
                self._said.append((name, kept))
            return ""

        return take


def _facts(rows: Rows) -> str:
    cells = (f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return '<table class="facts" role="presentation">\n' + "\n".join(cells) + "\n</table>"


def _items(texts: Sequence[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{escape(each)}</li>" for each in texts) + "\n</ul>"


_TEXT: Final[dict[str, Callable[[Any], str]]] = {
    "p": str,
    "h": lambda text: f"{text}\n{'-' * len(text)}",
    "do": lambda text: f">> {text}",
    "items": lambda texts: "\n".join(f"- {each}" for each in texts),
    "facts": lambda rows: "\n".join(f"{name}: {value}" for name, value in rows),
    "lines": "\n".join,
}
_HTML: Final[dict[str, Callable[[Any], str]]] = {
    "p": lambda text: f"<p>{escape(text)}</p>",
    "h": lambda text: f"<h2>{escape(text)}</h2>",
    "do": lambda text: f'<p class="do">{escape(text)}</p>',
    "items": _items,
    "facts": _facts,
    "lines": lambda texts: "<p>" + "<br>\n".join(map(escape, texts)) + "</p>",
}
