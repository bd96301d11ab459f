"""One claim's part of a history, sorted out once: repeats folded, events by number, what was asked and what was answered."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from tests.invariants.names import FAILURES, FIRED, MACHINE
from tests.invariants.seen import LIFECYCLE, REFUSALS, Seen, Stored, Violation

Entry = Mapping[str, Any]


class Story:
    """What is known of one claim. Lists hold the first of each id, in the order in which they were first there."""

    __slots__ = (
        "answers",
        "asks",
        "claim",
        "document",
        "fired",
        "first",
        "letters",
        "life",
        "opens",
        "refusals",
        "submissions",
        "unasked",
        "unread",
    )

    def __init__(self, claim: str) -> None:
        self.claim = claim
        self.life: list[Seen] = []
        self.asks: list[Seen] = []
        self.answers: list[Seen] = []
        self.fired: list[Seen] = []
        self.unasked: list[Seen] = []
        self.submissions: list[Seen] = []
        self.refusals: list[Seen] = []
        self.letters: list[Seen] = []
        self.unread: list[Seen] = []
        self.first: dict[tuple[str, str], Seen] = {}
        self.opens: dict[int, dict[str, Entry]] = {}
        self.document: Stored | None = None

    # --- what the rules ask for -------------------------------------------------------------------

    @property
    def last(self) -> Seen | None:
        """The event with the highest number."""
        return max(self.life, key=lambda each: each.data.get("sequence", 0), default=None)

    @property
    def phase(self) -> str:
        last = self.last
        return str(last.data.get("phase")) if last else "unknown"

    @property
    def open(self) -> Mapping[str, Entry]:
        """What the newest event leaves open."""
        return self.opens[max(self.opens)] if self.opens else {}

    @property
    def parked(self) -> bool:
        return any(entry["kind"] == "park" for entry in self.open.values())

    def inputs(self) -> dict[str, list[Seen]]:
        """Everything that the claim may have heard, by id."""
        found: dict[str, list[Seen]] = {}
        for each in (*self.submissions, *self.answers, *self.fired, *self.unasked):
            found.setdefault(each.id, []).append(each)
        return found

    def machine_entries(self) -> dict[tuple[str, int], tuple[Seen, Entry]]:
        """Every attempt that the life cycle tells of, with the event that tells of it first."""
        found: dict[tuple[str, int], tuple[Seen, Entry]] = {}
        for event in self.life:
            for name, entry in self.opens[event.data["sequence"]].items():
                if entry["kind"] in MACHINE:
                    found.setdefault((name, entry["attempt"]), (event, entry))
        return found


_ROLES: Final[dict[str, str]] = {}


def role_of(topic: str) -> str:
    """Say what kind of topic it is."""
    role = _ROLES.get(topic)
    if role is None:
        role = _ROLES[topic] = _role(topic)
    return role


def _role(topic: str) -> str:
    if ".dlq." in topic:
        return "letter"
    if topic in (LIFECYCLE, REFUSALS):
        return "life" if topic == LIFECYCLE else "refusal"
    return next((part for part in ("submissions", "commands", "events") if f".{part}." in topic), "other")


def told(history: Iterable[Seen], repeats: Counter[str], wrong: list[Violation]) -> dict[str, Story]:
    """Sort a history by claims. What came again is counted; what came again and differs is wrong."""
    stories: dict[str, Story] = {}
    for each in history:
        story = stories.get(each.claim)
        if story is None:
            story = stories[each.claim] = Story(each.claim)
        role = role_of(each.topic)
        if role == "letter":
            story.letters.append(each)
        elif role == "submissions":
            story.submissions.append(each)
        elif not each.data or not each.id:
            story.unread.append(each)
        elif _is_first(each, story, repeats, wrong):
            _file(each, role, story)
    return stories


def _is_first(each: Seen, story: Story, repeats: Counter[str], wrong: list[Violation]) -> bool:
    known = story.first.setdefault((each.stream, each.id), each)
    if known is each:
        return True
    repeats[each.topic] += 1
    if (known.kind, known.body) != (each.kind, each.body) and not _alike(known, each):
        wrong.append(Violation(each.claim, "one id, one message", f"{known} and {each}"))
    return False


def _alike(one: Seen, other: Seen) -> bool:
    """What is refused again when it comes again, or fails again, may be so for another reason: the claim has moved meanwhile."""
    if one.kind != other.kind:
        return False
    if one.topic == REFUSALS:
        meanwhile = dict.fromkeys(("refused_at", "code", "reasons"))
        return one.data | meanwhile == other.data | meanwhile
    return one.kind in FAILURES and one.data["attempt"] == other.data["attempt"]


def _file(each: Seen, role: str, story: Story) -> None:
    if role == "life":
        story.life.append(each)
        story.opens.setdefault(
            each.data.get("sequence", 0), {entry["id"]: entry for entry in each.data.get("open", ())}
        )
    elif role == "commands":
        story.asks.append(each)
    elif role == "refusal":
        story.refusals.append(each)
    elif each.kind in FIRED:
        story.fired.append(each)
    else:
        answered = each.data.get("answers") is not None
        (story.answers if answered else story.unasked).append(each)
