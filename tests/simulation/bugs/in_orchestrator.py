"""Bugs of the process: what counts, what is opened and closed, what is undone, what is numbered."""

# ruff: noqa: ARG005 - what is wrong about them is often what they leave out of account

from datetime import UTC, datetime

import msgspec
from tests.simulation.bugs.planting import bug

from claims_orchestrator import decide, inbox, process, referrals, sends, statutory, store, tasks
from claims_orchestrator.draft import _APPLY, Draft, _outlives
from claims_shared.messages import desk, scheduler
from claims_shared.messages.lifecycle import EntryKind, Lane, Phase
from claims_shared.wire import millis


@bug("a late success is passed over", decide, "_answered")
def _(right):
    def answered(claim, message, now, clocks):
        entry = claim.open.get(message.body.answers or "")
        if entry is not None and message.body.attempt != entry.attempt:
            return decide.ignored("older_attempt")
        return right(claim, message, now, clocks)

    return answered


@bug("a failure of an older attempt counts", decide, "_counts")
def _(_right):
    return lambda failure, entry: entry.retry is None


@bug("a failure counts again while the next attempt is planned", decide, "_counts")
def _(_right):
    return lambda failure, entry: failure.attempt == entry.attempt


@bug("a decision closes whatever referral is open", decide._HANDLERS, desk.ReferralDecided)
def _(right):
    def decided(claim, message, now, clocks):
        open_ = [entry for entry in claim.open.values() if entry.kind is EntryKind.REFERRAL]
        if open_ and message.body.answers not in claim.open:
            message.body = message.body.model_copy(update={"answers": open_[0].id})
        return right(claim, message, now, clocks)

    return decided


@bug("a wait that fires counts although its entry moved on", decide._HANDLERS, scheduler.DeadlinePassed)
def _(right):
    def fired(claim, message, now, clocks):
        entry = claim.open.get(message.body.answers)
        if entry is not None and entry.due is not None:
            message.body = message.body.model_copy(update={"armed_for": sends.utc(entry.due)})
        return right(claim, message, now, clocks)

    return fired


@bug("money passes through a float", sends, "told")
def _(right):
    def told(claim, kind, change, cause, **more):
        amounts = {name: float(value) for name, value in more.items() if name.endswith("_amount") and value is not None}
        return right(claim, kind, change, cause, **(more | amounts))

    return told


def _expediting(each_command):
    """Expedite, with something else done to each command than sending it again under a new attempt."""

    def expedite(draft, _effect, _entry):
        draft.keep_decision()
        if draft.claim.lane is Lane.EXPEDITED:
            return
        draft._set(lane=Lane.EXPEDITED, lane_reasons=(*draft.claim.lane_reasons, "expedited by a person"))
        for each in [each for each in draft.claim.open.values() if each.kind is EntryKind.COMMAND and not each.retry]:
            each_command(draft, each)

    return expedite


@bug("why a person put a claim ahead is not kept", _APPLY, process.Expedite)
def _(right):
    def expedite(draft, effect, entry):
        draft._body = None
        right(draft, effect, entry)

    return expedite


@bug("a change of lane doubles the effect", _APPLY, process.Expedite)
def _(_right):
    def another(draft, entry):
        draft.close(entry)
        draft._ask(entry.step)

    return _expediting(another)


@bug("a change of lane asks again under the same attempt", _APPLY, process.Expedite)
def _(_right):
    return _expediting(Draft._send)


@bug("the newest event is repeated with the wall clock", decide, "again")
def _(right):
    return lambda claim: right(msgspec.structs.replace(claim, updated_at=millis(datetime.now(UTC))))


@bug("a claim that comes again is accepted again", decide, "_submitted")
def _(right):
    def submitted(claim, message, facts, now, clocks):
        if claim is None or claim.phase is Phase.AWAITED:
            return right(claim, message, facts, now, clocks)
        draft = Draft(claim, message.id, now, clocks)
        return decide._done(draft, "accepted")

    return submitted


@bug("the same message from outside counts twice", decide, "heard")
def _(_right):
    return lambda claim, message: False


@bug("withdrawal and denial forget to undo", Draft, "_end")
def _(_right):
    def end(self, phase):
        for each in [each for each in self.claim.open.values() if not _outlives(each)]:
            del self.claim.open[each.id]
        self._set(phase=phase, step=None)
        self._ended = phase.value

    return end


@bug("undone in the order of doing", Draft, "_end")
def _(right):
    def end(self, phase):
        self._set(effects=tuple(reversed(self.claim.effects)))
        right(self, phase)

    return end


@bug("what was asked and not answered is not undone", Draft, "_end")
def _(right):
    def end(self, phase):
        asked = {each.id for each in self.claim.open.values() if each.kind is EntryKind.COMMAND}
        self._set(effects=tuple(each for each in self.claim.effects if each.id not in asked))
        right(self, phase)

    return end


@bug("a moved interview is waited for at the old instant", _APPLY, process.NewSlot)
def _(_right):
    return lambda draft, effect, wait: None


@bug("a step that is done again is not undone first", _APPLY, process.Again)
def _(_right):
    def again(draft, _effect, entry):
        for each in [
            each for each in draft.claim.open.values() if each.kind is EntryKind.COMMAND and each.step == entry.step
        ]:
            draft.close(each)
        draft._set(done=tuple(each for each in draft.claim.done if each != entry.step))
        draft._ask(entry.step)

    return again


