"""The law's clocks on a claim: which run, which stand still, which have ended and how. Pure.

None is carried by a claim that goes through: the first delay arms them, and they count from where the law says all the same.
A clock decides nothing. It says what it sees at three instants: that it will be late, that it is, that it has failed.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from claims_orchestrator.claim import Claim, Clock, Entry, Lapse
from claims_orchestrator.process import FACT_FINDING, ISSUES
from claims_orchestrator.waiting import blocks, waiting_entry
from claims_shared.calendars.deadlines import day_of, zone_of
from claims_shared.law import statutory
from claims_shared.law.statutory import FIRST_PAYMENT, ClockLaw
from claims_shared.messages.fields import utc
from claims_shared.messages.lifecycle import ClockOutcome, ClockState, EntryKind, Phase
from claims_shared.messages.scheduler import WaitKind

OWNER: Final = "agency"
BESIDE: Final = frozenset({EntryKind.NOTICE, EntryKind.UNDO})
"""What is open on claims that go through."""


def tended(claim: Claim, law: ClockLaw) -> tuple[dict[str, Entry], tuple[Lapse, ...]]:
    """Give what is open once every clock is as the claim's state wants it, and what the clocks that ended came to."""
    if not _concerns(claim):
        return claim.open, ()
    clocks = [entry for entry in claim.open.values() if entry.clock is not None]
    delayed = claim.phase is Phase.OPEN and any(map(delays, claim.open.values()))
    issues = tuple(_issues(claim, clocks))
    going = [entry for entry in clocks if entry.step in issues or (entry.step is None and claim.phase is Phase.OPEN)]
    kept = {name: entry for name, entry in claim.open.items() if entry.clock is None}
    missing: list[str | None] = [step for step in issues if all(entry.step != step for entry in going)]
    if delayed and all(entry.step is not None for entry in going):
        missing.insert(0, None)
    begun = [entry for step in missing if (entry := _begun(claim, step, law)) is not None]
    kept |= {entry.id: _set(entry, claim, kept) for entry in (*going, *begun)}
    return kept, tuple(_lapse(entry.clock, claim) for entry in clocks if entry not in going and entry.clock)


def _concerns(claim: Claim) -> bool:
    """Whether there may be anything to tend: asked at every transition, and nearly always answered no."""
    for entry in claim.open.values():
        if entry.kind is EntryKind.COMMAND:
            if entry.late or entry.step == FACT_FINDING:
                return True
        elif entry.kind not in BESIDE:
            return True
    return False


def delays(entry: Entry) -> bool:
    """Whether it keeps the plan from going on at a machine's speed: people do, and a machine that is late."""
    if entry.kind is EntryKind.COMMAND:
        return entry.late > 0
    return blocks(entry)


def said(claim: Claim, entry: Entry, wait: WaitKind) -> Entry:
    """Give a clock's entry once its instant has come: it forecasts, is late, or has failed by now."""
    assert entry.clock is not None
    clock, now = entry.clock, claim.updated_at
    state = ClockState.FORECAST if wait is WaitKind.REMIND else ClockState.LATE
    if state is ClockState.LATE and clock.failed_at is not None and now >= clock.failed_at:
        state = ClockState.FAILED
    return msgspec.structs.replace(entry, clock=msgspec.structs.replace(clock, said=state))


def ageing(claim: Claim, clock: Clock) -> str:
    """Say why a claim takes the expedited lane."""
    return f"ageing: {clock.name.replace('_', ' ')} due {day_of(clock.late_at, zone_of(claim.jurisdiction))} ({clock.citation})"


def advice(claim: Claim, entry: Entry) -> str | None:
    """Say whose turn it is, once a clock has said that time is short."""
    if entry.clock is None or entry.clock.said is ClockState.RUNNING:
        return None
    holding = waiting_entry(claim)
    if holding is None:
        return None
    about = holding.reason if holding.kind is EntryKind.REFERRAL else holding.step
    until = f", until {day_of(holding.due, zone_of(claim.jurisdiction))}" if holding.due and delays(holding) else ""
    return f"It is the turn of {holding.owner}: {holding.kind.value}" + (f" ({about})" if about else "") + until


def state_of(clock: Clock) -> ClockState:
    """Give what a clock shows: what it has said of time, and before that whether it stands still."""
    if clock.said in (ClockState.LATE, ClockState.FAILED) or clock.stopped_at is None:
        return clock.said
    return ClockState.STOPPED


def worst(claim: Claim) -> ClockState | None:
    """Give the worst that any clock of the claim has said; None where none has said anything."""
    found = None
    for entry in claim.open.values():
        if entry.clock is not None and _RANK[entry.clock.said] > _RANK.get(found, 0):
            found = entry.clock.said
    return found


