"""Everything that is generated, by path: made in memory, written, or compared with what is committed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from claims_cli.catalog import asyncapi, law, outside, samples
from claims_cli.catalog.page import page
from claims_cli.catalog.readme import NEW, readme
from claims_cli.catalog.schemas import schema_of
from claims_shared.law.loader import load_packs
from claims_shared.messages.catalog import BY_WIRE

DOCS: Final = Path("docs")
SCHEMAS: Final = DOCS / "schemas"
README: Final = Path("README.md")


def generate(root: Path) -> dict[Path, str]:
    """Give every generated file's text by its path below `root`, the repository. Raises ValueError on what is missing."""
    golden = samples.newest(root)
    if missing := sorted(set(BY_WIRE) - set(golden)):
        raise ValueError(f"no golden sample of {', '.join(missing)}: write one into {samples.FOLDER}")
    schemas = {wire: schema_of(listing) for wire, listing in BY_WIRE.items()}
    shown = root / README
    return {
        DOCS / "catalog.md": page(schemas, golden),
        DOCS / "failures.md": outside.page(),
        DOCS / "law.md": law.page(load_packs()),
        DOCS / "asyncapi.json": _json(asyncapi.document(golden)),
        **{SCHEMAS / f"{wire}.json": _json(schema) for wire, schema in schemas.items()},
        README: readme(shown.read_text() if shown.exists() else NEW, root),
    }


def stale(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    """Name the files that are not as they should be: changed, missing, or no longer generated."""
    changed = [path for path, text in wanted.items() if not (root / path).exists() or (root / path).read_text() != text]
    return changed + _left_over(root, wanted)


def write(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    """Bring the files up to date and name those that were not."""
    changed = stale(root, wanted)
    for path in _left_over(root, wanted):
        (root / path).unlink()
    for path in set(changed).intersection(wanted):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(wanted[path])
    return changed


def _left_over(root: Path, wanted: Mapping[Path, str]) -> list[Path]:
    present = sorted(path.relative_to(root) for path in (root / SCHEMAS).glob("*.json"))
    return [path for path in present if path not in wanted]


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
