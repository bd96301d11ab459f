"""Citizens and the agency's people, who act on what the life cycle tells them."""

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any, Final

import msgspec
from tests.invariants.seen import LIFECYCLE
from tests.simulation.caseworkers import Caseworkers, Task, found
from tests.simulation.filing import Filing
from tests.simulation.leaves import Leaves
from tests.simulation.publishing import DESK, INTAKE, Voice
from tests.simulation.stories import Citizen, citizens
from tests.simulation.timeline import DAY, HOUR, MINUTE, SECOND

from claims_identity.verify import Match, Outcome
from claims_shared.wire import Record

if TYPE_CHECKING:
    from tests.simulation.world import World

SPECIAL: Final = frozenset({"withdrawal", "reschedule", "undeliverable", "undo_failed", "appeal_window"})
"""Referrals that a person closes by `continue`."""
ON_APPEAL: Final = ("affirm", "reverse", "reverse", "modify", "dismiss", "continue")
GIVEN: Final = {"weekly_benefit_amount": "402.00", "maximum_benefit_amount": "4020.00"}
"""What a person gives who modifies a determination."""
MOST_ROUNDS: Final = 2
"""So often a person asks for more, or has a step done again."""


class Told(msgspec.Struct):
    """A life-cycle event, as far as people care."""

    claim_id: str
    sequence: int
    open: list[Task]
    determination_number: int | None = None


_read: Final = msgspec.json.Decoder(Told).decode


