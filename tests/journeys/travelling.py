"""Takes a journey through all five services in virtual time: the production code, on the simulator's log, stores and clock."""

import email
import email.policy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from tests.invariants.seen import LIFECYCLE, REFUSALS
from tests.journeys.reading import Day, Journey, WrongJourneyError
from tests.simulation.publishing import DESK, INTAKE, Voice, encode
from tests.simulation.stories import quarters
from tests.simulation.world import World

from claims_identity.failures import CheckFailure
from claims_identity.verify import Match, Outcome
from claims_shared.calendars.agencies import AGENCIES
from claims_shared.messages.fields import FailureKind, utc
from claims_shared.staff.people import Leave, staff_of

CLAIM: Final = "C-1"
SSN: Final = "900-12-3456"
DECISIONS: Final = {"continues": "continue", "denies": "deny", "asks again": "ask", "retries": "retry"}
ON_APPEAL: Final = {"affirms": "affirm", "reverses": "reverse", "modifies": "modify", "dismisses": "dismiss"}
TASKS: Final = {"takes it": "claimed", "gives it away": "assigned", "lets go of it": "released"}
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Came:
    """What one day came to, as people see it."""

    day: Day
    at: datetime
    happens: list[str]
    mails: list[str]
    waits_for: dict[str, str]
    alerts: list[str]
    clocks: dict[str, str]
    phase: str
    refused: str | None
    tells: dict[str, Any]

    def otherwise(self) -> Iterator[str]:
        """Say what is not as the day says."""
        for name in ("happens", "mails", "waits_for", "alerts", "clocks", "phase", "refused"):
            wanted, found = getattr(self.day, name), getattr(self, name)
            if wanted is not None and _ordered(wanted) != _ordered(found):
                yield f"{self.day.time}: {name}: written is {wanted}; it came to {found}"
        for name, wanted in (self.day.tells or {}).items():
            if str(self.tells.get(name)) != str(wanted):
                yield f"{self.day.time}: tells: {name}: written is {wanted}; it is {self.tells.get(name)}"


