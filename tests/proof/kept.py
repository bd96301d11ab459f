"""Reads the records: docs/proof/<kind>/*.json, in the order of their names."""

import json
from typing import Final

from tests.proof.checkout import ROOT
from tests.proof.page import Records

DOCS: Final = ROOT / "docs"
PAGE: Final = DOCS / "proof.md"


def kept() -> Records:
    """Give all records by kind."""
    return Records(
        **{
            kind: [json.loads(each.read_text("utf-8")) for each in sorted((DOCS / "proof" / kind).glob("*.json"))]
            for kind in Records.__slots__
        }
    )
