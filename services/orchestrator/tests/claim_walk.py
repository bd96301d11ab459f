"""A claim walked through messages: real wire records, read by the real decoder, folded by the real `decide`.

A `Say` makes the next message of the claim as it stands: `verified` answers the open identity command, `due("evidence")`
fires its deadline and moves the clock there. What happened is told in short names without `claim/` and version.
"""

import itertools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from claims_orchestrator.claim import Claim, Entry
from claims_orchestrator.decide import Decision, decide, park
from claims_orchestrator.process import Clocks
from claims_orchestrator.sends import published
from claims_orchestrator.statutory import state_of
from claims_shared.decoding import decode
from claims_shared.documents import Verdict, where
from claims_shared.messages import benefits, desk, eligibility, identity, intake, lifecycle, scheduler
from claims_shared.messages.catalog import BY_MODEL, BY_WIRE, INTAKE, LIFECYCLE
from claims_shared.messages.fields import Message, utc
from claims_shared.wire import Output, Received, Record

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
CLAIM = "C-1"
FACTS = {
    "claim_id": CLAIM,
    "portal_ref": "UT-2026-000123",
    "jurisdiction": "UT",
    "claim_type": "new",
    "program": "UI",
    "filed_at": "2026-11-20T15:04:05Z",
    "claimant": {
        "ssn": "900-12-3456",
        "first_name": "Ada",
        "last_name": "Obi",
        "date_of_birth": "1988-04-02",
        "email": "ada@example.org",
        "language": "en",
        "time_zone": "America/Denver",
    },
    "veteran": False,
    "wages": [{"quarter": "2025Q3", "amount": "10400.00", "employer": "E-1", "weeks_worked": 13}],
    "separation": {
        "employer": "E-1",
        "last_day_worked": "2026-11-13",
        "reason": "lack_of_work",
        "explanation": "Grete told me in the canteen",
    },
    "dependents": {"children": 0, "spouse": False},
    "able_and_available": True,
    "work_authorized": True,
}
PROGRESSED, REFERRED, NOTICE = "claim.progressed", "claim.referred", "scheduler.send-notice"
VERIFY, RELEASE, DETERMINE = "identity.verify", "identity.release", "eligibility.determine"
COMPUTE, SCHEDULE, CANCEL = "benefits.compute", "scheduler.schedule-interview", "scheduler.cancel-interview"
MOVE = "scheduler.move-interview"
PERSONAL = ("900-12-3456", "Ada", "Obi", "1988-04-02", "ada@example.org", "canteen", "secret")

_offsets = itertools.count(1)
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Claim).decode


SELDOM = {"issues", "employer"}
"""Fields that are only sent where they say something."""


