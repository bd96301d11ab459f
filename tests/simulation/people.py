"""Everybody outside: portals that publish for citizens, and the agency's people, who act on what the life cycle tells them."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Final

import msgspec
from tests.invariants.seen import LIFECYCLE
from tests.simulation.stories import Citizen, citizens
from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND

from claims_identity.verify import Match, Outcome
from claims_shared.wire import Record

if TYPE_CHECKING:
    from tests.simulation.world import World

INTAKE: Final = "claims.intake.submissions.v1"
EXPEDITED: Final = "claims.intake.submissions.expedited.v1"
DESK: Final = "claims.desk.submissions.v1"
SPECIAL: Final = frozenset({"withdrawal", "appeal", "reschedule", "undeliverable", "undo_failed", "appeal_window"})
"""Referrals that a person closes by `continue`."""
MOST_ROUNDS: Final = 2
"""So often a person asks for more, or has a step done again."""
BREAKING: Final = (
    "claim.submitted.v1",
    "identity.verified.v1",
    "eligibility.claimant-eligible.v1",
    "benefits.benefit-computed.v1",
    "scheduler.interview-scheduled.v1",
    "claim.withdrawal-requested.v1",
)
"""Messages on which our code may have a defect."""

_encode: Final = msgspec.json.Encoder().encode


class Open(msgspec.Struct):
    """An open entry, as far as people care."""

    id: str
    kind: str
    reason: str | None = None


class Told(msgspec.Struct):
    """A life-cycle event, as far as people care."""

    claim_id: str
    sequence: int
    phase: str
    open: list[Open]
    determination_number: int | None = None


_read: Final = msgspec.json.Decoder(Told).decode


class People:
    """All of them. What they do in the healing phase ends every claim; before, some are slow and some are wrong."""

    def __init__(self, world: "World", count: int) -> None:
        self._world = world
        self._random: Random = world.random
        self._ids: Counter[str] = Counter()
        self._known: dict[str, Told] = {}
        self._met: set[str] = set()
        self._rounds: Counter[str] = Counter()
        self._calm = False
        self.citizens = {each.claim: each for each in citizens(self._random, count, world.now)}
        self.troubled: set[str] = set()
        world.topics.written.append(self._look)
        for citizen in self.citizens.values():
            self._file(citizen)
        self._after(self._random.randrange(6 * HOUR), self._repair)
        if "poison" in world.weather.classes:
            self._after(self._random.randrange(HOUR), self._poison)
        if "malformed" in world.weather.classes:
            for number in range(self._random.randint(1, 5)):
                self._after(self._random.randrange(HOUR), self._malformed, number)

    def calm_down(self) -> None:
        """From now on everybody answers, and soon."""
        self._calm = True
        for told in list(self._known.values()):
            for entry in told.open:
                self._meet(told.claim_id, entry)

    @property
    def expected(self) -> dict[str, Sequence[str]]:
        """Give the ends of claims of which they are known beforehand."""
        ssns = Counter(each.ssn for each in self.citizens.values())
        return {
            each.claim: ("approved",)
            for each in self.citizens.values()
            if each.eventless and ssns[each.ssn] == 1 and each.claim not in self.troubled and _is_plain(each.body)
        }

    # --- filing ----------------------------------------------------------------------------------

    def _file(self, citizen: Citizen) -> None:
        world, random = self._world, self._random
        world.provider.known[citizen.ssn] = citizen.record
        email = citizen.body["claimant"]["email"] or ""
        if email.startswith("unknown"):
            world.mails.unknown.add(email)
        body, name = _encode(citizen.body), f"{citizen.claim}-1"
        topic = EXPEDITED if citizen.lane else INTAKE
        self._ids[citizen.claim] = 1
        early = "before its claim" in world.weather.classes and random.random() < 0.15
        wait = random.choice((MINUTE, HOUR, 30 * HOUR)) if early else 0
        if early:
            self.troubled.add(citizen.claim)
            world.weather.injected["before its claim"] += 1
            self._after(citizen.filed_at, self._unasked, citizen, random.choice(("withdraws", "is expedited")))
        self._after(citizen.filed_at + wait, self._publish, topic, citizen.claim, "claim.submitted.v1", body, name)
        for what, later in citizen.after.items():
            self._after(citizen.filed_at + wait + later, self._unasked, citizen, what)
        if "submitted twice" in world.weather.classes and random.random() < 0.3:
            self._file_again(citizen, body, name)
        if "defect" in world.weather.classes and random.random() < 0.15:
            self.troubled.add(citizen.claim)
            world.weather.injected["defect"] += 1
            world.broken.found.add((citizen.claim, random.choice(BREAKING)))

    def _file_again(self, citizen: Citizen, body: bytes, name: str) -> None:
        """The same record again, the same body under another id, the same meaning in other bytes, or another claim."""
        random = self._random
        self._world.weather.injected["submitted twice"] += 1
        later = citizen.filed_at + random.choice((0, SECOND, HOUR, 3 * DAY))
        kind = random.randrange(4)
        if kind == 2:
            body = msgspec.json.format(body, indent=2)
        elif kind == 3:
            body = _encode(citizen.body | {"portal_ref": "another"})
            self.troubled.add(citizen.claim)
        again = name if kind == 0 else self._name(citizen.claim)
        topic = random.choice((INTAKE, EXPEDITED))
        self._after(later, self._publish, topic, citizen.claim, "claim.submitted.v1", body, again)

    def _unasked(self, citizen: Citizen, what: str) -> None:
        now = self._now()
        if what == "withdraws":
            self._say(INTAKE, citizen.claim, "claim.withdrawal-requested.v1", requested_at=now)
        elif what == "reschedules":
            self._say(INTAKE, citizen.claim, "claim.reschedule-requested.v1", requested_at=now)
        else:
            more = {"reason": "asked by a caseworker", "expedited_by": "Kim", "expedited_at": now}
            self._say(DESK, citizen.claim, "claim.expedited.v1", **more)

    def _poison(self) -> None:
        """A claim on which the engine itself fails, whoever takes it."""
        self._world.weather.injected["poison"] += 1
        self._world.broken.poison.add("p1")
        model = next(iter(self.citizens.values()))
        body = _encode(model.body | {"claim_id": "p1", "portal_ref": "R-p1"})
        self._publish(INTAKE, "p1", "claim.submitted.v1", body, "p1-1")

    def _malformed(self, number: int) -> None:
        random, claim = self._random, f"x{number}"
        self._world.weather.injected["malformed"] += 1
        headers = _headers("claim.submitted.v1", f"{claim}-1", self._now())
        key: bytes | None = claim.encode()
        body: bytes | None = b'{"claim_id": "%s"}' % claim.encode()
        kind = random.randrange(6)
        if kind == 0:
            headers = headers[1:]
        elif kind == 1:
            body = None
        elif kind == 2:
            key = None
        elif kind == 3:
            body = b"\xff{"
        elif kind == 4:
            headers = _headers("claim.teleported.v1", f"{claim}-1", self._now())
        self._world.topics.publish(random.choice((INTAKE, EXPEDITED, DESK)), key, body, headers)

    # --- acting on what is told --------------------------------------------------------------------

    def _look(self, record: Record) -> None:
        if record.topic != LIFECYCLE:
            return
        told = _read(record.value or b"")
        known = self._known.get(told.claim_id)
        if known is not None and known.sequence >= told.sequence:
            return
        self._known[told.claim_id] = told
        for entry in told.open:
            if entry.id not in self._met:
                self._meet(told.claim_id, entry)
        if told.determination_number is not None and self._random.random() < 0.08:
            self._after(self._random.randrange(10 * DAY), self._appeal, told)

    def _meet(self, claim: str, entry: Open) -> None:
        """Plan what somebody does about an open entry: in the healing phase, all that a person must do is done."""
        self._met.add(entry.id)
        citizen = self.citizens.get(claim)
        if entry.kind == "referral" and (self._calm or self._random.random() < 0.6):
            self._after(self._soon(3 * DAY), self._decide, claim, entry, 0)
        elif entry.kind == "park":
            self.troubled.add(claim)
            self._after(self._soon(HOUR), self._resume, claim, entry)
        elif entry.kind == "evidence" and citizen is not None and not self._calm:
            self._evidence(citizen, entry)
        elif entry.kind == "interview" and citizen is not None and citizen.comes and not self._calm:
            self._after(self._random.randrange(DAY, 5 * DAY), self._held, claim, entry)

    def _evidence(self, citizen: Citizen, entry: Open) -> None:
        random = self._random
        days = {"in time": (0, 9), "twice": (0, 9), "late": (10, 13)}.get(citizen.evidence)
        if days is not None:
            later = random.randrange(days[0] * DAY, days[1] * DAY)
            self._after(later, self._provide, citizen, entry)
            if citizen.evidence == "twice":
                self._after(later + random.choice((0, SECOND, DAY)), self._provide, citizen, entry)

    def _provide(self, citizen: Citizen, entry: Open) -> None:
        if citizen.believed:
            self._world.provider.known[citizen.ssn] = Match(Outcome.MATCH)
        more = {"answers": entry.id, "provided_at": self._now(), "documents": ["passport"]}
        self._say(INTAKE, citizen.claim, "claim.evidence-provided.v1", **more)

    def _held(self, claim: str, entry: Open) -> None:
        self._say(DESK, claim, "interview.held.v1", answers=entry.id, held_by="Kim", held_at=self._now())

    def _appeal(self, told: Told) -> None:
        more = {"determination_number": told.determination_number, "received_at": self._now()}
        self._say(INTAKE, told.claim_id, "claim.appeal-filed.v1", **more)

    def _resume(self, claim: str, entry: Open) -> None:
        """An engineer tries, again and again until it works."""
        if not self._still(claim, entry):
            return
        mode = self._random.choice(("replay", "skip"))
        more = {"answers": entry.id, "mode": mode, "resumed_by": "Lin", "resumed_at": self._now()}
        self._say(DESK, claim, "claim.resumed.v1", **more)
        self._after(HOUR, self._resume, claim, entry)

    def _repair(self) -> None:
        self._world.broken.repaired = True

    def _decide(self, claim: str, entry: Open, times: int) -> None:
        """A decision that was refused, or lost, is followed by one that cannot be refused."""
        if not self._still(claim, entry):
            return
        self.troubled.add(claim)
        more = {
            "answers": entry.id,
            "decision": self._decision(claim, entry, times),
            "reason": "as the file says",
            "decided_by": "Kim",
            "decided_at": self._now(),
        }
        self._say(DESK, claim, "referral.decided.v1", **more)
        self._after(DAY, self._decide, claim, entry, times + 1)

    def _decision(self, claim: str, entry: Open, times: int) -> str:
        if entry.reason in SPECIAL:
            wrong = times == 0 and self._random.random() < 0.1
            return "deny" if wrong else "continue"
        if times:
            return "deny"
        decision = self._random.choice(("continue", "continue", "deny", "ask", "retry"))
        self._rounds[claim] += decision in ("ask", "retry")
        return "deny" if self._rounds[claim] > MOST_ROUNDS and decision in ("ask", "retry") else decision

    def _still(self, claim: str, entry: Open) -> bool:
        return any(each.id == entry.id for each in self._known[claim].open)

    # --- saying it ----------------------------------------------------------------------------------

    def _say(self, topic: str, claim: str, kind: str, **body: Any) -> None:
        name = self._name(claim)
        written = _encode({"claim_id": claim, **body})
        self._publish(topic, claim, kind, written, name)
        if "submitted twice" in self._world.weather.classes and self._random.random() < 0.2:
            self._world.weather.injected["submitted twice"] += 1
            later = self._random.choice((0, MINUTE, 2 * DAY))
            self._after(later, self._publish, topic, claim, kind, written, name)

    def _publish(self, topic: str, claim: str, kind: str, body: bytes, name: str) -> None:
        """Some portals choose the partition by another rule, and so not the one in which the claim lives."""
        topics, headers = self._world.topics, _headers(kind, name, self._now())
        if "another partitioner" in self._world.weather.classes and topic != DESK:
            self._world.weather.injected["another partitioner"] += 1
            topics.append(topic, self._random.randrange(topics.partitions), claim.encode(), body, headers)
        else:
            topics.publish(topic, claim.encode(), body, headers)

    def _name(self, claim: str) -> str:
        self._ids[claim] += 1
        return f"{claim}-{self._ids[claim]}"

    def _now(self) -> str:
        return self._world.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _soon(self, longest: int) -> int:
        return MINUTE if self._calm else round(MINUTE * (longest / MINUTE) ** self._random.random())

    def _after(self, micros: int, call: Any, *args: Any) -> None:
        self._world.timeline.after(micros, call, *args)


def _headers(kind: str, name: str, at: str) -> list[tuple[str, bytes]]:
    values = {"ce_specversion": "1.0", "ce_id": name, "ce_source": "portal", "ce_type": kind, "ce_time": at}
    return [(header, value.encode()) for header, value in values.items()]


def _is_plain(body: dict[str, Any]) -> bool:
    """Whether the law lets it through without a person."""
    return (
        body["jurisdiction"] in ("UT", "NY", "WI")
        and (body["claim_type"], body["program"]) == ("new", "UI")
        and body["separation"]["reason"] == "lack_of_work"
        and body["able_and_available"]
        and body["wages"][0]["amount"] == "9400.00"
    )
