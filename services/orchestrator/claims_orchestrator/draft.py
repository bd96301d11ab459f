"""A transition in the making: a copy of the claim, the effects of the page applied to it, and the messages they cause. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from claims_orchestrator import appeals, moves, process, referrals, sends, statutory, windows
from claims_orchestrator.claim import HISTORY, Claim, Determination, Effect, Entry, Moment, Result
from claims_orchestrator.facts import amounts_of, result_of
from claims_orchestrator.process import (
    BENEFIT,
    ELIGIBILITY,
    FACT_FINDING,
    GIVEN_BACK,
    LONGEST_RETRY,
    MOVE,
    NOTICE,
    ORIENTATION,
    OUTLIVES,
    STEPS,
    Clocks,
    Step,
    step_of,
)
from claims_orchestrator.referrals import SUPERVISORS, queue_of
from claims_orchestrator.waiting import blocks
from claims_shared.calendars.deadlines import zone_of
from claims_shared.messages import lifecycle
from claims_shared.messages.desk import ClaimExpedited, DecisionKind
from claims_shared.messages.fields import FailureKind, Reason
from claims_shared.messages.lifecycle import EntryKind, Lane, Phase
from claims_shared.messages.scheduler import NoticeKind, WaitKind
from claims_shared.wire import Output, millis

OUTCOMES: Final = frozenset({NoticeKind.APPROVED, NoticeKind.DENIED, NoticeKind.WITHDRAWN})
ON_THE_WAY: Final = frozenset(
    {
        NoticeKind.IDENTITY_QUESTION,
        NoticeKind.UNDER_REVIEW,
        NoticeKind.EVIDENCE_MISSED,
        NoticeKind.INTERVIEW_MISSED,
    }
)
"""Notices that an outcome makes untrue."""
MACHINE: Final = frozenset({EntryKind.COMMAND, EntryKind.UNDO, EntryKind.NOTICE})
HOPELESS: Final = frozenset({FailureKind.PERMANENT, FailureKind.DENIED})


class Draft:
    """One transition. `body` is the message that caused it, `raw` its bytes; `claim` is the copy as far as it got."""

    def __init__(
        self, claim: Claim, cause: str, now: datetime, clocks: Clocks, *, body: Any = None, raw: bytes = b""
    ) -> None:
        self.claim = msgspec.structs.replace(
            claim,
            number=claim.number + 1,
            updated_at=millis(now),
            open=dict(claim.open),
            look_again=None,
            looked=0,
        )
        self.messages: list[Output] = []
        self._told: tuple[type[lifecycle.Transition], dict[str, Any]] | None = None
        self._ended: str | None = None
        self._decided_on: str | None = None
        self._later: list[Callable[[], None]] = []
        self._cause = cause
        self._now = now
        self._clocks = clocks
        self._body = body
        self._raw = raw

    # --- effects ---------------------------------------------------------------------------------

    def apply(self, effects: Sequence[process.Effect], entry: Entry | None) -> None:
        """Carry out effects in order; `entry` is the one that was answered."""
        for effect in effects:
            _APPLY[type(effect)](self, effect, entry)

    def _done(self, _effect: process.Done, entry: Entry | None) -> None:
        step = entry.step if entry else None
        if step is not None and step not in self.claim.done and step in self.claim.plan:
            self._set(done=(*self.claim.done, step))

    def _again(self, _effect: process.Again, entry: Entry | None) -> None:
        step = entry.step if entry else None
        assert step is not None, "only a step of the plan can be asked again"
        for each in [each for each in self.claim.open.values() if each.kind is EntryKind.COMMAND and each.step == step]:
            self.close(each)
        for effect in [each for each in self.claim.effects if each.step == step]:
            self._undo(effect)
        self._set(done=tuple(each for each in self.claim.done if each != step))
        self._ask(step)

    def _insert(self, effect: process.Insert, entry: Entry | None) -> None:
        plan = self.claim.plan
        place = plan.index(entry.step) + 1 if entry and entry.step in plan else len(plan)
        if effect.step not in plan:
            self._set(plan=(*plan[:place], effect.step, *plan[place:]))

    def _refer(self, effect: process.Refer, entry: Entry | None, *, of: str | None = None) -> Entry | None:
        """Ask a person; None where they are asked this very question already."""
        reason = effect.reason or "unclear"
        step = (entry.step if entry else None) or (reason if reason in STEPS else None)
        if any(_refers(each, reason, step, of) for each in self.claim.open.values()):
            return None
        due = self._task_due(reason, step)
        opened = self._open(
            EntryKind.REFERRAL, f"referral-{reason}", step, queue_of(reason, step), reason=reason, of=of, due=due
        )
        if effect.tell is not None:
            self._tell(effect.tell, of=opened.id)
        return opened

    def _retry_or(self, effect: process.RetryOr, entry: Entry | None) -> None:
        """Plan the next attempt; hopeless failures close the entry, exhausted ones leave it open for a late answer."""
        assert entry is not None
        plan = step_of(entry.step).retries
        if self._body.kind in HOPELESS:
            self.close(entry)
            self._refer(_give_up(entry, self._body.reason, effect.exhausted.tell), entry)
        elif entry.failures >= len(plan):
            self._replace(entry, due=None, late=entry.late + 1, limit=self._limit(entry))
            self._refer(_exhausted(entry, effect), entry, of=entry.id)
        else:
            asked = timedelta(seconds=min(self._body.retry_after_seconds or 0, LONGEST_RETRY.total_seconds()))
            wait = max(plan[entry.failures], asked)
            retry, limit = millis(self._now + wait), self._limit(entry)
            self._replace(entry, retry=retry, due=None, failures=entry.failures + 1, limit=limit)

    def _wait(self, effect: process.Wait, entry: Entry | None) -> None:
        step = entry.step if entry else None
        due, reminders = windows.when(effect, self._body, self.claim.jurisdiction, self._now, self._clocks)
        opened = self._open(effect.kind, effect.kind.value, step, effect.owner, due=due, remind=reminders)
        if effect.ask is not None:
            self._tell(effect.ask, of=opened.id)

    def _determine(self, _effect: process.Determine, entry: Entry | None) -> None:
        """Deny: publish with reasons, undo what was done; the mail waits where the appeal window is not known."""
        found = result_of(self.claim, ELIGIBILITY)
        days = getattr(self._body, "appeal_days", None) or found.get("appeal_days")
        number = len(self.claim.determinations) + 1
        self._decided_on = entry.step if entry else None
        self._end(Phase.DENIED)
        self._told = (
            lifecycle.ClaimDenied,
            {
                "determination_number": number,
                "effective_on": found.get("effective_on"),
                "reasons": self._reasons(entry, found),
                "appeal_by": appeals.appeal_by(millis(self._now), days, self._agency_zone()),
            },
        )
        if days is None:
            self._refer(process.Refer("appeal_window"), None)
        else:
            self._tell(NoticeKind.DENIED, of=str(number))

    def _undo_all(self, effect: process.UndoAll, _entry: Entry | None) -> None:
        self._end(effect.phase)
        self._tell(NoticeKind.WITHDRAWN)

    def _expedite(self, effect: process.Expedite, _entry: Entry | None) -> None:
        """Send what machines were asked again on the other lane: the same effect, a new attempt.

        A person's reason is free text: it is kept with the claim, and events say only that there is one.
        """
        if isinstance(self._body, ClaimExpedited):
            self.keep_decision()
        if self.claim.lane is Lane.EXPEDITED:
            return
        reasons = (*self.claim.lane_reasons, effect.reason)
        self._set(lane=Lane.EXPEDITED, lane_reasons=reasons)
        for each in [each for each in self.claim.open.values() if each.kind is EntryKind.COMMAND and not each.retry]:
            self._send(self._replace(each, attempt=each.attempt + 1))

    def _by_post(self, _effect: process.ByPost, _entry: Entry | None) -> None:
        """Its own question even where another mail is undeliverable already; the same again is none."""
        self._refer(process.Refer("undeliverable"), None, of=f"{self._body.effect_id}/{self._body.mail}")

    def _notify(self, effect: process.Notify, _entry: Entry | None) -> None:
        self._tell(effect.notice, of=str(len(self.claim.determinations)))

    def _appealed(self, effect: process.Appealed, _entry: Entry | None) -> None:
        """Record it with the question that it opens. Another against the same determination asks nothing new."""
        against = appeals.appealed(self.claim, self._body.determination_number)
        assert against is not None, "what is against nothing was refused"
        opened = self._refer(effect.refer, None, of=str(against.number))
        if opened is not None:
            found = appeals.judged(self.claim, opened.id, against, self._body.received_at, self._now)
            self._set(appeals=(*self.claim.appeals, found))

    def _uphold(self, effect: process.Uphold, entry: Entry) -> None:
        self._tell(effect.tell, of=appeals.place_of(self.claim, entry))

    def _overturn(self, effect: process.Overturn, entry: Entry) -> None:
        if self.claim.phase is Phase.APPROVED:
            self._tell(effect.tell, of=appeals.place_of(self.claim, entry))
            self._determine(process.Determine(), entry)
        else:
            self._reopen(effect.tell, entry)

    def _amend(self, effect: process.Amend, entry: Entry) -> None:
        """The decision is the result of the steps that would have found the amounts."""
        self._set(results={**self.claim.results, BENEFIT: Result(sends.wire_of(self._body), self._raw)})
        if self.claim.phase is Phase.APPROVED:
            self._tell(effect.tell, of=appeals.place_of(self.claim, entry))
            self._approve()
        else:
            self._reopen(effect.tell, entry, ELIGIBILITY, BENEFIT)

    def _reopen(self, tell: NoticeKind, entry: Entry, *given: str) -> None:
        """Let the plan of a claim that was denied go on: what it was denied on is decided, what was given back is asked anew."""
        decided_on = self.claim.determinations[-1].step
        if decided_on is not None and not appeals.lacks(self.claim, decided_on):
            given = (*given, decided_on)
        kept = (step for step in (*self.claim.done, *given) if step in self.claim.plan and step not in GIVEN_BACK)
        results = {step: each for step, each in self.claim.results.items() if step not in GIVEN_BACK}
        self._set(phase=Phase.OPEN, done=tuple(dict.fromkeys(kept)), results=results)
        for each in [each for each in self.claim.open.values() if each.reason == "appeal_window"]:
            self.close(each)
        untrue = [each for each in self.claim.open.values() if each.notice in OUTCOMES]
        self._tell(tell, of=appeals.place_of(self.claim, entry), instead=untrue)

    def _move(self, effect: process.Move, _entry: Entry | None) -> None:
        """Ask for another slot of the next interview; beyond the limits a person decides. The old one stands until then."""
        found = moves.movable(self.claim, effect, self._now)
        if found is None:
            self._refer(effect.otherwise, None)
            return
        counted = msgspec.structs.replace(found, moved=found.moved + 1)
        self._set(effects=tuple(counted if each is found else each for each in self.claim.effects))
        wish = {"of": found.id, "not_before": moves.not_before(self.claim, found, effect, self._body.not_before)}
        step = STEPS[MOVE]
        self._send(self._open(EntryKind.COMMAND, MOVE, MOVE, step.service, **wish, **self._watched(step)))

    def _new_slot(self, _effect: process.NewSlot, wait: Entry | None) -> None:
        """Wait for the new instant; a reminder of the old one that is under way is sent anew instead."""
        if wait is None:
            return
        older = moves.reminders_of(self.claim, wait)
        due, remind = windows.when(process.INTERVIEW, self._body, self.claim.jurisdiction, self._now, self._clocks)
        self._replace(wait, due=due, remind=() if older else remind)
        for each in older:
            self.close(each)
        if older:
            self._tell(NoticeKind.INTERVIEW_REMINDER, of=wait.id, instead=older)

    # --- what the page's effects are made of --------------------------------------------------------

    def close(self, entry: Entry) -> None:
        """Take an entry out, and the referrals that watched it."""
        for each in [each for each in self.claim.open.values() if each.id == entry.id or _watches(each, entry)]:
            del self.claim.open[each.id]
        if entry.kind is EntryKind.UNDO:
            self._set(effects=tuple(each for each in self.claim.effects if each.id != entry.of))

    def keep_slot(self, step: str, wire: str) -> None:
        """Keep where the interview of a step is now."""
        self._set(results={**self.claim.results, step: Result(wire, self._raw)})

    def keep_result(self, entry: Entry, wire: str) -> None:
        """Keep a step's answer as it arrived."""
        if entry.kind is EntryKind.COMMAND and entry.step is not None:
            self._set(results={**self.claim.results, entry.step: Result(wire, self._raw)})

    def keep_decision(self) -> None:
        """Keep who decided what and why; it never leaves the document."""
        self._set(decisions=(*self.claim.decisions, self._raw))

    def keep_appeal(self, entry: Entry, decision: DecisionKind) -> None:
        """Keep what was decided on an appeal."""
        self._set(appeals=appeals.decided(self.claim, entry, decision))

    def keep_evidence(self) -> None:
        """Keep what the citizen sent."""
        self._set(evidence=(*self.claim.evidence, self._raw))

    def remind(self, entry: Entry) -> None:
        """Send the reminder and arm the next one."""
        self._replace(entry, remind=entry.remind[1:])
        self._tell(process.WAITS[entry.kind].reminder, of=entry.id)

    def too_long(self, entry: Entry) -> None:
        """Say that a machine has had it for too long."""
        self._replace(entry, limit=None, too_long=entry.limit)

    def tick(self, entry: Entry, wait: WaitKind) -> str:
        """Say what a clock of the law shows; a forecast also gives the claim precedence. Nothing is decided by it."""
        said = statutory.said(self.claim, entry, wait)
        assert said.clock is not None
        self.claim.open[entry.id] = said
        if wait is WaitKind.REMIND:
            self.apply((process.Expedite(statutory.ageing(self.claim, said.clock)),), entry)
        return f"{said.clock.name}.{said.clock.said.value}"

    def hold(self, entry: Entry, *, assignee: str | None, at_work: bool = False) -> None:
        """Let somebody have a referral, or nobody."""
        self._replace(entry, assignee=assignee, claimed_at=millis(self._now) if at_work else None)

    def escalate(self, entry: Entry) -> None:
        """Time is up: a referral is a supervisor's. Who has it keeps it, and it is decided as before."""
        self._replace(entry, due=None, overdue=entry.due, owner=SUPERVISORS)

    def ask_again(self, entry: Entry, *, late: bool) -> None:
        """Send the same command again; one that is late beyond patience also goes to a person, and stays answerable."""
        if _is_moot(entry, self.claim):
            self.close(entry)
            return
        times = entry.late + late
        if times >= self._clocks.patience:
            self._replace(entry, due=None, late=times, limit=self._limit(entry))
            unheard = process.RetryOr(process.Refer("late", process.STUCK.tell))
            self._refer(_exhausted(entry, unheard), entry, of=entry.id)
            return
        due, limit = self._late(step_of(entry.step)), self._limit(entry)
        self._send(self._replace(entry, attempt=entry.attempt + 1, retry=None, due=due, late=times, limit=limit))

    def park(self, error: str) -> None:
        """Stop here: an engineer must look."""
        self._open(EntryKind.PARK, "park", self.claim.step, "engineering", reason=error)

    def advance(self) -> None:
        """Start the next step once nothing blocks the plan; approve at its end."""
        if self.claim.phase is not Phase.OPEN or any(map(blocks, self.claim.open.values())):
            return
        following = next((step for step in self.claim.plan if step not in self.claim.done), None)
        if following is None:
            self._approve()
        else:
            self._set(step=following)
            self._ask(following)

    def finish(self, change: str, *, tended: bool = True) -> "Draft":
        """Number the transition, say it in one life-cycle event, then what it causes; `tended`: the law's clocks go by it."""
        change = self._ended or change
        opened, lapses = statutory.tended(self.claim, self._clocks.law) if tended else (self.claim.open, ())
        moment = Moment(self.claim.number, self.claim.updated_at, change, self._cause, lapses)
        self._set(open=opened, history=(*self.claim.history, moment)[-HISTORY:])
        kind, more = self._told or sends.kind_of(self.claim)
        told = sends.told(self.claim, kind, change, self._cause, **more)
        if kind in (lifecycle.ClaimApproved, lifecycle.ClaimDenied):
            self._determined(told)
        for later in self._later:
            later()
        self.messages.insert(0, told)
        return self

    # --- inside ---------------------------------------------------------------------------------------

    def _approve(self) -> None:
        found, booked = (result_of(self.claim, step) for step in (ELIGIBILITY, ORIENTATION))
        number = len(self.claim.determinations) + 1
        self._set(phase=Phase.APPROVED, step=None)
        self._ended = Phase.APPROVED.value
        self._told = (
            lifecycle.ClaimApproved,
            {
                "determination_number": number,
                "effective_on": found.get("effective_on"),
                **amounts_of(self.claim),
                "interview_at": booked.get("interview_at"),
                "reasons": appeals.reasons(self.claim),
                "appeal_by": appeals.appeal_by(self.claim.updated_at, found.get("appeal_days"), self._agency_zone()),
            },
        )
        self._tell(NoticeKind.APPROVED, of=str(number))

    def _end(self, phase: Phase) -> None:
        """Close what waits for the plan to go on, and undo, in reverse, what was done or asked."""
        for each in [each for each in self.claim.open.values() if not _outlives(each)]:
            del self.claim.open[each.id]
        self._set(phase=phase, step=None)
        self._ended = phase.value
        for effect in reversed(self.claim.effects):
            self._undo(effect)

    def _ask(self, name: str) -> None:
        step = STEPS[name]
        entry = self._open(EntryKind.COMMAND, name, name, step.service, **self._watched(step))
        if step.undo is not None:
            self._set(effects=(*self.claim.effects, Effect(entry.id, name)))
        self._send(entry)

    def _undo(self, effect: Effect) -> None:
        if any(each.of == effect.id and each.kind is EntryKind.UNDO for each in self.claim.open.values()):
            return
        step = STEPS[effect.step]
        label = f"undo-{effect.step}"
        self._send(self._open(EntryKind.UNDO, label, effect.step, step.service, of=effect.id, **self._watched(step)))

    def _tell(self, notice: NoticeKind, *, of: str | None = None, instead: Sequence[Entry] = ()) -> None:
        """Open the notice now; its words are taken when the transition is complete. An outcome goes instead of an older one."""
        untrue = OUTCOMES | ON_THE_WAY if notice in OUTCOMES else ()
        older = [*(each for each in self.claim.open.values() if each.notice in untrue), *instead]
        for each in older:
            self.close(each)
        more = {"notice": notice.value, "of": of, "supersedes": tuple(each.id for each in older)}
        entry = self._open(
            EntryKind.NOTICE, f"notice-{notice.value}", None, NOTICE.owner, **more, **self._watched(NOTICE)
        )
        self._later.append(lambda: self._send(entry))

    def _send(self, entry: Entry) -> None:
        self.messages.append(sends.command(self.claim, entry, self._now, self._cause))

    def _open(self, kind: EntryKind, label: str, step: str | None, owner: str, **more: Any) -> Entry:
        name = f"{self.claim.id}/{label}/{self.claim.number}"
        entry = Entry(id=name, kind=kind, step=step, owner=owner, since=self.claim.updated_at, **more)
        self.claim.open[name] = entry
        return entry

    def _replace(self, entry: Entry, **changes: Any) -> Entry:
        changed = msgspec.structs.replace(entry, **changes)
        self.claim.open[entry.id] = changed
        return changed

    def _set(self, **changes: Any) -> None:
        self.claim = msgspec.structs.replace(self.claim, **changes)

    def _late_after(self, step: Step) -> timedelta:
        return self._clocks.late_after.get(step.service, step.late_after)

    def _late(self, step: Step) -> int:
        return millis(self._now + self._late_after(step))

    def _task_due(self, reason: str, step: str | None) -> int:
        """Give when a person's time for a referral is up; where detection counts, from the newest that is remembered."""
        window = self._clocks.task_due.get(reason) or referrals.TASK_DUE.get(reason, referrals.TASK_DUE_OTHERWISE)
        change = referrals.DETECTED.get(reason, {}).get(step or "")
        detected = (moment.at for moment in reversed(self.claim.history) if moment.change == change)
        return windows.ends(window, next(detected, self.claim.updated_at), zone_of(self.claim.jurisdiction))

    def _watched(self, step: Step) -> dict[str, int | None]:
        """Give the instants of a new entry. Where it would be late first, its limit is armed then: most are never late."""
        limit = self._too_long_after(step)
        return {
            "due": self._late(step),
            "limit": millis(self._now + limit) if limit <= self._late_after(step) else None,
        }

    def _limit(self, entry: Entry) -> int | None:
        """Give the instant of the alert on an entry that something delays; said once, it is not armed again."""
        held = self._too_long_after(step_of(entry.step)) // timedelta(milliseconds=1)
        return entry.since + held if entry.too_long is None else None

    def _too_long_after(self, step: Step) -> timedelta:
        return self._clocks.too_long_after.get(step.service, step.too_long_after)

    def _determined(self, told: Output) -> None:
        number = len(self.claim.determinations) + 1
        claim = self.claim
        made = Determination(
            number, claim.phase, claim.number, claim.updated_at, told.type, told.body, self._decided_on
        )
        self._set(determinations=(*self.claim.determinations, made))

    def _agency_zone(self) -> str:
        zone: str = getattr(self._body, "agency_time_zone", None) or appeals.zone_for(self.claim)
        return zone

    def _reasons(self, entry: Entry | None, found: Mapping[str, Any]) -> tuple[Reason, ...]:
        """Give the law's reasons where the law decided; else the issues, or the referral, that a person decided on."""
        if given := getattr(self._body, "reasons", None):
            return tuple(given)
        if entry and appeals.is_appeal(entry):
            return appeals.reasons(self.claim)
        if entry and entry.step in (ELIGIBILITY, FACT_FINDING) and (issues := found.get("issues")):
            return tuple(Reason.model_validate(each) for each in issues)
        reason = (entry.reason if entry else None) or "decided"
        return (
            Reason(
                code=reason, sentence=f"A person at the agency decided on the open question: {reason}.", citation=""
            ),
        )