class Traveller:
    """One claim on its way. `came` grows by a day at a time."""

    def __init__(self, journey: Journey, world: World) -> None:
        self._journey = journey
        self._world = world
        self._zone = ZoneInfo(AGENCIES[journey.state].zone)
        self._voice = Voice(world)
        self._filed = world.now
        self._read = self._told = self._received = self._refusals = 0
        self._events: list[dict[str, Any]] = []
        world.provider.known[SSN] = self._answer(journey.record)

    def travel(self) -> Iterator[Came]:
        """File the claim and let each day come."""
        claim = merged(ordinary(self._journey, self._filed), self._journey.claim)
        self._voice.publish(INTAKE, CLAIM, "claim.submitted.v1", encode(claim), self._voice.name(CLAIM))
        for day in self._journey.days:
            self._wait_until(self._instant(day))
            self._act(day)
            self._world.settle()
            yield self._came(day)

    def _wait_until(self, instant: datetime) -> None:
        """Let time pass, whether anything happens in it or not."""
        micros = max((instant - self._world.now) // MICROSECOND, 0)
        self._world.timeline.after(micros, lambda: None)
        self._world.run(micros)

    def _instant(self, day: Day) -> datetime:
        if isinstance(day.at, datetime):
            return day.at.replace(tzinfo=self._zone).astimezone(UTC)
        if isinstance(day.at, date):
            return datetime.combine(day.at, time(), self._zone).astimezone(UTC)
        return self._filed + day.span()

    # --- what people do ---------------------------------------------------------------------------

    def _act(self, day: Day) -> None:
        if day.record is not None:
            self._world.provider.known[SSN] = self._answer(day.record)
        if day.claimant is not None or day.caseworker is not None:
            self._world.settle()
            self._look()
        if day.claimant is not None:
            kind, more = self._claimant(day)
            self._voice.say(INTAKE, CLAIM, kind, **more)
        if day.caseworker == "goes on leave":
            self._goes_on_leave()
        elif day.caseworker is not None:
            kind, more = self._caseworker(day)
            self._voice.say(DESK, CLAIM, kind, **more)

    def _claimant(self, day: Day) -> tuple[str, dict[str, Any]]:
        now = self._voice.now()
        if day.claimant == "sends evidence":
            more = {"answers": self._open("evidence"), "provided_at": now, "documents": [day.because]}
            return "claim.evidence-provided.v1", more
        if day.claimant == "appeals":
            numbers = [each["determination_number"] for each in self._events if "determination_number" in each]
            if not numbers:
                raise WrongJourneyError("there is no determination to appeal from")
            return "claim.appeal-filed.v1", {"determination_number": numbers[-1], "received_at": now}
        kind = "withdrawal" if day.claimant == "withdraws" else "reschedule"
        return f"claim.{kind}-requested.v1", {"requested_at": now}

    def _caseworker(self, day: Day) -> tuple[str, dict[str, Any]]:
        now = self._voice.now()
        if day.caseworker == "expedites":
            return "claim.expedited.v1", {"reason": day.because, "expedited_by": day.who, "expedited_at": now}
        if day.caseworker == "holds the interview":
            return "interview.held.v1", {"answers": self._open("interview"), "held_by": day.who, "held_at": now}
        if day.caseworker in TASKS:
            return self._task(day, now)
        decision = (DECISIONS | ON_APPEAL)[day.caseworker or ""]
        more = {"answers": self._open("referral"), "decision": decision, "reason": day.because, **day.gives}
        return "referral.decided.v1", more | {"decided_by": day.who, "decided_at": now}

    def _task(self, day: Day, now: str) -> tuple[str, dict[str, Any]]:
        """Let somebody begin with the referral, be given it instead of who has it, or let go of it."""
        entry = self._entry("referral")
        what = TASKS[day.caseworker or ""]
        more = {"answers": entry["id"], "caseworker_ref": day.who, "reason": day.because, f"{what}_at": now}
        if what == "assigned":
            more |= {"instead_of": entry.get("assignee"), "assigned_by": "bo"}
        return f"task.{what}.v1", more | ({"released_by": day.who} if what == "released" else {})

    def _goes_on_leave(self) -> None:
        """The agency enters that who holds the next interview is away on that day."""
        ahead = [
            (start, member)
            for row in self._world.rows["slots"].values()
            for (ref, start, _), booking in [msgspec.msgpack.decode(row.body)]
            if booking is not None and start > self._world.timeline.millis() and (member := self._world.staff.get(ref))
        ]
        if not ahead:
            raise WrongJourneyError("nobody has an interview ahead")
        start, member = min(ahead, key=lambda each: each[0])
        day = utc(start).astimezone(ZoneInfo(member.zone)).date()
        away = replace(member, leave=(*member.leave, Leave(day, day)))
        self._world.staffed(staff_of(away if each is member else each for each in self._world.staff))

    def _open(self, kind: str) -> str:
        return str(self._entry(kind)["id"])

    def _entry(self, kind: str) -> dict[str, Any]:
        """Give the entry that somebody answers; the newest, where there are several. Raises WrongJourneyError."""
        found = [each for each in self._newest["open"] if each["kind"] == kind]
        if not found:
            now = f"{self._world.now.astimezone(self._zone):%Y-%m-%d %H:%M}"
            raise WrongJourneyError(
                f"{now}: there is no {kind} to answer; the claim waits for {self._waits() or 'nothing'}"
            )
        entry: dict[str, Any] = found[-1]
        return entry

    def _answer(self, record: str) -> Match | CheckFailure:
        if record == "no_answer":
            return CheckFailure(FailureKind.NOT_READY, "deadline")
        return Match(Outcome(record), tuple(self._journey.disagrees) if record == "partial" else ())

    # --- what is seen of it -----------------------------------------------------------------------

    def _look(self) -> None:
        """Read on in the life cycle; an event that is told again is passed over, as every reader does."""
        told = self._world.told(LIFECYCLE)
        for event in (json.loads(record.value or b"") for record in told[self._read :]):
            if not self._events or event["sequence"] > self._newest["sequence"]:
                self._events.append(event)
        self._read = len(told)

    @property
    def _newest(self) -> dict[str, Any]:
        return self._events[-1]

    def _came(self, day: Day) -> Came:
        self._look()
        new = self._events[self._told :]
        self._told = len(self._events)
        mails = self._world.mails.received[self._received :]
        self._received += len(mails)
        return Came(
            day,
            self._world.now.astimezone(self._zone),
            [each["change"] for each in new],
            [subject(each.content) for each in mails],
            self._waits(),
            [f"{each['step']}: {each['advice']}" for each in self._newest["open"] if each["too_long_since"]],
            self._clocks(),
            self._newest["phase"],
            self._refused(),
            {name: value for each in new for name, value in each.items()},
        )

    def _refused(self) -> str | None:
        """Give the code with which the newest message since the day before was refused."""
        refusals = self._world.told(REFUSALS)
        new = refusals[self._refusals :]
        self._refusals = len(refusals)
        return str(json.loads(new[-1].value or b"{}")["code"]) if new else None

    def _waits(self) -> dict[str, str]:
        return {each["kind"]: self._until(each) for each in self._newest["open"] if each["kind"] != "clock"}

    def _clocks(self) -> dict[str, str]:
        """The law's clocks: what each shows now, and when it is due."""
        shown = {}
        for each in self._newest["open"]:
            if each["kind"] == "clock":
                due = datetime.fromisoformat(each["clock"]["due_at"]).astimezone(self._zone)
                shown[each["step"] or "first payment"] = f"{each['clock']['state']}, due {due:%Y-%m-%d %H:%M}"
        return shown

    def _until(self, entry: Mapping[str, Any]) -> str:
        if entry["kind"] == "referral":
            return ", ".join(self._task_of(entry))
        due = entry["due_at"] or entry["retry_at"]
        return f"until {datetime.fromisoformat(due).astimezone(self._zone):%Y-%m-%d %H:%M}" if due else entry["owner"]

    def _task_of(self, entry: Mapping[str, Any]) -> Iterator[str]:
        """Say why a person is asked, whose it is, until when, and who has it; the last two only where that is of interest."""
        yield from (entry["reason"], entry["owner"])
        if appeal := entry.get("appeal"):
            yield appeal["timeliness"].replace("_", " ") + (
                f" by {appeal['late_days']} days" if appeal["late_days"] else ""
            )
        overdue, who = entry.get("overdue_since"), entry.get("assignee")
        if self._journey.tasks:
            due = datetime.fromisoformat(overdue or entry["due_at"]).astimezone(self._zone)
            yield f"{'due' if overdue else 'until'} {due:%Y-%m-%d %H:%M}"
        if who:
            yield f"{who} {'is at it' if entry.get('claimed_at') else 'has it'}"


def travel(journey: Journey) -> Iterator[Came]:
    """Take a journey day by day through a world of its own."""
    zone = ZoneInfo(AGENCIES[journey.state].zone)
    world = World(now=journey.filed.replace(tzinfo=zone).astimezone(UTC))
    try:
        yield from Traveller(journey, world).travel()
    finally:
        world.end()


def _ordered(found: Any) -> Any:
    """Services answer side by side: which of them is first on a day says nothing."""
    return sorted(found) if isinstance(found, list | tuple) else found


def subject(content: bytes) -> str:
    return str(email.message_from_bytes(content, policy=email.policy.default)["subject"])


def merged(one: dict[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Give the first with the values of the other, part by part."""
    both = {
        name: merged(one[name], value) if isinstance(one.get(name), dict) else value for name, value in other.items()
    }
    return one | both


def ordinary(journey: Journey, filed: datetime) -> dict[str, Any]:
    """A claim as most are: a year's work, laid off a week ago."""
    zone = AGENCIES[journey.state].zone
    return {
        "claim_id": CLAIM,
        "portal_ref": "R-1",
        "jurisdiction": journey.state,
        "claim_type": "new",
        "program": "UI",
        "filed_at": filed.isoformat(),
        "claimant": {
            "ssn": SSN,
            "first_name": "Ada",
            "last_name": "Obi",
            "date_of_birth": "1988-04-02",
            "email": "ada@example.org",
            "language": "en",
            "time_zone": zone,
        },
        "veteran": False,
        "wages": [{"quarter": each, "amount": "10400.00", "employer": "E-1"} for each in quarters(filed)],
        "separation": {
            "employer": "E-1",
            "last_day_worked": (filed - timedelta(days=6)).date().isoformat(),
            "reason": "lack_of_work",
        },
        "dependents": {"children": 0, "spouse": False},
        "able_and_available": True,
        "work_authorized": True,
    }
