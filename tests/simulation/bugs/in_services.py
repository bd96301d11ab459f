"""Bugs of identity and scheduler: effects done twice or never, tombstones, persons, slots, mails, waits."""

# ruff: noqa: ARG001, ARG005 - what is wrong about them is often what they leave out of account

import itertools

import msgspec
from tests.simulation.bugs.planting import bug

from claims_identity import answers, crossmatch, decider, persons, verify
from claims_identity.claim import effect_of
from claims_orchestrator import decide, process
from claims_scheduler import comebacks, commands, effects, moving, returns, watch, watched
from claims_scheduler.bookings import Bookings
from claims_scheduler.bounces import Meaning, Report
from claims_scheduler.commands import _FOLDS, EffectDecider
from claims_scheduler.drain import Drain
from claims_scheduler.effects import Post
from claims_scheduler.leaves import Leaves
from claims_scheduler.letters import Letters
from claims_scheduler.shelf import Shelf
from claims_scheduler.smtp import Fate, Outcome
from claims_scheduler.ticker import Ticker
from claims_scheduler.watched import Memory
from claims_shared.documents import Folding
from claims_shared.engine import Abandoned
from claims_shared.messages.lifecycle import Phase
from claims_shared.messages.scheduler import CancelInterview, MoveInterview, NoticeBounced

TAKEN = Outcome(Fate.TAKEN)

# --- identity -----------------------------------------------------------------------------------------


@bug("a person's token is not released", persons, "_released")
def _(_right):
    return lambda person, effect_id: person


@bug("a person who is released is not remembered as undone", persons, "_released")
def _(_right):
    def released(person, effect_id):
        return persons.Person(tuple(other for other in person.claims if other.effect_id != effect_id), person.undone)

    return released


@bug("identity leaves no tombstone", decider, "_released")
def _(right):
    def released(claim, message, asked, now):
        folding = right(claim, message, asked, now)
        effect = effect_of(claim, asked.undoes)
        return folding if effect and effect.decided else Folding(None, folding.outputs)

    return released


@bug("identity decides again instead of answering again", decider, "_first")
def _(right):
    def first(claim, message, asked, now):
        return Folding(None, right(claim, message, asked, now).outputs)

    return first


@bug("whose a check was that failed is not kept", decider, "_tried")
def _(_right):
    return lambda claim, asked, checked: None


@bug("only the later of two claims hears of the conflict", answers, "decided")
def _(right):
    return lambda message, verdict, now: right(message, verify.Verdict(verdict.answer), now)


@bug("two claims of one person do not meet", persons, "crossmatch")
def _(_right):
    return lambda mine, earlier: ()


@bug("a claim is registered once for each attempt", persons, "_registered")
def _(_right):
    def registered(person, mine):
        crossings = crossmatch.crossmatch(mine, person.claims)
        return msgspec.structs.replace(person, claims=(*person.claims, mine)), crossings

    return registered


# --- effects and slots ----------------------------------------------------------------------------------


@bug("the effect's id has the attempt in it", commands, "key_of")
def _(right):
    def key_of(message):
        key = right(message)
        return key if isinstance(message.body, CancelInterview) else f"{key}/{message.body.attempt}"

    return key_of


@bug("the scheduler leaves no tombstone", _FOLDS, CancelInterview)
def _(right):
    def cancel(effect, message, asked, now):
        folding = right(effect, message, asked, now)
        return folding if effect is not None else Folding(None, folding.outputs)

    return cancel


@bug("a booking is made again instead of being answered again", EffectDecider, "fold")
def _(right):
    def fold(self, document, message, now):
        found, held = message.aside, document is not None and document.slot is not None and not document.cancelled
        if held and isinstance(message.body, effects.ScheduleInterview) and isinstance(found, effects.Slot):
            made = right(self, None, message, now)
            return Folding(msgspec.structs.replace(made.document, version=document.version), made.outputs)
        return right(self, document, message, now)

    return fold