def _refers(entry: Entry, reason: str, step: str | None, of: str | None) -> bool:
    """Whether this very question is open already; two commands that nobody answers are two questions."""
    return entry.kind is EntryKind.REFERRAL and (entry.reason, entry.step, entry.of) == (reason, step, of)


def _outlives(entry: Entry) -> bool:
    return entry.kind in (EntryKind.UNDO, EntryKind.NOTICE, EntryKind.CLOCK) or entry.reason in OUTLIVES


def _is_moot(entry: Entry, claim: Claim) -> bool:
    """Whether a notice tells of a wait that is over, or a move is of an interview that is given back."""
    if entry.step == MOVE:
        return moves.booked_by(claim, entry.of or "") is None
    return entry.kind is EntryKind.NOTICE and entry.of is not None and "/" in entry.of and entry.of not in claim.open


def _watches(referral: Entry, entry: Entry) -> bool:
    return referral.kind is EntryKind.REFERRAL and referral.of == entry.id


def _give_up(entry: Entry, reason: str, tell: NoticeKind | None = None) -> process.Refer:
    """Only of what stops the claim the citizen hears."""
    if entry.kind is EntryKind.NOTICE:
        return process.Refer("undeliverable")
    if entry.step == MOVE:
        return process.Refer("reschedule")
    return process.Refer("undo_failed") if entry.kind is EntryKind.UNDO else process.Refer(reason, tell)


