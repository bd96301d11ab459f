"""Sends the mail beside the command path: rendered, recorded, sent, recorded again, told. Each stage is one call a batch.

A crash between two stages repeats the later one with the recorded bytes, under the same message id. Cancelled bookings give
their slots back here too, and interviews are moved.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any, Final

import msgspec
from prometheus_client import Counter

from claims_scheduler.bookings import Bookings
from claims_scheduler.comebacks import bounces_told, came_back
from claims_scheduler.effect_store import EffectStore
from claims_scheduler.effects import Effect, Kind, Post, due_again, superseded, told
from claims_scheduler.letters import Letters, Unmailable
from claims_scheduler.mailer import Mailer
from claims_scheduler.moves import Moves
from claims_scheduler.pace import Pace
from claims_scheduler.returns import Returns
from claims_scheduler.smtp import Envelope, Fate, Outcome
from claims_scheduler.throttle import Throttle
from claims_shared.engine import Abandoned, Clock, backoff
from claims_shared.ports import Store, StoreUnavailable
from claims_shared.telemetry import log
from claims_shared.wire import Output, millis

MAILS: Final = Counter("claims_mails_total", "Mails by what became of them", ["kind", "fate"])
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(days=4)
"""RFC 5321, 4.5.4.1: at least four to five days."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 30.0
"""Seconds between two tries while the server, or something else that the drain needs, is away."""

_with: Final = msgspec.structs.replace


@dataclass(frozen=True, slots=True)
class Flow:
    """How much mail at a time: `batch` a turn, `trickle` a second beside a busy engine; `idle` seconds between looks."""

    batch: int = 100
    trickle: int = 20
    idle: float = 0.25


