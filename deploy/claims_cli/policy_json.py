"""The law for scripts: what `claims policy` prints with `--json`. Values are text, as in the packs."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from claims_shared.law.pack import Entry, Gap, Pack
from claims_shared.law.reading import Change, Page, Summary, Told, Value


def summary(line: Summary) -> Mapping[str, Any]:
    return {
        **_pack(line.pack, line.undecided),
        "parameters": line.parameters,
        "known": sum(line.by_trust.values()),
        "by_trust": line.by_trust,
        "not_known": _gaps(line.gaps),
    }


def page(shown: Page) -> Mapping[str, Any]:
    return {
        **_pack(shown.pack, shown.undecided),
        "on": str(shown.on),
        "sections": [{"section": each.name, "rules": [_rule(told) for told in each.rules]} for each in shown.sections],
        "not_known": _gaps(shown.gaps),
        "next": shown.next and {"on": str(shown.next.on), "changes": changes(shown.next.changes)},
    }


def diff(pack: Pack, before: date, after: date, found: Iterable[Change]) -> Mapping[str, Any]:
    return {
        "jurisdiction": pack.jurisdiction,
        "pack_hash": pack.hash,
        "before": str(before),
        "after": str(after),
        "changes": changes(found),
    }


def changes(found: Iterable[Change]) -> list[Mapping[str, Any]]:
    return [
        {"parameter": each.path, "kind": each.kind, "before": _entry(each.before), "after": _entry(each.after)}
        | ({"why_not": each.why_not} if each.why_not else {})
        for each in found
    ]


def _pack(pack: Pack, undecided: str | None) -> Mapping[str, Any]:
    return {
        "jurisdiction": pack.jurisdiction,
        "name": pack.name,
        "pack_hash": pack.hash,
        "known_from": str(pack.known_from),
        "known_until": str(pack.known_until),
        "programs": sorted(pack.programs),
        "claim_types": sorted(pack.claim_types),
        "decided": undecided is None,
        "why_not": undecided,
    }


def _rule(told: Told) -> Mapping[str, Any]:
    return {"rule": told.path, "says": told.sentence, "values": [_value(value) for value in told.values]}


def _value(value: Value) -> Mapping[str, Any]:
    held = _entry(value.entry)
    return {"parameter": value.name, **(held or {"value": None, "why_not": value.why_not})}


def _entry(entry: Entry | None) -> Mapping[str, Any] | None:
    if entry is None:
        return None
    return {
        "value": str(entry.value),
        "unit": entry.unit,
        "since": str(entry.since),
        "until": entry.to and str(entry.to),
        "reference": entry.reference,
        "trust": entry.trust,
    }


def _gaps(gaps: Iterable[Gap]) -> list[Mapping[str, Any]]:
    return [{"from": str(gap.since), "to": str(gap.to), "what": list(gap.what), "reason": gap.reason} for gap in gaps]