def _exhausted(entry: Entry, effect: process.RetryOr) -> process.Refer:
    given_up = _give_up(entry, "")
    return given_up if given_up.reason else effect.exhausted


_APPLY: Final[dict[type, Callable[[Draft, Any, Any], object]]] = {
    process.Done: Draft._done,  # noqa: SLF001 - the table of the class's own effects
    process.Again: Draft._again,  # noqa: SLF001
    process.Insert: Draft._insert,  # noqa: SLF001
    process.Refer: Draft._refer,  # noqa: SLF001
    process.RetryOr: Draft._retry_or,  # noqa: SLF001
    process.Appealed: Draft._appealed,  # noqa: SLF001
    process.Uphold: Draft._uphold,  # noqa: SLF001
    process.Overturn: Draft._overturn,  # noqa: SLF001
    process.Amend: Draft._amend,  # noqa: SLF001
    process.Move: Draft._move,  # noqa: SLF001
    process.NewSlot: Draft._new_slot,  # noqa: SLF001
    process.Wait: Draft._wait,  # noqa: SLF001
    process.Determine: Draft._determine,  # noqa: SLF001
    process.UndoAll: Draft._undo_all,  # noqa: SLF001
    process.Expedite: Draft._expedite,  # noqa: SLF001
    process.ByPost: Draft._by_post,  # noqa: SLF001
    process.Notify: Draft._notify,  # noqa: SLF001
}
