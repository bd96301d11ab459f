"""What one message means to one claim: `decide` reads the page and carries it out on a copy.

Pure: no clock, no randomness, no IO, no log. The claim it is given is never changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from claims_orchestrator import appeals, inbox, moves, tasks
from claims_orchestrator.bodies import remember
from claims_orchestrator.claim import HEARD, Claim, Entry, Waiting, parked
from claims_orchestrator.draft import HOPELESS, MACHINE, Draft
from claims_orchestrator.facts import facts_of
from claims_orchestrator.orphans import WaitOverdue, overdue_at
from claims_orchestrator.process import (
    ANY,
    DECISIONS,
    INTERVIEWS,
    LONGEST_RETRY,
    MOVE,
    OUTCOMES,
    PLANS,
    SPECIAL_DECISIONS,
    STEPS,
    UNASKED,
    WAITS,
    Clocks,
    Done,
)
from claims_orchestrator.referrals import TASKS, LetGo, Take
from claims_orchestrator.sends import again, wire_of
from claims_orchestrator.triage import lane_of
from claims_shared.documents import Verdict, where
from claims_shared.messages import desk, identity, intake, scheduler
from claims_shared.messages.catalog import DESK, INTAKE
from claims_shared.messages.fields import Answer, Failure, Message
from claims_shared.messages.lifecycle import EntryKind, Phase
from claims_shared.messages.scheduler import WaitKind
from claims_shared.wire import Output, Received, Record, millis

LOOK_AGAIN: Final = timedelta(minutes=5)
MOST_DOUBLINGS: Final = 9
"""After so many the pause is as long as any."""


class GivenUp(NamedTuple):
    """A message that waited and could not be used: why, in one code and in words for its sender."""

    record: Record
    code: str
    reasons: tuple[str, ...]


@dataclass(slots=True)  # not frozen: it is made for every message
class Decision:
    """`claim`: the changed copy, None where nothing changed. `reasons`: why a submission is refused, for its sender.

    `letters`: waiting messages that had to be given up, each with its reason.
    """

    claim: Claim | None
    messages: Sequence[Output] = ()
    verdict: Verdict = Verdict.APPLIED
    code: str = ""
    reasons: tuple[str, ...] = ()
    letters: Sequence[GivenUp] = ()


def ignored(code: str, *messages: Output) -> Decision:
    """Say that nothing changes."""
    return Decision(None, messages, Verdict.IGNORED, code)


def refused(code: str, reason: str) -> Decision:
    """Say that the sender must hear why this cannot be taken."""
    return Decision(None, (), Verdict.REFUSED, code, (reason,))


def decide(claim: Claim | None, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """Decide what `message` means to `claim` (None: not known)."""
    if isinstance(message.body, intake.ClaimSubmitted):
        return _submitted(claim, message, message.body, now, clocks)
    if ours := _OURS.get(type(message.body)):
        return ours(claim, now, clocks)
    if claim is None or claim.phase is Phase.AWAITED:
        return _early(claim, message, now, clocks)
    if heard(claim, message) and not isinstance(message.body, FIRED):
        return ignored("heard")
    if parked(claim) and not (isinstance(message.body, desk.ClaimResumed) or _of_a_clock(claim, message)):
        return _kept(claim, message)
    handle = _HANDLERS.get(type(message.body)) or (_answered if isinstance(message.body, Answer) else _unasked)
    return handle(claim, message, now, clocks)


# --- submissions --------------------------------------------------------------------------------


def _submitted(
    claim: Claim | None, message: Received, facts: intake.ClaimSubmitted, now: datetime, clocks: Clocks
) -> Decision:
    """Take a claim once: the same again is the same claim, the same id with another body is refused."""
    if claim is not None and claim.phase is not Phase.AWAITED:
        if claim.facts == message.record.value or facts_of(claim.facts) == facts:
            return ignored("duplicate")
        return refused("claim_id_taken", "this claim_id was used before for a claim with another body")
    draft = Draft(_accepted(claim, message, facts, now), message.id, now, clocks)
    draft.advance()
    accepted = draft.finish("accepted")
    return _with_inbox(accepted, claim.inbox if claim else (), now, clocks)


def _accepted(claim: Claim | None, message: Received, facts: intake.ClaimSubmitted, now: datetime) -> Claim:
    lane, reasons = lane_of(facts, asked=message.record.topic == INTAKE.expedited)
    body = message.record.value or b""
    remember(body, facts)
    return Claim(
        id=facts.claim_id,
        version=claim.version if claim else 0,
        phase=Phase.OPEN,
        plan=PLANS[facts.claim_type],
        lane=lane,
        lane_reasons=reasons,
        portal=message.source,
        portal_ref=facts.portal_ref,
        jurisdiction=facts.jurisdiction,
        claim_type=facts.claim_type.value,
        program=facts.program.value,
        filed_at=millis(facts.filed_at),
        accepted_at=millis(now),
        facts=body,
    )


def _with_inbox(draft: Draft, waiting: Sequence[Waiting], now: datetime, clocks: Clocks) -> Decision:
    """Fold what waited, in order, as if it had come now."""
    claim, messages = draft.claim, list(draft.messages)
    letters: list[GivenUp] = []
    for each in inbox.received(waiting):
        if isinstance(each, Received):
            decision = _read_again(claim, each, now, clocks)
            claim = decision.claim or claim
            messages += decision.messages
            letters += decision.letters
            if decision.verdict is Verdict.REFUSED:  # in the words of a refusal at once: it may be told a second time
                letters.append(GivenUp(each.record, decision.code, decision.reasons))
        else:
            letters.append(GivenUp(each, "undecodable", ("undecodable",)))
    return Decision(claim, messages, Verdict.PARKED if parked(claim) else Verdict.APPLIED, letters=letters)


def _read_again(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """Park the claim at the message that raises: what came before it is done, the rest waits behind it."""
    try:
        return decide(claim, message, now, clocks)
    except Exception as error:  # noqa: BLE001 - as in the engine: whatever our code did, the claim must not be stuck
        return park(claim, message, where(error), now, clocks)


def _early(claim: Claim | None, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """Keep a submission for a claim that is not known yet; give it up after a day."""
    if message.record.topic not in (*INTAKE.streams, DESK.name):
        return ignored("unknown_claim")
    awaited = claim or Claim(id=message.claim_id)
    if not awaited.inbox:
        awaited = inbox.replaced(awaited, awaited_until=millis(now + clocks.awaited))
    return _kept(awaited, message)


def _given_up(claim: Claim | None, now: datetime, _clocks: Clocks) -> Decision:
    """Give back what waited. Nobody redelivers this message: we look again until what it gave back is acknowledged."""
    if claim is None or claim.awaited_until is None or claim.awaited_until > millis(now):
        return ignored("not_expired")
    if not claim.inbox and not claim.outbox:
        return Decision(inbox.replaced(claim, awaited_until=None))
    letters = [GivenUp(inbox.record_of(each), "claim_never_came", ("claim_never_came",)) for each in claim.inbox]
    return Decision(inbox.replaced(claim, inbox=(), heard=(), awaited_until=millis(now + LOOK_AGAIN)), letters=letters)


def _overdue(claim: Claim | None, now: datetime, clocks: Clocks) -> Decision:
    """Tell the newest event again, under its own number: whoever watches the waits has lost this one. Ever more seldom."""
    at = overdue_at(claim, clocks.overdue_after // timedelta(milliseconds=1)) if claim else None
    if claim is None or at is None or at > millis(now):
        return ignored("not_overdue")
    pause = min(LOOK_AGAIN * 2**claim.looked, LONGEST_RETRY)
    looked = inbox.replaced(claim, look_again=millis(now + pause), looked=min(claim.looked + 1, MOST_DOUBLINGS))
    return Decision(looked, [again(claim)], code="orphan")


def _kept(claim: Claim, message: Received) -> Decision:
    """Let a message wait in the document, in order and within bounds."""
    if heard(claim, message):
        return ignored("heard")
    kept = inbox.keep(claim, message)
    if kept is None:
        return refused("parked_overflow", "too many messages wait for this claim")
    return Decision(_hear(kept, message), code="waits")


# --- answers -----------------------------------------------------------------------------------------


def _answered(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """A service's answer closes the entry it names, whichever attempt it belongs to; a failure counts for the newest only."""
    answer: Any = message.body
    if answer.answers is None:
        return _unasked(claim, message, now, clocks)
    entry = claim.open.get(answer.answers)
    if entry is None or entry.kind not in MACHINE:
        return ignored("not_open")
    if answer.attempt is not None and answer.attempt > entry.attempt:
        return ignored("attempt_ahead")  # what was never asked cannot be answered
    effects = OUTCOMES.get((entry.step or ANY, type(answer)), OUTCOMES.get((ANY, type(answer))))
    if effects is None:
        return ignored("unexpected")
    failure = answer if isinstance(answer, Failure) else None
    if failure is not None and not _counts(failure, entry):
        return ignored("older_attempt")
    draft = Draft(claim, message.id, now, clocks, body=answer, raw=message.record.value or b"")
    if failure is None:
        draft.close(entry)
        draft.keep_result(entry, wire_of(answer))
    draft.apply(effects, entry)
    return _done(draft, f"{entry.step or entry.kind.value}.{wire_of(answer).split('.')[1]}")


