"""How claims come in: once or twice, behind what belongs to them, malformed, poisoned; and where our code has a defect."""

from typing import TYPE_CHECKING, Any, Final

import msgspec
from tests.simulation.publishing import DESK, EXPEDITED, INTAKE, Voice, encode
from tests.simulation.stories import Citizen
from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND
from tests.simulation.weather import MAIL_BOUNCES

if TYPE_CHECKING:
    from tests.simulation.world import World

SUBMITTED: Final = "claim.submitted.v1"
BREAKING: Final = (
    SUBMITTED,
    "identity.verified.v1",
    "eligibility.claimant-eligible.v1",
    "benefits.benefit-computed.v1",
    "scheduler.interview-scheduled.v1",
    "claim.withdrawal-requested.v1",
)
"""Messages on which our code may have a defect."""


class Filing:
    """Plans all that is published unasked. `troubled`: claims whose end nobody can foretell."""

    def __init__(self, world: "World", voice: Voice) -> None:
        self._world = world
        self._voice = voice
        self._random = world.random
        self._classes = world.weather.classes
        self._after = world.timeline.after
        self.troubled: set[str] = set()

    def file(self, citizens: list[Citizen]) -> None:
        """Plan everything."""
        for citizen in citizens:
            self._one(citizen)
        self._after(self._random.randrange(2 * HOUR), self._repair)
        if "poison" in self._classes:
            self._after(self._random.randrange(HOUR), self._poisoned, citizens[0])
        if "malformed" in self._classes:
            for number in range(self._random.randint(1, 5)):
                self._after(self._random.randrange(HOUR), self._malformed, number)

    def _one(self, citizen: Citizen) -> None:
        world, random = self._world, self._random
        world.provider.known[citizen.ssn] = citizen.record
        if citizen.address.startswith("unknown"):
            world.mails.unknown.add(citizen.address)
        elif MAIL_BOUNCES in self._classes:
            world.returning.meet(citizen.address)
        body, name = encode(citizen.body), self._voice.name(citizen.claim)
        filed_at = citizen.filed_at + self._behind_its_messages(citizen)
        self._after(filed_at, self._submit, EXPEDITED if citizen.lane else INTAKE, citizen, body, name)
        for what, later in citizen.after.items():
            self._after(filed_at + later, self._unasked, citizen, what)
        if "submitted twice" in self._classes and random.random() < 0.3:
            self._again(citizen, body, name)
        if "defect" in self._classes and random.random() < 0.15:
            self.troubled.add(citizen.claim)
            world.weather.injected["defect"] += 1
            world.broken.found.add((citizen.claim, random.choice(BREAKING)))

    def _behind_its_messages(self, citizen: Citizen) -> int:
        """Something about a claim may come before it; give by how much."""
        if "before its claim" not in self._classes or self._random.random() > 0.15:
            return 0
        self.troubled.add(citizen.claim)
        self._world.weather.injected["before its claim"] += 1
        self._after(citizen.filed_at, self._unasked, citizen, self._random.choice(("withdraws", "is expedited")))
        return self._random.choice((MINUTE, HOUR, 30 * HOUR))

    def _again(self, citizen: Citizen, body: bytes, name: str) -> None:
        """The same record again, the same body under another id, the same meaning in other bytes, or another claim."""
        random = self._random
        self._world.weather.injected["submitted twice"] += 1
        kind = random.randrange(4)
        if kind == 2:
            body = msgspec.json.format(body, indent=2)
        elif kind == 3:
            body = encode(citizen.body | {"portal_ref": "another"})
            self.troubled.add(citizen.claim)
        name = name if kind == 0 else self._voice.name(citizen.claim)
        later = citizen.filed_at + random.choice((0, SECOND, HOUR, 3 * DAY))
        self._after(later, self._submit, random.choice((INTAKE, EXPEDITED)), citizen, body, name)

    def _submit(self, topic: str, citizen: Citizen, body: bytes, name: str) -> None:
        self._voice.publish(topic, citizen.claim, SUBMITTED, body, name)

    def _unasked(self, citizen: Citizen, what: str) -> None:
        say, claim, now = self._voice.say, citizen.claim, self._voice.now()
        if what == "withdraws":
            say(INTAKE, claim, "claim.withdrawal-requested.v1", requested_at=now)
        elif what.startswith("reschedules"):
            later = {"not_before": self._voice.now(5 * DAY)} if what.endswith("later") else {}
            say(INTAKE, claim, "claim.reschedule-requested.v1", requested_at=now, **later)
        else:
            more: dict[str, Any] = {"reason": "asked by a caseworker", "expedited_by": "Kim", "expedited_at": now}
            say(DESK, claim, "claim.expedited.v1", **more)

    def _poisoned(self, model: Citizen) -> None:
        """A claim on which the engine itself fails, whoever takes it."""
        self._world.weather.injected["poison"] += 1
        self._world.broken.poison.add("p1")
        body = encode(model.body | {"claim_id": "p1", "portal_ref": "R-p1"})
        self._voice.publish(INTAKE, "p1", SUBMITTED, body, "p1-1")

    def _malformed(self, number: int) -> None:
        claim = f"x{number}"
        self._world.weather.injected["malformed"] += 1
        headers = self._voice.headers(SUBMITTED, f"{claim}-1")
        key, body = claim.encode(), b'{"claim_id": "%s"}' % claim.encode()
        wrongs: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]] = [
            (key, body, headers[1:]),
            (key, None, headers),
            (None, body, headers),
            (key, b"\xff{", headers),
            (key, body, self._voice.headers("claim.teleported.v1", f"{claim}-1")),
            (key, body, headers),
        ]
        topic = self._random.choice((INTAKE, EXPEDITED, DESK))
        self._world.topics.publish(topic, *self._random.choice(wrongs))

    def _repair(self) -> None:
        self._world.broken.repaired = True
