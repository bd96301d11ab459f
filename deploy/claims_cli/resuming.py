"""Lets parked claims go on in bulk: found through the operators' API by what failed and where, then resumed one by one."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from claims_cli import bulk
from claims_cli.api import Api
from claims_cli.errors import ClaimsError
from claims_cli.pacing import Course

ENGINEERS: Final = "engineering"
"""Whom a parked claim waits for."""
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
    filters = {name: wanted.words.get(name) for name in ("phase", "step")}
    found = [line for line in bulk.listed(api.claims, "claims", owner=ENGINEERS, **filters) if wanted.takes(line)]
    return sorted(found, key=lambda line: str(line["waiting"]["since"]))


def causes(lines: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Count claims by what failed and where."""
    return Counter(str(line["waiting"]["reason"]) for line in lines)


async def resume(
    api: Api, lines: Sequence[Mapping[str, Any]], mode: str, by: str, rate: float
) -> tuple[Course, list[str]]:
    """Resume these claims; give how far it came, and what the API said of those that it refused."""
    how = {"mode": mode, "resumed_by": by}
    requests = [(line["claim_id"], {"answers": line["waiting"]["entry"], **how}) for line in lines]
    return await bulk.act(api, "resume", requests, rate, doing="resuming")
