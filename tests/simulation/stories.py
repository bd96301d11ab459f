"""Who files, and what will become of it: claims drawn from the seed, one kind of story beside the other."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from tests.simulation.timeline import DAY, HOUR, SECOND

from claims_identity.verify import Match, Outcome

STATES: Final = (("UT", "America/Denver", 5), ("NY", "America/New_York", 3), ("WI", "America/Chicago", 3))
NAMES: Final = (("Ada", "Obi"), ("Bo", "Nyström"), ("Cem", "O'Neil"), ("Dora", "Lee-Park"), ("Eli", "García"))
FACTS: Final[tuple[tuple[int, dict[str, Any]], ...]] = (
    (60, {}),
    (8, {"reason": "quit"}),
    (3, {"reason": "discharge"}),
    (3, {"able_and_available": False}),
    (8, {"amount": "150.00"}),
    (5, {"jurisdiction": "VI"}),
    (2, {"program": "UCX"}),
    (2, {"claim_type": "workshare"}),
    (2, {"claim_type": "disaster"}),
    (4, {"claim_type": "additional"}),
    (3, {"claim_type": "transitional"}),
)
"""What a claim says, by how many of a hundred say so; the rest is what a claim mostly says."""
RECORDS: Final = (
    (76, Match(Outcome.MATCH)),
    (12, Match(Outcome.PARTIAL, ("date_of_birth",))),
    (8, Match(Outcome.NO_MATCH)),
    (4, Match(Outcome.DECEASED)),
)
EVIDENCE: Final = ("in time", "in time", "late", "never", "twice")
ADDRESSES: Final = ("{}@example.org",) * 8 + ("unknown-{}@example.org", "ünï-{}@example.org", None)


@dataclass(slots=True)
class Citizen:
    """One claim and what will be done about it. `after`: instants (microseconds after filing) of what comes unasked."""

    claim: str
    body: dict[str, Any]
    ssn: str
    record: Match
    evidence: str
    believed: bool
    comes: bool
    lane: bool
    filed_at: int
    after: dict[str, int] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.body["claimant"]["email"] or ""

    @property
    def eventless(self) -> bool:
        """Whether nobody but machines has to do with it."""
        return not self.after and self.record.outcome is Outcome.MATCH


def drawn(random: Random, weighted: tuple[tuple[int, Any], ...]) -> Any:
    return random.choices([each for _, each in weighted], [weight for weight, _ in weighted])[0]


def citizens(random: Random, count: int, now: datetime) -> list[Citizen]:
    """Draw the claims of one run; some are filed by a person who has another one."""
    spread = random.choice((SECOND // 5, SECOND, 10 * SECOND, HOUR))
    made: list[Citizen] = []
    for number in range(1, count + 1):
        twin = random.choice(made) if made and random.random() < 0.1 else None
        made.append(_citizen(random, number, twin, now, spread))
    return made


def _citizen(random: Random, number: int, twin: Citizen | None, now: datetime, spread: int) -> Citizen:
    claim, facts = f"c{number}", drawn(random, FACTS)
    filed_at = random.randrange(spread)
    ssn = twin.ssn if twin else f"9{number // 10_000:02d}-11-{number % 10_000:04d}"
    body = _body(random, claim, ssn, facts, now + timedelta(microseconds=filed_at))
    citizen = Citizen(
        claim,
        body,
        ssn,
        record=twin.record if twin else drawn(random, RECORDS),
        evidence=random.choice(EVIDENCE),
        believed=random.random() < 0.7,
        comes=random.random() < 0.6,
        lane=random.random() < 0.15,
        filed_at=filed_at,
    )
    unasked = (
        ("withdraws", 0.12, 12 * DAY),
        ("is expedited", 0.1, HOUR),
        ("reschedules", 0.15, DAY),
        ("reschedules again", 0.05, 3 * DAY),
        ("reschedules for later", 0.05, DAY),
    )
    for what, share, latest in unasked:
        if random.random() < share:
            citizen.after[what] = round(latest ** random.random()) * (random.random() < 0.9)
    return citizen


def _body(random: Random, claim: str, ssn: str, facts: dict[str, Any], filed_at: datetime) -> dict[str, Any]:
    state, zone, _ = random.choice(STATES)
    first, last = random.choice(NAMES)
    address = random.choice(ADDRESSES)
    kind = facts.get("claim_type", "new")
    return {
        "claim_id": claim,
        "portal_ref": f"R-{claim}",
        "jurisdiction": facts.get("jurisdiction", state),
        "claim_type": kind,
        "program": facts.get("program", "UI"),
        "filed_at": _text(filed_at),
        "benefit_year_of": "c0" if kind in ("additional", "transitional") else None,
        "claimant": {
            "ssn": ssn,
            "first_name": first,
            "last_name": last,
            "date_of_birth": "1988-04-02",
            "email": address.format(claim) if address else None,
            "language": random.choice(("en", "en", "es", "so")),
            "time_zone": zone,
        },
        "veteran": random.random() < 0.08,
        "hardship": "eviction" if random.random() < 0.05 else None,
        "wages": [
            {"quarter": quarter, "amount": facts.get("amount", "9400.00"), "employer": "E-1", "weeks_worked": 13}
            for quarter in quarters(filed_at)
        ],
        "separation": {
            "employer": "E-1",
            "last_day_worked": (filed_at - timedelta(days=6)).date().isoformat(),
            "reason": facts.get("reason", "lack_of_work"),
        },
        "dependents": {"children": random.choice((0, 0, 2)), "spouse": False},
        "able_and_available": facts.get("able_and_available", True),
        "work_authorized": True,
    }


def quarters(filed_at: datetime) -> list[str]:
    """Give the six quarters that ended last."""
    number = filed_at.year * 4 + (filed_at.month - 1) // 3
    return [f"{each // 4}Q{each % 4 + 1}" for each in range(number - 6, number)]


def _text(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