@bug("a reminder stays armed", Draft, "remind")
def _(_right):
    return lambda self, entry: self._tell(process.WAITS[entry.kind].reminder, of=entry.id)


@bug("an answer that is late gets no new instant", Draft, "ask_again")
def _(_right):
    def ask_again(self, entry, *, late):
        self._send(self._replace(entry, attempt=entry.attempt + 1, retry=None, due=None, late=entry.late + late))

    return ask_again


@bug("a late answer is waited for without asking again", Draft, "ask_again")
def _(right):
    def ask_again(self, entry, *, late):
        known = len(self.messages)
        right(self, entry, late=late)
        del self.messages[known:]

    return ask_again


@bug("a retry keeps the number of the attempt", Draft, "ask_again")
def _(_right):
    def ask_again(self, entry, *, late):
        due = self._late(process.STEPS.get(entry.step or "", process.NOTICE))
        self._send(self._replace(entry, retry=None, due=due, late=entry.late + late))

    return ask_again


@bug("a number is skipped where a wait fires", Draft, "ask_again")
def _(right):
    def ask_again(self, entry, *, late):
        self._set(number=self.claim.number + 1)
        right(self, entry, late=late)

    return ask_again


@bug("a number is used again after a retry", Draft, "ask_again")
def _(right):
    def ask_again(self, entry, *, late):
        self._set(number=self.claim.number - 1)
        right(self, entry, late=late)

    return ask_again


@bug("the event does not tell of notices", sends, "told")
def _(right):
    def told(claim, *args, **more):
        shown = {name: each for name, each in claim.open.items() if each.kind is not EntryKind.NOTICE}
        return right(msgspec.structs.replace(claim, open=shown), *args, **more)

    return told


@bug("every determination has the number one", Draft, "_determined")
def _(_right):
    return lambda self, told: None


@bug("a message that waits for a parked claim is lost", inbox, "keep")
def _(right):
    def keep(claim, message):
        kept = right(claim, message)
        return claim if kept is not None and claim.phase is not Phase.AWAITED else kept

    return keep


@bug("what waited for its claim is forgotten when the claim comes", decide, "_submitted")
def _(right):
    def submitted(claim, message, facts, now, clocks):
        if claim is not None and claim.phase is Phase.AWAITED:
            claim = msgspec.structs.replace(claim, inbox=())
        return right(claim, message, facts, now, clocks)

    return submitted


@bug("what waited is read in reverse", decide, "_with_inbox")
def _(right):
    return lambda draft, waiting, now, clocks: right(draft, tuple(reversed(waiting)), now, clocks)


@bug("what waited in vain for its claim is given up in silence", decide._OURS, inbox.AwaitedExpired)
def _(right):
    def given_up(claim, now, clocks):
        decision = right(claim, now, clocks)
        decision.letters = ()
        return decision

    return given_up


@bug("a refusal without its letter", store, "put_aside")
def _(right):
    return lambda *args: list(right(*args))[1:]


@bug("a letter without its refusal", store, "put_aside")
def _(right):
    return lambda *args: list(right(*args))[:1]


@bug("evidence that comes too late is taken for another wait", decide._HANDLERS, decide.intake.EvidenceProvided)
def _(right):
    def provided(claim, message, now, clocks):
        open_ = [entry for entry in claim.open.values() if entry.kind is EntryKind.EVIDENCE]
        if open_ and message.body.answers not in claim.open:
            message.body = message.body.model_copy(update={"answers": open_[0].id})
        return right(claim, message, now, clocks)

    return provided


@bug("what is held too long is not told", Draft, "_limit")
def _(_right):
    return lambda self, entry: None


@bug("what is held too long is told again after every try", Draft, "_limit")
def _(_right):
    return lambda self, entry: millis(self._now) + 1_800_000


@bug("a clock of the law counts from the first delay", statutory, "utc")
def _(right):
    return lambda filed_at: right(filed_at + 8 * 86_400_000)


@bug("a forecast gives no precedence", Draft, "tick")
def _(right):
    def tick(self, entry, wait):
        lane, reasons = self.claim.lane, self.claim.lane_reasons
        change = right(self, entry, wait)
        self._set(lane=lane, lane_reasons=reasons)
        return change

    return tick


@bug("what a person asks in between ends the clock of an issue", statutory, "_issues")
def _(_right):
    def issues(claim, _clocks):
        referrals = [each for each in claim.open.values() if each.kind is EntryKind.REFERRAL]
        return iter(sorted({each.step for each in referrals if each.reason in process.ISSUES}))

    return issues


@bug("what was late by the law is met in the end", statutory, "_lapse")
def _(right):
    return lambda clock, claim: msgspec.structs.replace(right(clock, claim), outcome=statutory.ClockOutcome.MET)


@bug("who claims a task takes it from whoever has it", referrals.TASKS, desk.TaskClaimed)
def _(right):
    return {**right, referrals.Held.ANOTHER: referrals.Take()}


@bug("a task that is overdue is anybody's again", Draft, "escalate")
def _(right):
    def escalate(self, entry):
        right(self, msgspec.structs.replace(entry, assignee=None, claimed_at=None))

    return escalate


@bug("a task that is overdue stays where it is and is not due any more", Draft, "escalate")
def _(_right):
    return lambda self, entry: self._replace(entry, due=None, overdue=entry.due)


@bug("anybody decides what somebody works on", tasks, "may_decide")
def _(_right):
    return lambda claim, entry, who, staff: True


@bug("conflicts of interest are not looked at", tasks, "concerns")
def _(_right):
    return lambda claim: frozenset()
