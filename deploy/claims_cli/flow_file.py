"""The flow file of a stack as `claims flow` shows and changes it: read whole, changed in one place, replaced at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml
from prometheus_client.parser import text_string_to_metric_families

from claims_cli.errors import ClaimsError
from claims_shared.flow import FlowRefused, read

LIMIT, QUOTA, REFUSED = "claims_flow_limit", "claims_quota_limit", "claims_flow_refused"
OPEN: Final = "claims_breaker_open"


def content(path: Path) -> dict[str, Any]:
    """Give what it says; raises ClaimsError where it cannot be taken: it is mended by hand or reset."""
    try:
        written = path.read_bytes() if path.exists() else b""
        return read(written).model_dump(exclude_defaults=True)
    except FlowRefused as why:
        raise ClaimsError(
            f"{path} cannot be taken, the last good one holds: {why}; mend it, or claims flow reset"
        ) from why
    except OSError as error:
        raise ClaimsError(f"{path} cannot be read: {error.strerror}") from error


def changed(before: Mapping[str, Any], where: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the content with these values at a place."""
    after = dict(before)
    if not where:
        return {**after, **values}
    after[where[0]] = changed(after.get(where[0], {}), where[1:], values)
    return after


def write(path: Path, wanted: Mapping[str, Any]) -> None:
    """Replace the file at once, if the services will take it. Raises ClaimsError."""
    made = yaml.safe_dump(dict(wanted), sort_keys=True, allow_unicode=True).encode()
    try:
        read(made)
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".new")
        unfinished.write_bytes(made)
        unfinished.replace(path)
    except FlowRefused as why:
        raise ClaimsError(f"nothing was changed: {why}") from why
    except OSError as error:
        raise ClaimsError(f"{path} cannot be written: {error.strerror}") from error


def in_effect(metrics: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Give what holds in each process, read off what it says of itself: process and metrics in, limits by process out."""
    return {process: held for process, text in metrics if (held := dict(_held(text)))}


def _held(text: str) -> Iterator[tuple[str, Any]]:
    limits: dict[str, dict[str, float | None]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in {LIMIT, QUOTA}:
                about = sample.labels.get("dependency") or f"portal {sample.labels['source']}"
                limits[about][sample.labels["limit"]] = None if sample.value == float("inf") else sample.value
            elif sample.name == OPEN:
                yield f"breaker of {sample.labels['dependency']}", "open" if sample.value else "closed"
            elif sample.name == REFUSED and sample.value:
                yield "the file", "refused: the last good one holds"
    for about, each in limits.items():
        yield about, each