def _moved(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """An interview has another slot, asked for or not: the newest is true, whichever order they are heard in.

    It may be the first that is heard of the interview at all: then it answers what booked it.
    """
    told: Any = message.body
    asked, booked = claim.open.get(told.answers or ""), claim.open.get(told.interview)
    effect = moves.booked_by(claim, told.interview)
    newer = effect is not None and told.sequence > moves.version(claim, effect.step)
    if asked is None and not newer:
        return ignored("not_open")
    draft = Draft(claim, message.id, now, clocks, body=told, raw=message.record.value or b"")
    if asked is not None:
        draft.close(asked)
    if booked is not None and booked.step in INTERVIEWS:
        draft.close(booked)
        draft.keep_result(booked, wire_of(told))
        draft.apply(OUTCOMES[booked.step or ANY, scheduler.InterviewScheduled], booked)
    elif newer and effect is not None:
        draft.keep_slot(effect.step, wire_of(told))
        draft.apply(OUTCOMES[ANY, scheduler.InterviewMoved], moves.wait_of(claim, effect.step))
    return _done(draft, f"{effect.step if effect else MOVE}.interview-moved")


def _counts(failure: Failure, entry: Entry) -> bool:
    """A failure counts for the newest attempt, and once: not while the next one is planned, nor after a person was asked."""
    waits = entry.due is not None or failure.kind in HOPELESS
    return failure.attempt == entry.attempt and entry.retry is None and waits


def _fired(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """A wait counts only if the entry still holds the instant it was armed for; else the scheduler is told anew."""
    fired: Any = message.body
    entry = claim.open.get(fired.answers)
    armed = millis(fired.armed_for)
    if entry is None or armed != entry.instants[fired.wait]:
        return ignored("wait_is_over", again(claim))
    draft = Draft(claim, message.id, now, clocks)
    if entry.clock is not None:
        return _done(draft, draft.tick(entry, fired.wait))
    if fired.wait is WaitKind.REMIND:
        draft.remind(entry)
    elif fired.wait is WaitKind.TOO_LONG:
        draft.too_long(entry)
    elif entry.kind in WAITS:
        draft.close(entry)
        draft.apply(WAITS[entry.kind].silence, entry)
    elif entry.kind is EntryKind.REFERRAL:
        draft.escalate(entry)
        return _done(draft, f"{entry.step or entry.reason}.escalated")
    else:
        draft.ask_again(entry, late=fired.wait is WaitKind.DUE)
    return _done(draft, f"{entry.step or entry.kind.value}.{fired.wait.value}")


def _of_a_clock(claim: Claim, message: Received) -> bool:
    """Whether a clock of the law says what it shows: it does so of a parked claim too, whose time runs on."""
    body: Any = message.body
    entry = claim.open.get(body.answers) if isinstance(body, FIRED) else None
    return entry is not None and entry.clock is not None


def _person_answers(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """The citizen's evidence, or an interview that was held: closes its wait, and only that."""
    answer: Any = message.body
    kind = EntryKind.EVIDENCE if isinstance(answer, intake.EvidenceProvided) else EntryKind.INTERVIEW
    entry = claim.open.get(answer.answers)
    if entry is None or entry.kind is not kind:
        return refused("not_open", f"nothing of this claim waits under {answer.answers[:100]!r}")
    draft = Draft(_hear(claim, message), message.id, now, clocks, raw=message.record.value or b"")
    draft.close(entry)
    if kind is EntryKind.EVIDENCE:
        draft.keep_evidence()
    draft.apply(WAITS[kind].then, entry)
    return _done(draft, f"{entry.step}.{kind.value}")


def _decided(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """A person's decision on the referral that it names."""
    decision: Any = message.body
    entry = claim.open.get(decision.answers)
    if entry is None or entry.kind is not EntryKind.REFERRAL:
        return refused("not_open", f"no open referral {decision.answers[:100]!r}")
    effects = SPECIAL_DECISIONS.get(entry.reason or "", DECISIONS).get(decision.decision)
    if effects is None:
        return refused("not_allowed", f"{decision.decision.value} cannot be decided on a referral for {entry.reason}")
    if missing := _missing(claim, entry.step, effects):
        return refused("result_missing", missing)
    if appeals.is_appeal(entry) and (unfit := appeals.unfit(claim, entry, decision.decision)):
        return _refused_once(claim, message, *unfit)
    if not tasks.may_decide(claim, entry, decision.decided_by, clocks.staff):
        who = f"{entry.assignee} works on this referral: they decide it, or a supervisor"
        return _refused_once(claim, message, "held_by_another", who)
    draft = Draft(_hear(claim, message), message.id, now, clocks, body=decision, raw=message.record.value or b"")
    draft.keep_decision()
    if appeals.is_appeal(entry):
        draft.keep_appeal(entry, decision.decision)
    draft.close(entry)
    if entry.of is not None and entry.of in claim.open:
        draft.close(claim.open[entry.of])
    draft.apply(effects, entry)
    return _done(draft, f"{entry.step or entry.reason}.{decision.decision.value}")


def _task(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """Somebody is given a referral, begins with it, or lets go of it."""
    asked: Any = message.body
    entry = claim.open.get(asked.answers)
    if entry is None or entry.kind is not EntryKind.REFERRAL:
        return refused("not_open", f"no open referral {asked.answers[:100]!r}")
    effect = tasks.effect_of(claim, entry, asked, now, clocks.staff)
    if isinstance(effect, tasks.Refusal):
        return _refused_once(claim, message, *effect)
    draft = Draft(_hear(claim, message), message.id, now, clocks)
    holds = None if isinstance(effect, LetGo) else asked.caseworker_ref
    draft.hold(entry, assignee=holds, at_work=isinstance(effect, Take))
    return _done(draft, f"{entry.step or entry.reason}.{message.type.split('.')[1]}")


def _refused_once(claim: Claim, message: Received, code: str, reason: str) -> Decision:
    """Refuse for good what might be taken when it comes again: who has a referral changes to and fro."""
    return Decision(_hear(claim, message), (), Verdict.REFUSED, code, (reason,))


def _missing(claim: Claim, step: str | None, effects: Sequence[object]) -> str | None:
    """Whether going on would leave a later step, or the approval, without what it needs."""
    needed_by = STEPS[step].needed_by if step else None
    if needed_by is None or not any(isinstance(effect, Done) for effect in effects):
        return None
    if step in claim.done or (needed_by in STEPS and needed_by not in claim.plan):
        return None
    return f"{needed_by} needs the result of {step}: decide retry, ask or deny"


def _unasked(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """What nobody asked for counts by the claim's phase."""
    effects = UNASKED.get(type(message.body), {}).get(claim.phase)
    if effects is None:
        return ignored("not_in_this_phase")
    draft = Draft(_hear(claim, message), message.id, now, clocks, body=message.body, raw=message.record.value or b"")
    draft.apply(effects, None)
    return _done(draft, message.type.rsplit(".", 1)[0])


def _appealed(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """An appeal names a determination that was made, or none: a portal's mistake is not to cost the citizen the appeal."""
    appeal: Any = message.body
    number = appeal.determination_number
    if claim.phase in UNASKED[intake.AppealFiled] and appeals.appealed(claim, number) is None:
        return _refused_once(claim, message, "no_such_determination", f"this claim has no determination {number}")
    return _unasked(claim, message, now, clocks)


def _resumed(claim: Claim, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """An engineer lets a parked claim go on: what waited is read again, or all but the first."""
    resumed: Any = message.body
    entry = parked(claim)
    if entry is None or entry.id != resumed.answers:
        return refused("not_open", f"the claim is not parked under {resumed.answers[:100]!r}")
    waiting = claim.inbox[1:] if resumed.mode is desk.ResumeMode.SKIP else claim.inbox
    draft = Draft(inbox.emptied(_hear(claim, message)), message.id, now, clocks)
    draft.close(entry)
    draft.advance()
    draft.finish("resumed")
    draft.claim = inbox.unheard(draft.claim, waiting)
    return _with_inbox(draft, waiting, now, clocks)


def park(claim: Claim | None, message: Received, error: str, now: datetime, clocks: Clocks) -> Decision:
    """Our code failed on this claim: the message waits first in line, an engineer must look.

    What was taken before has nothing to wait for: whoever comes late with it may write, and not be there any more to say so.
    """
    waiting: Sequence[Waiting] = ()
    if claim is None or claim.phase is Phase.AWAITED:
        if not isinstance(message.body, intake.ClaimSubmitted):
            return _early_all_the_same(claim, message, now, clocks)
        waiting = claim.inbox if claim else ()
        claim = _accepted(claim, message, message.body, now)
    if parked(claim):
        return _still_parked(claim, message)
    if _came_late(claim, message):
        return ignored("heard")
    draft = _parked(claim, message.id, error, now, clocks)
    kept = inbox.keep(draft.claim, message)
    letters = () if kept else (GivenUp(message.record, "parked_overflow", ("parked_overflow",)),)
    kept = kept or draft.claim
    kept = inbox.replaced(kept, inbox=(*kept.inbox, *waiting))
    return Decision(_hear(kept, message), draft.messages, Verdict.PARKED, "raised", letters=letters)


def _parked(claim: Claim, cause: str, error: str, now: datetime, clocks: Clocks) -> Draft:
    """Park the claim with its clocks; without them where it is these that our code fails on: it must not be stuck."""
    draft = Draft(claim, cause, now, clocks)
    draft.park(error)
    try:
        return draft.finish("parked")
    except Exception:  # noqa: BLE001 - whatever our code did, the others must go on
        draft = Draft(claim, cause, now, clocks)
        draft.park(error)
        return draft.finish("parked", tended=False)


def _came_late(claim: Claim, message: Received) -> bool:
    """Whether this was taken before, or answers what is no longer open: there is nothing left to do about it."""
    body: Any = message.body
    if isinstance(body, (Answer, *FIRED)):
        return body.answers is not None and body.answers not in claim.open
    return heard(claim, message)


def _early_all_the_same(claim: Claim | None, message: Received, now: datetime, clocks: Clocks) -> Decision:
    """What our code failed on waits for its claim as it would have: refused, it might be taken when it is redelivered."""
    try:
        return _early(claim, message, now, clocks)
    except Exception:  # noqa: BLE001 - it is this that fails: the record is put aside
        return refused("raised", "our code failed on this message")


def _still_parked(claim: Claim, message: Received) -> Decision:
    """An engineer whose attempt failed hears so; everything else waits."""
    if isinstance(message.body, desk.ClaimResumed):
        return refused("raised", "our code failed again on this claim: it stays parked")
    return _kept(claim, message)


# --- what every decision ends with ---------------------------------------------------------------------


def _done(draft: Draft, change: str) -> Decision:
    draft.advance()
    draft.finish(change)
    return Decision(draft.claim, draft.messages)


def heard(claim: Claim, message: Received) -> bool:
    """Whether this very message was taken before."""
    return f"{message.source} {message.id}" in claim.heard


def _hear(claim: Claim, message: Received) -> Claim:
    """Remember the newest; all that wait in the inbox are among them."""
    newest = max(HEARD, len(claim.inbox))
    return inbox.replaced(claim, heard=(*claim.heard, f"{message.source} {message.id}")[-newest:])


FIRED: Final = (scheduler.DeadlinePassed, scheduler.RetryDue, scheduler.ReminderDue, scheduler.HeldTooLong)
"""Said again and again under one id until the claim moves: the entry's instants decide whether they count."""

_OURS: Final[dict[type[Message], Callable[[Claim | None, datetime, Clocks], Decision]]] = {
    inbox.AwaitedExpired: _given_up,
    WaitOverdue: _overdue,
}
"""What the orchestrator says to itself."""

Handler = Callable[[Claim, Received, datetime, Clocks], Decision]
_HANDLERS: Final[dict[type[Message], Handler]] = {
    **dict.fromkeys(FIRED, _fired),
    intake.EvidenceProvided: _person_answers,
    desk.InterviewHeld: _person_answers,
    desk.ReferralDecided: _decided,
    intake.AppealFiled: _appealed,
    **dict.fromkeys(TASKS, _task),
    desk.ClaimResumed: _resumed,
    identity.IdentityConflictFound: _answered,
    scheduler.InterviewMoved: _moved,
}
