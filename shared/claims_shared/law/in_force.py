"""Which law a claim is decided by: the packs cut into spans between two changes, looked up by day. Pure."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from claims_shared.law import periods
from claims_shared.law.pack import Pack
from claims_shared.law.rules import NotKnown, Rule, Unknown
from claims_shared.law.schema import OPTIONAL, OPTIONAL_SECTIONS
from claims_shared.law.weekly_amount import FORMULAS


@dataclass(frozen=True, slots=True)
class Law:
    """All rules of one jurisdiction on one day, complete: nothing a decision needs is missing.

    `partial_week`: None where no rule is known; `Packs.rules(jurisdiction, "partial_week", on)` tells why.
    """

    jurisdiction: str
    name: str
    pack_hash: str
    quarter_starts: str
    base_periods: Mapping[str, str | Unknown]
    monetary_tests: tuple[Rule, ...]
    weekly_amount: Rule
    award: Rule
    waiting_weeks: int
    appeal_days: int | None
    time_zone: str
    issues: Mapping[str, Rule]
    partial_week: Rule | None = None

    def quarters(self, base_period: str, on: date) -> tuple[str, ...]:
        """Give the quarters of the standard or the alternate base period of a claim effective on this day. Raises NotKnown."""
        name = self.base_periods[base_period]
        if isinstance(name, Unknown):
            raise NotKnown(name.code, name.detail)
        return periods.base_period(name, self.quarter_starts, on)


@dataclass(frozen=True, slots=True)
class Spans:
    """A pack resolved once: the day each span begins, what is law until the next, and the benefit week.

    The last span is the time after all that is known: claims of then have a week, to be told their date, but no law.
    """

    pack: Pack
    starts: list[date]
    laws: list[Law | Unknown]
    weeks: list[Rule]

    def at(self, on: date) -> int | None:
        """Give the span a day lies in; None before the first."""
        return bisect_right(self.starts, on) - 1 if on >= self.starts[0] else None


class Packs:
    """Every pack that was loaded; the answers are the same for ever, so services ask as often as they like."""

    def __init__(self, packs: Mapping[str, Pack], digest: str) -> None:
        """Resolve every span of every pack now, so that asking is a look-up; `digest` is the hash over all packs."""
        self.hash = digest
        self._spans = {code: _spans(pack) for code, pack in packs.items()}

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """The codes of the jurisdictions that have a pack."""
        return tuple(self._spans)

    def pack(self, jurisdiction: str) -> Pack | Unknown:
        """Give all that a jurisdiction's file says, of every day."""
        spans = self._spans.get(jurisdiction)
        return _no_pack(jurisdiction) if spans is None else spans.pack

    def covers(self, jurisdiction: str, program: str, claim_type: str) -> Unknown | None:
        """Say why no pack speaks about such claims, or None where one does."""
        spans = self._spans.get(jurisdiction)
        if spans is None:
            return _no_pack(jurisdiction)
        if program not in spans.pack.programs:
            return Unknown(
                "program_without_pack", f"The pack of {spans.pack.name} has no rules for the program {program}."
            )
        if claim_type not in spans.pack.claim_types:
            return Unknown("type_without_pack", f"The pack of {spans.pack.name} has no rules for {claim_type} claims.")
        return None

    def effective_on(self, jurisdiction: str, filed_at: datetime) -> date | Unknown:
        """Give the first day of the jurisdiction's benefit week that holds the moment of filing."""
        spans = self._spans.get(jurisdiction)
        if spans is None:
            return _no_pack(jurisdiction)
        span = spans.at(filed_at.date())
        if span is None or spans.weeks[span].missing:
            return _gap(spans.pack, "calendar.benefit_week", filed_at.date())
        week = spans.weeks[span]
        return periods.effective_on(filed_at, _zone(week.words["time_zone"]), week.words["starts_on"])

    def in_force(self, jurisdiction: str, on: date) -> Law | Unknown:
        """Give the law for claims effective on this day, or why it is not known."""
        spans = self._spans.get(jurisdiction)
        if spans is None:
            return _no_pack(jurisdiction)
        span = spans.at(on)
        return _gap(spans.pack, "*", on) if span is None else spans.laws[span]

    def rules(self, jurisdiction: str, section: str, on: date) -> tuple[Rule, ...] | Unknown:
        """Give one section's rules on this day even where others are not known, as amounts of long ago may be."""
        spans = self._spans.get(jurisdiction)
        if spans is None:
            return _no_pack(jurisdiction)
        if section not in spans.pack.sections:
            return Unknown("gap", f"The pack of {spans.pack.name} has no rules on the {section.replace('_', ' ')}.")
        rules = _rules(spans.pack, section, on)
        return rules or _gap(spans.pack, section, on)


