"""Puts many claims on the expedited lane: found through the operators' API or read from a file, then expedited one by one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from claims_cli import bulk
from claims_cli.api import Api
from claims_cli.errors import ClaimsError
from claims_cli.pacing import Course
from claims_cli.resuming import Query, query

KEYS: Final = ("step", "owner", "jurisdiction", "claim_type", "program")
ASKED: Final = ("step", "owner")
"""What the API filters by; the rest is looked for in what it lists."""


def wanted(written: str) -> Query:
    """Read `step=identity owner=identity unit`; raises ClaimsError on a word that is none."""
    return query(written, KEYS, spaced=("owner",))


def found(api: Api, chosen: Query) -> list[Mapping[str, Any]]:
    """Give the open claims on the standard lane that are wanted, those first that have waited longest."""
    rest = {name: value for name, value in chosen.words.items() if name not in ASKED}
    filters = {name: chosen.words.get(name) for name in ASKED}
    alike = {"lane": "standard"} | rest
    opened = bulk.listed(api.claims, "claims", phase="open", **filters)
    lines = [line for line in opened if all(line[name] == value for name, value in alike.items())]
    return sorted(lines, key=lambda line: str((line["waiting"] or {}).get("since") or line["updated_at"]))


def listed(path: Path) -> list[str]:
    """Read claim ids, one a line; what stands behind a blank or a comma is not looked at, nor are lines that begin with #."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimsError(f"{path} cannot be read: {type(error).__name__}") from error
    ids = [line.replace(",", " ").split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return list(dict.fromkeys(ids))


def steps(lines: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Count claims by where they stand."""
    return Counter(f"{line['step'] or 'no step'}, {(line['waiting'] or {}).get('on') or 'nobody'}" for line in lines)


async def expedite(api: Api, ids: Sequence[str], reason: str, by: str, rate: float) -> tuple[Course, list[str]]:
    """Expedite these claims; give how far it came, and what the API said of those that it refused."""
    how = {"reason": reason, "expedited_by": by}
    return await bulk.act(api, "expedite", [(each, how) for each in ids], rate, doing="expediting")