class People:
    """All of them. What they do in the healing phase ends every claim; before, some are slow and some are wrong."""

    def __init__(
        self, world: "World", count: int, hands: Random | None = None, appellants: Random | None = None
    ) -> None:
        """`hands`: decides what caseworkers do about referrals besides deciding them; without, they do nothing else.

        `appellants`: decides who else appeals, and when; without, few do, soon, and name the determination.
        """
        self._world = world
        self._random = world.random
        self._after = world.timeline.after
        self._voice = Voice(world)
        self._say, self._now = self._voice.say, self._voice.now
        self._known: dict[str, Told] = {}
        self._appellants = appellants
        self._caseworkers = Caseworkers(world, self._voice, hands, self._task) if hands is not None else None
        self._met: set[str] = set()
        self._rounds: Counter[str] = Counter()
        self._calm = False
        filed = citizens(world.random, count, world.now)
        self._citizens = {each.claim: each for each in filed}
        self.away = Leaves(world).entered
        filing = Filing(world, self._voice)
        self._troubled = filing.troubled
        world.topics.written.append(self._look)
        filing.file(filed)

    def calm_down(self) -> None:
        """From now on everybody answers, and soon."""
        self._calm = True
        for told in list(self._known.values()):
            for entry in told.open:
                self._meet(told.claim_id, entry)

    @property
    def expected(self) -> dict[str, Sequence[str]]:
        """Give the ends of claims of which they are known beforehand."""
        ssns = Counter(each.ssn for each in self._citizens.values())
        return {
            each.claim: ("approved",)
            for each in self._citizens.values()
            if each.eventless and ssns[each.ssn] == 1 and each.claim not in self._troubled and _is_plain(each.body)
        }

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
        if told.determination_number is not None:
            self._may_appeal(told.claim_id, told.determination_number)

    def _may_appeal(self, claim: str, number: int) -> None:
        if self._random.random() < 0.08:
            self._after(self._random.randrange(10 * DAY), self._appeal, claim, number)
        others = self._appellants
        if others is not None and others.random() < 0.2:
            self._after(others.randrange(40 * DAY), self._appeal, claim, others.choice((number, number, None)))

    def _meet(self, claim: str, entry: Task) -> None:
        """Plan what somebody does about an open entry: in the healing phase, all that a person must do is done."""
        self._met.add(entry.id)
        citizen = self._citizens.get(claim)
        if entry.kind == "referral" and self._caseworkers is not None and not self._calm:
            self._caseworkers.meet(claim, entry)
        if entry.kind == "referral" and (self._calm or self._random.random() < 0.6):
            self._after(self._soon(3 * DAY), self._decide, claim, entry, 0)
        elif entry.kind == "park":
            self._troubled.add(claim)
            self._after(self._soon(HOUR), self._resume, claim, entry)
        elif entry.kind == "evidence" and citizen is not None and not self._calm:
            self._evidence(citizen, entry)
        elif entry.kind == "interview" and citizen is not None and citizen.comes and not self._calm:
            self._after(self._random.randrange(DAY, 5 * DAY), self._held, claim, entry)

    def _evidence(self, citizen: Citizen, entry: Task) -> None:
        random = self._random
        days = {"in time": (0, 9), "twice": (0, 9), "late": (10, 13)}.get(citizen.evidence)
        if days is not None:
            later = random.randrange(days[0] * DAY, days[1] * DAY)
            self._after(later, self._provide, citizen, entry)
            if citizen.evidence == "twice":
                self._after(later + random.choice((0, SECOND, DAY)), self._provide, citizen, entry)

    def _provide(self, citizen: Citizen, entry: Task) -> None:
        if citizen.believed:
            self._world.provider.known[citizen.ssn] = Match(Outcome.MATCH)
        more = {"answers": entry.id, "provided_at": self._now(), "documents": ["passport"]}
        self._say(INTAKE, citizen.claim, "claim.evidence-provided.v1", **more)

    def _held(self, claim: str, entry: Task) -> None:
        self._say(DESK, claim, "interview.held.v1", answers=entry.id, held_by="Kim", held_at=self._now())

    def _appeal(self, claim: str, number: int | None) -> None:
        more = {"determination_number": number, "received_at": self._now()}
        self._say(INTAKE, claim, "claim.appeal-filed.v1", **more)

    def _resume(self, claim: str, entry: Task) -> None:
        """An engineer tries, again and again until it works."""
        if not self._still(claim, entry):
            return
        mode = self._random.choice(("replay", "skip"))
        more = {"answers": entry.id, "mode": mode, "resumed_by": "Lin", "resumed_at": self._now()}
        self._say(DESK, claim, "claim.resumed.v1", **more)
        self._after(HOUR, self._resume, claim, entry)

    def _decide(self, claim: str, entry: Task, times: int) -> None:
        """A decision that was refused, or lost, is followed by one that cannot be refused."""
        if not self._still(claim, entry):
            return
        self._troubled.add(claim)
        decision = self._decision(claim, entry, times)
        more = (GIVEN if decision == "modify" else {}) | {
            "answers": entry.id,
            "decision": decision,
            "reason": "as the file says",
            "decided_by": self._caseworkers.decider(claim, entry.id, times) if self._caseworkers else "Kim",
            "decided_at": self._now(),
        }
        self._say(DESK, claim, "referral.decided.v1", **more)
        self._after(DAY, self._decide, claim, entry, times + 1)

    def _decision(self, claim: str, entry: Task, times: int) -> str:
        if entry.reason in SPECIAL:
            wrong = times == 0 and self._random.random() < 0.1
            return "deny" if wrong else "continue"
        if entry.reason == "appeal":  # of the last two one is never refused: it stands, or it does not
            return (
                ("affirm", "continue")[times % 2] if times else ON_APPEAL[int(self._random.random() * len(ON_APPEAL))]
            )
        if times:
            return "deny"
        decision = self._random.choice(("continue", "continue", "deny", "ask", "retry"))
        self._rounds[claim] += decision in ("ask", "retry")
        return "deny" if self._rounds[claim] > MOST_ROUNDS and decision in ("ask", "retry") else decision

    def _still(self, claim: str, entry: Task) -> bool:
        return self._task(claim, entry.id) is not None

    def _task(self, claim: str, name: str) -> Task | None:
        return found(self._known[claim].open, name)

    def _soon(self, longest: int) -> int:
        return MINUTE if self._calm else round(MINUTE * (longest / MINUTE) ** self._random.random())


def _is_plain(body: dict[str, Any]) -> bool:
    """Whether the law lets it through without a person."""
    return (
        body["jurisdiction"] in ("UT", "NY", "WI")
        and (body["claim_type"], body["program"]) == ("new", "UI")
        and body["separation"]["reason"] == "lack_of_work"
        and body["able_and_available"]
        and body["wages"][0]["amount"] == "9400.00"
    )