class Walk:
    """One claim, the clock, and everything that was said of it."""

    def __init__(self, **clocks) -> None:
        self.claim: Claim | None = None
        self.now = START
        self.clocks = Clocks(**clocks)
        self.decision = Decision(None)
        self.story: list[lifecycle.Transition] = []
        self.outputs: list[Output] = []

    def take(self, said: "Say | Received") -> Decision:
        """Fold one message as the engine does, and check what must hold of every decision."""
        message = said if isinstance(said, Received) else said(self)
        if message is None:
            return self.decision
        before = None if self.claim is None else _encode(self.claim)
        try:
            decision = decide(self.claim, message, self.now, self.clocks)
        except Exception as error:  # noqa: BLE001 - as in the engine
            decision = park(self.claim, message, where(error), self.now, self.clocks)
        assert before == (None if self.claim is None else _encode(self.claim)), "the given claim was changed"
        return self.adopt(decision)

    def fail_on(self, said: "Say | Received") -> Decision:
        """Our code fails on this message, whatever it is; it will be repaired."""
        message = said if isinstance(said, Received) else said(self)
        return self.adopt(park(self.claim, message, "KeyError at decide.py:1", self.now, self.clocks))

    def adopt(self, decision: Decision) -> Decision:
        """Go on with what was decided."""
        self.decision = decision
        self.outputs += decision.messages
        if decision.claim is not None:
            self.claim = decision.claim
            for out in decision.messages:
                said, written = json.loads(out.body), json.loads(body_of(out).model_dump_json())
                left_out = {name for name in SELDOM - said.keys() if not written.get(name)}
                assert {name: written[name] for name in written if name not in left_out} == said, (
                    "the model writes it back equal"
                )
            for event in [body_of(out) for out in decision.messages if out.topic == LIFECYCLE.name]:
                self.hear(event)
            check(self.claim, self.story)
        return decision

    def hear(self, event: lifecycle.Transition) -> None:
        """As every reader does: numbers already seen are skipped, and say what they said."""
        if event.sequence <= len(self.story):
            assert event == self.story[event.sequence - 1]
        else:
            self.story.append(event)

    def through(self, *said: "Say | Received") -> "Walk":
        for each in said:
            self.take(each)
        return self

    # --- how it reads -------------------------------------------------------------------------

    @property
    def sent(self) -> list[str]:
        """The types that the last decision sent."""
        return [out.type.rsplit(".", 1)[0] for out in self.decision.messages]

    @property
    def waits(self) -> list[str]:
        """What is open, without notices and clocks: those go their own way."""
        return sorted(label(entry) for entry in self.claim.open.values() if entry.kind not in {"notice", "clock"})

    @property
    def clocks_running(self) -> dict[str, str]:
        """The law's clocks on the claim, by label, with what each shows."""
        shown = {label(entry): entry.clock for entry in self.claim.open.values() if entry.clock is not None}
        return {name: state_of(clock).value for name, clock in shown.items()}

    @property
    def notices(self) -> list[str]:
        return sorted(entry.notice for entry in self.claim.open.values() if entry.kind == "notice")

    def entry(self, name: str) -> Entry:
        """The open entry of this id, or the newest of this label, such as `identity` or `referral-technical`."""
        if "/" in name:
            return self.claim.open[name]
        return [entry for entry in self.claim.open.values() if label(entry) == name][-1]

    def body(self, kind: type[Message]):
        """The last message of this type that the last decision sent."""
        return [body_of(out) for out in self.decision.messages if out.type == BY_MODEL[kind].wire][-1]

    def told(self, kind: type[Message]) -> list[Message]:
        """Every message of this type that was ever sent."""
        return [body_of(out) for out in self.outputs if out.type == BY_MODEL[kind].wire]


Say = Callable[[Walk], Received | None]


class Row(NamedTuple):
    """Given messages, when one more, then the types sent (short names), the phase, and what the claim waits for."""

    sentence: str
    given: Sequence[Say]
    when: Say
    sent: Sequence[str]
    phase: str
    waits: Sequence[str]


def sentence(row: Row) -> str:
    return row.sentence


def play(row: Row) -> Walk:
    walk = Walk().through(*row.given)
    number = walk.claim.number if walk.claim else 0
    walk.take(row.when)
    assert walk.sent == row.sent
    assert walk.claim.phase == row.phase
    assert walk.waits == row.waits
    assert walk.claim.number == number + bool(row.sent)
    return walk


def label(entry: Entry) -> str:
    return entry.id.split("/")[1]


def body_of(out: Output) -> Message:
    return BY_WIRE[out.type].model.model_validate_json(out.body)


def check(claim: Claim, story: Sequence[lifecycle.Transition]) -> None:
    """What holds of every claim, after every decision."""
    assert _decode(_encode(claim)) == claim
    assert [event.sequence for event in story] == list(range(1, claim.number + 1))
    if story:
        folded = story[-1]
        assert (folded.phase, folded.step, folded.lane) == (claim.phase, claim.step, claim.lane)
        assert folded.open == tuple(published(claim, entry) for entry in claim.open.values())
        assert claim.history[-1].number == claim.number
    for entry in claim.open.values():
        assert entry.owner
        assert _is_watched(claim, entry), f"{entry.id} waits for nothing"
    for text in PERSONAL:
        assert all(text not in event.model_dump_json() for event in story[-1:])


def _is_watched(claim: Claim, entry: Entry) -> bool:
    """An instant that the scheduler watches, or a person who was asked."""
    if entry.kind in {"referral", "park", "clock"} or entry.due or entry.retry:
        return True
    return any(each.kind == "referral" and each.of == entry.id for each in claim.open.values())


# --- messages ---------------------------------------------------------------------------------


