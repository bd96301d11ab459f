"""What of a record may be shown on a terminal: no social security number, no character that could play tricks. Pure."""

import json
import re
from typing import Any, Final

HIDDEN: Final = "***-**-****"
_NUMBER: Final = re.compile(r"(?<!\d)\d{3}([-. \u2010-\u2015]?)\d{2}\1\d{4}(?!\d)")
_DIGIT: Final = re.compile(r"\d")
_NAMED: Final = re.compile(r"ssn|social", re.IGNORECASE)


def text(shown: str) -> str:
    """Give text without anything that looks like a number of a person, and without control characters."""
    return _NUMBER.sub(HIDDEN, printable(shown))


def body(value: bytes | None) -> Any:
    """Give a body as JSON without the numbers of people; one that is no JSON as text without any digit.

    In what cannot be read nobody can tell a year from a part of a number that is written in an odd way.
    """
    try:
        return without_numbers(json.loads(value or b"null"))
    except (ValueError, RecursionError):
        return _DIGIT.sub("#", printable((value or b"").decode(errors="replace")))


def printable(shown: str) -> str:
    """Give text with control characters and halves of characters spelt out: a terminal would obey or refuse them."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in shown)


def without_numbers(value: Any, name: str = "") -> Any:
    """Give a JSON value without the numbers of people; `name` is the field it stands in."""
    if isinstance(value, dict):
        return {text(each): without_numbers(found, each) for each, found in value.items()}
    if isinstance(value, list):
        return [without_numbers(each, name) for each in value]
    if value is not None and _NAMED.search(name):
        return HIDDEN
    if isinstance(value, str):
        return text(value)
    return HIDDEN if type(value) in {int, float} and _NUMBER.search(str(value)) else value
