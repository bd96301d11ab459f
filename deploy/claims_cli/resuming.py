"""Lets parked claims go on in bulk: found through the operators' API by what failed and where, then resumed one by one."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from claims_cli.api import Api, Away
from claims_cli.errors import ClaimsError
from claims_cli.pacing import Course, Pace, shown, stoppable

ENGINEERS: Final = "engineering"
"""Whom a parked claim waits for."""
PAGE: Final = 500
KEYS: Final = ("phase", "step", "cause", "jurisdiction", "claim_type")


@dataclass(frozen=True, slots=True)
class Query:
    """Which parked claims: each word must hold; of the cause a part is enough."""

    words: Mapping[str, str] = field(default_factory=dict)

    def takes(self, line: Mapping[str, Any]) -> bool:
        """Whether a claim of the list is one of them."""
        cause = self.words.get("cause", "")
        rest = all(line[name] == value for name, value in self.words.items() if name != "cause")
        return rest and cause in (line["waiting"]["reason"] or "")


def query(written: str, keys: Collection[str] = KEYS, spaced: Collection[str] = ("cause",)) -> Query:
    """Read `step=benefit cause=KeyError`; raises ClaimsError on a word that is none. Values of `spaced` may hold blanks."""
    words: dict[str, str] = {}
    name = ""
    for part in written.split():
        found, equals, value = part.partition("=")
        if equals and found in keys:
            name, words[found] = found, value
        elif name in spaced:
            words[name] += f" {part}"
        else:
            raise ClaimsError(f"{part!r} says nothing: write NAME=VALUE with one of {', '.join(keys)}")
    return Query(words)


def parked(api: Api, wanted: Query) -> list[Mapping[str, Any]]:
    """Give the parked claims that are wanted, as the list shows them, the longest parked first."""
    found = [line for line in _pages(api, wanted) if wanted.takes(line)]
    return sorted(found, key=lambda line: str(line["waiting"]["since"]))


def _pages(api: Api, wanted: Query) -> Iterator[Mapping[str, Any]]:
    after: str | None = None
    filters = {name: wanted.words.get(name) for name in ("phase", "step")}
    while True:
        page = api.claims(owner=ENGINEERS, limit=PAGE, after=after, **filters)
        yield from page["claims"]
        if (after := page["next"]) is None:
            return


def causes(lines: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Count claims by what failed and where."""
    return Counter(str(line["waiting"]["reason"]) for line in lines)


async def resume(
    api: Api, lines: Sequence[Mapping[str, Any]], mode: str, by: str, rate: float
) -> tuple[Course, list[str]]:
    """Resume these claims; give how far it came, and what the API said of those that it refused."""
    course, refused = Course(len(lines)), list[str]()
    with stoppable() as stop, shown("resuming", course) as advance:
        async for part in Pace(rate, stop).parts(lines):
            for line in part:
                refused += await asyncio.to_thread(_resume, api, line, {"mode": mode, "resumed_by": by})
                advance(1)
        course.stopped = stop.is_set()
    return course, refused


def _resume(api: Api, line: Mapping[str, Any], how: Mapping[str, str]) -> list[str]:
    """Resume one claim; one that moved on meanwhile is no reason to stop."""
    try:
        api.act(line["claim_id"], "resume", {"answers": line["waiting"]["entry"], **how})
    except Away:
        raise
    except ClaimsError as refusal:
        return [f"{line['claim_id']}: {refusal}"]
    return []