def received(message: Message, *, ce_id: str | None = None, source: str = "test", topic: str | None = None) -> Received:
    """A message as the engine hands it over."""
    listing = BY_MODEL[type(message)]
    offset = next(_offsets)
    headers = {"ce_specversion": "1.0", "ce_id": ce_id or f"m{offset}", "ce_source": source, "ce_type": listing.wire}
    headers["ce_time"] = "2026-11-24T12:00:00Z"
    record = Record(
        topic or listing.topic.name,
        0,
        offset,
        message.claim_id.encode(),
        message.__pydantic_serializer__.to_json(message),
        tuple((name, text.encode()) for name, text in headers.items()),
    )
    message = decode(record)
    assert isinstance(message, Received), message
    return message


def read(model: type[Message], body: dict) -> Message:
    """As a portal's JSON is read."""
    return model.model_validate_json(json.dumps(body))


def submitted(*, expedited: bool = False, **changes) -> Say:
    facts = intake.ClaimSubmitted.model_validate_json(json.dumps(FACTS | changes))
    return lambda _walk: received(facts, source="portal", topic=INTAKE.expedited if expedited else None)


def answer(model: type[Message], name: str, attempt: int | None = None, /, **more) -> Say:
    """A service's answer to the open entry of this label; `attempt`: the entry's newest unless told."""

    def say(walk: Walk) -> Received:
        entry = walk.entry(name)
        return received(model(claim_id=walk.claim.id, answers=entry.id, attempt=attempt or entry.attempt, **more))

    return say


def verified(walk: Walk) -> Received:
    return answer(identity.IdentityVerified, "identity", checked_at=walk.now)(walk)


def evidence_needed(walk: Walk) -> Received:
    more = {"reason": "no_match", "wanted": ("last_name",), "checked_at": walk.now}
    return answer(identity.IdentityEvidenceNeeded, "identity", **more)(walk)


def conflict(walk: Walk) -> Received:
    more = {"kind": "overlapping_claim", "other_claim_id": "C-2", "detected_at": walk.now}
    return answer(identity.IdentityConflictFound, "identity", **more)(walk)


def conflict_unasked(walk: Walk) -> Received:
    found = identity.IdentityConflictFound(claim_id=CLAIM, kind="different_person", detected_at=walk.now)
    return received(found, ce_id="pair")


def released(walk: Walk) -> Received:
    return answer(identity.IdentityReleased, "undo-identity")(walk)


_MONETARY = eligibility.MonetaryFacts(
    base_period="standard",
    quarters=("2025Q3",),
    high_quarter_amount="10400.00",
    base_period_amount="20800.00",
    quarters_with_wages=2,
)
_FOUND = {"effective_on": date(2026, 11, 15), "appeal_days": 15, "pack_hash": "p1"}
QUIT = eligibility.Issue(code="quit", sentence="You left the job.", citation="35A-4-405(1)", shown_by="claimant")
POOR = {"code": "high_quarter", "sentence": "Too little in the best quarter.", "citation": "35A-4-403"}


def eligible(walk: Walk) -> Received:
    return answer(eligibility.ClaimantEligible, "eligibility", monetary=_MONETARY, **_FOUND)(walk)


def reopened(walk: Walk) -> Received:
    """Eligible in an earlier claim's benefit year: no base period. On a new claim, our code fails on it."""
    return answer(eligibility.ClaimantEligible, "eligibility", monetary=None, **_FOUND)(walk)


def ineligible(walk: Walk) -> Received:
    return answer(eligibility.ClaimantIneligible, "eligibility", reasons=(POOR,), **_FOUND)(walk)


def ineligible_without_window(walk: Walk) -> Received:
    found = _FOUND | {"appeal_days": None}
    return answer(eligibility.ClaimantIneligible, "eligibility", reasons=(POOR,), **found)(walk)


def issue_found(walk: Walk) -> Received:
    more = {"monetary": _MONETARY, "issues": (QUIT,)}
    return answer(eligibility.EligibilityIssueFound, "eligibility", **more, **_FOUND)(walk)


def computed(walk: Walk) -> Received:
    more = {"weekly_benefit_amount": "395.00", "maximum_benefit_amount": "6715.00", "weeks": 17, "arithmetic": ()}
    return answer(benefits.BenefitComputed, "benefit", **more, pack_hash="p1")(walk)


def not_payable(walk: Walk) -> Received:
    more = {"reasons": (POOR,), "appeal_days": 15, "pack_hash": "p1"}
    return answer(benefits.BenefitNotPayable, "benefit", **more)(walk)