_zone = lru_cache(maxsize=None)(ZoneInfo)


def _spans(pack: Pack) -> Spans:
    starts = pack.changes()
    known = [_law(pack, on) for on in starts[:-1]]
    weeks = [pack.rule("calendar", "benefit_week", on) for on in starts]
    return Spans(pack, starts, [*known, Unknown("not_known_after", pack.afterwards)], weeks)


def _law(pack: Pack, on: date) -> Law | Unknown:
    """Put a day's rules together; the first parameter without a value makes the whole law unknown."""
    rules = {section: {name: pack.rule(section, name, on) for name in held} for section, held in pack.sections.items()}
    for section, named in rules.items():
        if not named:
            return _gap(pack, section, on)
        for name, rule in named.items():
            if rule.missing and f"{section}.{name}" not in OPTIONAL and section not in OPTIONAL_SECTIONS:
                return _gap(pack, f"{section}.{name}.{min(rule.missing)}", on)
    appeal = rules["rights"].get("appeal")
    return Law(
        jurisdiction=pack.jurisdiction,
        name=pack.name,
        pack_hash=pack.hash,
        quarter_starts=rules["calendar"]["quarter"].words["starts_on"],
        base_periods={
            name: _gap(pack, f"base_periods.{name}", on) if rule.missing else rule.words["quarters"]
            for name, rule in rules["base_periods"].items()
        },
        monetary_tests=tuple(rules["monetary_tests"].values()),
        weekly_amount=next(iter(rules["weekly_amount"].values())),
        award=next(iter(rules["award"].values())),
        waiting_weeks=int(rules["rights"]["waiting_period"].numbers["weeks"]),
        appeal_days=int(appeal.numbers["days"]) if appeal and not appeal.missing else None,
        time_zone=rules["calendar"]["benefit_week"].words["time_zone"],
        issues=rules["issues"],
        partial_week=next((rule for rule in rules.get("partial_week", {}).values() if not rule.missing), None),
    )


def _rules(pack: Pack, section: str, on: date) -> tuple[Rule, ...]:
    """Leave out rules that lack what they cannot do without."""
    if on > pack.known_until:
        return ()
    rules = (pack.rule(section, name, on) for name in pack.sections[section])
    return tuple(rule for rule in rules if not rule.missing - _can_lack(rule))


def _can_lack(rule: Rule) -> frozenset[str]:
    return FORMULAS[rule.name].can_lack if rule.name in FORMULAS else frozenset()


def _no_pack(jurisdiction: str) -> Unknown:
    return Unknown("no_pack", f"There is no policy pack for {jurisdiction}.")


def _gap(pack: Pack, path: str, on: date) -> Unknown:
    if on < pack.known_from:
        return Unknown("gap", f"The pack of {pack.name} knows nothing before {pack.known_from}.")
    if on > pack.known_until:
        return Unknown("not_known_after", pack.afterwards)
    return Unknown("gap", f"{path} of {pack.name} is not known from {on} on: {pack.why_not(path, on)}.")
