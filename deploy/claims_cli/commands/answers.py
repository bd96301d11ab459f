"""How the verbs tell what came of them: JSON on stdout for scripts, a sentence on stderr for people."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer

from claims_cli.pacing import Course
from claims_cli.terminal import counted, say

SHOWN: Final = 20
"""So many refusals are told one by one."""


def print_json(answer: object) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False))


def accepted(answer: Mapping[str, Any], *, as_json: bool) -> None:
    """Tell what the API made of one request."""
    if as_json:
        print_json(answer)
    else:
        say(f"{answer['type']} {'published' if answer['published'] else 'not published again'}: {answer['note']}")


def acted(what: str, course: Course, refused: Sequence[str], *, as_json: bool, then: str = "") -> None:
    """Tell how many claims it was done to, and end the command as it went; `then`: what to look at."""
    for each in refused[:SHOWN]:
        say(each)
    done = course.done - len(refused)
    if as_json:
        typer.echo(json.dumps({what: done, "of": course.total, "stopped": course.stopped, "refused": refused}))
    say(f"{done} of {counted(course.total, 'claim')} {what}{course.remark}{then}")
    course.exit()
    if refused:
        raise typer.Exit(1)


def planned(what: str, claims: int, name: str, kinds: Counter[str], *, as_json: bool) -> None:
    """Tell what a dry run would have done to how many claims; `name`: by what they are counted."""
    if as_json:
        typer.echo(json.dumps({"would_be": what, "count": claims, name: dict(kinds)}))
    for kind, number in kinds.most_common():
        say(f"{number:6}  {kind}")
    say(f"nothing was done; {counted(claims, 'claim')} would be {what}")