def booked(name: str, days: float = 7) -> Say:
    """A slot is held, so many days ahead."""

    def say(walk: Walk) -> Received:
        at = walk.now + timedelta(days=days)
        more = {"interview_at": at, "minutes": 30, "caseworker_ref": "cw-1"}
        return answer(scheduler.InterviewScheduled, name, **more)(walk)

    return say


def moved(name: str | None = "move", *, step: str = "orientation", version: int = 1, days: float = 9) -> Say:
    """The interview of a step has another slot, so many days ahead; None: nobody asked."""

    def say(walk: Walk) -> Received:
        entry = walk.entry(name) if name else None
        interview = next(each.id for each in walk.claim.effects if each.step == step)
        told = scheduler.InterviewMoved(
            claim_id=walk.claim.id,
            answers=entry.id if entry else None,
            attempt=entry.attempt if entry else None,
            interview=interview,
            sequence=version,
            interview_at=walk.now + timedelta(days=days),
            minutes=30,
            caseworker_ref="cw-2",
            moved_by="claimant" if entry else "agency",
        )
        return received(told, ce_id=f"{interview}/moved/{version}", source="claims.scheduler")

    return say


def cancelled(name: str) -> Say:
    return answer(scheduler.InterviewCancelled, f"undo-{name}")


def notice_sent(name: str) -> Say:
    return lambda walk: answer(scheduler.NoticeSent, f"notice-{name}", message_id="<1>", sent_at=walk.now)(walk)


FAILURES = {
    "identity": identity.IdentityCheckFailed,
    "undo-identity": identity.IdentityCheckFailed,
    "eligibility": eligibility.EligibilityCheckFailed,
    "benefit": benefits.BenefitCheckFailed,
    "orientation": scheduler.InterviewUnavailable,
    "fact_finding": scheduler.InterviewUnavailable,
    "move": scheduler.InterviewUnavailable,
    "undo-orientation": scheduler.InterviewUnavailable,
    "undo-fact_finding": scheduler.InterviewUnavailable,
}


def failed(name: str, kind: str = "transient", reason: str = "away", attempt: int | None = None, after=None) -> Say:
    """A check that could not be made; `after`: the seconds of a Retry-After."""
    model = FAILURES.get(name.split("/")[-2] if "/" in name else name, scheduler.NoticeFailed)
    return answer(model, name, attempt, kind=kind, reason=reason, retry_after_seconds=after)


def _fired(kind: type[Message], wait: str, name: str, instant: Callable[[Entry], int | None]) -> Say:
    def say(walk: Walk) -> Received:
        entry = walk.entry(name)
        walk.now = max(walk.now, utc(instant(entry)))
        armed = utc(instant(entry))
        fired = kind(claim_id=walk.claim.id, answers=entry.id, wait=wait, armed_for=armed, step=entry.step)
        return received(fired, ce_id=f"{entry.id}/{wait}/{armed.isoformat()}", source="claims.scheduler")

    return say


def due(name: str) -> Say:
    return _fired(scheduler.DeadlinePassed, "due", name, lambda entry: entry.due)


def retry(name: str) -> Say:
    return _fired(scheduler.RetryDue, "retry", name, lambda entry: entry.retry)


def reminder(name: str) -> Say:
    return _fired(scheduler.ReminderDue, "remind", name, lambda entry: entry.remind[0])


def held_too_long(name: str) -> Say:
    return _fired(scheduler.HeldTooLong, "too_long", name, lambda entry: entry.limit)


def exhausted(name: str) -> list[Say]:
    """Fail, and fail again until the retry plan is used up."""
    return [failed(name), *(each for _ in range(4) for each in (retry(name), failed(name)))]


def evidence(**more) -> Say:
    """The citizen answers the open evidence wait."""

    def say(walk: Walk) -> Received:
        provided = {
            "claim_id": walk.claim.id,
            "answers": walk.entry("evidence").id,
            "provided_at": walk.now.isoformat(),
        }
        return received(read(intake.EvidenceProvided, provided | more), source="portal")

    return say


def held(walk: Walk) -> Received:
    entry = walk.entry("interview")
    more = {"held_by": "Grace", "held_at": walk.now, "summary": "a secret"}
    return received(desk.InterviewHeld(claim_id=walk.claim.id, answers=entry.id, **more))


AMOUNTS = {"weekly_benefit_amount": "420.00", "maximum_benefit_amount": "10920.00"}