class Drain:
    """One task per process, for the partitions that it owns."""

    def __init__(
        self,
        store: Store,
        *,
        bookings: Bookings,
        moves: Moves,
        letters: Letters,
        mailer: Mailer,
        produce: Callable[[Sequence[Output]], Awaitable[None]],
        clock: Clock,
        owned: Callable[[], Collection[int]],
        pace: Pace,
        sender: str,
        writer: str,
        flow: Flow | None = None,
        returns: Returns | None = None,
        throttle: Throttle | None = None,
    ) -> None:
        """`returns`: where bounces come to; without, nobody hears of them, and mail comes from `sender`."""
        self._effects = EffectStore(store, writer)
        self._bookings = bookings
        self._moves = moves
        self._letters = letters
        self._mailer = mailer
        self._produce = produce
        self._clock = clock
        self._owned = owned
        self._pace = pace
        self._sender = parseaddr(sender)[1]
        self._flow = flow or Flow()
        self._returns = returns
        self._throttle = throttle or Throttle()

    async def run(self) -> None:
        """Drain until cancelled; patient while the store, the mail server or the broker is away."""
        waits, misses = backoff(first=FIRST_PAUSE, cap=LONGEST_PAUSE), 0
        while True:
            try:
                busy = self._pace.busy(self._clock())
                wanted = max(1, self._flow.trickle // 2) if busy else self._flow.batch
                limit = self._throttle.allows(wanted, self._clock().timestamp())
                found, untried = await self.turn(limit) if limit else (0, "")
                self._throttle.took(found, self._clock().timestamp())
            except (StoreUnavailable, Abandoned) as away:
                log().warning("drain_waits", why=f"{type(away).__name__}: {away}")
                await asyncio.sleep(next(waits))
                continue
            if untried:
                log().warning("mail_server_away", why=untried)
                misses += 1
                await asyncio.sleep(self._throttle.pause(misses))
                continue
            waits, misses = backoff(first=FIRST_PAUSE, cap=LONGEST_PAUSE), 0
            await asyncio.sleep(0.5 if busy else (self._flow.idle if found < self._flow.batch else 0))

    async def turn(self, limit: int) -> tuple[int, str]:
        """Take up to `limit` due effects through their next stages; give how many, and why the server was not reached."""
        owned = self._owned()
        await self._bookings.tidy(owned, self._clock())
        found = await self._effects.due(owned, millis(self._clock()), limit)
        if not found:
            return 0, ""
        due = await self._tell_bounces(found)
        freed = await self._free(due)
        due = await self._supersede(await self._moves.carry(freed, self._effects.write, self._clock()))
        recorded = await self._record([each for each in due if each.post is Post.WANTED])
        ready = [each for each in due if each.post is Post.RECORDED] + recorded
        delivered, untried = await self._deliver([each for each in ready if each.post is Post.RECORDED])
        await self._tell([each for each in (*due, *recorded, *delivered) if each.post is Post.TOLD])
        return len(found), untried

    # --- the stages, each gives the effects as they are now written -----------------------------------

    async def _tell_bounces(self, due: Sequence[Effect]) -> list[Effect]:
        """Say which mails came back, then note that it is said."""
        returned = [each for each in due if not all(bounce.told for bounce in each.bounces)]
        if not returned:
            return list(due)
        now = self._clock()
        await self._produce([event for each in returned for event in came_back(each, now)])
        told_of = await self._effects.write([bounces_told(each, millis(now)) for each in returned])
        return [each for each in due if each not in returned] + [each for each in told_of if each.due_at is not None]

    async def _free(self, due: Sequence[Effect]) -> list[Effect]:
        """Give back the slots of cancelled bookings, then note that it is done."""
        cancelled = [each for each in due if each.frees]
        if not cancelled:
            return list(due)
        await self._bookings.free([(each.id, slot) for each in cancelled for slot in each.slots])
        now = millis(self._clock())
        freed = [due_again(_with(each, frees=False, next_slot=None, left=None), now) for each in cancelled]
        return [each for each in due if not each.frees] + await self._effects.write(freed)

    async def _supersede(self, due: Sequence[Effect]) -> list[Effect]:
        """See to it that what a notice replaces is never sent, before it is; give what may go on in this turn."""
        by = {name: each for each in due if each.post is Post.WANTED for name in each.supersedes}
        if not by:
            return list(due)
        known = await self._effects.load(list(by))
        changed = [each for name in by if (each := superseded(known.get(name), name, by[name])) is not None]
        written = {each.id for each in await self._effects.write(changed)}
        disputed = {by[each.id].id for each in changed if each.id not in written}
        return [each for each in due if each.id not in by and each.id not in disputed]

    async def _record(self, wanted: Sequence[Effect]) -> list[Effect]:
        """Render and record: from here on these bytes are the mail."""
        rendered = []
        for effect in wanted:
            rendered.append(self._rendered(effect))
            await asyncio.sleep(0)  # the engine shares this thread
        if self._returns is not None:
            await self._returns.expect(rendered)
        return await self._effects.write(rendered)

    def _rendered(self, effect: Effect) -> Effect:
        try:
            mail = self._letters.render(effect)
        except Unmailable:
            return self._over(effect, failure="bad_address")
        except Exception as error:  # noqa: BLE001 - one letter that cannot be written must not hold up the others
            log().error("mail_not_rendered", effect=effect.id, error=type(error).__name__)
            return self._over(effect, failure="not_rendered")
        # A notice is in its bytes from now on; an invite may have to be written again as its cancellation.
        asked = effect.asked if effect.kind is Kind.INTERVIEW else b""
        return _with(effect, post=Post.RECORDED, mail=mail, message_id=self._letters.message_id(effect), asked=asked)

    async def _deliver(self, recorded: Sequence[Effect]) -> tuple[list[Effect], str]:
        """Offer each mail to the server and record what became of it."""
        if not recorded:
            return [], ""
        envelopes = [Envelope(self._sent_by(each), each.recipient, each.mail) for each in recorded]
        outcomes = await self._mailer.deliver(envelopes)
        now = self._clock()
        for each, outcome in zip(recorded, outcomes, strict=True):
            MAILS.labels(each.kind.value, outcome.fate.value).inc()
        tried = [pair for pair in zip(recorded, outcomes, strict=True) if pair[1].fate is not Fate.UNTRIED]
        untried = next((outcome.reason or "busy" for outcome in outcomes if outcome.fate is Fate.UNTRIED), "")
        return await self._effects.write([self._after(each, outcome, now) for each, outcome in tried]), untried

    def _sent_by(self, effect: Effect) -> str:
        return self._sender if self._returns is None else self._returns.address(effect)

    def _after(self, effect: Effect, outcome: Outcome, now: datetime) -> Effect:
        if outcome.fate is Fate.TAKEN:
            return self._over(effect, sent_at=millis(now))
        if outcome.fate is Fate.REFUSED:
            return self._over(effect, failure=outcome.reason)
        if millis(now) - effect.asked_at > GIVE_UP // timedelta(milliseconds=1):
            return self._over(effect, failure="given_up")
        pause = min(FIRST_RETRY * 2 ** min(effect.tries, 10), LONGEST_RETRY)
        return _with(effect, tries=effect.tries + 1, due_at=millis(now + pause))

    def _over(self, effect: Effect, **result: Any) -> Effect:
        """The mail's way has ended: a notice must still be told, an invite was answered long ago."""
        if effect.kind is Kind.NOTICE:
            return _with(effect, post=Post.TOLD, **result)
        return due_again(_with(effect, post=Post.DONE, **result), millis(self._clock()))

    async def _tell(self, ended: Sequence[Effect]) -> None:
        """Produce the answers, and only then note that they are told."""
        if not ended:
            return
        now = self._clock()
        await self._produce([told(each, now) for each in ended])
        await self._effects.write([due_again(_with(each, post=Post.DONE), millis(now)) for each in ended])