@bug("a booking is made again instead of being answered again", EffectDecider, "prepare")
def _(right):
    async def prepare(self, messages, documents):
        await right(self, messages, {})

    return prepare


@bug("a slot is never given back", Bookings, "free")
def _(_right):
    async def free(self, _slots):
        """Nothing."""

    return free


@bug("a slot is given back whoever has it", Shelf, "free")
def _(_right):
    async def free(self, slots):
        for _, slot in slots:
            rows = await self._slots.load([slot.id])
            if slot.id in rows:
                await self._slots.write([self._freed(rows[slot.id])])
        return [slot for _, slot in slots]

    return free


@bug("a slot that somebody has is taken all the same", Shelf, "_take_stored")
def _(_right):
    async def take_stored(self, claimed, now):
        stored = await self._slots.load([each.slot.id for each in claimed]) if claimed else {}
        rows = {each.slot.id: self._row(each, stored[each.slot.id].version + 1, now) for each in claimed}
        if rows:
            await self._slots.write(list(rows.values()))
        return set()

    return take_stored


@bug("nobody looks for the interviews of people on leave", Leaves, "_displaced")
def _(_right):
    async def displaced(self, _now):
        return False

    return displaced


@bug("a moved interview keeps the number of its invite", moving, "settled")
def _(right):
    return lambda effect, now: msgspec.structs.replace(right(effect, now), sequence=effect.sequence)


@bug("a move that is asked for again is made again", _FOLDS, MoveInterview)
def _(right):
    def move(effect, message, asked, now):
        return right(msgspec.structs.replace(effect, moves=()) if effect else None, message, asked, now)

    return move


@bug("the old slot of a moved interview is given back before the new one is held", moving, "chosen")
def _(right):
    return lambda effect, slot: msgspec.structs.replace(right(effect, slot), slot=slot, left=effect.slot)


@bug("slots that a crash or a zombie left are not found again", Bookings, "_recover")
def _(_right):
    async def recover(self, partitions, _now):
        self._recovered |= set(partitions)

    return recover


@bug("slots that a crash or a zombie left are not found again", Bookings, "tidy")
def _(_right):
    async def tidy(self, owned, now):
        """Nobody looks."""

    return tidy


# --- mails ------------------------------------------------------------------------------------------------


@bug("a mail is recorded as sent before it is sent", Drain, "_deliver")
def _(right):
    async def deliver(self, recorded):
        if not recorded:
            return [], ""
        now = self._clock()
        taken = [self._after(each, TAKEN, now) for each in recorded]
        written = await self._effects.write(taken)
        await right(self, recorded)
        return written, ""

    return deliver


_mails = itertools.count(1)


@bug("every try has its own Message-ID", Letters, "message_id")
def _(right):
    return lambda self, effect: right(self, effect).replace("@", f".{next(_mails)}@")


@bug("every try has its own Message-ID", Drain, "_deliver")
def _(right):
    async def deliver(self, recorded):
        fresh = [self._rendered(each) if each.asked else _readdressed(each) for each in recorded]
        return await right(self, fresh)

    return deliver


def _readdressed(effect):
    """The same letter under another id."""
    new = effect.message_id.replace("@", f".{next(_mails)}@")
    return msgspec.structs.replace(
        effect, message_id=new, mail=effect.mail.replace(effect.message_id.encode(), new.encode())
    )


@bug("a notice is told before its mail is recorded as sent", Drain, "_deliver")
def _(right):
    async def deliver(self, recorded):
        now = self._clock()
        await self._tell(
            [
                msgspec.structs.replace(self._after(each, TAKEN, now))
                for each in recorded
                if each.kind is effects.Kind.NOTICE
            ]
        )
        return await right(self, [each for each in recorded if each.kind is not effects.Kind.NOTICE])

    return deliver


@bug("who was invited does not hear that it is cancelled", effects, "_cancelled")
def _(right):
    return lambda effect: msgspec.structs.replace(right(effect), post=Post.DONE)


