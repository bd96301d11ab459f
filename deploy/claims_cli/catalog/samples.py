"""The golden samples: one record of every message, written by hand; examples in the catalogue, promises in the tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from claims_shared.messages.catalog import BY_WIRE
from claims_shared.wire import Record

FOLDER: Final = Path("shared/tests/golden")


@dataclass(frozen=True, slots=True)
class Sample:
    """One record, readable: the key and headers as text, the body as JSON."""

    key: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def wire(self) -> str:
        """Give the wire name of the message."""
        return self.headers["ce_type"]

    @property
    def record(self) -> Record:
        """Give the sample as Kafka hands it over."""
        headers = [(name, text.encode()) for name, text in self.headers.items()]
        body = json.dumps(self.body, ensure_ascii=False).encode()
        return Record(BY_WIRE[self.wire].topic.name, 0, 0, self.key.encode(), body, headers)


def read(path: Path) -> Sample:
    """Read one sample."""
    return Sample(**json.loads(path.read_text()))


def newest(root: Path) -> dict[str, Sample]:
    """Give today's sample of every message that has one, by wire name; `root` is the repository."""
    paths = {wire: root / FOLDER / f"{wire}.json" for wire in BY_WIRE}
    return {wire: read(path) for wire, path in paths.items() if path.exists()}


def every(root: Path) -> dict[str, Sample]:
    """Give all samples by file name; an older release's stands beside today's as `<wire name>.<n>.json`."""
    return {path.name: read(path) for path in sorted((root / FOLDER).glob("*.json"))}