_RANK: Final[Mapping[ClockState | None, int]] = {
    ClockState.RUNNING: 0,
    ClockState.FORECAST: 1,
    ClockState.LATE: 2,
    ClockState.FAILED: 3,
}


def _issues(claim: Claim, clocks: list[Entry]) -> Iterator[str]:
    """Give the steps at which something is open that only a person may decide: from detection to that decision.

    What a person asks in between does not end it, nor does another referral of the same step begin it anew.
    """
    found = {entry.step for entry in claim.open.values() if entry.reason in ISSUES and entry.kind is EntryKind.REFERRAL}
    if claim.phase is Phase.OPEN:
        known = {FACT_FINDING, *(entry.step for entry in clocks)}
        found |= {step for step in claim.plan if step in known and step not in claim.done}
    return iter(sorted(filter(None, found)))


def _begun(claim: Claim, step: str | None, law: ClockLaw) -> Entry | None:
    """Start the first payment's clock (no step), or an issue's; None where no rule gives one."""
    if step is None:
        given = law.first_payment(claim.jurisdiction, claim.claim_type, utc(claim.filed_at))
    else:
        given = law.determination(claim.jurisdiction, claim.updated_at)
    if given is None:
        return None
    label = f"clock-{step or FIRST_PAYMENT}"
    name = f"{claim.id}/{label}/{claim.number}"
    return Entry(name, EntryKind.CLOCK, step, OWNER, claim.updated_at, reason=given.name, clock=_carried(given))


def _carried(given: statutory.Clock) -> Clock:
    return Clock(
        name=given.name,
        citation=given.citation,
        ends=given.ends,
        started_at=given.started_at,
        forecast_at=given.forecast_at,
        late_at=given.late_at,
        failed_at=given.failed_at,
        stands_still=given.stands_still,
    )


def _set(entry: Entry, claim: Claim, opened: Mapping[str, Entry]) -> Entry:
    """Let a clock stand or go as what is open wants it, and arm the instant that it will say something at."""
    assert entry.clock is not None
    clock = entry.clock
    stands = any(each.kind.value in clock.stands_still for each in opened.values())
    if stands and clock.stopped_at is None:
        clock = msgspec.structs.replace(clock, stopped_at=claim.updated_at)
    elif not stands and clock.stopped_at is not None:
        clock = _moved(clock, claim.updated_at)
    forecast, due = _armed(clock, claim.updated_at)
    reminders = () if forecast is None else (_at(forecast, next(iter(entry.remind), None), claim.updated_at),)
    due = None if due is None else _at(due, entry.due, claim.updated_at)
    return msgspec.structs.replace(entry, clock=clock, remind=reminders, due=due)


def _at(instant: int, armed: int | None, now: int) -> int:
    """Give the instant to arm. What lies in the past when it is armed first is armed for now: nobody has missed it yet."""
    if instant >= now:
        return instant
    return armed if armed is not None and armed >= instant else now


def _moved(clock: Clock, now: int) -> Clock:
    """Let it go on: what lies ahead of it moves by the time that it stood."""
    stood = now - (clock.stopped_at or now)
    return msgspec.structs.replace(
        clock,
        stopped_at=None,
        stood=clock.stood + stood,
        forecast_at=clock.forecast_at + stood,
        late_at=clock.late_at + stood,
        failed_at=clock.failed_at + stood if clock.failed_at is not None else None,
    )


def _armed(clock: Clock, now: int) -> tuple[int | None, int | None]:
    """Give the instants of the forecast, as long as it is one, and of what comes after it."""
    if clock.stopped_at is not None or clock.said is ClockState.FAILED:
        return None, None
    if clock.said is ClockState.LATE:
        return None, clock.failed_at
    ahead = clock.said is ClockState.RUNNING and now < clock.late_at
    return (clock.forecast_at if ahead else None), clock.late_at


def _lapse(clock: Clock, claim: Claim) -> Lapse:
    """Say how a clock ended: by the instants, whatever it had come to say."""
    still = clock if clock.stopped_at is None else _moved(clock, claim.updated_at)
    outcome = ClockOutcome.MET
    if claim.updated_at > still.late_at:
        failed = still.failed_at is not None and claim.updated_at > still.failed_at
        outcome = ClockOutcome.FAILED if failed else ClockOutcome.LATE
    return Lapse(clock.name, outcome, _ended_by(clock, claim.phase), still.started_at, still.late_at, still.stood)


def _ended_by(clock: Clock, phase: Phase) -> str:
    """A denial ends the first payment's clock without a payment; an issue's is ended by it as by any determination."""
    if phase is Phase.WITHDRAWN:
        return "withdrawal"
    return "denial" if phase is Phase.DENIED and clock.name == FIRST_PAYMENT else clock.ends