@bug("a cancelled invite has its old number", effects, "_cancelled")
def _(right):
    return lambda effect: msgspec.structs.replace(right(effect), sequence=effect.sequence)


@bug("a notice that is asked for again while it is under way is not answered", effects, "told")
def _(right):
    return lambda effect, now: right(msgspec.structs.replace(effect, attempt=1), now)


# --- what comes back ------------------------------------------------------------------------------------


@bug("a bounce counts once for each report of it", comebacks, "_came_back")
def _(right):
    def came_back(effect, bounce, now):
        made = right(effect, bounce, now)
        return msgspec.structs.replace(made, id=f"{made.id}/{bounce.at}")

    return came_back


@bug("a bounce counts once for each report of it", returns, "bounced")
def _(_right):
    def bounced(effect, sequence, status, now):
        noted = (*effect.bounces, effects.Bounce(sequence, status, now))
        return msgspec.structs.replace(effect, bounces=noted, due_at=now)

    return bounced


@bug("a mail that is only late counts as one that came back", returns, "read")
def _(right):
    def read(content):
        report = right(content)
        return Report(Meaning.FAILED, "5.0.0") if report.meaning is Meaning.DELAYED else report

    return read


@bug("what came back is noted and never told", Drain, "_tell_bounces")
def _(_right):
    async def tell_bounces(self, due):
        return list(due)

    return tell_bounces


@bug("a mail that comes back is nobody's business once the claim has ended", process.UNASKED, NoticeBounced)
def _(right):
    return {phase: effects for phase, effects in right.items() if phase is Phase.OPEN}


# --- waits ---------------------------------------------------------------------------------------------------


@bug("a wait fires once only", watched, "fires_again_at")
def _(_right):
    return lambda fired, last: 2**62


@bug("a wait has fired although nobody heard of it", Ticker, "_tell")
def _(_right):
    async def tell(self, firings, outputs):
        self._memory.fired(firings, 2**61)
        try:
            await self._produce(outputs)
        except Abandoned:
            return

    return tell


@bug("a wait fires a minute before its instant", Memory, "take_due")
def _(right):
    return lambda self, now, limit: right(self, now + 60_000_000, limit)


@bug("waits are armed for whole seconds", watch, "waits_of")
def _(right):
    def waits_of(event):
        return tuple(
            msgspec.structs.replace(each, armed_for=each.armed_for // 1_000_000 * 1_000_000) for each in right(event)
        )

    return waits_of


OLDER = "an older event overwrites what the scheduler knows, and the newest is not told again when its wait is over"


@bug("a wait that is over is ignored without a word", decide, "ignored")
@bug(OLDER, decide, "ignored")
def _(right):
    return lambda code, *told: right(code, *(() if code == "wait_is_over" else told))


@bug(OLDER, Memory, "learn")
def _(right):
    def learn(self, seen):
        known = self.claims.get(seen.claim)
        if known is not None and seen.sequence <= known.sequence:
            self.drop(known)
            seen.version = known.version
        return right(self, seen)

    return learn


@bug(OLDER, Memory, "adopt")
def _(right):
    def adopt(self, stored, missed_before=0):
        known = self.claims.get(stored.claim)
        if known is None:
            right(self, stored, missed_before)
        else:
            self._note_version(known, stored.version)

    return adopt


@bug("a wait is dropped once it is stored, however soon it is due", Memory, "written")
def _(_right):
    def written(self, seen, _version, _far):
        self._forget_unwritten(seen)
        current = self.claims.get(seen.claim)
        if current is seen:
            self.drop(seen)

    return written


@bug("stored waits are not picked up after an assignment", watch.Watch, "pick_up")
def _(_right):
    async def pick_up(self):
        """Nothing."""

    return pick_up


@bug("reminders are not armed", watch, "waits_of")
def _(right):
    return lambda event: tuple(each for each in right(event) if each.kind != "remind")