def decided(name: str, decision: str, by: str = "Grace") -> Say:
    """A person decides the open referral for this reason, or of this id; to modify gives 420 dollars a week."""

    def say(walk: Walk) -> Received:
        more = AMOUNTS if decision == "modify" else {}
        more = more | {"reason": "a secret", "decided_by": by, "decided_at": walk.now}
        answers = walk.entry(name if "/" in name else f"referral-{name}").id
        return received(desk.ReferralDecided(claim_id=walk.claim.id, answers=answers, decision=decision, **more))

    return say


def _task(kind: type[Message], name: str, **more) -> Say:
    def say(walk: Walk) -> Received:
        answers = walk.entry(name if "/" in name else f"referral-{name}").id
        at = {"task.assigned.v1": "assigned_at", "task.claimed.v1": "claimed_at", "task.released.v1": "released_at"}
        return received(kind(claim_id=walk.claim.id, answers=answers, **more, **{at[BY_MODEL[kind].wire]: walk.now}))

    return say


def assigned(name: str, to: str, instead_of: str | None = None) -> Say:
    """The open referral for this reason is given to somebody."""
    more = {"caseworker_ref": to, "instead_of": instead_of, "assigned_by": "Grace", "reason": "a secret"}
    return _task(desk.TaskAssigned, name, **more)


def claimed(name: str, by: str) -> Say:
    return _task(desk.TaskClaimed, name, caseworker_ref=by, reason="a secret")


def let_go(name: str, of: str) -> Say:
    return _task(desk.TaskReleased, name, caseworker_ref=of, released_by="Grace", reason="a secret")


def resumed(mode: str = "replay") -> Say:
    def say(walk: Walk) -> Received:
        more = {"mode": mode, "resumed_by": "Edsger", "resumed_at": walk.now}
        return received(desk.ClaimResumed(claim_id=walk.claim.id, answers=walk.entry("park").id, **more))

    return say


def withdrawal(walk: Walk) -> Received:
    asked = intake.WithdrawalRequested(claim_id=CLAIM, requested_at=walk.now, reason="a secret")
    return received(asked, source="portal")


def appealed(number: int | None = 1, *, days_ago: float = 0) -> Say:
    """An appeal that the portal received so many days ago."""

    def say(walk: Walk) -> Received:
        at = walk.now - timedelta(days=days_ago)
        more = {"determination_number": number, "received_at": at, "grounds": "a secret"}
        return received(intake.AppealFiled(claim_id=CLAIM, **more), source="portal")

    return say


appeal = appealed()


def bounced(label: str, mail: int = 0) -> Say:
    """The mail of the newest command under this label came back."""

    def say(walk: Walk) -> Received:
        asked = [*walk.told(scheduler.SendNotice), *walk.told(scheduler.ScheduleInterview)]
        effect = next(each.effect_id for each in reversed(asked) if f"/{label}/" in each.effect_id)
        more = {"effect_id": effect, "mail": mail, "status": "5.1.1", "bounced_at": walk.now}
        body = scheduler.NoticeBounced(claim_id=CLAIM, **more)
        return received(body, source="claims.scheduler", ce_id=f"{effect}/bounced/{mail}")

    return say


def reschedule(walk: Walk) -> Received:
    return received(intake.RescheduleRequested(claim_id=CLAIM, requested_at=walk.now), source="portal")


def another_after(days: float) -> Say:
    """The claimant cannot come before so many days from now."""

    def say(walk: Walk) -> Received:
        wish = {"requested_at": walk.now, "not_before": walk.now + timedelta(days=days)}
        return received(intake.RescheduleRequested(claim_id=CLAIM, **wish), source="portal")

    return say


def expedited(walk: Walk) -> Received:
    more = {"reason": "a secret", "expedited_by": "Grace", "expedited_at": walk.now}
    return received(desk.ClaimExpedited(claim_id=CLAIM, **more))


def passing(**time: float) -> Say:
    """Let time go by."""

    def say(walk: Walk) -> None:
        walk.now += timedelta(**time)

    return say


APPROVED: Sequence[Say] = (submitted(), verified, eligible, computed, booked("orientation"))
DENIED: Sequence[Say] = (submitted(), verified, ineligible)
ADJUDICATED: Sequence[Say] = (submitted(), verified, issue_found, booked("fact_finding"))
REFUSED = Verdict.REFUSED
IGNORED = Verdict.IGNORED
