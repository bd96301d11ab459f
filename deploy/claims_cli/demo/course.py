"""What was seen of one claim from outside: its life-cycle events by number, refusals, dead letters. No IO."""

from collections.abc import Mapping
from typing import Any, Final

from claims_cli.records.stream import Event
from claims_shared.messages.catalog import INTAKE, LIFECYCLE, REFUSALS, dead_letter_topic

LETTERS: Final = dead_letter_topic(INTAKE.name, "orchestrator")
STREAMS: Final = (LIFECYCLE.name, REFUSALS.name, LETTERS)
MACHINES: Final = "command"
CITIZEN: Final = frozenset({"evidence", "interview"})
PEOPLE: Final = frozenset({"referral", "park"})


class Course:
    """Grows with each event; an event of a number that was seen already changes nothing."""

    def __init__(self, claim_id: str) -> None:
        self.claim_id = claim_id
        self.last: Mapping[str, Any] = {}
        self.changes: list[str] = []
        self.told: list[tuple[str, Mapping[str, Any]]] = []
        self.refused: list[str] = []
        self.letters: list[str] = []
        self._numbers: set[int] = set()

    def take(self, event: Event) -> None:
        if event.topic == LIFECYCLE.name:
            self._transition(event)
        elif event.topic == REFUSALS.name:
            self.refused.append(event.body["code"])
        else:
            self.letters.append(event.headers.get("dlq_code", ""))

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """Give the bodies of the life-cycle events of one kind, such as `approved`."""
        return [body for name, body in self.told if name == f"claim.{kind}.v1"]

    def open(self, *kinds: str) -> list[Mapping[str, Any]]:
        """Give the open entries of these kinds."""
        return [each for each in self.last.get("open", ()) if each["kind"] in kinds]

    @property
    def referred(self) -> set[str]:
        """Give the reasons of all referrals so far."""
        return {reason for body in self.of("referred") for reason in body["reasons"]}

    @property
    def stands(self) -> str:
        """Say where the claim is now, in the words of the board."""
        if not self.last:
            return "refused" if self.refused else "sent"
        if self.last["phase"] != "open":
            return str(self.last["phase"])
        if self.open(*PEOPLE):
            return "waits for a person"
        if self.open(*CITIZEN):
            return "waits for the citizen"
        retrying = any(each["retry_at"] for each in self.open(MACHINES))
        return "waits for a retry" if retrying else f"at {self.last['step']}"

    @property
    def found(self) -> str:
        """Say how the claim stands at the end, for the summary."""
        said = [self.stands]
        if self.stands == "approved":
            body = self.of("approved")[-1]
            said.append(f"{body['weekly_benefit_amount']} a week, {body['maximum_benefit_amount']} in all")
        said += [f"referral {each['reason']}" for each in self.open("referral")]
        said += [f"{each['kind']} due {each['due_at']}" for each in self.open(*CITIZEN)]
        said += [f"refused: {code}" for code in self.refused] + [f"dead letter: {code}" for code in self.letters]
        return ", ".join(said)

    def _transition(self, event: Event) -> None:
        body = event.body
        if body["sequence"] in self._numbers:
            return
        self._numbers.add(body["sequence"])
        self.changes.append(body["change"])
        self.told.append((event.type, body))
        if body["sequence"] > self.last.get("sequence", 0):
            self.last = body
